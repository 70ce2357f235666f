"""The review console for eyes, hands and ears of all kinds, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pipeline.ledger import SqlOutbox, make_engine
from pipeline.records import LookKind, QueueFilter, Role
from tests.console_pages import opened, other_than
from tests.review_cases import MINUTES, REJECTED
from tests.web import picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.console_pages import Room

GRAVE = {"serious", "critical"}
WHERE = "[document.activeElement.dataset.testid, document.activeElement.name, document.activeElement.id]"
TOGETHER = "/review/together?job=job-1&reason=policy.auto_reject_off"
OUTLINED = "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"


def faults(page: Page) -> list[str]:
    """Return what axe calls serious or critical on the page, and where."""
    page.wait_for_load_state("networkidle")
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_grave_fault(room: Room, scheme: str) -> None:
    """Sign-in, queue, keys, a decision, an armed reject and an empty queue, in light and in dark."""
    room.leave("p1", "p2")
    room.door.hold(room.shop, "h1")
    context = room.moderator("ann", color_scheme=scheme)
    page = opened(context)
    found = faults(page)
    page.keyboard.press("r")
    found += faults(page)
    page.keyboard.press("Enter")
    other_than(page, "p1")
    found += faults(page)
    page.keyboard.press("?")
    found += faults(page)
    for address in (
        "/review",
        "/review/together?job=job-1&reason=policy.auto_reject_off",
        "/review/rings",
        "/review/held",
        "/review/nothing",
    ):
        page.goto(address)
        found += faults(page)
    context.clear_cookies()
    page.goto("/login")
    assert found + faults(page) == []


ADMIN_PAGES = (
    "/review/admin",
    "/review/admin/jobs",
    "/review/admin/deliveries",
    "/review/admin/quality",
    "/review/proofs?proof_id=yes",
    "/review/proofs?proof_id=nothing",
    "/review/start",
    "/review/looks",
)


@pytest.mark.parametrize(("scheme", "lang"), [("light", "en"), ("dark", "bn")])
def test_axe_finds_no_grave_fault_on_the_admins_pages(room: Room, scheme: str, lang: str) -> None:
    """Every page with something on it: figures, plots, failures, disagreements, an audit, a history."""
    fill(room)
    viewport = {"width": 390, "height": 844} if lang == "bn" else {"width": 1200, "height": 800}
    context = room.moderator("eve", role=Role.ADMIN, color_scheme=scheme, viewport=viewport)
    page = context.new_page()
    page.goto(f"/review/admin?lang={lang}")
    found = []
    for address in ADMIN_PAGES:
        page.goto(address)
        for one in page.locator("main details summary").all():
            one.click()
        found += faults(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert page.url.startswith(f"{room.door.url}/review/looks/")
    assert found == []


def fill(room: Room) -> None:
    """Leave something for every page: audits, one answered otherwise, a notice that failed."""
    held = {"params": {"channel": "Nodi Tech"}, "decide": {"auto_reject": False}}
    jobs = {
        "plain": {"checks": [{"text": {"value": "Nodi Tech"}}]},
        "flagged": {"kind": "youtube_subscribe"} | held,
    }
    for job, told in jobs.items():
        assert room.shop.http.put(f"/v1/jobs/{job}", json=told).status_code == 200
    for name, job in (("yes", "plain"), ("also", "plain"), ("doubted", "flagged")):
        shown = picture(f"{'Nodi Tech' if job == 'plain' else 'Another'} Subscribed {name}")
        assert room.shop.post(shown, proof_id=name, submitter_id=name, job_id=job).status_code == 202
    SqlOutbox(make_engine(room.door.services.settings.database)).open_endpoint(
        "shop", "nowhere", address="https://shop.invalid/hook"
    )
    room.door.work()
    room.draw()
    looks, reviews = room.door.front.looks, room.door.front.reviews
    dan = reviews.add("dan@example.com", password="x", role=Role.MODERATOR, platform=None)
    look = looks.following(dan, [LookKind.AUDIT], wanted=QueueFilter())
    assert look is not None
    assert looks.open(dan, look, lease=MINUTES) is not None
    looks.answer(dan, look, ruling=REJECTED)


def test_the_tab_key_reaches_every_act_and_shows_where_it_is(room: Room) -> None:
    """Picture, reason, sentence, then accept, reject, ask again: in that order, each with a visible ring."""
    room.leave("p1")
    page = opened(room.moderator("ann"))
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate(OUTLINED) >= 2
        reached += [one for one in page.evaluate(WHERE) if one]
    wanted = ["keys", "reason", "message", "accept", "reject", "resubmit"]
    assert [one for one in dict.fromkeys(reached) if one in wanted] == wanted


def test_what_happened_is_said_aloud(room: Room) -> None:
    """After a decision the focus is on the next proof's name, and a live region names the decision."""
    room.leave("p1", "p2")
    page = opened(room.moderator("ann"))
    page.keyboard.press("a")
    other_than(page, "p1")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("[aria-live=polite]")).to_have_text("Accepted: p1")
