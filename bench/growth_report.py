"""The report of `growth.py`: a table and a plot.

In: `growth.jsonl`; of two runs of one case the later counts. Out: `growth.md`, `plots/growth.svg`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import log10
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

_COLOURS = {"postgresql": "#336791", "sqlite": "#2a9d5c", "numpy": "#e0a92e", "faiss": "#c8453b"}
_NAMES = {
    "postgresql": "PostgreSQL",
    "sqlite": "SQLite",
    "numpy": "numpy scan",
    "faiss": "faiss IndexBinaryFlat",
}
_LIMIT_MS = 20
_HEAD = (
    "crowd",
    "by",
    "fingerprints",
    "p50 ms",
    "p99 ms",
    "p99 ms, cold",
    "p99 ms, popular page",
    "bytes each",
    "process MB",
    "load",
)
_MB = 1_000_000

Case = dict[str, Any]


def write_report(rows: Path) -> None:
    """Write `growth.md` and its plot beside `rows`."""
    cases: dict[tuple[str, str, int], Case] = {}
    for line in rows.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        cases[one["who"], one["crowd"], one["size"]] = one
    order = list(_NAMES)
    found = sorted(cases.values(), key=lambda one: (one["crowd"], order.index(one["who"]), one["size"]))
    _plot(found, rows.parent / "plots" / "growth.svg")
    (rows.parent / "growth.md").write_text(_text(found), encoding="utf-8")


def _text(cases: Sequence[Case]) -> str:
    return "\n".join([_INTRODUCTION, *_table(cases), "", "## Growth", "", *_growth(cases), "", _REMARKS])


def _table(cases: Sequence[Case]) -> list[str]:
    lines = [f"| {' | '.join(_HEAD)} |", f"|---|---|{'---:|' * (len(_HEAD) - 2)}"]
    for one in cases:
        measured = ("p50_ms", "p99_ms", "cold_p99_ms", "popular_p99_ms")
        times = ("-" if one[name] is None else f"{one[name]:.2f}" for name in measured)
        held = "-" if one["memory_bytes"] is None else f"{one['memory_bytes'] / _MB:,.0f}"
        lines.append(
            f"| {one['crowd']} | {_NAMES[one['who']]} | {one['size']:,} | {' | '.join(times)} "
            f"| {one['bytes_each']:,} | {held} | {one['load']} |"
        )
    return lines


def _growth(cases: Sequence[Case]) -> list[str]:
    """Return, for each case that was measured at several sizes, the exponent of its growth."""
    lines = []
    for who, crowd in dict.fromkeys((one["who"], one["crowd"]) for one in cases):
        some = [one for one in cases if (one["who"], one["crowd"]) == (who, crowd)]
        first, last = some[0], some[-1]
        if first["size"] == last["size"]:
            continue
        decades = log10(last["size"] / first["size"])
        power = {name: log10(last[name] / first[name]) / decades for name in ("p50_ms", "p99_ms")}
        lines.append(
            f"- {_NAMES[who]}, {crowd}, {first['size']:,} to {last['size']:,}: p50 grows with the "
            f"{power['p50_ms']:.2f}th power, p99 with the {power['p99_ms']:.2f}th; "
            "linear is 1"
        )
    return lines


def _plot(cases: Sequence[Case], file: Path) -> None:
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    crowds = sorted({one["crowd"] for one in cases})
    panels = figure.subplots(1, len(crowds), sharey=True, squeeze=False)[0]
    for axes, crowd in zip(panels, crowds, strict=True):
        here = [one for one in cases if one["crowd"] == crowd]
        for who in dict.fromkeys(one["who"] for one in here):
            some = [one for one in here if one["who"] == who]
            sizes = [one["size"] for one in some]
            colour, label = _COLOURS[who], f"{_NAMES[who]} p99"
            axes.plot(sizes, [one["p99_ms"] for one in some], "o-", color=colour, label=label)
            axes.plot(sizes, [one["p50_ms"] for one in some], "o:", color=colour, ms=3, alpha=0.7)
        axes.axhline(_LIMIT_MS, color="#888888", lw=0.8, ls="--")
        axes.set(xscale="log", yscale="log", title=crowd, xlabel="fingerprints")
        axes.grid(alpha=0.3, which="both")
    panels[0].set_ylabel("ms a look-up (dotted: p50; dashed line: 20 ms)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(_NAMES))
    file.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "praman"}):
        figure.savefig(file, metadata={"Date": None, "Creator": None})


_INTRODUCTION = """# What a look-up costs as the ledger grows

`python bench/growth.py` made this page and its [plot](plots/growth.svg); `--size` runs one size again.

![Look-up time against fingerprints, for a uniform and a realistic crowd](plots/growth.svg)

A look-up is `ledger.candidates(proof)`, as `judge` calls it: equal digests, near hashes (four hashes of 64
bits), shared words of key points, the newest of the job, and the rows of what was found. Beside it a linear
scan over **one** hash a picture, held in memory: it finds near pages only, no crop, and knows neither proof
nor platform.
"""

_REMARKS = """## How it was made

- Fingerprints are made up, but have the shape of real ones (`bench/crowd.py` says what was measured on
  `fixtures/`): a quarter of a page's words are its own, the most frequent word of all stands in every fifth
  picture, and in the realistic crowd one page holds 5 % of all pictures. They are loaded with COPY
  (PostgreSQL) and in key order (SQLite); a test holds the rows against those that the ledger writes itself.
- PostgreSQL runs with its own defaults (128 MB of shared buffers), SQLite as Praman opens it. `cold`: the
  file cache is as the loading left it, full of what no look-up reads; the other figures are from after the
  indexes were read through once (`pg_prewarm`), as they are on a server in use that has memory for them: 11
  GB at a million.
- Each look-up is timed by the clock, of a picture chosen evenly, for the first time. The machine has two
  cores that other work shared; `load` is its run queue meanwhile.
- `bytes each` is the whole database with all its indexes by the number of fingerprints, or the scanned array;
  `process MB` the most that the process which looked up ever held: a ledger's look-up keeps nothing.
- The lines of a load below 3 are of one quiet machine and of one look-up, as it is now. At a load of 12 to 25
  a look-up waits longer than it works: the same one at a million on PostgreSQL took 20 ms at the median and
  70 at p99 there. SQLite at a million is from such a load, and from before a look-up was one statement.
- The popular page has its own column: its pictures share words and hashes with 50,000 others, so more rows
  are fetched to rank the candidates, and its p99 is above that of all pictures.
- A case that is not in the table was not measured. 10^7 was not: at 23 kB each it needs 230 GB on
  PostgreSQL.

## What was mended on the way

At a million, a look-up on PostgreSQL read 420 pages at random to get the hashes of what shares a chunk with
it on the platform: the key's index found the rows, each on a page of its own. Now the key carries the hash
(migration 0007), some 60 pages are read, and that query's median went from 6.9 to 2.0 ms, its p99 from 16.8
to 4.5 ms, on caches as loading left them. On that ledger (realistic crowd, three processes on two cores) 300
look-ups took, by the clock, 20.7 ms at the median and 43 ms at p99 before; 16.1 and 26 ms after; 7.3 and 19.6
ms once the indexes were read through, 6.5 and 14 ms when repeated. What is left is the index of words: 129
places a picture, 7.2 GB at a million.
"""
