"""The console in a browser: a running door, people with passwords, proofs left to them, Chromium.

In: a `Door`. Out: signed-in pages. The browser is Debian's, started as `fixtures` starts it for drawing.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from fixtures.browser import _FLAGS, CHROMIUM
from pipeline.ledger import SqlReviews, make_engine
from pipeline.passwords import hashed
from pipeline.records import Role
from tests.fakes import FakeChildren

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, BrowserContext, Page

    from pipeline.records import Box, Status
    from tests.web import Door, Platform

PASSWORD = "a long password of theirs"
DOUBTED = {"id": "job-1", "decide": {"auto_reject": False}, "checks": [{"text": {"value": "Nodi Tech"}}]}


class PaintingChildren(FakeChildren):
    """Draws a real picture, so that a browser can show it."""

    def draw(self, content: bytes, boxes: Sequence[tuple[Box, str, Status]]) -> bytes:
        super().draw(content, boxes)
        return painted()

    def lay_over(self, first: bytes, second: bytes) -> bytes | None:
        return painted() if super().lay_over(first, second) else None


def painted() -> bytes:
    """Return a picture that a browser can show."""
    made = io.BytesIO()
    Image.new("RGB", (720, 1600), (220, 232, 226)).save(made, "PNG")
    return made.getvalue()


@dataclass
class Room:
    """A door with proofs that wait for people, and a browser before it."""

    door: Door
    shop: Platform
    browser: Browser

    def leave(self, *proof_ids: str, text: str = "Another Name Subscribed") -> None:
        """Have these proofs decided as manual."""
        from tests.web import picture  # noqa: PLC0415

        for name in proof_ids:
            said = f"{text} {name}"
            assert self.shop.post(picture(said), proof_id=name, submitter_id=f"w-{name}").status_code == 202
        self.door.work()
        for name in proof_ids:
            assert self.shop.verdict(quote(name, safe="")) == "manual"

    def set(self, **settings: object) -> None:
        """Have the console run with these settings."""
        given = self.door.services.settings.model_copy(update=settings)
        services = replace(self.door.services, settings=given)
        reviews = SqlReviews(make_engine(given.database), second=given.second_share)
        self.door.app.state.front = replace(self.door.front, services=services, reviews=reviews)

    def draw(self) -> None:
        """Draw every automatic decision for audit."""
        self.door.front.looks.draw(share=1.0, limit=100)

    def moderator(
        self, name: str, *, role: Role = Role.MODERATOR, platform: str | None = None, **options: object
    ) -> BrowserContext:
        """Return the browser of a new moderator who is signed in."""
        reviews = SqlReviews(make_engine(self.door.services.settings.database))
        reviews.add(f"{name}@example.com", password=hashed(PASSWORD), role=role, platform=platform)
        context = self.browser.new_context(base_url=self.door.url, **options)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/login")
        page.fill("[name=email]", f"{name}@example.com")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/review")
        page.close()
        return context


@contextmanager
def browsing() -> Iterator[Browser]:
    """Open Chromium; where it is not installed, skip at home and fail in CI."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is not installed; CI runs every test, so install it there")
        pytest.skip("chromium is not installed; `make test` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def opened(context: BrowserContext) -> Page:
    """Return a page on the first proof of the queue."""
    page = context.new_page()
    page.goto("/review")
    page.get_by_test_id("queue-item").first.click()
    page.wait_for_selector(".case")
    page.wait_for_load_state("networkidle")  # the next one is claimed and drawn by then
    return page


def shown(page: Page) -> str:
    """Return which proof the page is about."""
    return str(page.locator(".case").get_attribute("data-name"))


def other_than(page: Page, name: str) -> str:
    """Wait until the page is about another proof, and return which."""
    page.wait_for_function("name => document.querySelector('.case')?.dataset.name !== name", arg=name)
    return shown(page)
