"""The sweep: rings what was committed but never rung, frees what a dead worker held, calls off the hopeless.

It is what makes Redis a doorbell: wipe it at any moment, and the next sweep rings for every row that waits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from pipeline import flow
from pipeline.errors import TryLater
from pipeline.records import Ring, Step

if TYPE_CHECKING:
    from pipeline.records import Standing
    from pipeline.wiring import Services

log = structlog.get_logger(__name__)
BATCH = 500


def sweep(services: Services) -> int:
    """Look once over the ledger and return how many bells were rung."""
    try:
        return _sweep(services)
    except TryLater as error:
        log.warning("sweep.later", error=str(error))
        return 0


def _sweep(services: Services) -> int:
    """Look once; only what is there to be done is written."""
    settings = services.settings
    again = timedelta(seconds=settings.ring_again_s)
    seen = services.ledger.look(strikes=settings.strikes, quiet=again)
    if any(one.lapsed for one in seen):
        for lapsed in services.ledger.release_lapsed():
            services.watch.lapsed(lapsed.step)
            log.warning("lease.lapsed", proof=lapsed.proof, step=lapsed.step.value)
    rings: list[Ring] = []
    if any(one.exhausted or one.lapsed for one in seen):
        hopeless = services.ledger.exhausted(strikes=settings.strikes, limit=BATCH)
        rings += [Ring(proof=proof, step=Step.GIVE_UP) for proof in hopeless]
    rings += [ring for queue in flow.QUEUES for ring in _unheard(services, seen, queue)]
    rings += _undelivered(services)
    rung = sum(services.bell.ring(ring) for ring in rings)
    services.watch.rang(rung)
    return rung


def _undelivered(services: Services) -> list[Ring]:
    """Return endpoints with due notices, unless as many bells ring on their queue already."""
    depth = services.bell.depth(flow.QUEUE_OF[Step.DELIVER])
    if depth is None:
        return []
    endpoints = services.outbox.due(BATCH)
    return [Ring(proof=one, step=Step.DELIVER) for one in endpoints] if depth < len(endpoints) else []


def _unheard(services: Services, seen: tuple[Standing, ...], queue: str) -> tuple[Ring, ...]:
    """Return waiting proofs for which no message can be on the queue, or whose message came to nothing."""
    here = tuple(one for one in seen if flow.QUEUE_OF[one.step] == queue)
    depth = services.bell.depth(queue) if any(one.unheard for one in here) else None
    missing = 0 if depth is None else sum(one.waiting for one in here) - depth
    if missing <= 0:
        return ()
    again = timedelta(seconds=services.settings.ring_again_s)
    limit = min(missing, BATCH)
    steps = (one.step for one in here if one.unheard)
    return tuple(ring for step in steps for ring in services.ledger.due(step, rung_before=again, limit=limit))
