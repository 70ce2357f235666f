"""The bell over dramatiq: one message, one string, the proof's id.

In: a `Ring`. Out: a message on the step's queue. A broker that does not answer is no error here: the row in
the ledger is the job, and `sweep` rings again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import structlog
from dramatiq import Message
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import DramatiqError

from pipeline.flow import QUEUE_OF

if TYPE_CHECKING:
    from dramatiq import Broker
    from dramatiq.brokers.redis import RedisBroker

    from pipeline.records import Ring

log = structlog.get_logger(__name__)


class DramatiqBell:
    """Rings through any dramatiq broker on which the doors are declared."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._silence: tuple[type[Exception], ...] = (DramatiqError, OSError)
        if not isinstance(broker, StubBroker):
            # The import costs 0.06 s of CPU, which who has no Redis need not pay.
            from redis.exceptions import RedisError  # noqa: PLC0415 (see above)

            self._silence += (RedisError,)

    def ring(self, ring: Ring) -> bool:
        """Put one message on the step's queue; False when the broker did not take it."""
        message: Message[None] = Message(
            queue_name=QUEUE_OF[ring.step],
            actor_name=ring.step.value,
            args=(ring.proof,),
            kwargs={},
            options={},
        )
        try:
            self._broker.enqueue(message)
        except self._silence as error:
            log.warning("bell.not_taken", proof=ring.proof, step=ring.step.value, error=str(error))
            return False
        return True

    def depth(self, queue: str) -> int | None:
        """Return how many messages wait on `queue`, None when the broker does not answer.

        On Redis only the list counts: messages that a worker took and lost must not hide a waiting row.
        """
        try:
            if isinstance(self._broker, StubBroker):
                return int(self._broker.queues[queue].qsize())
            redis = cast("RedisBroker", self._broker)
            return int(redis.client.llen(f"{redis.namespace}:{queue}"))
        except self._silence as error:
            log.warning("bell.no_answer", queue=queue, error=str(error))
        return None

    def oldest(self, queue: str) -> timedelta:
        """Return how long the first message waits on `queue`, by the sender's clock; zero for none.

        A platform writes to `intake` itself: what is no message, or comes from the future, tells nothing.
        """
        try:
            first = self._first(queue)
            sent_ms = Message.decode(first).message_timestamp if first else None
            return timedelta(0) if sent_ms is None else max(timedelta(0), _since(sent_ms))
        except self._silence as error:
            log.warning("bell.no_answer", queue=queue, error=str(error))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            log.warning("bell.no_message", queue=queue, error=f"{type(error).__name__}: {error}"[:200])
        return timedelta(0)

    def _first(self, queue: str) -> bytes | None:
        if isinstance(self._broker, StubBroker):
            waiting = list(self._broker.queues[queue].queue)
            return waiting[0] if waiting else None
        redis = cast("RedisBroker", self._broker)
        place = f"{redis.namespace}:{queue}"
        name = redis.client.lindex(place, 0)
        found = None if name is None else redis.client.hget(f"{place}.msgs", cast("str", name))
        return cast("bytes | None", found)


def _since(sent_ms: float) -> timedelta:
    return datetime.now(UTC) - datetime.fromtimestamp(sent_ms / 1000, UTC)
