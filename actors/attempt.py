"""One attempt on one step: claimed before the work, accounted for after it, whatever happens.

In: a proof's id and a step. Out: a `Claim` or None, and a ledger that knows how the attempt ended.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from dramatiq.middleware import Interrupt

from pipeline import flow
from pipeline.errors import (
    ChildDied,
    EngineTimeout,
    EvidenceMissing,
    LeaseLost,
    StepFailed,
    StoreRefused,
    TryLater,
)
from pipeline.reasons import ReasonCode
from pipeline.records import Ring, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.records import Claim, Kept
    from pipeline.watching import Ending
    from pipeline.wiring import Services, WorkerServices

log = structlog.get_logger(__name__)

OUTAGE_DELAY_S = 10.0
STRIKE_DELAY_S = 1.0
UNLIMITED = 1_000_000_000


def take(services: Services, proof: str, step: Step) -> Claim | None:
    """Claim the step, or return None where nothing waits (a bell may ring twice, or too late)."""
    settings = services.settings
    try:
        return services.ledger.claim(
            proof, step, worker=services.worker, lease=settings.lease, strikes=_strikes(services, step)
        )
    except TryLater as error:
        log.warning("claim.later", proof=proof, step=step.value, error=str(error))
        return None


def _strikes(services: Services, step: Step) -> int:
    """Steps after judgement touch no picture: what fails there is ours, and is tried for ever."""
    return services.settings.strikes if step in flow.FAILABLE else UNLIMITED


@contextmanager
def accounted(services: Services, claim: Claim) -> Iterator[Ending]:
    """Turn what goes wrong inside into a later attempt, a strike, or silence when the lease is lost."""
    with services.watch.step(claim.proof.id, claim.step, attempt=claim.attempt) as ending:
        try:
            yield ending
        except LeaseLost:
            ending.how = "lost"
            log.info("lease.lost", proof=claim.proof.id, step=claim.step.value)
        except (TryLater, StoreRefused) as error:
            ending.how = "later"
            _hand_back(services, claim, error=error, strike=False)
        except Interrupt:
            ending.how = "later"
            _hand_back(services, claim, error=InterruptedError("the worker is stopping"), strike=False)
            raise
        except Exception as error:  # noqa: BLE001 (whatever a step raises costs its proof an attempt, nothing else)
            ending.how = _how(error)
            _hand_back(services, claim, error=error, strike=claim.step in flow.FAILABLE)


def _how(error: Exception) -> str:
    if isinstance(error, EngineTimeout):
        return "timeout"
    return "died" if isinstance(error, ChildDied) else "failed"


def move_on(services: Services, proof: str, step: Step) -> None:
    """Ring the next step's bell."""
    if step is not Step.DONE:
        services.bell.ring(Ring(proof=proof, step=step))


def keep(services: WorkerServices, claim: Claim, step: Step) -> Kept | None:
    """Return the claim with which this worker can go on itself, or None where the step is another's queue.

    Going on costs one transaction less than a bell, and no message.
    """
    if services.queues is not None and flow.QUEUE_OF[step] not in services.queues:
        return None
    return services.ledger.onward(claim, step, lease=services.settings.lease)


def _hand_back(services: Services, claim: Claim, *, error: BaseException, strike: bool) -> None:
    delay_s = STRIKE_DELAY_S * claim.attempt if strike else OUTAGE_DELAY_S * random.uniform(0.5, 1.5)  # noqa: S311 (spreads retries, guards nothing)
    _log_failure(claim, error, strike=strike)
    try:
        services.ledger.hand_back(
            claim,
            delay=timedelta(seconds=delay_s),
            problem=problem_of(error) if strike else None,
            detail=f"{type(error).__name__}: {error}"[:500],
            strike=strike,
            died=isinstance(error, ChildDied | EngineTimeout),
        )
    except TryLater:
        log.warning("hand_back.later", proof=claim.proof.id, note="the lease will lapse by itself")
        return
    if strike and claim.attempt >= services.settings.strikes:
        services.bell.ring(Ring(proof=claim.proof.id, step=Step.GIVE_UP))


def problem_of(error: BaseException) -> ReasonCode:
    """Return what the verdict says if this was the last attempt."""
    if isinstance(error, EngineTimeout):
        return ReasonCode.ENGINE_TIMEOUT
    if isinstance(error, EvidenceMissing):
        return ReasonCode.UNAVAILABLE
    return ReasonCode.ENGINE_FAILED


def _log_failure(claim: Claim, error: BaseException, *, strike: bool) -> None:
    expected = isinstance(error, StepFailed | TryLater | InterruptedError)
    log.warning(
        "step.failed" if strike else "step.later",
        proof=claim.proof.id,
        step=claim.step.value,
        attempt=claim.attempt,
        error=f"{type(error).__name__}: {error}",
        exc_info=None if expected else error,
    )
