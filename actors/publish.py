"""The publish door: the verdict's notices go into the outbox, and the proof is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actors.attempt import accounted, move_on, take
from pipeline import flow
from pipeline.publish import notices
from pipeline.records import Step

if TYPE_CHECKING:
    from pipeline.wiring import Services


def publish(services: Services, proof: str) -> None:
    """Write the notices of the current verdict of `proof`."""
    claim = take(services, proof, Step.PUBLISH)
    if claim is None:
        return
    with accounted(services, claim):
        recorded = services.ledger.verdict(proof)
        assert recorded is not None, "judge moves a proof on only with its verdict"
        targets = services.ledger.targets(claim.proof.platform)
        then = flow.after(Step.PUBLISH)
        services.ledger.finish_publish(claim, notices(recorded, targets), then=then)
        move_on(services, proof, then)
