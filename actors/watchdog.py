"""Notices a worker process that looks alive and works no more, and ends it so that a supervisor replaces it.

dramatiq's consumer threads can die without a word when Redis is full or read-only (measured: delayed and new
messages then wait for ever behind a healthy-looking process).
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import structlog

from pipeline import flow
from pipeline.errors import TryLater

if TYPE_CHECKING:
    from pipeline.wiring import WorkerServices

log = structlog.get_logger(__name__)

EXIT_WEDGED = 70
LOOK_EVERY_S = 5.0
STALE_LOOKS = 24


class Watchdog:
    """Looks every few seconds at this process's dramatiq threads and at the oldest waiting proof."""

    every_s = LOOK_EVERY_S

    def __init__(self, services: WorkerServices, *, queues: frozenset[str] | None) -> None:
        self._services = services
        self._steps = tuple(step for step in flow.WORKING if not queues or flow.QUEUE_OF[step] in queues)
        self._threads = _dramatiq_threads()
        self._unmoved = 0
        self._last: tuple[object, ...] = ()

    def ill(self) -> str | None:
        """Return why a supervisor should replace this process; None while it works."""
        dead = [thread.name for thread in self._threads if not thread.is_alive()]
        return f"threads died: {', '.join(dead)}" if dead else None

    def look(self) -> None:
        """Exit the process if a thread died, or nothing moved for two minutes while proofs were waiting."""
        why = self.ill()
        if why is not None:
            self._end(why)
        try:
            self._count_unmoved()
        except TryLater:
            return
        if self._unmoved >= STALE_LOOKS:
            self._end(f"nothing moved for {STALE_LOOKS * LOOK_EVERY_S:.0f} s while proofs were waiting")

    def _count_unmoved(self) -> None:
        if self._services.children.unready() is not None:
            self._unmoved = 0  # another process would fare no better, and this one says why nothing moves
            return
        waiting = sum(self._services.ledger.waiting(step) for step in self._steps)
        seen = (waiting, self._services.ledger.counted())
        self._unmoved = self._unmoved + 1 if waiting and seen == self._last else 0
        self._last = seen

    def _end(self, why: str) -> None:
        log.critical("worker.wedged", why=why)
        os._exit(EXIT_WEDGED)


class Pulse:
    """Tells whether a loop still turns, whatever it finds."""

    def __init__(self, *, limit_s: float) -> None:
        self._limit_s = limit_s
        self._last_s = time.monotonic()

    def beat(self) -> None:
        """Note that the loop turned."""
        self._last_s = time.monotonic()

    def ill(self) -> str | None:
        """Return why a supervisor should replace this process; None while the loop turns."""
        silent_s = time.monotonic() - self._last_s
        return f"no sweep for {silent_s:.0f} s" if silent_s > self._limit_s else None


def _dramatiq_threads() -> tuple[threading.Thread, ...]:
    return tuple(one for one in threading.enumerate() if type(one).__module__.startswith("dramatiq."))
