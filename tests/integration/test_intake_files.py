"""`praman intake` and `praman export` for platforms without an API, as operators type them."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.ledger import SqlLedger, make_engine
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.reasons import ReasonCode
from pipeline.records import Outcome, Step
from tests.console import JOBS
from tests.fakes import fake_picture
from tests.ledger_cases import PLATFORM, add, judged, verdict
from tests.listeners import listening

HEAD = "proof_id,job_id,submitter_id,submitted_at,images,answer,lang,deadline,Note\n"


class Shop:
    """A folder with a ledger, a platform in it, and `praman`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.engine = make_engine(f"sqlite:///{folder / 'data/praman.db'}")
        SqlLedger(self.engine).declare_platform(PLATFORM)
        (folder / "jobs.yaml").write_text(JOBS, encoding="utf-8")

    def praman(self, *arguments: object) -> tuple[int, str, str]:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
        told = self._capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    def intake(self, *arguments: object) -> dict[str, Any]:
        shown = self.praman("intake", *arguments, "--platform", PLATFORM, "--jobs", "jobs.yaml", "--json")
        told: dict[str, Any] = json.loads(shown[1])
        assert shown[0] == (1 if told["faults"] else 0), shown[2]
        return told

    def refused(self, *arguments: object) -> str:
        code, _, err = self.praman(*arguments)
        assert code == 2
        assert "Traceback" not in err
        return err

    def picture(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(fake_picture(text))

    def ids(self) -> dict[str, tuple[str, str, int]]:
        page = SqlPlatforms(self.engine).page(PLATFORM, after="", limit=100, outcome=None, job_id=None)
        proofs = [one.proof for one in page]
        return {one.proof_id: (one.job_id, one.submitter_id, len(one.pictures)) for one in proofs}


@pytest.fixture
def shop(
    tmp_path: Path,
    migrated_sqlite: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Shop:
    for name in os.environ:
        if name.startswith("PRAMAN_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/praman.db").write_bytes(migrated_sqlite.read_bytes())
    return Shop(tmp_path, capsys)


def test_rows_become_proofs_and_bad_rows_are_named(shop: Shop) -> None:
    """Good rows are in, each bad one is named with its line, whatever stands before it."""
    shop.picture("a.png", "a")
    shop.picture("b.png", "b")
    (shop.folder.parent / "outside.png").write_bytes(fake_picture("outside"))
    rows = [
        'p1,job-1,w1,2026-11-01T08:00:00+00:00,a.png|b.png,"two\nlines",bn,2026-11-08T08:00:00+00:00,x',
        "p3,job-1,w3,yesterday,a.png,,,,",
        "",
        "p6,job-1,w6,,absent.png,,,,",
        "p7,job-9,w7,,a.png,,,,",
        "p8,job-1,w8,,../outside.png,,,,",
        "p9,job-1,w9",
        'p10,job-1,"w"10,,a.png,,,,',
        "p11,job-1,,,a.png,,,,",
        "p12,job-1,w12,,https://127.0.0.1/x.png,,,,",
        ",job-1,w13,,b.png,,,,",
        "p1,job-1,w14,,b.png,,,,",
    ]
    text = HEAD + "\n".join(rows) + "\n"
    raw = b"\xef\xbb\xbf" + text.encode() + b"p15,job-1,w\xff,,a.png,,,,\np16,job-1,w16,,a.png,,,,\n"
    (shop.folder / "proofs.csv").write_bytes(raw)
    told = shop.intake("csv", "proofs.csv")
    assert told["new"] == 3
    lines = {int(one.split(":")[1]): one for one in told["faults"]}
    expected = {
        4: "submitted_at",
        6: "absent.png",
        7: "job 'job-9' was never declared",
        8: "leaves the manifest's folder",
        9: "fewer than columns",
        10: "not CSV",
        11: "submitter_id is missing",
        12: "loopback",
        14: "used before with other content",
        15: "not UTF-8",
    }
    assert set(lines) == set(expected)
    assert [words for line, words in expected.items() if words not in lines[line]] == []
    made = next(name for name in shop.ids() if name.startswith("row-"))
    assert shop.ids() == {
        "p1": ("job-1", "w1", 2),
        made: ("job-1", "w13", 1),
        "p16": ("job-1", "w16", 1),
    }


def test_the_same_file_again_adds_nothing_and_a_mended_row_goes_in(shop: Shop) -> None:
    """Run twice it knows every row; a row that was refused is taken in once its picture is there."""
    shop.picture("a.png", "a")
    rows = "submitter_id,images\nw1,a.png\nw2,b.png\n"
    (shop.folder / "proofs.csv").write_text(rows, encoding="utf-8")
    assert shop.intake("csv", "proofs.csv", "--job", "job-1")["new"] == 1
    shop.picture("b.png", "b")
    mended = shop.intake("csv", "proofs.csv", "--job", "job-1")
    assert mended == {"new": 1, "known": 1, "faults": []}
    assert shop.intake("csv", "proofs.csv", "--job", "job-1") == {"new": 0, "known": 2, "faults": []}


def test_a_linked_picture_is_fetched(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link's bytes are kept like a file's; a link that answers badly is named with its row."""
    monkeypatch.setenv("PRAMAN_LINKS_ALLOW_PRIVATE", "1")
    body = fake_picture("linked")
    found = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    gone = b"HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n"
    with listening(found) as there, listening(gone) as away:
        rows = f"submitter_id,images\nw1,{there.url}\nw2,{away.url}\n"
        (shop.folder / "proofs.csv").write_text(rows, encoding="utf-8")
        told = shop.intake("csv", "proofs.csv", "--job", "job-1")
    assert told["new"] == 1
    assert "proofs.csv:3: 127.0.0.1 answered 404" in told["faults"][0]


def test_a_file_that_cannot_be_used_is_one_line(shop: Shop) -> None:
    """No such platform, no such file, no such column, a pattern without a submitter."""
    (shop.folder / "bare.csv").write_text("proof_id,images\np1,a.png\n", encoding="utf-8")
    mine = ("--platform", PLATFORM)
    assert "praman platform add q" in shop.refused("intake", "csv", "bare.csv", "--platform", "q")
    assert "job_id" in shop.refused("intake", "csv", "bare.csv", *mine)
    assert "cannot be read" in shop.refused("intake", "csv", "absent.csv", *mine, "--job", "j")
    assert "is no folder" in shop.refused("intake", "folder", "absent", *mine)
    assert "{submitter_id}" in shop.refused("intake", "folder", ".", *mine, "--pattern", "{job_id}")
    assert "in braces" in shop.refused("intake", "folder", ".", *mine, "--pattern", "{worker}")


def test_a_folder_of_pictures_becomes_proofs(shop: Shop) -> None:
    """Names say whose; pictures of one proof go together by number; what does not fit is named."""
    for name in (
        "job-1__w1__a.png",
        "job-1__w2__b__c.JPG",
        "notes.txt",
        ".hidden__x__y",
        "deep/job-1__w3__d",
    ):
        shop.picture(f"in/{name}", name)
    told = shop.intake("folder", "in")
    assert (told["new"], len(told["faults"])) == (2, 2)
    assert "deep/job-1__w3__d" in told["faults"][0]
    assert "notes.txt does not match" in told["faults"][1]
    assert set(shop.ids()) == {"a", "b__c"}
    assert shop.intake("folder", "in")["known"] == 2
    for name in ("w4/e-10.png", "w4/e-2.png", "w5/f-1.png", "w6/f-2.png"):
        shop.picture(f"more/{name}", name)
    told = shop.intake("folder", "more", "--job", "job-1", "--pattern", "{submitter_id}/{proof_id}-{image}")
    assert told["new"] == 1
    assert "another job's or submitter's" in told["faults"][0]
    assert shop.ids()["e"] == ("job-1", "w4", 2)


def test_an_export_holds_the_sentence_to_paste_and_what_to_do(shop: Shop) -> None:
    """Each verdict comes with what a person must still do; no cell runs as a formula."""
    ledger = SqlLedger(shop.engine)
    cases = {
        "=good": verdict(Outcome.ACCEPT),
        "mend": verdict(Outcome.REJECT, ReasonCode.STATE_NOT_DONE),
        "＠copy": verdict(Outcome.REJECT, ReasonCode.DUPLICATE_EXACT),  # noqa: RUF001 (read as @)
        "doubt": verdict(Outcome.MANUAL, ReasonCode.UNCLEAR),
    }
    for name, said in cases.items():
        judged(ledger, add(ledger, name, step=Step.JUDGE), said)
    code, out, err = shop.praman("export", "--platform", PLATFORM, "--format", "csv")
    assert code == 0, err
    rows = {row["proof_id"]: row for row in csv.DictReader(io.StringIO(out))}
    assert set(rows) == {"'=good", "mend", "'＠copy", "doubt"}  # noqa: RUF001 (read as @)
    assert [row["todo"].split()[0] for row in rows.values()] == ["approve", "ask", "reject", "look"]
    assert [bool(row["paste"]) for row in rows.values()] == [False, True, True, False]
