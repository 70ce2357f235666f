"""Reading and judging alone, without database, queue or likeness: `python bench/reading.py CORPUS...`.

In: drawn corpora, and folders of real screens (`index.jsonl`). Out: verdicts by truth, CPU by pass, and every
verdict that is not the truth's. It serves to look at a change of the cascade; the figures that count are
those of `run.py`.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.alone import open_hands, proof_of
from bench.corpus import Entry, read_corpus
from bench.cost import cpu_s, one_thread
from bench.real import Screen, entry_of, read_screens
from pipeline.errors import BadPicture
from pipeline.judge import ask_of, judge
from pipeline.policy import Policy
from pipeline.records import Proof, Reading, TextCheck, Verdict

RIGHT = {"honest": "accept", "fake": "reject"}
VERDICTS = ("accept", "manual", "reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One proof, and what is true of it."""

    name: str
    truth: str
    about: str
    proof: Proof
    images: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a case and what it cost."""

    verdict: Verdict
    readings: tuple[Reading, ...]
    cpu_s: float


def cases_of(folder: Path) -> list[Case]:
    """Return a corpus's cases; of a drawn one the honest proofs and the fakes, copies being for others."""
    if (folder / "labels.jsonl").exists():
        return [_drawn(entry, folder) for entry in read_corpus(folder) if entry.label.truth in RIGHT]
    screens = read_screens(folder)
    together = [_real(screen, screen.known) for screen in screens]
    return [*together, *(_real(screen, (phrase,)) for screen in screens for phrase in screen.known)]


def _drawn(entry: Entry, folder: Path) -> Case:
    about = f"{entry.label.page} {entry.label.lang} {entry.label.attack or ''}".strip()
    return _case(entry, name=f"{folder.name}/{entry.proof_id}", about=about)


def _real(screen: Screen, phrases: Sequence[str]) -> Case:
    checks = tuple(TextCheck(value=phrase) for phrase in phrases)
    corpus = "real" if len(phrases) > 1 else "alone"
    entry = entry_of(screen)
    asked = replace(entry, job=replace(entry.job, checks=checks))
    return _case(asked, name=f"{corpus}/{screen.path.stem}", about=screen.lang)


def _case(entry: Entry, *, name: str, about: str) -> Case:
    return Case(name=name, truth=entry.label.truth, about=about, proof=proof_of(entry), images=entry.images)


_hands = cache(open_hands)


def work(case: Case) -> Done | None:
    """Read and judge one case; None where a picture is refused unread."""
    hands = _hands()
    before = cpu_s()
    try:
        contents = {index: path.read_bytes() for index, path in enumerate(case.images)}
        readings = hands.read(contents, ask_of(case.proof))
    except BadPicture:
        return None
    verdict = judge(case.proof, readings, resemblances=(), policy=Policy())
    return Done(verdict=verdict, readings=readings, cpu_s=cpu_s() - before)


@dataclass(slots=True)
class Tally:
    """Counts over cases."""

    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    phrases: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    runs: Counter[str] = field(default_factory=Counter)
    pass_ms: Counter[str] = field(default_factory=Counter)
    cpu_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[dict[str, Any]] = field(default_factory=list)

    def add(self, case: Case, done: Done) -> None:
        """Count one case."""
        outcome = str(done.verdict.outcome.value)
        corpus = case.name.partition("/")[0]
        self.verdicts[f"{corpus} {case.truth}"][outcome] += 1
        self.cpu_s[f"{corpus} {case.truth}"].append(done.cpu_s)
        for one in (one for reading in done.readings for one in reading.passes):
            self.runs[one.name] += 1
            self.pass_ms[one.name] += one.cpu_ms
        for check in done.verdict.checks:
            self.phrases[f"{corpus} {check.check}"][check.status.value] += 1
        if outcome != RIGHT[case.truth]:
            self.wrong.append(_told(case, done, outcome))


def _told(case: Case, done: Done, outcome: str) -> dict[str, Any]:
    return {
        "case": case.name,
        "about": case.about,
        "truth": case.truth,
        "verdict": outcome,
        "codes": [reason.code.value for reason in done.verdict.reasons],
        "checks": [
            f"{one.check} {one.status.value}: {one.expected} <- {one.found}"
            for one in done.verdict.checks
            if one.status.value != "pass"
        ],
    }


def _run(cases: Sequence[Case], processes: int) -> Iterable[tuple[Case, Done]]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=one_thread) as pool:
        results = pool.map(work, cases, chunksize=4)
        for case, done in track(
            zip(cases, results, strict=True), "reading", total=len(cases), console=Console(stderr=True)
        ):
            if done is not None:
                yield case, done


def _tables(tally: Tally, console: Console) -> None:
    table = Table("corpus", *VERDICTS, "CPU s a proof")
    for name, row in tally.verdicts.items():
        each = tally.cpu_s[name]
        table.add_row(name, *(str(row[one]) for one in VERDICTS), f"{sum(each) / len(each):.3f}")
    console.print(table)
    table = Table("check", "pass", "unclear", "fail")
    for name, row in sorted(tally.phrases.items()):
        table.add_row(name, *(str(row[one]) for one in ("pass", "unclear", "fail")))
    console.print(table)
    proofs = sum(map(len, tally.cpu_s.values()))
    table = Table("pass", "times", "ms a proof")
    for name, spent in tally.pass_ms.most_common():
        table.add_row(name, str(tally.runs[name]), f"{spent / proofs:.1f}")
    console.print(table)


def main(
    corpora: Annotated[list[Path], typer.Argument(help="Folders of drawn or real screens.", exists=True)],
    *,
    processes: Annotated[int, typer.Option(help="Worker processes.")] = 2,
    only: Annotated[str, typer.Option(help="Names of cases, or parts of them, parted by commas.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One line a wrong verdict, for programs.")] = False,
) -> None:
    """Read and judge every case and print what came of it."""
    wanted: partial[bool] = partial(_is_wanted, only.split(","))
    cases = [case for folder in corpora for case in cases_of(folder) if wanted(case)]
    tally = Tally()
    for case, done in _run(cases, processes):
        tally.add(case, done)
    if as_json:
        print("\n".join(json.dumps(one, ensure_ascii=False) for one in tally.wrong))
        return
    console = Console()
    _tables(tally, console)
    for one in tally.wrong:
        console.print(*(one[key] for key in ("case", "truth", "about", "verdict", "codes")), soft_wrap=True)
        for check in one["checks"]:
            console.print("   ", check, soft_wrap=True, markup=False)


def _is_wanted(parts: Sequence[str], case: Case) -> bool:
    return any(part in case.name for part in parts)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
