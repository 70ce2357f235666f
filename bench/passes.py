"""Which pass of the reading decided, and where its CPU went. Pure.

In: verdict lines and readings. Out: counts by pass name. The cascade stops as soon as nothing is open, so the
last pass is the one that decided.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from bench.praman import Verified

UNREAD = "nothing read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """Counts by name of pass.

    Attributes:
        last: How many proofs ended with this pass, by verdict.
        ran: How often the pass ran.
        cpu_ms: What it cost in all.
    """

    last: dict[str, dict[str, int]]
    ran: dict[str, int]
    cpu_ms: dict[str, int]


def passes_of(verified: Verified) -> Passes:
    """Return the counts over a run's proofs."""
    last: dict[str, Counter[str]] = defaultdict(Counter)
    ran: Counter[str] = Counter()
    cpu_ms: Counter[str] = Counter()
    for proof_id, line in verified.lines.items():
        tried = [one for reading in verified.readings.get(proof_id, ()) for one in reading.passes]
        last[tried[-1].name if tried else UNREAD][line["verdict"]] += 1
        for one in tried:
            ran[one.name] += 1
            cpu_ms[one.name] += one.cpu_ms
    ordered = sorted(last.items(), key=lambda item: -item[1].total())
    return Passes(last={name: dict(row) for name, row in ordered}, ran=dict(ran), cpu_ms=dict(cpu_ms))
