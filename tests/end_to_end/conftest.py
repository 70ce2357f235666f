"""Fixtures of the console's browser tests: Chromium for a module, a door with a platform for a test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.console_pages import DOUBTED, PaintingChildren, Room, browsing
from tests.web import Door

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; for one module, since its event loop is in the way of others."""
    with browsing() as open_browser:
        yield open_browser


@pytest.fixture
def room(tmp_path: Path, migrated_sqlite: Path, browser: Browser) -> Iterator[Room]:
    """A door on an empty ledger, and a platform whose rejects are left to people."""
    path = shutil.copy(migrated_sqlite, tmp_path / "ledger.db")
    door = Door(tmp_path, f"sqlite:///{path}", children_factory=PaintingChildren)
    with door.running():
        shop = door.platform("shop", job=False)
        assert shop.http.put("/v1/jobs/job-1", json=DOUBTED).status_code == 200
        yield Room(door=door, shop=shop, browser=browser)
