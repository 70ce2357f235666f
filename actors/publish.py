"""The publish door: the verdict's notices go into the outbox, endpoints' bells ring, the proof is done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from actors.attempt import accounted, move_on, take
from pipeline import flow
from pipeline.publish import notices
from pipeline.records import Ring, Step

if TYPE_CHECKING:
    from pipeline.records import Notice, RecordedVerdict
    from pipeline.wiring import Services


def publish(services: Services, proof: str) -> None:
    """Write the notices of the current verdict of `proof`."""
    claim = take(services, proof, Step.PUBLISH)
    if claim is None:
        return
    with accounted(services, claim):
        recorded = services.ledger.verdict(proof)
        assert recorded is not None, "judge moves a proof on only with its verdict"
        then = flow.after(Step.PUBLISH)
        written = _written(services, recorded)
        services.ledger.finish_publish(claim, written, then=then)
        move_on(services, proof, then)
        for endpoint in services.outbox.endpoints(claim.proof.platform) if written else ():
            services.bell.ring(Ring(proof=endpoint.id, step=Step.DELIVER))


def _written(services: Services, recorded: RecordedVerdict) -> tuple[Notice, ...]:
    settings = services.settings
    return notices(
        recorded,
        services.ledger.targets(recorded.proof.platform),
        hold=timedelta(seconds=settings.hold_s),
        first_delay=timedelta(seconds=settings.webhook_retry_s[0]),
    )
