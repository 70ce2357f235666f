"""The deliver door: an endpoint's due notices go out, one after another, until none is due.

One bell may stand for many notices, and many bells for one: whoever finds nothing to take is done. A notice
whose deliverer dies is taken again when its lease lapses, under the same id.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import structlog
from dramatiq.middleware import Interrupt

from pipeline.deliver import message, settle
from pipeline.errors import PramanError, TryLater
from pipeline.records import NoticeState, Reply, Ring, Step

if TYPE_CHECKING:
    from pipeline.records import Delivery
    from pipeline.wiring import Services

log = structlog.get_logger(__name__)
TURN = 50  # then other endpoints' bells have theirs


def deliver(services: Services, endpoint: str) -> None:
    """Deliver what is due at `endpoint`."""
    for _ in range(TURN):
        try:
            delivery = _taken(services, endpoint)
            if delivery is None:
                return
            _watched(services, delivery)
        except TryLater as error:
            log.warning("deliver.later", endpoint=endpoint, error=str(error))
            return
    services.bell.ring(Ring(proof=endpoint, step=Step.DELIVER))


def _taken(services: Services, endpoint: str) -> Delivery | None:
    settings, policy = services.settings, services.policy
    return services.outbox.take(
        endpoint,
        worker=services.worker,
        lease=settings.delivery_lease,
        at_once=policy.deliveries_at_once,
        at_once_unproven=policy.deliveries_at_once_unproven,
        proven=policy.endpoint_proven,
    )


def _watched(services: Services, delivery: Delivery) -> None:
    with services.watch.step(delivery.proof, Step.DELIVER, attempt=delivery.attempt) as ending:
        ending.how = "later"  # unless it is recorded
        ending.how = _attempt(services, delivery)


def _attempt(services: Services, delivery: Delivery) -> str:
    """Send once, record what came of it, and return how the attempt ended.

    Raises:
        LedgerUnavailable: It could not be recorded; the lease lapses, and the notice goes out again.
    """
    began = time.perf_counter()
    reply = _reply(services, delivery)
    took_s = time.perf_counter() - began
    schedule = services.settings.webhook_retry_s
    said = settle(delivery, reply, schedule=schedule, chance=random.random())  # noqa: S311 (spreads retries, guards nothing)
    stopped = services.outbox.close(delivery, reply, said, stop_after=services.policy.endpoint_patience)
    services.watch.delivered(delivery.endpoint.kind, said.state.value, seconds=took_s)
    told = {"notice": delivery.notice, "platform": delivery.endpoint.platform, "attempt": delivery.attempt}
    if said.state is NoticeState.DELIVERED:
        log.info("delivered", **told)
    else:
        log.warning("not_delivered", **told, status=reply.status, error=reply.error, state=said.state.value)
    if stopped is not None:
        log.error("endpoint.stopped", **told, why=stopped, remedy="mend it, then `praman deliveries replay`")
    return "done" if said.state is NoticeState.DELIVERED else "failed"


def _reply(services: Services, delivery: Delivery) -> Reply:
    """Return the receiver's answer; whatever goes wrong on the way is a failed attempt."""
    try:
        courier = services.couriers.get(delivery.endpoint.kind)
        if courier is None:
            return Reply(error=f"no courier serves {delivery.endpoint.kind!r}; use webhook, sqs or redis")
        return courier.send(message(delivery))
    except PramanError as error:
        return Reply(error=str(error))
    except Interrupt:
        services.outbox.hand_back(delivery, "the worker is stopping")
        raise
    except Exception as error:
        log.exception("deliver.failed", notice=delivery.notice)
        return Reply(error=f"{type(error).__name__}: {error}")
