"""Candidates into Resemblances: fetches sketches and has children compare them. The judge door uses it.

In: a proof's candidates, nearest first. Out: those that show one capture, or may. Never: looks at a candidate
that cannot change the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from pipeline.errors import BadPicture, EvidenceMissing
from pipeline.records import Likeness, Outcome, Relation, Resemblance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.policy import Policy
    from pipeline.ports import Children, EvidenceStore, Ledger
    from pipeline.records import Candidate
    from pipeline.watching import Watch
    from pipeline.wiring import WorkerServices

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A proof's candidates, as they were, and what comparing it with them found.

    Attributes:
        whole: No earlier proof of the job waited to be fingerprinted then.
    """

    candidates: tuple[Candidate, ...]
    found: tuple[Resemblance, ...]
    whole: bool = True

    @property
    def is_copy(self) -> bool:
        """Whether it is surely a copy of an earlier proof, whatever its words say."""
        return any(_settles(one) for one in self.found)


def compare(
    services: WorkerServices, proof: str, candidates: tuple[Candidate, ...], *, whole: bool = True
) -> Compared:
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
        policy=services.policy,
        watch=services.watch,
    )
    return Compared(candidates=candidates, found=tuple(found) if candidates else (), whole=whole)


def resemblances(
    proof: str,
    candidates: Sequence[Candidate],
    *,
    ledger: Ledger,
    store: EvidenceStore,
    children: Children,
    policy: Policy,
    watch: Watch | None = None,
) -> Iterator[Resemblance]:
    """Yield what comparing `proof` with its candidates found, up to the first earlier sure copy.

    Exact copies come first and cost nothing. A proof that is a sure copy of an earlier one is rejected
    whatever else it resembles, and that one's own verdict names the original. Once somebody's page is seen,
    who shows little of it is not looked at. Mirror images are looked for last, and not where the page of an
    accepted proof is seen as it is: that one could be read.

    That two hands wrote two clocks does not say which of the two was painted over. Somebody who shares the
    hand of a third has the phone's own: against such a proof a painted clock is no more than a doubt, so what
    rests on hands comes last.

    Raises:
        EvidenceMissing: A sketch is gone, and without it nobody knows whether the proof is a copy.
    """
    look = _Look(proof, ledger=ledger, store=store, children=children, policy=policy, watch=watch)
    likely = [candidate for candidate in candidates if _matters(candidate)]
    for mirrored in (False, True):
        for candidate in likely:
            if look.settled and (mirrored or not candidate.exact):
                return
            found = look.at(candidate, mirrored=mirrored)
            if found is not None:
                yield found
    for found in look.painted():
        yield found
    if look.missing is not None and not look.settled:
        raise look.missing


class _Look:
    """One proof's look at its candidates.

    Attributes:
        settled: A sure copy of an earlier proof was found.
        missing: Why some candidate could not be looked at.
    """

    def __init__(
        self,
        proof: str,
        *,
        ledger: Ledger,
        store: EvidenceStore,
        children: Children,
        policy: Policy,
        watch: Watch | None,
    ) -> None:
        self.settled = False
        self.missing: EvidenceMissing | None = None
        self._proof, self._ledger = proof, ledger
        self._sketches = {image: (one.width_px, key) for image, one, key in ledger.fingerprints(proof)}
        self._store, self._children, self._watch = store, children, watch
        self._policy, self._looks = policy, 0
        self._done: set[Candidate] = set()
        self._painted: list[Resemblance] = []
        self._own_hand: set[int] = set()
        self._upright: set[int] = set()
        self._readable: set[int] = set()

    def at(self, candidate: Candidate, *, mirrored: bool) -> Resemblance | None:
        """Return how the proof relates to a candidate, None where it does not or has nothing more to tell."""
        if self._passed_over(candidate, mirrored=mirrored):
            return None
        try:
            likeness = self._compared(candidate, mirrored=mirrored)
        except EvidenceMissing as error:
            log.warning("sketch.missing", proof=candidate.proof)
            self._done.add(candidate)
            self.missing = error
            return None
        if self._watch is not None:
            self._watch.compared(likeness.relation)
        self._noted(candidate, likeness)
        return None if likeness.relation is None else self._found(candidate, likeness, likeness.relation)

    def _passed_over(self, candidate: Candidate, *, mirrored: bool) -> bool:
        if candidate in self._done or (mirrored and candidate.image in self._readable):
            return True
        if mirrored and candidate.likeness < self._policy.mirrored_likeness:
            return True
        return candidate.image in self._upright and self._unlikely(candidate)

    def _noted(self, candidate: Candidate, likeness: Likeness) -> None:
        """Keep what a look at one candidate says of the others."""
        if likeness.upright:
            self._upright.add(candidate.image)
        if likeness.upright and candidate.outcome is Outcome.ACCEPT:
            self._readable.add(candidate.image)
        if likeness.upright or likeness.relation is not None:
            self._done.add(candidate)
        if likeness.one_hand:
            self._own_hand.add(candidate.image)

    def _found(self, candidate: Candidate, likeness: Likeness, relation: Relation) -> Resemblance | None:
        found = Resemblance(
            candidate=candidate, relation=relation, score=likeness.score, differing=likeness.differing
        )
        if likeness.one_hand is False and relation is Relation.ALTERED:
            self._painted.append(found)
            return None
        self.settled |= _settles(found)
        return found

    def painted(self) -> list[Resemblance]:
        """Return what rests on the hands of two clocks, a doubt where somebody shares one's own."""
        found = [
            replace(one, relation=Relation.SAME_SCREEN) if one.candidate.image in self._own_hand else one
            for one in self._painted
        ]
        self.settled |= any(map(_settles, found))
        return found

    def _unlikely(self, candidate: Candidate) -> bool:
        few = self._looks < self._policy.first_looks
        least = self._policy.least_likeness if few else self._policy.later_likeness
        return candidate.likeness < least and not candidate.exact

    def _compared(self, candidate: Candidate, *, mirrored: bool) -> Likeness:
        if candidate.exact:
            return Likeness(relation=Relation.EXACT, score=1.0)
        self._looks += 1
        width_px, key = self._sketches[candidate.image]
        if key is None or candidate.sketch_key is None:
            return Likeness(relation=None, score=0.0)
        own, other = self._store.get(key), self._store.get(candidate.sketch_key)
        likeness = self._children.compare(own, other, width_px=width_px, mirrored=mirrored)
        if likeness.closer and self._same_capture(candidate):
            return replace(likeness, relation=Relation.ALTERED)
        return likeness

    def _same_capture(self, candidate: Candidate) -> bool:
        """Look at the originals, where both are still kept; without them the doubt stays."""
        ours = self._original(self._proof, candidate.image)
        theirs = self._original(candidate.proof, candidate.other_image)
        if ours is None or theirs is None:
            return False
        try:
            return self._children.look_closer(ours, theirs)
        except BadPicture:
            return False

    def _original(self, proof: str, image: int) -> bytes | None:
        found = self._ledger.proof(proof)
        pictures = () if found is None else found.pictures
        key = next((one.key for one in pictures if one.index == image), None)
        try:
            return None if key is None else self._store.get(key)
        except EvidenceMissing:
            return None


def _settles(found: Resemblance) -> bool:
    """Whether a proof is a sure copy of an earlier one."""
    return found.candidate.earlier and found.relation is not Relation.SAME_SCREEN


def _matters(candidate: Candidate) -> bool:
    """Leave out what can change nothing: a later proof that is not accepted, one's own first attempt."""
    return candidate.decides and not candidate.is_first_attempt
