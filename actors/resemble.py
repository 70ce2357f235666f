"""Candidates into Resemblances: fetches sketches and has children compare them. The judge door uses it.

In: a proof's candidates, nearest first. Out: those that show one capture, or may. Never: looks at a candidate
that cannot change the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from pipeline.errors import EvidenceMissing
from pipeline.records import Outcome, Relation, Resemblance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.ports import Children, EvidenceStore, Ledger
    from pipeline.records import Candidate
    from pipeline.watching import Watch
    from pipeline.wiring import WorkerServices

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A proof's candidates, as they were, and what comparing it with them found."""

    candidates: tuple[Candidate, ...]
    found: tuple[Resemblance, ...]

    @property
    def is_copy(self) -> bool:
        """Whether it is surely a copy of an earlier proof, whatever its words say."""
        return any(_settles(one) for one in self.found)


def compare(services: WorkerServices, proof: str, candidates: tuple[Candidate, ...]) -> Compared:
    """Compare a proof with its candidates.

    Raises:
        EvidenceMissing: As `resemblances` does.
    """
    found = resemblances(
        proof,
        candidates,
        ledger=services.ledger,
        store=services.store,
        children=services.children,
        watch=services.watch,
    )
    return Compared(candidates=candidates, found=tuple(found) if candidates else ())


def resemblances(
    proof: str,
    candidates: Sequence[Candidate],
    *,
    ledger: Ledger,
    store: EvidenceStore,
    children: Children,
    watch: Watch | None = None,
) -> Iterator[Resemblance]:
    """Yield what comparing `proof` with its candidates found, up to the first earlier sure copy.

    Exact copies come first and cost nothing. A proof that is a sure copy of an earlier one is rejected
    whatever else it resembles, and that one's own verdict names the original.

    Raises:
        EvidenceMissing: A sketch is gone, and without it nobody knows whether the proof is a copy.
    """
    sketches = {image: (one, key) for image, one, key in ledger.fingerprints(proof)}
    settled, missing = False, None
    for candidate in filter(_matters, candidates):
        if settled and not candidate.exact:
            return
        own, key = sketches[candidate.image]
        try:
            found = _compared(candidate, key, width_px=own.width_px, store=store, children=children)
        except EvidenceMissing as error:
            log.warning("sketch.missing", proof=candidate.proof)
            missing = error
            continue
        if watch is not None:
            watch.compared(None if found is None else found.relation)
        if found is None:
            continue
        yield found
        settled = settled or _settles(found)
    if missing is not None and not settled:
        raise missing


def _settles(found: Resemblance) -> bool:
    return found.candidate.earlier and found.relation is not Relation.SAME_SCREEN


def _compared(
    candidate: Candidate, key: str | None, *, width_px: int, store: EvidenceStore, children: Children
) -> Resemblance | None:
    if candidate.exact:
        return Resemblance(candidate=candidate, relation=Relation.EXACT, score=1.0)
    if key is None or candidate.sketch_key is None:
        return None
    found = children.compare(store.get(key), store.get(candidate.sketch_key), width_px=width_px)
    if found.relation is None:
        return None
    return Resemblance(
        candidate=candidate, relation=found.relation, score=found.score, differing=found.differing
    )


def _matters(candidate: Candidate) -> bool:
    """Leave out what can change nothing: a later proof that is not accepted, one's own first attempt."""
    decides = candidate.earlier or candidate.outcome is Outcome.ACCEPT
    return decides and not candidate.is_first_attempt
