"""`praman audit verify`: what it prints, and its exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.ledger import SqlAudit, SqlLedger, make_engine
from tests.console import praman
from tests.review_cases import left


@pytest.fixture
def folder(tmp_path: Path, migrated_sqlite: Path) -> Path:
    """A folder with a ledger of two sealed verdicts."""
    path = shutil.copy(migrated_sqlite, tmp_path / "ledger.db")
    engine = make_engine(f"sqlite:///{path}")
    for name in "ab":
        left(SqlLedger(engine), name)
    SqlAudit(engine).seal(limit=9)
    engine.dispose()
    return tmp_path


def test_an_intact_chain_is_told_with_its_head(folder: Path) -> None:
    """Exit 0, and a head that can be given back; one that cannot be read is a usage error."""
    ran = praman("audit", "verify", "--db", "ledger.db", "--json", cwd=folder)
    told = json.loads(ran.stdout)
    assert (ran.returncode, told["intact"], told["sealed"], told["tampered"]) == (0, True, 2, [])
    head = f"{told['head']['number']}:{told['head']['digest']}"
    again = praman("audit", "verify", "--db", "ledger.db", "--head", head, cwd=folder)
    assert (again.returncode, head in again.stdout) == (0, True)
    assert praman("audit", "verify", "--db", "ledger.db", "--head", "2:x", cwd=folder).returncode == 2


def test_tampering_is_told_with_its_place(folder: Path) -> None:
    """Exit 1; platform, sequence and the platform's own id are named, for people and for programs."""
    engine = make_engine(f"sqlite:///{folder}/ledger.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE verdicts SET outcome = 'accept' WHERE sequence = 2"))
    ran = praman("audit", "verify", "--db", "ledger.db", "--json", cwd=folder)
    place = {"platform": "p", "sequence": 2, "proof_id": "b", "number": 2, "what": "the verdict was edited"}
    assert (ran.returncode, json.loads(ran.stdout)["tampered"]) == (1, [place])
    shown = praman("audit", "verify", "--db", "ledger.db", cwd=folder)
    assert (shown.returncode, "the verdict was edited" in shown.stdout) == (1, True)
