"""Many proofs decided at once in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web import picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.console_pages import Room

NAMES = ["p1", "p2", "p3"]


def filtered(room: Room, name: str = "ann") -> Page:
    """Return the page of all proofs of the job that a text check doubted."""
    page = room.moderator(name).new_page()
    page.goto("/review?job=job-1&reason=policy.auto_reject_off")
    page.locator("#together").click()
    page.wait_for_selector("[data-testid=tile]")
    page.wait_for_load_state("networkidle")
    return page


def test_a_batch_is_looked_at_decided_and_undone(room: Room) -> None:
    """Every picture and the sentence are shown first; what is not chosen stays; u takes all back."""
    room.leave(*NAMES)
    page = filtered(room)
    expect(page.get_by_test_id("tile")).to_have_count(3)
    assert page.evaluate("[...document.images].every(one => one.naturalWidth > 0)")
    page.get_by_test_id("reason").select_option("moderator.not_done")
    expect(page.locator("#sentence")).to_contain_text("A person looked at your proof")
    page.get_by_test_id("tile").filter(has_text="p2").get_by_role("checkbox").uncheck()
    expect(page.locator("#many")).to_have_text("2")
    page.get_by_test_id("decide-together").click()
    expect(page.get_by_test_id("tile")).to_have_count(1)
    assert [room.shop.verdict(name) for name in NAMES] == ["reject", "manual", "reject"]
    assert room.shop.get("/v1/proofs/p3")["reasons"][0]["code"] == "moderator.not_done"
    expect(page.locator("#waiting")).to_have_text("1")
    page.keyboard.press("u")
    page.wait_for_url("**/review")
    assert [room.shop.verdict(name) for name in NAMES] == ["manual"] * 3


def test_what_another_has_open_is_left_out(room: Room) -> None:
    """Held before: shown and not to be chosen. Taken meanwhile: not decided, and said why."""
    room.leave(*NAMES)
    bob = room.moderator("bob")
    held = bob.new_page()
    held.goto("/review")
    held.get_by_test_id("queue-item").filter(has_text="p1").click()
    held.wait_for_selector(".case")
    held.wait_for_load_state("networkidle")  # p2 is claimed as the next one by then
    page = filtered(room)
    expect(page.get_by_test_id("tile").filter(has_text="p1")).to_contain_text("bob@example.com")
    expect(page.locator("#many")).to_have_text("1")
    held.keyboard.press("j")
    held.wait_for_function("document.querySelector('.case').dataset.name === 'p2'")
    held.wait_for_load_state("networkidle")
    page.get_by_test_id("decide-together").click()
    expect(page.get_by_test_id("tile").filter(has_text="p3")).to_contain_text("bob@example.com has this")
    expect(page.locator("#told")).to_contain_text("Not decided: 1")
    assert [room.shop.verdict(name) for name in NAMES] == ["manual"] * 3


def test_a_ring_is_seen_and_its_copies_decided(room: Room) -> None:
    """Who sends another's capture is in a ring; deciding it touches the copy and not the original."""
    shown = picture("Nodi Tech Subscribed")
    for name in ("first", "copy"):
        assert room.shop.post(shown, proof_id=name, submitter_id=f"w-{name}").status_code == 202
        room.door.work()
    assert [room.shop.verdict(name) for name in ("first", "copy")] == ["accept", "manual"]
    page = room.moderator("ann").new_page()
    page.goto("/review/rings")
    expect(page.get_by_test_id("ring")).to_contain_text("w-copy, w-first")
    page.get_by_test_id("ring").click()
    expect(page.get_by_test_id("tile")).to_have_count(1)
    page.get_by_test_id("decide-together").click()
    expect(page.locator("#cleared")).to_be_visible()
    assert [room.shop.verdict(name) for name in ("first", "copy")] == ["accept", "reject"]
    assert room.shop.get("/v1/proofs/copy")["reasons"][0]["code"] == "moderator.copied"
