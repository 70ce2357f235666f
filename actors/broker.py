"""Builds the broker: Redis for many machines, in-process for one.

Redis is a doorbell here, so dramatiq's own retries, delays, pipelines and results are left out: a retry or a
delay is a row in the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import CurrentMessage, Middleware, Retries, ShutdownNotifications

from pipeline.flow import QUEUES

if TYPE_CHECKING:
    from dramatiq import Broker

    from pipeline.settings import Settings

HEARTBEAT_MS = 60_000
ALWAYS = 1_000_000  # dramatiq draws 1..1,000,000 at each poll: dead workers' messages come back at once
SHORT_S = 2.0


def make_broker(settings: Settings, *, patient: bool) -> Broker:
    """Return the broker in force, its queues declared.

    Args:
        settings: Say whether and where Redis is.
        patient: True in workers, which wait for Redis to come back; False where a caller waits (API,
            commands): a ring that Redis does not take within two seconds is left to `sweep`.
    """
    broker = (
        StubBroker(middleware=_middleware()) if settings.in_process else _redis(settings, patient=patient)
    )
    for queue in QUEUES:
        broker.declare_queue(queue)
    return broker


def _redis(settings: Settings, *, patient: bool) -> Broker:
    # These imports cost 0.06 s of CPU, which who has no Redis need not pay.
    import redis  # noqa: PLC0415 (see above)
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415 (see above)
    from redis.backoff import NoBackoff  # noqa: PLC0415 (see above)
    from redis.retry import Retry  # noqa: PLC0415 (see above)

    url = settings.broker_url
    assert url is not None
    limits: dict[str, Any] = (
        {}
        if patient
        else {"socket_timeout": SHORT_S, "socket_connect_timeout": SHORT_S, "retry": Retry(NoBackoff(), 1)}
    )
    return RedisBroker(  # type: ignore[no-untyped-call]  # dramatiq leaves its constructor untyped
        client=redis.Redis.from_url(url, **limits),
        middleware=_middleware(),
        namespace=settings.namespace,
        maintenance_chance=ALWAYS,
        heartbeat_timeout=HEARTBEAT_MS,
    )


def _middleware() -> list[Middleware]:
    return [ShutdownNotifications(), CurrentMessage(), Retries(max_retries=0)]
