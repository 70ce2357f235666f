"""The read door: the words that the job's checks need, from each usable picture of the proof.

What was read is judged at once where this worker judges too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actors.attempt import accounted, keep, move_on, take
from actors.judge import judge_taken
from pipeline import flow
from pipeline.judge import ask_of
from pipeline.records import Step

if TYPE_CHECKING:
    from pipeline.records import Claim, Kept, Reading
    from pipeline.wiring import WorkerServices


def read(services: WorkerServices, proof: str) -> None:
    """Read the pictures of `proof`, unless it is already known to be the same file as an earlier one."""
    claim = take(services, proof, Step.READ)
    if claim is not None:
        read_taken(services, claim)


def read_taken(services: WorkerServices, claim: Claim, *, copied: bool | None = None) -> None:
    """Read the pictures of the proof of `claim`, and judge it where this worker does that too.

    Args:
        copied: Whether it is the same file as another person's, for who knows; None to ask the ledger.
    """
    kept, found = keep(services, claim, flow.after(Step.READ)), None
    with accounted(services, claim):
        found = _read(services, claim, kept, copied=copied)
    if kept is not None and found is not None:
        judge_taken(services, kept.claim, readings=found)


def _read(
    services: WorkerServices, claim: Claim, kept: Kept | None, *, copied: bool | None
) -> tuple[Reading, ...]:
    """Exact copies are settled without reading; a submitter's own resubmission is read."""
    proof, then = claim.proof.id, flow.after(Step.READ)
    settled = services.ledger.copied(proof) if copied is None else copied
    found = () if settled else _readings(services, claim)
    services.ledger.finish_read(claim, found, then=then, kept=kept)
    if kept is None:
        move_on(services, proof, then)
    return found


def _readings(services: WorkerServices, claim: Claim) -> tuple[Reading, ...]:
    usable = {one.index: one.key for one in claim.proof.pictures if one.key is not None and one.fault is None}
    if not usable:
        return ()
    contents = {image: services.store.get(key) for image, key in usable.items()}
    found = services.children.read(contents, ask_of(claim.proof))
    services.watch.read(found)
    return found
