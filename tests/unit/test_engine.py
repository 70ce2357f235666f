"""Engines are set up for what the ledger promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from pipeline.ledger.engine import make_engine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("synced", "level"), [(True, 2), (False, 0)])
def test_only_a_ledger_that_goes_with_its_command_is_not_synced(
    tmp_path: Path, *, synced: bool, level: int
) -> None:
    """SQLite syncs every commit (FULL is 2) unless somebody says that nobody will miss it (OFF is 0)."""
    engine = make_engine(f"sqlite:///{tmp_path / 'ledger.db'}", synced=synced)
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == level
    engine.dispose()
