"""`praman erase --submitter`: one person's pictures and words are gone, everybody else's are not."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console import Folder, praman
from tests.screens import channel_page, encoded

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = "canary-of-the-answer"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A ledger with two proofs of one person, who answered, and one of another."""
    made = Folder(tmp_path)
    made.add(encoded(channel_page(person=1)), submitter_id="rahim", answer=ANSWER)
    made.add(encoded(channel_page(button="Subscribe", person=2)), submitter_id="rahim")
    made.add(encoded(channel_page(person=3)), submitter_id="karim")
    ran = made.verify("--db", "ledger.db")
    assert ran.returncode == 0, ran.stderr
    return made


def kept(folder: Folder) -> Iterator[str]:
    """Yield every value of every table, as text."""
    with sqlite3.connect(folder.path / "ledger.db") as ledger:
        for (table,) in ledger.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in ledger.execute(f'select * from "{table}"'):
                yield from map(str, row)


def objects(folder: Folder) -> set[str]:
    return {path.name for path in (folder.path / "ledger.db.evidence").rglob("*") if path.is_file()}


def test_a_person_is_erased_and_the_counts_stay(folder: Folder) -> None:
    """No row, object or receipt holds the person or the words; verdicts are counted, the other stays."""
    pictures = [hashlib.sha256((folder.path / f"images/p{n}.png").read_bytes()).hexdigest() for n in range(3)]
    assert {ANSWER, "rahim"} <= set(kept(folder))
    ran = praman("erase", "--submitter", "rahim", "--db", "ledger.db", "--json", cwd=folder.path)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["proofs"], told["finished"]) == (2, True)
    assert told["objects"] >= 2
    left = list(kept(folder))
    assert not any(word in value for value in left for word in (ANSWER, "rahim", *pictures[:2]))
    assert not any(name.startswith(tuple(pictures[:2])) for name in objects(folder))
    assert any(name.startswith(pictures[2]) for name in objects(folder))
    assert "karim" in left
    assert told["subject"] in left
    with sqlite3.connect(folder.path / "ledger.db") as ledger:
        counted = ledger.execute("select outcome, count(*) from verdicts group by outcome").fetchall()
    assert sorted(counted) == [("accept", 2), ("reject", 1)]


def test_erasing_again_erases_nothing_more(folder: Folder) -> None:
    """A person without proofs gets a receipt of none; an unknown platform is told."""
    for proofs in (1, 0):
        ran = praman("erase", "--submitter", "karim", "--db", "ledger.db", "--json", cwd=folder.path)
        assert json.loads(ran.stdout)["proofs"] == proofs
    ran = praman(
        "erase", "--submitter", "karim", "--platform", "nobody", "--db", "ledger.db", cwd=folder.path
    )
    assert (ran.returncode, "no platform" in ran.stderr) == (2, True)
