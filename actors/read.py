"""The read door: the words that the job's checks need, from each usable picture of the proof.

What was read is judged at once where this worker judges too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actors.attempt import accounted, keep, move_on, take
from actors.judge import judge_on
from actors.resemble import compare
from actors.words import words
from pipeline import flow
from pipeline.errors import EvidenceMissing
from pipeline.records import Step, Unclosed

if TYPE_CHECKING:
    from actors.resemble import Compared
    from pipeline.records import Claim, Fingerprinted, Reading
    from pipeline.wiring import WorkerServices


def read(services: WorkerServices, proof: str) -> None:
    """Read the pictures of `proof`, unless it is already known to be a copy of an earlier one."""
    claim = take(services, proof, Step.READ)
    if claim is not None:
        read_taken(services, claim)


def read_taken(services: WorkerServices, claim: Claim, *, seen: Fingerprinted | None = None) -> None:
    """Read the pictures of the proof of `claim`, and judge it where this worker does that too.

    Who goes on to judge writes down what was read together with the verdict.

    Args:
        services: What the worker works with.
        claim: What is held.
        seen: What the ledger told whoever fingerprinted it; None to ask the ledger.
    """
    kept, done = keep(services, claim, flow.after(Step.READ)), None
    with accounted(services, claim):
        done = _read(services, claim, copied=None if seen is None else seen.copied)
        if kept is None:
            then = flow.after(Step.READ)
            services.ledger.finish_read(claim, done[0], then=then)
            move_on(services, claim.proof.id, then)
    if kept is not None and done is not None:
        readings, alike = done
        shared = seen is None or seen.shared
        read = Unclosed(claim=claim, readings=readings, shared=shared)
        judge_on(services, kept, read=read, alike=alike)


def _read(
    services: WorkerServices, claim: Claim, *, copied: bool | None
) -> tuple[tuple[Reading, ...], Compared | None]:
    """Copies of what is known already are settled without reading; a submitter's own resubmission is read."""
    proof = claim.proof.id
    settled = services.ledger.copied(proof) if copied is None else copied
    alike = None if settled else _alike(services, proof)
    found = () if settled or (alike is not None and alike.is_copy) else words(services, claim)
    return found, alike


def _alike(services: WorkerServices, proof: str) -> Compared | None:
    """Compare with the candidates known so far; what may be missing, the judge looks for again."""
    limit = services.policy.max_candidates
    candidates = services.ledger.rivals(proof, limit=limit)
    whole = candidates is not None
    if candidates is None:
        candidates = services.ledger.candidates(proof, limit=limit)
    try:
        return compare(services, proof, candidates, whole=whole)
    except EvidenceMissing:
        return None
