"""`praman rehash` as an operator types it after an upgrade."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from pipeline.adapters.files import FilesEvidenceStore
from pipeline.cli import main
from pipeline.commands.doctor import examine
from pipeline.fingerprint import version
from pipeline.ledger import SqlLedger, make_engine
from pipeline.ledger.tables import fingerprints, proofs
from pipeline.policy import Policy
from pipeline.records import Proof, Step, Submission
from pipeline.settings import load_settings
from pipeline.submit import submit
from tests.ledger_cases import at, candidates, fingerprint, fingerprinted
from tests.screens import channel_page, encoded


class Upgraded:
    """A ledger whose fingerprints an older version made, and `praman rehash` on it."""

    def __init__(self, url: str, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.url, self._capsys = url, capsys
        self.store = FilesEvidenceStore(store)
        self._engine = make_engine(url)
        self.ledger = SqlLedger(self._engine)
        self.ledger.declare_platform("p")

    def add(self, name: str, content: bytes) -> Proof:
        """Take a proof in, with a fingerprint of an older version."""
        submission = Submission(
            platform="p",
            job_id="job-1",
            submitter_id=name,
            submitted_at=at(len(name)),
            pictures=(content,),
            proof_id=name,
        )
        proof, _ = submit(submission, ledger=self.ledger, store=self.store, policy=Policy())
        with self._engine.begin() as connection:
            change = update(proofs).where(proofs.c.id == proof.id)
            connection.execute(change.values(step=Step.FINGERPRINT, due_at=at(0)))
        fingerprinted(self.ledger, proof, fingerprint(name, version="praman-1 old"))
        return proof

    def versions(self) -> set[str]:
        with self._engine.connect() as connection:
            return set(connection.scalars(fingerprints.select().with_only_columns(fingerprints.c.version)))

    def doctor(self) -> str:
        """Return what `praman doctor` finds of the fingerprints."""
        settings = load_settings(database_url=self.url)
        return next(one.found for one in examine(settings) if one.part == "fingerprints")

    def rehash(self, *arguments: object) -> tuple[int, Any]:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["rehash", *map(str, arguments), "--db", self.url, "--json"])
        told = self._capsys.readouterr()
        return int(ended.value.code or 0), json.loads(told.out)


@pytest.fixture
def upgraded(
    ledger_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Upgraded:
    for name in os.environ:
        if name.startswith("PRAMAN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PRAMAN_STORE_URL", str(tmp_path / "store"))
    return Upgraded(ledger_url, tmp_path / "store", capsys)


def test_old_fingerprints_are_made_anew_and_likeness_is_found_again(upgraded: Upgraded) -> None:
    """It stops where told and goes on with what is left; then a copy finds its source."""
    first = upgraded.add("a", encoded(channel_page()))
    copy = upgraded.add("bb", encoded(channel_page(), "JPEG", quality=60))
    upgraded.add("ccc", encoded(channel_page("Another", person=9)))
    assert candidates(upgraded.ledger, copy) == {}
    assert "3 of an older version" in upgraded.doctor()
    code, told = upgraded.rehash("--limit", 2)
    assert (code, told["renewed"], told["skipped"]) == (0, 2, [])
    assert upgraded.versions() == {"praman-1 old", version()}
    assert upgraded.rehash()[1]["renewed"] == 1
    assert upgraded.versions() == {version()}
    assert "all comparable" in upgraded.doctor()
    assert next(iter(candidates(upgraded.ledger, copy))) == first.proof_id
    assert upgraded.rehash() == (0, {"version": version(), "renewed": 0, "skipped": []})


def test_a_missing_picture_is_reported_and_skipped(upgraded: Upgraded) -> None:
    """So is one that this version does not open; the rest goes on, and the exit code tells."""
    gone = upgraded.add("a", encoded(channel_page()))
    upgraded.add("bb", b"\x89PNG\r\n\x1a\n damaged")
    upgraded.add("ccc", encoded(channel_page(person=2)))
    assert gone.pictures[0].key is not None
    upgraded.store.delete(gone.pictures[0].key)
    code, told = upgraded.rehash()
    assert (code, told["renewed"]) == (1, 1)
    assert [(one["proof_id"], one["image"]) for one in told["skipped"]] == [("a", 0), ("bb", 0)]
    assert "gone from the evidence store" in told["skipped"][0]["why"]
    assert "does not open it" in told["skipped"][1]["why"]
    assert upgraded.versions() == {"praman-1 old", version()}
