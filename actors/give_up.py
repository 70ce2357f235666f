"""The give-up door: a proof whose step failed too often goes to judgement, which answers manual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from actors.attempt import move_on
from pipeline.errors import TryLater
from pipeline.records import Step

if TYPE_CHECKING:
    from pipeline.wiring import Services

log = structlog.get_logger(__name__)


def give_up(services: Services, proof: str) -> None:
    """Send `proof` to judgement if it has used its attempts."""
    try:
        gone = services.ledger.give_up(proof, strikes=services.settings.strikes)
    except TryLater as error:
        log.warning("give_up.later", proof=proof, error=str(error))
        return
    if gone:
        services.watch.gave_up()
        log.error("gave_up", proof=proof, strikes=services.settings.strikes)
        move_on(services, proof, Step.JUDGE)
