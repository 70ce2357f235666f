"""`praman` as its users run it: real processes, real children, real files."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.console import PRAMAN, Folder, clean_environment, codes, line, praman
from tests.screens import channel_page, encoded


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_manifest_is_decided_in_its_order(folder: Folder) -> None:
    """Honest, not done, another channel, the same file again: each gets the verdict that it deserves."""
    honest = encoded(channel_page(person=1))
    folder.add(honest)
    folder.add(encoded(channel_page(button="Subscribe", person=2)))
    folder.add(encoded(channel_page(name="Podma Kitchen", person=3)))
    folder.add(honest)
    folder.add(encoded(channel_page(person=4)))
    ran = folder.verify("--json")
    assert ran.returncode == 0, ran.stderr
    verdicts = folder.verdicts()
    assert [one["proof_id"] for one in verdicts] == ["p0", "p1", "p2", "p3", "p4"]
    assert [one["verdict"] for one in verdicts] == ["accept", "reject", "reject", "reject", "accept"]
    assert codes(verdicts[1]) == ["evidence.state_not_done"]
    assert codes(verdicts[2]) == ["evidence.target_missing"]
    assert codes(verdicts[3]) == ["duplicate.exact"]
    assert verdicts[3]["duplicate_of"]["proof_id"] == "p0"
    assert json.loads(ran.stdout)["verdicts"] == {"accept": 2, "reject": 3}


def test_bad_lines_are_reported_and_the_rest_is_decided(folder: Folder, tmp_path: Path) -> None:
    """Bad lines are named by number, bad paths go to a person, and honest proofs are accepted."""
    (tmp_path.parent / "outside.png").write_bytes(encoded(channel_page(person=9)))
    folder.add(encoded(channel_page(person=1)))
    folder.say("{not json")
    folder.say(json.dumps({"proof_id": "x", "job_id": "job-1"}))
    folder.say(json.dumps(line(3, submitted_at="2026-11-01T08:04:06")))
    folder.add(encoded(channel_page(person=5)), proof_id="p0")
    folder.add(b"", job_id="nobody-knows")
    folder.say(json.dumps(line(6, images=["../outside.png"])))
    folder.say(json.dumps(line(7, images=["images/absent.png"])))
    folder.add(encoded(channel_page(person=8)), submitter_id="\u202ew\u200b8", answer="\u202eabc")
    ran = folder.verify()
    assert ran.returncode == 1, ran.stderr
    for told in (
        "m.jsonl:2: not JSON",
        "m.jsonl:3: submitter_id is missing",
        "m.jsonl:4: submitted_at has no",
    ):
        assert told in ran.stderr
    assert "m.jsonl:5: proof_id 'p0' was used before" in ran.stderr
    assert "leaves the manifest's folder" in ran.stderr
    decided = {one["proof_id"]: one for one in folder.verdicts()}
    assert list(decided) == ["p0", "p5", "p6", "p7", "p8"]
    assert (decided["p5"]["verdict"], codes(decided["p5"])) == ("manual", ["job.unknown"])
    assert (decided["p6"]["verdict"], codes(decided["p6"])) == ("manual", ["picture.unavailable"])
    assert (decided["p7"]["verdict"], codes(decided["p7"])) == ("manual", ["picture.unavailable"])
    assert decided["p0"]["verdict"] == decided["p8"]["verdict"] == "accept"


def test_killed_in_the_middle_it_goes_on(folder: Folder) -> None:
    """After kill -9 the same command on the same database decides every proof, and none twice."""
    for person in range(24):
        folder.add(encoded(channel_page(person=person)))
    command = [*PRAMAN, *map(str, folder.arguments("--db", "ledger.db", "--workers", "1"))]
    running = subprocess.Popen(command, cwd=folder.path, env=clean_environment(), stderr=subprocess.DEVNULL)
    try:
        _until_some_are_decided(folder.path / "ledger.db")
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert not (folder.path / "v.jsonl").exists()
    again = folder.verify("--db", "ledger.db")
    assert again.returncode == 0, again.stderr
    verdicts = folder.verdicts()
    assert [one["proof_id"] for one in verdicts] == [f"p{number}" for number in range(24)]
    assert {one["verdict"] for one in verdicts} == {"accept"}
    third = folder.verify("--db", "ledger.db", "--json")
    assert json.loads(third.stdout)["new"] == 0
    assert folder.verdicts() == verdicts


def _until_some_are_decided(database: Path) -> None:
    deadline = time.monotonic() + 120
    engine = create_engine(f"sqlite:///{database}")
    while time.monotonic() < deadline:
        time.sleep(0.2)
        if not database.exists():
            continue
        with engine.connect() as connection:
            tables = connection.scalar(text("select count(*) from sqlite_master where name = 'verdicts'"))
            if tables and connection.scalar(text("select count(*) from verdicts")):
                return
    raise AssertionError("nothing was decided within two minutes")


def test_a_faulty_job_file_runs_nothing(folder: Folder) -> None:
    """Every fault is named with its line, exit 2, no output, no traceback."""
    folder.add(encoded(channel_page()))
    (folder.path / "jobs.yaml").write_text(
        "jobs:\n  - id: job-1\n    kind: youtub_subscribe\n", encoding="utf-8"
    )
    ran = folder.verify()
    assert ran.returncode == 2
    assert "jobs.yaml:3" in ran.stderr
    assert "youtube_subscribe" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (folder.path / "v.jsonl").exists()


def test_check_explains_one_picture(tmp_path: Path) -> None:
    """One picture, one kind: a verdict with the passes of the reader and a drawing of the evidence."""
    (tmp_path / "shot.png").write_bytes(encoded(channel_page()))
    ran = praman(
        *("check", "shot.png", "--kind", "youtube_subscribe", "--param", "channel=Nodi Tech"),
        *("--annotate", "drawn.png", "--explain", "--json"),
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert answer["verdict"] == "accept"
    assert answer["readings"][0]["passes"]
    assert (tmp_path / "drawn.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check", "absent.png", "--kind", "youtube_subscribe", "--param", "channel=x"), "cannot be read"),
        (("check", "absent.png"), "--kind"),
        (("check", "absent.png", "--kind", "youtub"), "youtub"),
        (("check", "a.png", "--kind", "youtube_subscribe", "--param", "channel"), "name=value"),
        (("kinds", "youtub"), "did you mean"),
        (("worker", "--queues", "lite"), "intake, light, ocr, deliver"),
        (("export", "--format", "xml"), "jsonl or csv"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """What is wrong and what to do, without a traceback."""
    ran = praman(*arguments, cwd=tmp_path)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_doctor_says_what_to_do(tmp_path: Path) -> None:
    """Before `migrate` the ledger is ill, after it well; an engine without a language names the package."""
    first = praman("doctor", "--json", cwd=tmp_path)
    parts = {one["part"]: one for one in json.loads(first.stdout)}
    assert first.returncode == 1
    assert "praman migrate" in parts["ledger"]["remedy"]
    assert praman("migrate", cwd=tmp_path).returncode == 0
    second = praman("doctor", "--json", cwd=tmp_path)
    assert second.returncode == 0, second.stdout
    third = praman("doctor", "--json", cwd=tmp_path, PRAMAN_OCR_LANGUAGES="eng+xyz")
    parts = {one["part"]: one for one in json.loads(third.stdout)}
    assert "tesseract-ocr-xyz" in parts["engine"]["remedy"] + parts["engine"]["found"]


def test_export_writes_what_a_spreadsheet_shows_inert(folder: Folder) -> None:
    """A submitter id that looks like a formula is text in the CSV."""
    folder.add(encoded(channel_page()), submitter_id="=1+1")
    assert folder.verify("--db", "ledger.db").returncode == 0
    ran = praman("export", "--db", "ledger.db", "--format", "csv", cwd=folder.path)
    assert ran.returncode == 0, ran.stderr
    rows = ran.stdout.splitlines()
    assert rows[0].startswith("proof_id,job_id,submitter_id,verdict")
    assert "'=1+1" in rows[1]
