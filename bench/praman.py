"""Praman in the bench: `praman verify` as a user runs it, with default settings and one worker.

In: a manifest and a job file. Out: verdict lines, what they cost, and the readings that the ledger kept.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.corpus import Entry, read_lines, write_manifest
from bench.cost import Spent, spend
from bench.figures import Answer
from pipeline.codec import decode
from pipeline.ledger.engine import make_engine
from pipeline.ledger.tables import proofs, readings
from pipeline.records import Reading
from pipeline.settings import PREFIX

NAME = "Praman"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One run of `praman verify`.

    Attributes:
        lines: Verdict lines by proof id.
        readings: What was read of each proof, picture by picture; a proof decided unread has none.
        start: What a manifest of one proof costs that is no picture: all of it is start-up.
    """

    lines: dict[str, dict[str, Any]]
    readings: dict[str, tuple[Reading, ...]]
    spent: Spent
    start: Spent

    @property
    def each_s(self) -> float:
        """Return the CPU of one more proof: this run less its start-up, by its proofs."""
        return (self.spent.cpu_s - self.start.cpu_s) / len(self.lines)

    @property
    def children_each_s(self) -> float:
        """Return the worker child's part of `each_s`: decoding, hashing, reading, comparing."""
        return (self.spent.children_cpu_s - self.start.children_cpu_s) / len(self.lines)


def verify(entries: Sequence[Entry], *, jobs: Path, folder: Path) -> Verified:
    """Verify the entries in `folder`, and before that a manifest with nothing to do.

    Raises:
        RuntimeError: `praman verify` failed.
    """
    start = _verify([_no_picture(entries[0], folder)], jobs=jobs, folder=folder / "start")
    spent = _verify(entries, jobs=jobs, folder=folder / "all")
    lines = {line["proof_id"]: line for line in read_lines(folder / "all/verdicts.jsonl")}
    return Verified(lines=lines, readings=_readings(folder / "all/ledger.db"), spent=spent, start=start)


def _no_picture(entry: Entry, folder: Path) -> Entry:
    """Return a proof of the entry's job that gets its verdict from warm children, and nothing is read."""
    folder.mkdir(parents=True, exist_ok=True)
    image = folder / "none.png"
    image.write_text("I finished the task.\n", encoding="utf-8")
    return replace(entry, line=entry.line | {"images": [image.name]}, images=(image,))


def answers(verified: Verified) -> dict[str, Answer]:
    """Return the verdict lines as answers."""
    return {proof_id: _answer(line) for proof_id, line in verified.lines.items()}


def _answer(line: dict[str, Any]) -> Answer:
    source = line["duplicate_of"]
    return Answer(
        verdict=line["verdict"],
        duplicate_of=source["proof_id"] if source else None,
        codes=tuple(reason["code"] for reason in line["reasons"]),
    )


def _verify(entries: Sequence[Entry], *, jobs: Path, folder: Path) -> Spent:
    folder.mkdir(parents=True)
    manifest = write_manifest(tuple(entries), folder)
    command = [str(Path(sys.executable).with_name("praman")), "verify", str(manifest), "--jobs", str(jobs)]
    command += ["--out", str(folder / "verdicts.jsonl"), "--db", str(folder / "ledger.db"), "--workers", "1"]
    defaults = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return spend(command, env=defaults, log=folder / "log.txt")


def _readings(database: Path) -> dict[str, tuple[Reading, ...]]:
    found: dict[str, list[Reading]] = defaultdict(list)
    query = select(proofs.c.proof_id, readings.c.body).join(proofs, readings.c.proof == proofs.c.id)
    with make_engine(f"sqlite:///{database}").connect() as connection:
        for row in connection.execute(query.order_by(readings.c.proof, readings.c.image)):
            found[row.proof_id].append(decode(Reading, row.body))
    return {proof_id: tuple(some) for proof_id, some in found.items()}
