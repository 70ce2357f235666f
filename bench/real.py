"""Real screens: are phrases that stand on them found, and phrases that do not stand there not?

In: a folder with `index.jsonl` (`file`, `repo`, `known_text`). Out: shares by language of phrase, and cost.
Each picture is asked for all its known phrases in one run, and in another for phrases of other projects.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from PIL import Image
from rapidfuzz import fuzz

from bench import praman
from bench.corpus import Entry, Label, read_lines
from bench.cost import Measured, measure
from bench.figures import Share
from bench.peers import rule
from bench.peers.afternoon import whole_text
from pipeline.records import Job

ABSENT_A_PICTURE = 2
_SEED = 1
_ALIKE_PERCENT = 60
_BENGALI = range(0x0980, 0x0A00)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One real picture with what stands on it and what does not."""

    proof_id: str
    path: Path
    lang: str
    known: tuple[str, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many phrases each reader found, by group of phrases, and CPU seconds a picture."""

    screens: int
    known: dict[str, dict[str, Share]]
    absent: dict[str, dict[str, Share]]
    each_s: dict[str, float]
    missed: tuple[tuple[str, str], ...]


def run_real(folder: Path, work: Path) -> Found:
    """Ask Praman and the afternoon script for every phrase."""
    screens = read_screens(folder)
    text = measure(_reader, [screen.path for screen in screens])
    present = _asked(screens, "known", work)
    missing = _asked(screens, "absent", work)
    shown = {one.proof_id: read for one, read in zip(screens, text.results, strict=True)}
    known = {praman.NAME: _passed(present), "afternoon script": _in_text(screens, "known", shown)}
    absent = {praman.NAME: _passed(missing), "afternoon script": _in_text(screens, "absent", shown)}
    return Found(
        screens=len(screens),
        known={name: _shares(screens, "known", found) for name, found in known.items()},
        absent={name: _shares(screens, "absent", found) for name, found in absent.items()},
        each_s={praman.NAME: present.each_s, "afternoon script": _mean(text)},
        missed=tuple(
            (one.path.stem, phrase)
            for one in screens
            for phrase in one.known
            if (one.proof_id, phrase) not in known[praman.NAME]
        ),
    )


def _mean(measured: Measured[str]) -> float:
    return sum(measured.each_s) / max(1, len(measured.each_s))


def _reader() -> Callable[[Path], str]:
    return lambda path: whole_text(Image.open(path).convert("RGB"))


def read_screens(folder: Path) -> list[Screen]:
    """Return the real screens whose text is known."""
    rows = [row for row in read_lines(folder / "index.jsonl") if row.get("known_text")]
    return [_screen(folder, row, rows, number) for number, row in enumerate(rows, 1)]


def _screen(folder: Path, row: dict[str, Any], rows: list[dict[str, Any]], number: int) -> Screen:
    known = tuple(dict.fromkeys(row["known_text"]))
    elsewhere = {
        phrase
        for other in rows
        if other["repo"] != row["repo"] and other["lang"] == row["lang"]
        for phrase in other["known_text"]
        if all(fuzz.ratio(phrase, one) < _ALIKE_PERCENT for one in known)
    }
    chosen = random.Random(f"{_SEED} {number}").sample(
        sorted(elsewhere), min(ABSENT_A_PICTURE, len(elsewhere))
    )
    return Screen(
        proof_id=f"real-{number:03d}",
        path=folder / row["file"],
        lang=row["lang"],
        known=known,
        absent=tuple(chosen),
    )


def _asked(screens: Sequence[Screen], which: str, work: Path) -> praman.Verified:
    """Verify each screen against a job of its own that asks for its phrases."""
    folder = work / which
    folder.mkdir(parents=True)
    jobs = [
        {"id": one.proof_id, "checks": [{"text": {"value": phrase}} for phrase in getattr(one, which)]}
        for one in screens
    ]
    file = folder / "jobs.yaml"
    file.write_text(yaml.safe_dump({"jobs": jobs}, allow_unicode=True), encoding="utf-8")
    return praman.verify([entry_of(one) for one in screens], jobs=file, folder=folder)


def entry_of(screen: Screen) -> Entry:
    """Return a screen as a proof of a job that asks nothing yet."""
    line = {
        "proof_id": screen.proof_id,
        "job_id": screen.proof_id,
        "submitter_id": screen.proof_id,
        "submitted_at": datetime(2026, 11, 1, tzinfo=UTC).isoformat(),
        "images": [f"images/{screen.proof_id}{screen.path.suffix}"],
    }
    return Entry(
        proof_id=screen.proof_id,
        job=Job(id=screen.proof_id),
        line=line,
        images=(screen.path,),
        label=Label(truth="honest"),
    )


def _passed(verified: praman.Verified) -> set[tuple[str, str]]:
    """Return which phrase of which proof was found."""
    return {
        (proof_id, check["expected"])
        for proof_id, line in verified.lines.items()
        for check in line["checks"]
        if check["check"] == "text" and check["status"] == "pass"
    }


def _in_text(screens: Sequence[Screen], which: str, text: dict[str, str]) -> set[tuple[str, str]]:
    return {
        (one.proof_id, phrase)
        for one in screens
        for phrase in getattr(one, which)
        if rule.found(phrase, text[one.proof_id])
    }


def _shares(screens: Sequence[Screen], which: str, found: set[tuple[str, str]]) -> dict[str, Share]:
    asked = [(one, phrase) for one in screens for phrase in getattr(one, which)]
    groups = {
        "Bengali phrases": [pair for pair in asked if _is_bengali(pair[1])],
        "English phrases": [pair for pair in asked if not _is_bengali(pair[1])],
        "all on Bengali screens": [pair for pair in asked if pair[0].lang == "bn"],
        "all on English screens": [pair for pair in asked if pair[0].lang == "en"],
    }
    return {
        name: Share(sum((one.proof_id, phrase) in found for one, phrase in some), len(some))
        for name, some in groups.items()
    }


def _is_bengali(phrase: str) -> bool:
    return any(ord(letter) in _BENGALI for letter in phrase)
