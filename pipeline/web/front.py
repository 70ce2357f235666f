"""What the HTTP door works with, and the bell that never keeps a caller waiting.

In: services that `wiring` built. Out: `Front`, one a process.
"""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from random import SystemRandom
from typing import TYPE_CHECKING

import structlog
from anyio import CapacityLimiter

from pipeline.web.remembered import Remembered
from pipeline.web.sessions import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.adapters.oidc import OpenIdProvider
    from pipeline.catalogue import Kind
    from pipeline.ledger.figures import SqlFigures
    from pipeline.ledger.platforms import SqlPlatforms
    from pipeline.ledger.reviews import SqlReviews
    from pipeline.ledger.second_looks import SqlLooks
    from pipeline.ports import Bell, Children, EvidenceStore, PictureLinks
    from pipeline.records import Ring
    from pipeline.web.access import Door
    from pipeline.web.bodies import Room
    from pipeline.web.measures import Measures
    from pipeline.wiring import Services

log = structlog.get_logger(__name__)

UNRUNG_LIMIT = 1_000
LINKING_THREADS = 16
DRAWING_THREADS = 4
PROBED_S = 10.0


class StoreProbe:
    """Asks an evidence store whether it works, and remembers that it did for a while: each asking writes."""

    def __init__(self) -> None:
        self._good_until_s = 0.0

    def __call__(self, store: EvidenceStore) -> None:
        """Return where the store works.

        Raises:
            StoreUnavailable: It does not answer.
            StoreRefused: It will not have us.
        """
        if time.monotonic() < self._good_until_s:
            return
        store.probe()
        self._good_until_s = time.monotonic() + PROBED_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The services of a process that answers HTTP.

    Attributes:
        children: Draw evidence: whatever decodes a submitted picture can be killed.
        linking: Threads that may wait for links at once; pictures that come as bytes have the others.
        drawing: Threads that may wait for a child to draw.
        guard: Counts failed sign-ins to the console.
        remembered: Figures of the admin's pages, kept for seconds.
        provider: Signs people in beside their passwords; None where the settings name none.
        roll: A random number in [0, 1), by which looks are mixed into a queue.
        underway: Idempotency keys being worked on in this process, each with its request's digest.
    """

    services: Services
    platforms: SqlPlatforms
    reviews: SqlReviews
    looks: SqlLooks
    figures: SqlFigures
    links: PictureLinks
    children: Children
    kinds: Mapping[str, Kind]
    door: Door
    bell: PatientBell
    measures: Measures
    room: Room
    probe: StoreProbe = field(default_factory=StoreProbe)
    linking: CapacityLimiter = field(default_factory=partial(CapacityLimiter, LINKING_THREADS))
    drawing: CapacityLimiter = field(default_factory=partial(CapacityLimiter, DRAWING_THREADS))
    underway: dict[tuple[str, str], str] = field(default_factory=dict)
    guard: Guard = field(default_factory=Guard)
    remembered: Remembered = field(default_factory=Remembered)
    provider: OpenIdProvider | None = None
    roll: Callable[[], float] = field(default=SystemRandom().random)


class PatientBell:
    """Rings from a thread of its own, so that no POST waits for a Redis that is slow or gone.

    What it has no room for, or loses with the process, `sweep` rings.
    """

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._rings: queue.Queue[Ring] = queue.Queue(UNRUNG_LIMIT)
        threading.Thread(target=self._run, name="bell", daemon=True).start()

    def ring(self, ring: Ring) -> None:
        """Have the bell rung soon; never waits, never fails."""
        try:
            self._rings.put_nowait(ring)
        except queue.Full:
            log.warning("bell.left_to_sweep", proof=ring.proof)

    def _run(self) -> None:
        while True:
            ring = self._rings.get()
            try:
                self._bell.ring(ring)
            except Exception as error:  # noqa: BLE001 (without this thread, every proof would wait for sweep)
                log.warning("bell.failed", proof=ring.proof, error=f"{type(error).__name__}: {error}")
