"""What the bench found, before it is written down.

In: answers and costs of each runner. Out: the same with ratios, by split. It formats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.corpus import Entry, Label
from bench.figures import Answer
from bench.passes import Passes
from bench.real import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One runner over the proofs that it takes.

    Attributes:
        each_s: CPU of one more proof, start-up left out.
        with_start_s: CPU a proof, start-up shared among them.
        start_s: CPU until ready; for Praman of a run whose one proof is no picture.
        cpu_s: CPU of each proof, where the runner works them off one by one.
        children_each_s: How much of `each_s` worker children took; Praman only.
        child_peak_bytes: Most memory that a worker child held; Praman only.
    """

    name: str
    answers: Mapping[str, Answer]
    each_s: float
    with_start_s: float
    start_s: float
    cpu_s: Mapping[str, float] | None = None
    children_each_s: float = 0.0
    child_peak_bytes: int | None = None

    def taken(self, labels: Mapping[str, Label]) -> dict[str, Label]:
        """Return the labels of the proofs that it was given."""
        return {proof_id: label for proof_id, label in labels.items() if proof_id in self.answers}

    def ratio_to(self, other: Run) -> float:
        """Return its cost by the other's on the same proofs; the other must know the cost of each."""
        assert other.cpu_s is not None
        theirs = mean(other.cpu_s[proof_id] for proof_id in self.answers if proof_id in other.cpu_s)
        return self.each_s / theirs if theirs else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One whole run.

    Attributes:
        entries: The proofs that were decided.
        drawn: How many the corpus holds.
        runs: Praman first, then the afternoon script, then the others.
    """

    entries: tuple[Entry, ...]
    drawn: int
    runs: tuple[Run, ...]
    passes: Passes
    real: Found | None

    @property
    def labels(self) -> dict[str, Label]:
        """Return the truth by proof id."""
        return {entry.proof_id: entry.label for entry in self.entries}

    def splits(self) -> dict[str, dict[str, Label]]:
        """Return the truth apart for what nobody tuned to and what somebody may have."""
        names = ("untouched", "tuned")
        return {
            name: {key: label for key, label in self.labels.items() if label.split == name} for name in names
        }


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 of nothing."""
    some = tuple(values)
    return sum(some) / len(some) if some else 0.0
