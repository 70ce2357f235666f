"""Decisions looked at once more, in a real browser: blind, mixed in, measured, opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from pipeline.records import Role
from tests.console_pages import opened, other_than, shown
from tests.web import picture

if TYPE_CHECKING:
    from tests.console_pages import Room

JOB = {"id": "job-auto", "checks": [{"text": {"value": "Nodi Tech"}}]}


def decide(room: Room, *names: str, text: str = "Nodi Tech Subscribed") -> None:
    """Have the machine decide these proofs by itself."""
    assert room.shop.http.put("/v1/jobs/job-auto", json=JOB).status_code == 200
    for name in names:
        answer = room.shop.post(picture(f"{text} {name}"), proof_id=name, job_id="job-auto")
        assert answer.status_code == 202
    room.door.work()


def test_automatic_decisions_are_audited_blind_and_the_error_rate_is_shown(room: Room) -> None:
    """The auditor is not told the outcome; a disagreement is measured, opened again, and ruled as usual."""
    decide(room, "yes", "also")
    decide(room, "no", text="Another Name")
    room.draw()
    page = room.moderator("eve", role=Role.ADMIN).new_page()
    page.goto("/review")
    page.get_by_test_id("checks").click()
    expect(page.get_by_test_id("audited")).to_be_visible()
    expect(page.locator(".timeline li")).to_have_count(0)
    assert "Accepted" not in page.locator(".facts").inner_text()
    for left in (2, 1, 0):
        name = shown(page)
        page.wait_for_load_state("networkidle")
        page.keyboard.press({"yes": "a", "also": "s", "no": "s"}[name])
        if left:
            other_than(page, name)
    page.wait_for_url("**/review")
    assert [room.shop.verdict(name) for name in ("yes", "also", "no")] == ["accept", "accept", "reject"]
    page.goto("/review/admin/quality")
    expect(page.get_by_test_id("error-rate")).to_have_text("33\u00a0%")
    expect(page.get_by_test_id("error-interval")).to_contain_text("6.1\u00a0% \u2013 79\u00a0%")
    page.get_by_test_id("reopen").click()
    expect(page.get_by_test_id("dissent")).to_contain_text("Opened again")
    room.door.work()
    assert room.shop.verdict("also") == "manual"
    page = opened(page.context)
    assert shown(page) == "also"
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    assert room.shop.verdict("also") == "reject"


def ruled(room: Room, name: str) -> None:
    """Have a moderator accept the first proof of the queue, and leave."""
    page = opened(room.moderator(name))
    page.keyboard.press("a")
    other_than(page, "p1")
    page.goto("/review")


def test_a_second_moderator_decides_without_knowing(room: Room) -> None:
    """What one ruled comes into another's queue like any proof; who agrees is shown to admins."""
    room.set(second_share=1.0)
    room.leave("p1", "p2")
    ruled(room, "ann")
    page = opened(room.moderator("bob"))
    assert shown(page) == "p2"
    page.keyboard.press("j")
    assert other_than(page, "p2") == "p1"
    assert "/review/start" in page.url
    expect(page.locator(".timeline li")).to_have_count(1)
    expect(page.get_by_test_id("audited")).to_have_count(0)
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    assert room.shop.verdict("p1") == "accept"
    admin = room.moderator("eve", role=Role.ADMIN).new_page()
    admin.goto("/review/admin/quality")
    expect(admin.get_by_test_id("agreement")).to_contain_text("0 / 1")
    expect(admin.get_by_test_id("dissent")).to_contain_text("bob@example.com")


def test_a_known_answer_is_mixed_in_and_can_be_taken_back(room: Room) -> None:
    """It looks like any proof, changes nothing, and u brings it back to be answered again."""
    room.leave("p1", "p2", "p3")
    eve = opened(room.moderator("eve", role=Role.ADMIN))
    eve.keyboard.press("a")
    other_than(eve, "p1")
    eve.goto("/review/proofs?proof_id=p1")
    eve.get_by_test_id("known").click()
    expect(eve.locator("main")).to_contain_text("Its answer is known")
    eve.context.close()
    room.set(known_share=1.0)
    page = opened(room.moderator("bob"))
    assert shown(page) == "p2"
    page.keyboard.press("j")
    assert other_than(page, "p2") == "p1"
    page.wait_for_load_state("networkidle")
    page.keyboard.press("s")
    assert other_than(page, "p1") == "p3"
    page.keyboard.press("u")
    page.wait_for_url("**/review/looks/*")
    assert shown(page) == "p1"
    page.keyboard.press("a")
    page.wait_for_url("**/review")
    assert [room.shop.verdict(name) for name in ("p1", "p2", "p3")] == ["accept", "manual", "manual"]
    (told,) = room.door.front.looks.quality(
        room.door.front.reviews.listed()[0], since=room.door.services.queries.now().replace(year=2020)
    ).people[:1]
    assert (told.email, told.known.hits, told.known.seen) == ("bob@example.com", 1, 1)


def test_nobody_but_the_one_who_took_it_answers_a_check(room: Room) -> None:
    """The second who opens it is told; with nothing left the queue is shown."""
    decide(room, "yes")
    room.draw()
    page = room.moderator("ann").new_page()
    page.goto("/review/looks")
    taken = page.url
    other = room.moderator("bob").new_page()
    answer = other.goto(taken)
    assert answer is not None
    assert answer.status == 409
    other.goto("/review/looks")
    expect(other).to_have_url(f"{room.door.url}/review")
