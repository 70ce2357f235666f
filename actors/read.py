"""The read door: the words that the job's checks need, from each usable picture of the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actors.attempt import accounted, move_on, take
from pipeline import flow
from pipeline.judge import ask_of
from pipeline.records import Step

if TYPE_CHECKING:
    from pipeline.records import Claim, Reading
    from pipeline.wiring import WorkerServices


def read(services: WorkerServices, proof: str) -> None:
    """Read the pictures of `proof`, unless it is already known to be the same file as an earlier one."""
    claim = take(services, proof, Step.READ)
    if claim is None:
        return
    with accounted(services, claim):
        readings = () if _copy_of_earlier(services, claim) else _readings(services, claim)
        then = flow.after(Step.READ)
        services.ledger.finish_read(claim, readings, then=then)
        move_on(services, proof, then)


def _copy_of_earlier(services: WorkerServices, claim: Claim) -> bool:
    """Exact copies are settled without reading; a submitter's own resubmission is read."""
    candidates = services.ledger.candidates(claim.proof.id, limit=services.policy.max_candidates)
    return any(one.exact and one.earlier and not one.same_submitter for one in candidates)


def _readings(services: WorkerServices, claim: Claim) -> tuple[Reading, ...]:
    usable = {one.index: one.key for one in claim.proof.pictures if one.key is not None and one.fault is None}
    if not usable:
        return ()
    contents = {image: services.store.get(key) for image, key in usable.items()}
    return services.children.read(contents, ask_of(claim.proof))
