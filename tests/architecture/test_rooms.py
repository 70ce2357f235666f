"""The house's own rules: rooms, sizes, and nothing done at import."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for room in ("pipeline", "actors")
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts
)
LONGEST_FILE_LINES = 400
LONGEST_BODY_LINES = 40


@pytest.mark.parametrize(
    ("file", "reach"),
    [
        ("pipeline/judge.py", "import sqlalchemy"),
        ("pipeline/judge.py", "import pipeline.ledger.queries"),
        ("pipeline/ledger/queries.py", "import actors.doors"),
        ("pipeline/records/jobs.py", "import pipeline.judge"),
        ("pipeline/adapters/files.py", "import pipeline.wiring"),
    ],
)
def test_a_room_that_reaches_too_far_breaks_a_contract(tmp_path: Path, file: str, reach: str) -> None:
    """The import contracts fail when a forbidden import is planted."""
    for name in ("pipeline", "actors"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as planted:
        planted.write(f"\n{reach}\n")
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout
    assert "BROKEN" in ran.stdout


def test_no_file_and_no_function_holds_two_jobs() -> None:
    """Files stay within 400 lines, function bodies within 40."""
    long = [f"{path}: {lines}" for path in SOURCES if (lines := _lines(path)) > LONGEST_FILE_LINES]
    long += [told for path in SOURCES for told in _long_bodies(path)]
    assert long == []


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def _long_bodies(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) else node.body
        lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
        if lines > LONGEST_BODY_LINES:
            found.append(f"{path}:{node.lineno} {node.name}: {lines}")
    return found


def test_the_console_starts_without_the_heavy_libraries() -> None:
    """`praman --help`, and every child that imports the console again, load no OpenCV, database or cloud."""
    code = "import pipeline.cli, sys; print(*sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert loaded.isdisjoint({"cv2", "numpy", "sqlalchemy", "boto3", "dramatiq", "tesserocr", "PIL"})


def test_importing_the_doors_opens_nothing() -> None:
    """No import builds a broker, an engine or settings: the call that needs them tells what is wrong."""
    code = "import actors.main, dramatiq.broker; print(dramatiq.broker.global_broker)"
    environment = {
        "PRAMAN_DATABASE_URL": "nonsense",
        "PRAMAN_BROKER_URL": "nonsense",
        "PATH": "/usr/bin:/bin",
    }
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "None", ran.stderr
