"""`results.md`: every figure of a bench run, as tables.

In: a `Bench`. Out: markdown. It counts nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from bench.corpus import Label
from bench.figures import Figures, Share, attack_group, fake_group, figures, grouped, page_group
from bench.real import Found
from bench.results import Bench, Run

MEGABYTE = 1_000_000
WORST = 40

INTRO = """# Praman beside what a user would pick instead

Written by `bench/run.py` on {date}. {chosen} proofs of a drawn corpus of {drawn} (jobs that policy refuses
unread left out), one run, two runners at a time. CPU is user and system time, children included. Shares are
counts of the proofs of that truth; an honest twin counts as honest.

- **Praman**: `praman verify`, default settings, one worker. Its start-up is a run whose one proof is no
  picture; CPU s a proof is that of the whole run less its start-up.
- **afternoon script**: a pHash within 6 bits of an earlier proof of the job is a copy; else Tesseract ben+eng
  on the whole picture, rapidfuzz partial ratio >= 85, a done word, the host, the code in the text. It does
  not read the copies that it has found, which spares it time.
- **pdq_ocr's rule**: PDQ within 31 bits and text >= 90 % alike is a copy; the same text rule.
- **RapidOCR**: the afternoon script with RapidOCR as its reader, **on English proofs only**; its ratio is to
  the afternoon script's cost on these.

All read with one thread. The peers know the jobs' checks, clocks and player positions apart, and never ask a
person.
"""

APART = """- [likeness.md](likeness.md): recall of each attack, false alarms on twins by kind of page.
- [growth.md](growth.md): what a look-up costs among ten thousand to a million fingerprints.
- [fakes.md](fakes.md): fakes made with more care than those of this corpus.

![likeness, drawn copies by attack](plots/likeness-drawn.svg)

![look-up time against fingerprints](plots/growth.svg)
"""

COLUMNS: dict[str, Callable[[Figures], Share]] = {
    "honest accepted": lambda one: one.honest_accepted,
    "honest rejected": lambda one: one.honest_rejected,
    "honest manual": lambda one: one.honest_manual,
    "copies accepted": lambda one: one.copies_accepted,
    "fakes accepted": lambda one: one.fakes_accepted,
    "without a person": lambda one: one.decided,
    "true source named": lambda one: one.sources_named,
}


def report(bench: Bench) -> str:
    """Return the whole report."""
    date = f"{datetime.now(tz=UTC):%Y-%m-%d}"
    parts = [INTRO.format(date=date, chosen=len(bench.entries), drawn=bench.drawn)]
    for split, labels in bench.splits().items():
        parts += [f"## Accuracy, {split} part ({len(labels)} proofs)", _accuracy(bench.runs, labels)]
        parts += [f"![accuracy against cost](plots/accuracy-{split}.svg)"]
    parts += ["## Cost", _costs(bench), *_by_group(bench)]
    parts += ["## Which pass decided", _passes(bench), "![last passes](plots/passes.svg)"]
    if bench.real:
        parts += [f"## Real screens ({bench.real.screens})", *_real(bench.real)]
    parts += ["## Where Praman was not right", _not_right(bench), "## Measured apart", APART]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _accuracy(runs: Sequence[Run], labels: Mapping[str, Label]) -> str:
    rows = []
    for run in runs:
        found = figures(run.taken(labels), run.answers)
        rows.append([run.name, *(str(share(found)) for share in COLUMNS.values())])
    return table(["", *COLUMNS], rows)


def _costs(bench: Bench) -> str:
    afternoon = bench.runs[1]
    rows = []
    for run in bench.runs:
        peak = f"{run.child_peak_bytes / MEGABYTE:.0f}" if run.child_peak_bytes else "-"
        costs = [f"{run.each_s:.3f}", f"{run.with_start_s:.3f}", f"{run.start_s:.2f}"]
        ratio = f"{run.ratio_to(afternoon):.2f}"
        rows.append([run.name, str(len(run.answers)), *costs, ratio, peak])
    head = ["", "proofs", "CPU s a proof", "with start-up", "start-up s", "ratio to the afternoon script"]
    reading_s = sum(bench.passes.cpu_ms.values()) / 1000 / max(1, len(bench.entries))
    ours = bench.runs[0]
    note = (
        f"Of Praman's {ours.each_s:.3f} s a proof, its worker child takes {ours.children_each_s:.3f}, "
        f"{reading_s:.3f} of it in the passes of reading; the rest is the ledger, the queues and the wait."
    )
    return table([*head, "worker child, peak MB"], rows) + f"\n\n{note}"


def _by_group(bench: Bench) -> Iterable[str]:
    for lang in ("en", "bn"):
        labels = {key: label for key, label in bench.labels.items() if label.lang == lang}
        yield f"## Both parts, submitters in `{lang}` ({len(labels)} proofs)"
        yield _accuracy(bench.runs, labels)
    for title, by in (
        ("Fakes accepted, by kind of fake", fake_group),
        ("Copies accepted, by attack", attack_group),
        ("Honest proofs accepted, by page", page_group),
    ):
        yield f"## {title}"
        yield _accepted(bench, by)


def _accepted(bench: Bench, by: Callable[[Label], str | None]) -> str:
    rows = []
    for name, labels in grouped(bench.labels, by).items():
        row = [name]
        for run in bench.runs:
            taken = run.taken(labels)
            given = sum(run.answers[proof_id].verdict == "accept" for proof_id in taken)
            row.append(f"{given}/{len(taken)}" if taken else "-")
        rows.append(row)
    return table(["", *(run.name for run in bench.runs)], rows)


def _passes(bench: Bench) -> str:
    passes = bench.passes
    rows = []
    for name in dict.fromkeys([*passes.last, *passes.ran]):
        last = passes.last.get(name, {})
        ended = [str(last.get(verdict, 0)) for verdict in ("accept", "reject", "manual")]
        cost = f"{passes.cpu_ms.get(name, 0) / 1000:.2f}"
        rows.append([name, *ended, str(passes.ran.get(name, 0)), cost])
    return table(["last pass", "accept", "reject", "manual", "times run", "CPU s in all"], rows)


def _real(found: Found) -> Iterable[str]:
    yield "Phrases that stand on the screen, found (`text` checks with status pass):"
    yield _phrases(found.known)
    yield "Phrases of other projects' screens, found all the same (false accepts):"
    yield _phrases(found.absent)
    each = [[name, f"{cpu_s:.3f}"] for name, cpu_s in found.each_s.items()]
    yield table(["", "CPU s a picture"], each)
    if found.missed:
        yield "Not found by Praman: " + "; ".join(f"{phrase} ({name})" for name, phrase in found.missed)


def _phrases(shares: Mapping[str, Mapping[str, Share]]) -> str:
    names = list(next(iter(shares.values())))
    return table(["", *names], [[name, *map(str, row.values())] for name, row in shares.items()])


def _not_right(bench: Bench) -> str:
    expected = {"honest": "accept", "copy": "reject", "fake": "reject"}
    answers = bench.runs[0].answers
    rows = []
    for proof_id, label in bench.labels.items():
        answer = answers.get(proof_id)
        given = answer.verdict if answer else "missing"
        if given != expected[label.truth]:
            codes = " ".join(answer.codes) if answer else ""
            rows.append([proof_id, label.split, label.truth, label.attack or label.page, given, codes])
    rows.sort(key=lambda row: (row[4] == "manual", row[2], row[0]))
    shown = table(["proof", "part", "truth", "attack or page", "verdict", "reasons"], rows[:WORST])
    return shown if len(rows) <= WORST else f"{shown}\n\n{len(rows) - WORST} more."


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a markdown table, or a word where it would be empty."""
    if not rows:
        return "None."
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
