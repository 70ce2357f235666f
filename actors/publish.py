"""The publish door: the verdict's notices go into the outbox, endpoints' bells ring, the proof is done.

What `judge` decides it publishes itself; what waits here are rulings, and verdicts that were taken back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from actors.attempt import accounted, take
from pipeline import flow
from pipeline.publish import notices
from pipeline.records import Ring, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.records import Claim, Notice, RecordedVerdict
    from pipeline.wiring import Services


def publish(services: Services, proof: str) -> None:
    """Write the notices of the current verdict of `proof`."""
    claim = take(services, proof, Step.PUBLISH)
    if claim is None:
        return
    with accounted(services, claim):
        _publish(services, claim)


def _publish(services: Services, claim: Claim) -> None:
    current, platform = services.ledger.verdict(claim.proof.id), claim.proof.platform
    assert current is not None, "a proof waits here only with its verdict"
    crier = Crier(services)
    told = crier(current, services.ledger.targets(platform))
    services.ledger.finish_publish(claim, told, then=flow.after(Step.PUBLISH))
    crier.ring(platform)


class Crier:
    """Writes a verdict's notices, each due at its time, and rings where they go once they are kept."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._written: tuple[Notice, ...] = ()

    def __call__(self, recorded: RecordedVerdict, targets: Sequence[str]) -> tuple[Notice, ...]:
        """Return one notice a target."""
        settings = self._services.settings
        self._written = notices(
            recorded,
            targets,
            hold=timedelta(seconds=settings.hold_s),
            undo=timedelta(seconds=settings.undo_s),
            first_delay=timedelta(seconds=settings.webhook_retry_s[0]),
        )
        return self._written

    def ring(self, platform: str) -> None:
        """Ring for every endpoint of the platform, if there is anything to deliver."""
        for endpoint in self._services.outbox.endpoints(platform) if self._written else ():
            self._services.bell.ring(Ring(proof=endpoint.id, step=Step.DELIVER))
