"""`praman compare` as a moderator types it: files, proofs of a ledger, and both."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.adapters.files import FilesEvidenceStore
from pipeline.cli import main
from pipeline.ledger import SqlLedger, make_engine
from pipeline.policy import Policy
from pipeline.records import Step, Submission
from pipeline.submit import submit
from tests.ledger_cases import at
from tests.screens import channel_page, encoded

SAMPLE = Path(__file__).parents[2] / "fixtures" / "sample" / "images"


class Ledger:
    """A ledger with its pictures beside it, and `praman` run on it in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.db = folder / "ledger.db"
        self.store = FilesEvidenceStore(Path(f"{self.db}.evidence"))
        self._capsys = capsys
        self._ledger = SqlLedger(make_engine(f"sqlite:///{self.db}"))

    def add(self, proof_id: str, *pictures: bytes, platform: str = "p") -> None:
        """Take a proof in."""
        self._ledger.declare_platform(platform)
        submission = Submission(
            platform=platform,
            job_id="job-1",
            submitter_id="w1",
            submitted_at=at(0),
            pictures=pictures,
            proof_id=proof_id,
        )
        proof, _ = submit(submission, ledger=self._ledger, store=self.store, policy=Policy())
        assert proof.step in set(Step)

    def praman(self, *arguments: object) -> tuple[int, str, str]:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["compare", *map(str, arguments)])
        told = self._capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    def json(self, *arguments: object) -> Any:
        code, out, err = self.praman(*arguments, "--json", "--db", self.db)
        assert code == 0, err
        return json.loads(out)

    def refused(self, *arguments: object) -> str:
        code, out, err = self.praman(*arguments, "--db", self.db)
        assert code == 2, out
        return err


@pytest.fixture
def ledger(
    tmp_path: Path,
    migrated_sqlite: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Ledger:
    for name in os.environ:
        if name.startswith("PRAMAN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ledger.db").write_bytes(migrated_sqlite.read_bytes())
    return Ledger(tmp_path, capsys)


def test_files_are_compared_and_drawn_without_a_ledger(ledger: Ledger, tmp_path: Path) -> None:
    """Two paths suffice; the drawing is a picture that opens."""
    out = tmp_path / "diff.png"
    code, told, err = ledger.praman(SAMPLE / "p0026.webp", SAMPLE / "p0017.webp", "--out", out)
    assert code == 0, err
    assert told.startswith("copy")
    assert "the status bars agree" in told
    with Image.open(out) as drawn:
        assert drawn.width > 1200


def test_proofs_are_compared_by_the_pictures_that_are_most_alike(ledger: Ledger) -> None:
    """Of several pictures the copied one speaks, and the answer says which and whose."""
    page, other = encoded(channel_page()), encoded(channel_page("Meghna Kids", person=5))
    ledger.add("first", other, page)
    ledger.add("second", encoded(channel_page(), "JPEG", quality=80))
    found = ledger.json("second", "first")
    assert (found["answer"], found["relation"]) == ("copy", "altered")
    assert (found["a"]["proof_id"], found["b"]["proof_id"], found["b"]["image"]) == ("second", "first", 1)
    assert found["a"]["submitter_id"] == "w1"


def test_a_file_is_compared_with_a_proof(ledger: Ledger, tmp_path: Path) -> None:
    """What a submitter sent by mail against what is stored."""
    ledger.add("first", encoded(channel_page()))
    path = tmp_path / "mailed.png"
    path.write_bytes(encoded(channel_page(person=3)))
    found = ledger.json(path, "first")
    assert (found["answer"], found["a"]) == ("another_capture", {"file": str(path)})
    assert found["regions"][0]["where"] == "status_bar"


def test_what_cannot_be_compared_is_said_in_one_line(ledger: Ledger, tmp_path: Path) -> None:
    """No such proof, two of them, no picture, a picture that is gone, a place that cannot be written."""
    page = encoded(channel_page())
    ledger.add("first", page)
    ledger.add("both", page)
    ledger.add("both", page, platform="other")
    assert "neither a picture file nor a proof" in ledger.refused("nobody", "first")
    assert "--platform" in ledger.refused("both", "first")
    assert ledger.json("both", "first", "--platform", "p")["answer"] == "copy"
    note = tmp_path / "note.txt"
    note.write_text("no picture")
    assert "this is text" in ledger.refused(note, "first")
    nowhere = ("--platform", "p", "--out", "no/such/place.png")
    assert "cannot be written" in ledger.refused("both", "first", *nowhere)
    for kept in Path(f"{ledger.db}.evidence").rglob("*"):
        if kept.is_file():
            kept.unlink()
    assert "gone from the evidence store" in ledger.refused("first", "first")
