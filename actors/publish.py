"""The publish door: the verdict's notices go into the outbox, endpoints' bells ring, the proof is done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from actors.attempt import accounted, move_on, take
from pipeline import flow
from pipeline.publish import notices
from pipeline.records import Ring, Step

if TYPE_CHECKING:
    from pipeline.records import Claim, Notice, RecordedVerdict
    from pipeline.wiring import Services


def publish(services: Services, proof: str) -> None:
    """Write the notices of the current verdict of `proof`."""
    claim = take(services, proof, Step.PUBLISH)
    if claim is not None:
        publish_taken(services, claim)


def publish_taken(services: Services, claim: Claim, *, recorded: RecordedVerdict | None = None) -> None:
    """Write the notices of the current verdict of the proof of `claim`.

    Args:
        recorded: That verdict, for who has it at hand; None to ask the ledger.
    """
    with accounted(services, claim):
        current = recorded or services.ledger.verdict(claim.proof.id)
        assert current is not None, "judge moves a proof on only with its verdict"
        then = flow.after(Step.PUBLISH)
        written = _written(services, current)
        services.ledger.finish_publish(claim, written, then=then)
        move_on(services, claim.proof.id, then)
        for endpoint in services.outbox.endpoints(claim.proof.platform) if written else ():
            services.bell.ring(Ring(proof=endpoint.id, step=Step.DELIVER))


def _written(services: Services, recorded: RecordedVerdict) -> tuple[Notice, ...]:
    settings = services.settings
    return notices(
        recorded,
        services.ledger.targets(recorded.proof.platform),
        hold=timedelta(seconds=settings.hold_s),
        undo=timedelta(seconds=settings.undo_s),
        first_delay=timedelta(seconds=settings.webhook_retry_s[0]),
    )
