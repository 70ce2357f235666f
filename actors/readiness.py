"""Rests the crew that opens pictures while no child can start or read, and says why.

Proofs wait meanwhile: on the queue, for another machine or for later. Nobody's attempt is counted.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import structlog

from pipeline.errors import TryLater

if TYPE_CHECKING:
    from pipeline.ports import Children

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
TRY_AGAIN_S = 5.0


class Crew(Protocol):
    """Threads that take work from queues."""

    def rest(self) -> None:
        """Take nothing more for now."""
        ...

    def resume(self) -> None:
        """Take work again."""
        ...


class Readiness:
    """Looks from a thread of its own until it is stopped.

    Args:
        children: Who can or cannot work.
        crew: Who needs them.
        told: Log it; a command that ends says it by itself.
    """

    def __init__(self, children: Children, crew: Crew, *, told: bool) -> None:
        self._children, self._crew, self._told = children, crew, told
        self._stopping = threading.Event()
        threading.Thread(target=self._run, name="readiness", daemon=True).start()

    def stop(self) -> None:
        """Look no more. Where the thread waits for a child, closing the children ends that."""
        self._stopping.set()

    def _run(self) -> None:
        with suppress(TryLater):
            why = self._children.probe()
            while not self._stopping.is_set():
                if why is not None:
                    self._rest_while(why)
                self._stopping.wait(LOOK_EVERY_S)
                why = self._children.unready()

    def _rest_while(self, why: str | None) -> None:
        self._crew.rest()
        while why is not None and not self._stopping.is_set():
            if self._told:
                log.error("worker.not_ready", why=why, proofs="wait", tries_again_s=TRY_AGAIN_S)
            self._stopping.wait(TRY_AGAIN_S)
            why = self._children.probe()
        self._crew.resume()
        if self._told and why is None:
            log.info("worker.ready_again")
