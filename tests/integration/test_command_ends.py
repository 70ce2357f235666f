"""How commands end when they are typed wrongly: one line, exit code 2, nothing done."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline.cli import main
from tests.console import PRAMAN, clean_environment

SHOT = Path(__file__).parents[2] / "fixtures" / "sample" / "images" / "p0007.webp"
CHECK = ("check", str(SHOT), "--kind", "youtube_subscribe")


def ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str]:
    """Run `praman` and return its exit code and what it said on stderr, without the line's end."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code, capsys.readouterr().err.removesuffix("\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nope",), "no such command 'nope'"),
        (("check",), "missing argument 'images"),
        (("verify", "m.jsonl", "--jobs", "jobs.yaml"), "missing option '--out'"),
        (("rings", "--limit", "0"), "invalid value for '--limit'"),
        (("kinds", "--jsonn"), "no such option: --jsonn"),
        (CHECK, "`params` has no `channel`"),
        ((*CHECK, "--param", "channel=x", "--lang", "fr"), "`lang` is `fr`; write one of en, bn"),
        ((*CHECK, "--param", "channel=x", "--annotate", "/proc/none/seen.png"), "cannot be written"),
    ],
)
def test_what_was_typed_wrongly_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    """Exit code 2, one line that begins with our name, whether typer or Praman found it."""
    code, said = ended(capsys, *arguments)
    assert code == 2
    assert said.startswith("praman: ")
    assert told in said
    assert "\n" not in said


def test_a_group_alone_shows_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """`praman platform` is a question, answered by the help and no error line."""
    with pytest.raises(SystemExit) as left:
        main(["platform"])
    shown = capsys.readouterr()
    assert left.value.code == 2
    assert "rotate" in shown.out
    assert shown.err == ""


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`praman --version` prints the installed one."""
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"praman {version('praman')}\n"


def test_a_file_without_a_picture_leaves_no_drawing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` gives its verdict and says on which file there was nothing to draw."""
    note = tmp_path / "note.png"
    note.write_text("no picture")
    picture = tmp_path / "shot.webp"
    shutil.copy(SHOT, picture)
    wanted = (
        "--kind",
        "survey_code",
        "--param",
        "code=PX-1",
        "--annotate",
        str(tmp_path / "new" / "seen.png"),
    )
    with pytest.raises(SystemExit) as left:
        main(["check", str(note), str(picture), *wanted])
    assert left.value.code == 0
    said = capsys.readouterr()
    assert said.out.startswith("reject")
    assert f"{note}: no picture" in said.err
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["seen-1.png"]


def test_an_interrupted_command_says_so(tmp_path: Path) -> None:
    """Ctrl+C in the middle of `verify` ends it with 130 and the way to go on."""
    sample = SHOT.parents[1]
    command = [
        *PRAMAN,
        "verify",
        sample / "manifest.jsonl",
        "--jobs",
        sample / "jobs.yaml",
        "--out",
        "v.jsonl",
    ]
    running = subprocess.Popen(
        [str(part) for part in (*command, "--db", "l.db")],
        cwd=tmp_path,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not (tmp_path / "l.db").exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1)  # into the work
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "`praman verify` with --db goes on from here" in said
