"""`praman rings` as a moderator types it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.ledger import SqlLedger, make_engine
from pipeline.records import DuplicateOf, Outcome, Relation, Step
from tests.ledger_cases import PLATFORM, add, judged, verdict


def praman(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run `praman rings` in this process."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["rings", *map(str, arguments)])
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_rings_are_shown_with_what_links_them(
    tmp_path: Path,
    migrated_sqlite: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table for people that says what it is not for, JSON for programs, one line for what is wrong."""
    monkeypatch.setenv("COLUMNS", "160")
    db = tmp_path / "ledger.db"
    db.write_bytes(migrated_sqlite.read_bytes())
    ledger = SqlLedger(make_engine(f"sqlite:///{db}"))
    assert "no two submitters" in praman(capsys, "--db", db)[1]
    first = add(ledger, "first", step=Step.JUDGE, submitter="anna")
    judged(ledger, first)
    copy = add(ledger, "second", step=Step.JUDGE, submitter="[ben]", minutes=1)
    of = DuplicateOf(proof_id="first", relation=Relation.ALTERED, score=0.97, proof=first.id)
    judged(ledger, copy, replace(verdict(Outcome.REJECT), duplicate_of=of))
    code, out, err = praman(capsys, "--db", db)
    assert code == 0, err
    for word in ("2 submitters, 1 shared capture ", "[ben], anna", "altered", "0.97", "not to reject"):
        assert word in out
    (ring,) = json.loads(praman(capsys, "--platform", PLATFORM, "--json", "--db", db)[1])["rings"]
    assert (ring["size"], ring["members"], ring["public"]) == (2, ["[ben]", "anna"], False)
    assert (ring["links"][0]["proof_id"], ring["links"][0]["original_submitter_id"]) == ("second", "anna")
    code, _, err = praman(capsys, "--job", "job-1", "--db", db)
    assert (code, "--platform NAME" in err) == (2, True)
