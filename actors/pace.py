"""How often workers look into idle queues: the more of them, the less often each.

In: the broker and the threads that take from its queues. Out: their pause after a look that found nothing. A
fleet looks together as often as a few workers do alone, so that neither the machines nor Redis are kept busy
by idleness, and a bell is still heard as soon. Whoever finds work looks again at once.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol, cast

import structlog
from dramatiq.brokers.stub import StubBroker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dramatiq import Broker
    from dramatiq.brokers.redis import RedisBroker

log = structlog.get_logger(__name__)

POLL_MS = 200
LONGEST_POLL_MS = 2_000  # how long a bell may go unheard where nearly all are busy
ALONE = 4  # so many look as often as they like
ASK_EVERY_S = 5.0
ALIVE_MS = 15_000  # a worker that was not heard of for so long looks no more


class Crew(Protocol):
    """Threads that take work from queues."""

    def look_every(self, pause_ms: int) -> None:
        """Pause so long after a look that found nothing."""
        ...


def pause_ms(workers: int) -> int:
    """Return how long one of so many workers pauses after a look that found nothing."""
    return min(LONGEST_POLL_MS, max(POLL_MS, POLL_MS * workers // ALONE))


class Pace:
    """Asks Redis from a thread of its own how many workers there are, until it is stopped."""

    def __init__(self, broker: RedisBroker, crews: Sequence[Crew]) -> None:
        self._broker, self._crews = broker, crews
        self._stopping = threading.Event()
        threading.Thread(target=self._run, name="pace", daemon=True).start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()

    def _run(self) -> None:
        from redis.exceptions import RedisError  # noqa: PLC0415 (who has no Redis need not pay for it)

        known = POLL_MS
        while not self._stopping.wait(ASK_EVERY_S):
            try:
                found = pause_ms(workers_on(self._broker))
            except (OSError, RedisError) as error:  # Redis is away: the consumers tell of it
                log.debug("pace.later", error=str(error))
                continue
            if found != known:
                known = found
                for crew in self._crews:
                    crew.look_every(found)


def workers_on(broker: RedisBroker) -> int:
    """Return how many processes were heard of on the broker lately; those that only ring are among them."""
    since_ms = time.time() * 1000 - ALIVE_MS
    return int(broker.client.zcount(f"{broker.namespace}:__heartbeats__", since_ms, "+inf"))


def keep_pace(broker: Broker, crews: Sequence[Crew]) -> Pace | None:
    """Return what keeps the crews' pace; None where the broker is in this process."""
    return None if isinstance(broker, StubBroker) else Pace(cast("RedisBroker", broker), crews)
