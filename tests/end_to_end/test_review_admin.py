"""The admin's pages in a real browser: live figures, deliveries sent again, a proof's whole history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from pipeline.ledger import SqlOutbox, make_engine
from pipeline.records import NoticeState, Role, Settlement
from pipeline.records import Reply as Answer
from tests.console_pages import PASSWORD, opened, other_than
from tests.review_cases import MINUTES
from tests.web import picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.console_pages import Room

TABS = ("", "/jobs", "/deliveries", "/quality")


@pytest.fixture
def admin(room: Room) -> Page:
    return room.moderator("eve", role=Role.ADMIN).new_page()


def test_figures_are_live(room: Room, admin: Page) -> None:
    """What is decided and what waits is counted and drawn, and renewed without a reload."""
    room.leave("p1", "p2")
    room.shop.http.put("/v1/jobs/job-2", json={"checks": [{"text": {"value": "Nodi Tech"}}]})
    room.shop.post(picture("Nodi Tech"), proof_id="yes", job_id="job-2")
    room.door.work()
    admin.goto("/review/admin")
    expect(admin.get_by_test_id("figure-decided")).to_have_text("3")
    expect(admin.get_by_test_id("figure-automatic")).to_have_text("33\u00a0%")
    expect(admin.get_by_test_id("figure-people")).to_have_text("2")
    expect(admin.locator("#plot-throughput rect")).to_have_count(2)
    expect(admin.locator("#plot-share circle")).to_have_count(1)
    admin.evaluate("window.same = true")
    room.leave("p3")
    expect(admin.get_by_test_id("figure-people")).to_have_text("3", timeout=20_000)
    assert admin.evaluate("window.same") is True
    admin.goto("/review/admin?span=fortnight")
    expect(admin.get_by_test_id("figure-decided")).to_have_text("4")
    admin.goto("/review/admin/jobs")
    expect(admin.get_by_test_id("job")).to_have_count(2)
    expect(admin.get_by_test_id("job").first).to_contain_text("0 · 0 · 3")


def fail(room: Room) -> None:
    """Have one notice given up, and its endpoint stopped."""
    outbox = SqlOutbox(make_engine(room.door.services.settings.database))
    endpoint = outbox.open_endpoint("shop", "webhook", address="https://shop.invalid/hook").id
    room.leave("p1")
    outbox.replay(platform="shop")
    at_once = {"at_once": 1, "at_once_unproven": 1}
    delivery = outbox.take(endpoint, worker="w", lease=MINUTES, proven=MINUTES, **at_once)
    assert delivery is not None
    reply = Answer(status=410, error="<b>Gone</b>")
    failed = Settlement(state=NoticeState.FAILED, stop="it answered 410")
    outbox.close(delivery, reply, failed, stop_after=MINUTES)


def test_what_did_not_go_out_is_sent_again_from_the_page(room: Room, admin: Page) -> None:
    """The failed notice is shown with its last answer, as text; a button has it wait for delivery again."""
    fail(room)
    admin.goto("/review/admin/deliveries")
    expect(admin.get_by_test_id("notice")).to_contain_text("410 <b>Gone</b>")
    expect(admin.get_by_test_id("endpoint")).to_contain_text("it answered 410")
    admin.get_by_test_id("notice").get_by_test_id("replay").click()
    expect(admin.locator("main")).to_contain_text("Everything went out.")
    expect(admin.get_by_test_id("endpoint")).to_have_count(0)
    (line,) = room.door.services.outbox.listed(platform="shop", state=None, proof_id="p1", limit=9)
    assert (line.state, line.attempts) == (NoticeState.WAITING, 0)


def test_all_of_a_target_is_sent_again(room: Room, admin: Page) -> None:
    """One button opens a stopped target and has everything that waits for it go."""
    fail(room)
    admin.goto("/review/admin/deliveries")
    admin.get_by_test_id("endpoint").get_by_test_id("replay").click()
    expect(admin.get_by_test_id("endpoint")).to_have_count(0)
    assert room.door.services.outbox.endpoints("shop")[0].stopped is None


def test_only_admins_see_and_act_and_only_on_their_platform(room: Room) -> None:
    """A moderator is refused everywhere; an admin of one platform counts and replays no other."""
    fail(room)
    room.door.platform("other", job=False)
    room.moderator("mod").close()
    room.moderator("far", role=Role.ADMIN, platform="other").close()
    with httpx.Client(base_url=room.door.url) as client:
        client.post("/login", data={"email": "mod@example.com", "password": PASSWORD})
        assert {client.get(f"/review/admin{one}").status_code for one in TABS} == {403}
        assert client.get("/review/proofs", params={"proof_id": "p1"}).status_code == 403
        client.cookies.clear()
        client.post("/login", data={"email": "far@example.com", "password": PASSWORD})
        told = client.get("/review/admin/deliveries").text
        assert "Everything went out." in told
        assert "shop.invalid" not in told
        token = told.split('name="csrf" content="')[1].partition('"')[0]
        asked = {"platform": "shop", "target": "webhook", "csrf": token}
        assert client.post("/review/admin/replay", data=asked).status_code == 403
        assert client.post("/review/admin/replay", data={"platform": "other"}).status_code == 403
        assert client.get("/review/proofs", params={"proof_id": "p1"}).status_code == 404


def test_a_decided_proof_keeps_its_whole_history(room: Room, admin: Page) -> None:
    """Who decided what, when, from which evidence and under which policy."""
    room.leave("p1", "p2")
    page = opened(room.moderator("ann"))
    page.locator("textarea").fill("The name is another one.")
    page.get_by_test_id("reject").click()
    page.get_by_test_id("reject").click()
    assert other_than(page, "p1") == "p2"
    admin.goto("/review/admin")
    admin.fill("[name=proof_id]", "p1")
    admin.keyboard.press("Enter")
    expect(admin.get_by_test_id("event")).to_have_count(2)
    first, second = admin.get_by_test_id("event").all()
    expect(first).to_contain_text("Nodi Tech")
    expect(first).to_contain_text("Policy")
    expect(second).to_contain_text("ann@example.com")
    expect(second).to_contain_text("The name is another one.")
    admin.goto("/review/proofs?proof_id=nothing")
    expect(admin.get_by_role("alert")).to_have_text("No proof has this id.")
    page.goto(f"/review/{room.door.services.queries.named('p1')[0].id}")
    page.get_by_role("link", name="Whole history").click()
    expect(page.get_by_test_id("event")).to_have_count(2)


def test_a_kinds_policy_is_told_once_with_who_answers_for_it(room: Room, admin: Page) -> None:
    """The rule is named with its sentence and link; understood, it is folded from then on."""
    job = {"kind": "youtube_subscribe", "params": {"channel": "Nodi Tech"}, "decide": {"auto_reject": False}}
    assert room.shop.http.put("/v1/jobs/job-1", json=job).status_code == 200
    room.leave("p1", "p2")
    page = opened(admin.context)
    policy = page.get_by_test_id("policy")
    expect(policy).to_contain_text("YouTube Terms of Service and fake engagement policy")
    expect(policy).to_contain_text("Nobody answers for it")
    expect(policy.get_by_role("link")).to_have_attribute(
        "href", "https://support.google.com/youtube/answer/3399767"
    )
    policy.get_by_role("button", name="I answer for it").click()
    expect(page.get_by_test_id("policy")).to_contain_text("Who answers for it: eve@example.com")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Understood").click()
    expect(page.get_by_test_id("policy").locator("p").first).to_be_hidden()
    page.keyboard.press("j")
    other_than(page, "p1")
    expect(page.get_by_test_id("policy").locator("p").first).to_be_hidden()
    expect(page.get_by_test_id("policy")).to_contain_text("YouTube Terms of Service")
    again = opened(admin.context)
    expect(again.get_by_test_id("policy").locator("p").first).to_be_hidden()


def test_pictures_are_blurred_until_looked_at_where_the_operator_says_so(room: Room) -> None:
    """The setting holds for whoever chose nothing; a key or a click shows the picture."""
    room.set(blur_pictures=True)
    room.leave("p1")
    page = opened(room.moderator("ann"))
    picture_of = page.get_by_test_id("picture")
    assert "blur" in picture_of.evaluate("one => getComputedStyle(one).filter")
    page.keyboard.press("z")
    assert picture_of.evaluate("one => getComputedStyle(one).filter") == "none"
    page.goto("/review?blur=0")
    page.get_by_test_id("queue-item").first.click()
    page.wait_for_selector(".case")
    assert picture_of.evaluate("one => getComputedStyle(one).filter") == "none"
