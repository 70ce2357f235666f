"""The bench's pictures, as SVG: accuracy against cost, and which pass decided.

In: figures. Out: files. Equal figures draw equal files.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.figures import Figures

COLOURS = {"accept": "#2a9d5c", "reject": "#c8453b", "manual": "#e0a92e"}
_QUIET = {"Date": None, "Creator": None}


def accuracy_against_cost(file: Path, points: Mapping[str, tuple[float, Figures]], *, title: str) -> None:
    """Draw each runner at its CPU seconds a proof: rightly decided above, wrongly decided beside it."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    for axes, which in zip(figure.subplots(1, 2), ("right", "wrong"), strict=True):
        for name, (cpu_s, found) in points.items():
            share = 100 * getattr(found, which).of_one
            axes.scatter(cpu_s, share, s=60, label=name)
        axes.set(xlabel="CPU s a proof", ylabel=f"{which}ly decided, % of proofs", ylim=(-3, 108))
        axes.set_xlim(left=0)
        axes.grid(alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(points))
    figure.suptitle(title)
    _save(figure, file)


def rate_against_workers(file: Path, points: Mapping[int, tuple[float, float]], *, title: str) -> None:
    """Draw proofs a second, and the CPU ms of workers and servers a proof, against worker processes."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    names = ("proofs a second", "CPU ms a proof, workers and servers")
    for which, (axes, name) in enumerate(zip(figure.subplots(1, 2), names, strict=True)):
        axes.plot(list(points), [one[which] for one in points.values()], marker="o")
        axes.set_xscale("log", base=2)
        axes.set(xlabel="worker processes", ylabel=name, xticks=list(points), xticklabels=list(points))
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    figure.suptitle(title)
    _save(figure, file)


def passes_that_decided(file: Path, table: Mapping[str, Mapping[str, int]]) -> None:
    """Draw, for each pass after which no further one was needed, the verdicts that followed."""
    figure = Figure(figsize=(9, 0.4 * len(table) + 1.5), layout="constrained")
    axes = figure.subplots()
    names = list(table)[::-1]
    left = [0] * len(names)
    for verdict, colour in COLOURS.items():
        counts = [table[name].get(verdict, 0) for name in names]
        axes.barh(names, counts, left=left, color=colour, label=verdict)
        left = [before + count for before, count in zip(left, counts, strict=True)]
    axes.set(xlabel="proofs", title="Last pass of the reading, by verdict")
    axes.legend()
    _save(figure, file)


def copies_by_attack(file: Path, shares: Mapping[str, tuple[float, float]], *, title: str) -> None:
    """Draw, for each attack, the share (0..1) of copies let through and of those left to a person."""
    figure = Figure(figsize=(9, 0.24 * len(shares) + 1.5), layout="constrained")
    axes = figure.subplots()
    names = list(shares)[::-1]
    through, doubt = ([100 * shares[name][which] for name in names] for which in (0, 1))
    axes.barh(names, through, color=COLOURS["reject"], label="let through")
    axes.barh(names, doubt, left=through, color=COLOURS["manual"], label="cannot tell")
    axes.set(xlabel="% of copies", title=title, xlim=(0, 100))
    axes.legend()
    _save(figure, file)


def _save(figure: Figure, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "praman"}):
        figure.savefig(file, metadata=_QUIET)
