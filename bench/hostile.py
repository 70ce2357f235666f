"""Hostile pictures through the whole product: `python bench/hostile.py FOLDER_OR_SDIST [--mutations 2]`.

In: a folder of pictures, or a source distribution that carries some (Pillow's: `pip download --no-deps
--no-binary pillow pillow`). Out: a table of verdicts and reasons, and how long it took; exit 1 where a file
got no verdict, a verdict no reason, or the command did not end well. Beside each file go copies of it with
bytes changed, cut, repeated and put in, from a seed. It runs `praman verify` as a user does: real children.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
JOBS = "jobs:\n  - id: job-1\n    checks:\n      - text: {value: Nodi Tech}\n"
EDITS = 8
LONGEST = 64
HEADER = 64
CODE_SOURCES = frozenset({".py", ".c", ".h", ".md", ".rst", ".txt", ".toml", ".in", ".yml", ".cfg", ".sh"})


def hostile(
    source: Annotated[Path, typer.Argument(help="A folder, or a .tar.gz.", exists=True)],
    mutations: Annotated[int, typer.Option(min=0, help="Changed copies of each file.")] = 2,
    most: Annotated[int, typer.Option(min=1, help="At most so many files, drawn from the seed.")] = 10_000,
    limit_s: Annotated[float, typer.Option(min=1, help="Give up after so long.")] = 1200.0,
    seed: Annotated[int, typer.Option(help="Of the mutations, and of what is drawn.")] = 7,
    workers: Annotated[int, typer.Option(min=1, help="Children at a time.")] = 2,
) -> None:
    """Send every file and its changed copies, and tell what came of them."""
    own = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="praman-hostile-") as kept:
        folder = Path(kept)
        found = sorted(_contents(source))
        files = [content for _, content in own.sample(found, min(most, len(found)))]
        sent = _sent(folder, [*files, *(mutated(one, own) for one in files for _ in range(mutations))])
        began = time.monotonic()
        code, said = _verify(folder, limit_s=limit_s, workers=workers)
        lines = _lines(folder / "v.jsonl")
        _tell(lines, files=len(files), sent=sent, seconds=time.monotonic() - began)
        deaths = _deaths(folder / "ledger.db")
        Console().print(f"{deaths} attempts on which a child died or met its limit")
    silent = [one["proof_id"] for one in lines if one["verdict"] != "accept" and not one["reasons"]]
    if code or len(lines) != sent or silent:
        raise SystemExit(
            f"exit {code}, {sent - len(lines)} without a verdict, without a reason: {silent}\n{said}"
        )


def _contents(source: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file that is no source text."""
    if source.is_dir():
        for path in source.rglob("*"):
            if path.is_file() and path.suffix not in CODE_SOURCES:
                yield str(path.relative_to(source)), path.read_bytes()
        return
    with tarfile.open(source) as archive:
        for member in archive:
            held = archive.extractfile(member) if member.isfile() else None
            if held is not None and "/Tests/" in member.name and Path(member.name).suffix not in CODE_SOURCES:
                yield member.name, held.read()


def mutated(content: bytes, own: random.Random) -> bytes:
    """Return a copy with up to `EDITS` places set, cut, repeated, dropped or put in."""
    changed = bytearray(content)
    for _ in range(own.randint(1, EDITS)):
        # Half of the edits hit the first bytes, where sizes and kinds are promised.
        at = own.randrange(own.choice((len(changed), min(HEADER, len(changed)))) + 1)
        much = own.randint(1, LONGEST)
        match own.choice(("set", "set", "set", "cut", "repeat", "drop", "insert")):
            case "set":
                changed[at : at + 4] = own.randbytes(min(4, len(changed[at : at + 4])))
            case "cut":
                del changed[max(at, 16) :]
            case "repeat":
                changed[at:at] = changed[at : at + much]
            case "drop":
                del changed[at : at + much]
            case _:
                changed[at:at] = own.randbytes(much)
    return bytes(changed)


def _sent(folder: Path, contents: list[bytes]) -> int:
    """Write a manifest with one proof a file, each of a job and a person of its own kind."""
    (folder / "jobs.yaml").write_text(JOBS, encoding="utf-8")
    with (folder / "m.jsonl").open("w", encoding="utf-8") as manifest:
        for number, content in enumerate(contents):
            (folder / f"p{number}").write_bytes(content)
            line = {"proof_id": f"p{number}", "job_id": "job-1", "submitter_id": f"w{number}"}
            line["submitted_at"] = "2026-11-01T08:00:00+00:00"
            manifest.write(json.dumps(line | {"images": [f"p{number}"]}) + "\n")
    return len(contents)


def _verify(folder: Path, *, limit_s: float, workers: int) -> tuple[int, str]:
    command = [sys.executable, "-m", "pipeline.cli", "verify", "m.jsonl", "--jobs", "jobs.yaml"]
    command += ["--out", "v.jsonl", "--db", "ledger.db", "--workers", str(workers)]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PRAMAN_")}
    ran = subprocess.run(  # noqa: S603 (our own command)
        command,
        cwd=folder,
        env=own | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    return ran.returncode, ran.stderr[-2000:]


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _deaths(ledger: Path) -> int:
    with closing(sqlite3.connect(ledger)) as opened:
        return int(opened.execute("SELECT count(*) FROM attempts WHERE died").fetchone()[0])


def _tell(lines: list[dict[str, Any]], *, files: int, sent: int, seconds: float) -> None:
    told = Table("verdict", "reason", "pictures")
    first = Counter((one["verdict"], one["reasons"][0]["code"] if one["reasons"] else "") for one in lines)
    for (verdict, code), count in sorted(first.items(), key=lambda one: -one[1]):
        told.add_row(verdict, code, str(count))
    Console().print(told)
    Console().print(
        f"{files} files and {sent - files} changed copies: {len(lines)} verdicts in {seconds:.0f} s"
    )


if __name__ == "__main__":
    typer.run(hostile)
