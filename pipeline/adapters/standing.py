"""How the ledger and the queues stand, for Prometheus: asked for at each scrape, the same whoever answers.

In: the ledger, the outbox, the bell. Out: the text of gauges. A ledger that does not answer is told as
such. It names no platform, proof or picture.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipeline import flow
from pipeline.errors import TryLater
from pipeline.records import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pipeline.outward import Outbox
    from pipeline.ports import Bell, Ledger
    from pipeline.records import Backlog, Standing

_BY_STEP: dict[str, tuple[str, Callable[[Standing], float]]] = {
    "praman_proofs_waiting": ("Proofs due and not held.", lambda one: one.waiting),
    "praman_proofs_oldest_seconds": (
        "How long the oldest of them is due.",
        lambda one: one.oldest_due.total_seconds(),
    ),
    "praman_leases_held": ("Proofs that a worker holds.", lambda one: one.held),
    "praman_leases_lapsed": ("Of those, the ones whose lease ran out.", lambda one: one.lapsed),
    "praman_proofs_exhausted": ("Waiting with all attempts used.", lambda one: one.exhausted),
}


class LedgerStanding(Collector):
    """Asks the ledger and the broker at each scrape."""

    def __init__(self, ledger: Ledger, outbox: Outbox, bell: Bell, *, strikes: int) -> None:
        self._ledger, self._outbox, self._bell, self._strikes = ledger, outbox, bell, strikes

    def text(self) -> bytes:
        """Return all gauges as Prometheus reads them."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Ask nobody before the first scrape."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every gauge; without an answering ledger, only that it does not answer."""
        yield from self._queues()
        try:
            seen = {one.step: one for one in self._ledger.look(strikes=self._strikes, quiet=timedelta(0))}
            backlog = self._outbox.backlog()
            found = [*self._steps(seen), *_notices(backlog), self._oldest(seen, backlog)]
        except TryLater:
            found, up = [], 0
        else:
            up = 1
        yield GaugeMetricFamily("praman_ledger_up", "Whether the ledger answers.", value=up)
        yield from found

    def _steps(self, seen: Mapping[Step, Standing]) -> Iterator[GaugeMetricFamily]:
        for name, (told, count) in _BY_STEP.items():
            family = GaugeMetricFamily(name, told, labels=["step"])
            for step in flow.WORKING:
                standing = seen.get(step)
                family.add_metric([step.value], 0 if standing is None else count(standing))
            yield family
        dead = self._ledger.dead()
        yield GaugeMetricFamily("praman_proofs_dead", "Proofs given up that nobody replayed.", value=dead)

    def _oldest(self, seen: Mapping[Step, Standing], backlog: Backlog) -> GaugeMetricFamily:
        """Return how long the oldest waits for each queue: rows, and at `intake` what is no row yet."""
        told = "How long the oldest of what a queue's workers have to do is due."
        family = GaugeMetricFamily("praman_queue_oldest_seconds", told, labels=["queue"])
        for queue in flow.QUEUES:
            ages = [one.oldest_due for step, one in seen.items() if flow.QUEUE_OF[step] == queue]
            if queue == flow.QUEUE_OF[Step.DELIVER]:
                ages.append(backlog.oldest_due)
            if queue not in flow.QUEUE_OF.values():
                ages.append(self._bell.oldest(queue))
            family.add_metric([queue], max(ages, default=timedelta(0)).total_seconds())
        return family

    def _queues(self) -> Iterator[GaugeMetricFamily]:
        depths = {queue: self._bell.depth(queue) for queue in flow.QUEUES}
        family = GaugeMetricFamily("praman_queue_messages", "Bells on a queue.", labels=["queue"])
        for queue, depth in depths.items():
            if depth is not None:
                family.add_metric([queue], depth)
        yield family
        up = int(None not in depths.values())
        yield GaugeMetricFamily("praman_broker_up", "Whether the broker answers.", value=up)


def _notices(backlog: Backlog) -> Iterator[GaugeMetricFamily]:
    overdue_s = backlog.oldest_due.total_seconds()
    yield GaugeMetricFamily("praman_notices_due", "Notices due and not held.", value=backlog.due)
    yield GaugeMetricFamily(
        "praman_notices_overdue_seconds", "Age of the oldest due notice.", value=overdue_s
    )
    yield GaugeMetricFamily("praman_notices_failed", "Notices given up.", value=backlog.failed)
    yield GaugeMetricFamily("praman_endpoints_stopped", "Endpoints that get nothing.", value=backlog.stopped)
