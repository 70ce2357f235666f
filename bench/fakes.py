"""What reading and judging alone make of fakes: `python bench/fakes.py --corpus DIR [--corpus DIR]`.

In: drawn corpora. Out: a table of each kind of fake and of each honest page by verdict, and every proof that
was not answered rightly. Copies are left out: no proof is compared with another here.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed

import typer
from rich.console import Console
from rich.progress import track

from bench.alone import open_hands, proof_of
from bench.corpus import Entry, read_corpus
from bench.report import table
from pipeline.adapters.hands import Hands
from pipeline.errors import BadPicture
from pipeline.judge import ask_of
from pipeline.records import Reading, Verdict

_OUT = Path(__file__).with_suffix(".md")
VERDICTS = ("accept", "manual", "reject")
_RIGHT = {"honest": "accept", "fake": "reject"}

INTRO = """# Fakes and honest pages, read and judged

Written by `bench/fakes.py` on {date}: {proofs} proofs of drawn corpora ({corpora}), no copies among them, no
proof compared with another. The worst cell first: what a fake should never be is accepted, what an honest
proof should never be is rejected. {each_ms:.0f} ms of CPU a proof, {slowest_ms:.0f} ms the slowest.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One proof with its truth, what was said of it and what that cost."""

    corpus: str
    entry: Entry
    verdict: Verdict
    cpu_ms: float

    @property
    def group(self) -> str:
        """The kind of fake, or the honest page."""
        return (self.entry.label.attack or "") if self.truth == "fake" else self.entry.label.page

    @property
    def truth(self) -> str:
        """Honest or fake."""
        return self.entry.label.truth


def judged(entries: Iterable[tuple[str, Entry]], hands: Hands) -> list[Judged]:
    """Read and judge each entry that is no copy."""
    found = []
    for corpus, entry in entries:
        began = time.process_time()
        verdict = judge_alone(entry, hands)
        spent_ms = 1000 * (time.process_time() - began)
        found.append(Judged(corpus=corpus, entry=entry, verdict=verdict, cpu_ms=spent_ms))
    return found


def judge_alone(entry: Entry, hands: Hands) -> Verdict:
    """Return the verdict on a proof that resembles no other."""
    contents, faults = {}, {}
    for number, path in enumerate(entry.images):
        content = path.read_bytes()
        try:
            hands.fingerprint(content)
            contents[number] = content
        except BadPicture as bad:
            faults[number] = bad.code
    proof = proof_of(entry)
    stored = tuple(replace(one, fault=faults.get(one.index)) for one in proof.pictures)
    proof = replace(proof, pictures=stored)
    readings: tuple[Reading, ...] = hands.read(contents, ask_of(proof)) if contents else ()
    return hands.judge(proof, readings, resemblances=())


def report(found: Sequence[Judged]) -> str:
    """Return the tables, and what was not right."""
    parts = [
        INTRO.format(
            date=f"{datetime.now(tz=UTC):%Y-%m-%d}",
            proofs=len(found),
            corpora=", ".join(dict.fromkeys(one.corpus for one in found)),
            each_ms=sum(one.cpu_ms for one in found) / max(1, len(found)),
            slowest_ms=max((one.cpu_ms for one in found), default=0.0),
        )
    ]
    for corpus in dict.fromkeys(one.corpus for one in found):
        for split in ("tuned", "untouched"):
            some = [one for one in found if (one.corpus, one.entry.label.split) == (corpus, split)]
            for truth in ("fake", "honest"):
                rows = _rows([one for one in some if one.truth == truth], truth)
                if len(rows) > 1:
                    parts += [f"## {corpus}, {split} part, {truth}", table([truth, *VERDICTS, "all"], rows)]
    return "\n\n".join(part.strip() for part in (*parts, "## Not right", _not_right(found))) + "\n"


def _rows(found: Sequence[Judged], truth: str) -> list[list[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        counts[one.group][one.verdict.outcome.value] += 1
        counts["**all**"][one.verdict.outcome.value] += 1
    worst = "accept" if truth == "fake" else "reject"
    ranked = sorted(counts.items(), key=lambda item: (item[0] != "**all**", -item[1][worst], item[0]))
    return [
        [name, *(str(row[verdict] or "") for verdict in VERDICTS), str(row.total())] for name, row in ranked
    ]


def _not_right(found: Sequence[Judged]) -> str:
    wrong = [one for one in found if one.verdict.outcome.value != _RIGHT[one.truth]]
    rows = [
        [one.corpus, one.entry.proof_id, one.truth, one.group, one.entry.label.page, *_said(one.verdict)]
        for one in sorted(wrong, key=lambda one: (one.verdict.outcome.value != "accept", one.truth))
    ]
    return table(["corpus", "proof", "truth", "what", "page", "verdict", "reasons"], rows)


def _said(verdict: Verdict) -> tuple[str, str]:
    return verdict.outcome.value, ", ".join(reason.code.value for reason in verdict.reasons)


def line_of(one: Judged) -> dict[str, Any]:
    """Return one result as a JSON line."""
    return {
        "corpus": one.corpus,
        "proof_id": one.entry.proof_id,
        "truth": one.truth,
        "group": one.group,
        "page": one.entry.label.page,
        "images": [str(path) for path in one.entry.images],
        "verdict": one.verdict.outcome.value,
        "reasons": [reason.code.value for reason in one.verdict.reasons],
        "cpu_ms": round(one.cpu_ms),
    }


def bench(
    corpus: Annotated[list[Path], typer.Option(help="Drawn by fixtures/draw.py or fixtures/wider.py.")],
    *,
    out: Annotated[Path, typer.Option(help="Where the tables go.")] = _OUT,
    lines: Annotated[Path | None, typer.Option(help="Where a JSON line a proof goes.")] = None,
    only: Annotated[str | None, typer.Option(help="Only fakes or honest pages of this name.")] = None,
) -> None:
    """Read and judge drawn proofs, and write what came of it."""
    console = Console(stderr=True)
    entries = [
        (folder.name, entry)
        for folder in corpus
        for entry in read_corpus(folder)
        if entry.label.truth in _RIGHT
        and (only is None or only in (entry.label.attack or "", entry.label.page))
    ]
    found = judged(track(entries, console=console), open_hands())
    out.write_text(report(found), encoding="utf-8")
    if lines is not None:
        text = "".join(json.dumps(line_of(one), ensure_ascii=False) + "\n" for one in found)
        lines.write_text(text, encoding="utf-8")
    console.print(f"{out}: {len(found)} proofs")


if __name__ == "__main__":
    typer.run(bench)
