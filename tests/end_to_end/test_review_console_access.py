"""The review console for eyes, hands and ears of all kinds, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.console_pages import opened, other_than

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
