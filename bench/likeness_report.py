"""`likeness.md`: what looking for duplicates alone found, by attack and by kind of page.

In: rows of `bench/likeness.py` by corpus. Out: markdown. It measures nothing itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.figures import Share
from bench.report import table

SURE = frozenset({"exact", "altered"})
_DOUBT = "same_screen"
_INTRO = """# Copies and honest twins

Written by `bench/likeness.py` from {names}: fingerprint, look-up and aligned comparison alone, no word read.
A copy is *let through* where nothing was found, *cannot tell* where a person is asked. `a + another`: any
second attack on top, each such copy counted under both of its attacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was found of one shot.

    Attributes:
        page: The kind of page, or the project a real screen belongs to.
        retrieved: A shot of the same capture was among the candidates; None where there is none.
        relation: The strongest relation found; `named` tells whether it names the same capture.
        candidates: How many were to be compared.
    """

    name: str
    truth: str
    page: str
    attack: str | None
    retrieved: bool | None
    relation: str | None
    other: str | None
    named: bool
    candidates: int
    fingerprint_ms: float
    lookup_ms: float
    compare_ms: float

    @property
    def added_ms(self) -> float:
        """CPU that looking for duplicates adds to a proof."""
        return self.lookup_ms + self.compare_ms


def report(corpora: Mapping[str, Sequence[Row]]) -> str:
    """Return the tables of every corpus as markdown."""
    parts = [_INTRO.format(names=", ".join(corpora))]
    for name, rows in corpora.items():
        copies = by_attack(rows)
        parts += [f"## {name}: copies", _copies(copies), f"![let through](plots/{plot_name(name)}.svg)"]
        parts += [f"## {name}: honest proofs", _honest(rows), f"## {name}: cost", _cost(rows)]
    return "\n\n".join(parts) + "\n"


def plot_name(corpus: str) -> str:
    """Return the name of the plot of one corpus."""
    return "likeness-" + corpus.replace(",", "").replace(" ", "-")


def by_attack(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the copies by what was done to them, all of them first."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.truth == "copy":
            for name in _groups(row.attack or ""):
                groups[name].append(row)
    return {name: groups[name] for name in sorted(groups, key=lambda name: (name != "all", name))}


def _groups(attack: str) -> tuple[str, ...]:
    names = attack.split("+")
    return ("all", attack) if len(names) == 1 else ("all", *(f"{name} + another" for name in names))


def _copies(groups: Mapping[str, Sequence[Row]]) -> str:
    columns: dict[str, Callable[[Row], bool]] = {
        "let through": lambda row: row.relation is None,
        "cannot tell": lambda row: row.relation == _DOUBT,
        "source among candidates": lambda row: bool(row.retrieved),
        "source named": lambda row: row.named,
    }
    lines = [
        [name, *(str(_share(some, meant)) for meant in columns.values())] for name, some in groups.items()
    ]
    return table(["attack", *columns], lines)


def _honest(rows: Sequence[Row]) -> str:
    pages: dict[str, list[Row]] = {"all": []}
    for row in rows:
        if row.truth == "honest":
            pages["all"].append(row)
            pages.setdefault(row.page, []).append(row)
    lines = [
        [page, str(_share(some, lambda row: row.relation in SURE)), str(_share(some, _is_doubt))]
        for page, some in sorted(pages.items(), key=lambda one: (one[0] != "all", one[0]))
    ]
    return table(["page", "taken for copies", "cannot tell"], lines)


def _cost(rows: Sequence[Row]) -> str:
    lines = []
    for name in ("fingerprint_ms", "lookup_ms", "compare_ms", "added_ms", "candidates"):
        values = sorted(float(getattr(row, name)) for row in rows)
        some = (median(values), values[int(len(values) * 0.95)], values[-1])
        lines.append([name, *(f"{value:.1f}" for value in some)])
    return table(["a proof", "median", "p95", "most"], lines)


def _is_doubt(row: Row) -> bool:
    return row.relation == _DOUBT


def _share(rows: Sequence[Row], meant: Callable[[Row], bool]) -> Share:
    return Share(sum(meant(row) for row in rows), len(rows))
