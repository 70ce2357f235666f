"""A drawn corpus as the bench uses it: proofs with their truth, in the order of submission.

In: a folder with `manifest.jsonl`, `jobs.yaml`, `labels.jsonl`, `images/`. Out: entries, or a part of them
as a folder that `praman verify` takes. It draws nothing and judges nothing.
"""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Any

from pipeline.catalogue import kinds
from pipeline.jobs import load_jobs
from pipeline.records import Job

SAMPLE_SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The truth of a proof; `truth` is honest, copy or fake (`twin` counts as honest)."""

    truth: str
    split: str = "tuned"
    lang: str = "en"
    attack: str | None = None
    source: str | None = None
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One proof: what a submitter sent, what was asked, and the truth.

    Attributes:
        line: Its manifest line, as written.
        images: Where its pictures lie.
    """

    proof_id: str
    job: Job
    line: dict[str, Any]
    images: tuple[Path, ...]
    label: Label

    @property
    def answer(self) -> str:
        """Return what the submitter typed, or nothing."""
        return str(self.line.get("answer", ""))


def label_of(row: dict[str, Any]) -> Label:
    """Return the truth that a line of `labels.jsonl` tells."""
    names = {"twin": "honest", "altered_copy": "copy"}
    return Label(
        truth=names.get(row["truth"], row["truth"]),
        split=row["split"],
        lang=row["lang"],
        attack=row["attack"],
        source=row["source_proof_id"],
        page=row["page"],
    )


def read_corpus(folder: Path) -> tuple[Entry, ...]:
    """Return the corpus in the order of submission, without the jobs that policy refuses unread.

    Those answer `manual` by design whatever the picture shows, so there is nothing to compare.
    """
    jobs = {job.id: job for job in load_jobs(folder / "jobs.yaml", kinds=kinds())}
    labels = {row["proof_id"]: row for row in read_lines(folder / "labels.jsonl")}
    entries = [
        Entry(
            proof_id=line["proof_id"],
            job=jobs[line["job_id"]],
            line=line,
            images=tuple(folder / name for name in line["images"]),
            label=label_of(labels[line["proof_id"]]),
        )
        for line in read_lines(folder / "manifest.jsonl")
        if labels[line["proof_id"]]["expected_verdict"] != "manual"
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.line["submitted_at"], entry.proof_id)))


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def sampled(entries: tuple[Entry, ...], limit: int | None) -> tuple[Entry, ...]:
    """Return about `limit` entries, even by truth and by page or attack; a copy brings its source along.

    The same entries and limit give the same choice.
    """
    if limit is None or limit >= len(entries):
        return entries
    by_id = {entry.proof_id: entry for entry in entries}
    chosen: dict[str, Entry] = {}
    for entry in _in_turn(entries):
        source = by_id.get(entry.label.source or "")
        wanted = {one.proof_id: one for one in (entry, source) if one is not None}
        if len(chosen | wanted) <= limit:
            chosen |= wanted
    return tuple(entry for entry in entries if entry.proof_id in chosen)


def _in_turn(entries: tuple[Entry, ...]) -> list[Entry]:
    """Return the entries shuffled, then dealt: each truth in turn, in it each page or attack in turn."""
    dealt: Counter[tuple[str, str]] = Counter()
    piles: dict[str, list[tuple[int, Entry]]] = defaultdict(list)
    for entry in random.Random(SAMPLE_SEED).sample(entries, len(entries)):
        group = entry.label.truth, entry.label.attack or entry.label.page
        piles[entry.label.truth].append((dealt[group], entry))
        dealt[group] += 1
    ranked = [sorted(pile, key=itemgetter(0)) for _, pile in sorted(piles.items())]
    return [entry for turn in zip_longest(*ranked) for _, entry in filter(None, turn)]


def write_manifest(entries: tuple[Entry, ...], folder: Path) -> Path:
    """Copy the entries' pictures into a fresh folder and return the manifest written beside them."""
    for entry in entries:
        for name, image in zip(entry.line["images"], entry.images, strict=True):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(image, folder / name)
    manifest = folder / "manifest.jsonl"
    text = "".join(json.dumps(entry.line, ensure_ascii=False) + "\n" for entry in entries)
    manifest.write_text(text, encoding="utf-8")
    return manifest
