"""Runs a worker: a dramatiq Worker in this process, its children, and (embedded) the sweep.

One process, not dramatiq's process group: OCR runs in children, and a group stops whole when one member dies
(dramatiq issue 213). To scale, start more worker processes.
"""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dramatiq
import structlog
from dramatiq.common import dq_name, q_name

from actors.broker import make_broker
from actors.doors import open_doors
from actors.pace import POLL_MS, keep_pace
from actors.poll import Poller
from actors.readiness import Readiness
from actors.sweep import sweep
from actors.upkeep import Upkeep
from actors.watchdog import Pulse, Watchdog
from pipeline.adapters.exposition import answering
from pipeline.adapters.process import alive_here, host_prefix
from pipeline.flow import QUEUE_OF, QUEUES
from pipeline.ledger.schema import refuse_another_schema
from pipeline.records import Step
from pipeline.wiring import WITHOUT_CHILDREN, child_count, worker_services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from pipeline.settings import Settings
    from pipeline.wiring import Services, WorkerServices

log = structlog.get_logger(__name__)

POLL_IN_PROCESS_MS = 400  # nobody waits for a look: what is put on a queue here is taken at once
SWEEPS_MISSED = 10
SWEEP_GRACE_S = 30.0
DELIVER = QUEUE_OF[Step.DELIVER]
INTAKE = "intake"
THREADS_BESIDE_CHILDREN = 2
GRACE_BEYOND_LIMIT_S = 10.0
SKEW_LIMIT_S = 15.0  # a quarter of the broker's heartbeat timeout


@contextmanager
def working(
    settings: Settings,
    *,
    queues: frozenset[str] | None = None,
    sweeping: bool,
    watched: bool = False,
) -> Iterator[WorkerServices]:
    """Work on the queues until the block ends; then finish what is in hand or hand it back.

    Args:
        settings: Say which broker, ledger, store and engine.
        queues: Which queues to take from; all when None.
        sweeping: Sweep from this process too (embedded use).
        watched: Count and trace the work: somebody may ask.
    """
    refuse_another_schema(settings.database)
    broker = make_broker(settings, patient=True)
    with worker_services(settings, broker, queues=queues, watched=watched) as services:
        open_doors(broker, services)
        _warn_of_skew(services)
        alive = alive_here()
        freed = services.ledger.release_dead(host_prefix(), alive)
        freed += services.outbox.release_dead(host_prefix(), alive)
        log.info("worker.starting", worker=services.worker, children=child_count(settings), freed=freed)
        workers = _workers(broker, settings, queues=queues)
        for worker in workers:
            worker.start()
        sweeper = _Sweeper(services, every_s=settings.sweep_every_s) if sweeping else None
        poller = _poller(services, queues=queues)
        readiness = _readiness(services, workers, told=watched)
        pace = keep_pace(broker, workers)
        try:
            yield services
        finally:
            for looking in (readiness, pace):
                if looking is not None:
                    looking.stop()
            if poller is not None:
                poller.stop()
            if sweeper is not None:
                sweeper.stop()
            _stop(workers, limit_s=settings.child_limit_s + GRACE_BEYOND_LIMIT_S)
            broker.close()


def _workers(broker: dramatiq.Broker, settings: Settings, *, queues: frozenset[str] | None) -> list[_Crew]:
    """Return one worker for deliveries and one for the rest: a receiver that hangs holds up no proof."""
    asked = queues or frozenset(QUEUES)
    threads = {
        frozenset({DELIVER}): settings.deliver_threads,
        frozenset(QUEUES) - {DELIVER}: child_count(settings) + THREADS_BESIDE_CHILDREN,
    }
    poll_ms = POLL_IN_PROCESS_MS if settings.in_process else POLL_MS
    return [
        _Crew(broker, queues=set(ours & asked), worker_timeout=poll_ms, worker_threads=count)
        for ours, count in threads.items()
        if ours & asked
    ]


class _Crew(dramatiq.Worker):
    """One of several workers on one broker.

    dramatiq's own start hears through a middleware which queues are declared; a second one on the same broker
    is warned of. Here all are declared before. Nothing of ours is ever delayed in the broker: only what
    platforms send to `intake` may be.
    """

    def start(self) -> None:
        """Start a consumer for each queue, and the threads that work."""
        self.broker.emit_before("worker_boot", self)
        for queue in sorted(self.consumer_whitelist or ()):
            self._add_consumer(queue)
        if INTAKE in self.consumers:
            self._add_consumer(dq_name(INTAKE), delay=True)
        for _ in range(self.worker_threads):
            self._add_worker()
        self.broker.emit_after("worker_boot", self)

    def look_every(self, pause_ms: int) -> None:
        """Pause so long after a look into a queue that found nothing, now and after a reconnection."""
        for thread in self.consumers.values():
            thread.worker_timeout = pause_ms
            if thread.consumer is not None:
                thread.consumer.timeout = pause_ms  # type: ignore[attr-defined]  # all of dramatiq's have it

    def rest(self) -> None:
        """Take no more proofs for now; what platforms send straight to the queue still becomes rows."""
        for queue, consumer in self.consumers.items():
            if INTAKE not in {queue, q_name(queue)}:
                consumer.pause()


def _readiness(services: WorkerServices, workers: list[_Crew], *, told: bool) -> Readiness | None:
    """Return what rests the crew that opens pictures while no child can; None where none is opened."""
    if services.queues is not None and services.queues <= WITHOUT_CHILDREN:
        return None
    crew = next(one for one in workers if DELIVER not in one.consumers)
    return Readiness(services.children, crew, told=told)


def _stop(workers: list[_Crew], *, limit_s: float) -> None:
    """Stop all at once: each waits until its threads look up."""
    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(lambda worker: worker.stop(timeout=int(limit_s * 1000)), workers))


def _poller(services: WorkerServices, *, queues: frozenset[str] | None) -> Poller | None:
    """Return what polls job platforms, in a worker that takes proofs in."""
    if services.sites is None or (queues is not None and INTAKE not in queues):
        return None
    return Poller(services, services.sites, every_s=services.settings.sweep_every_s)


def run_worker(settings: Settings, queues: frozenset[str] | None) -> None:
    """Work until SIGTERM or SIGINT; what is in hand is finished or handed back."""
    stopping = _stop_signal()
    with ExitStack() as stack:
        services = stack.enter_context(
            working(settings, queues=queues, sweeping=settings.in_process, watched=True)
        )
        watchdog = Watchdog(services, queues=queues)
        stack.enter_context(
            _port(settings, services.watch.text, ill=watchdog.ill, unready=services.children.unready)
        )
        log.info("worker.ready", queues=sorted(queues) if queues else "all")
        while not stopping.wait(watchdog.every_s):
            watchdog.look()
    log.info("worker.stopped")


def run_sweep(settings: Settings, services: Services) -> None:
    """Sweep until SIGTERM or SIGINT."""
    # The import costs 0.06 s of CPU, which an embedded command need not pay.
    from pipeline.adapters.standing import LedgerStanding  # noqa: PLC0415 (see above)

    stopping, pulse = _stop_signal(), Pulse(limit_s=SWEEPS_MISSED * settings.sweep_every_s + SWEEP_GRACE_S)
    standing = LedgerStanding(services.ledger, services.outbox, services.bell, strikes=settings.strikes)
    upkeep = Upkeep(services)
    with _port(settings, lambda: services.watch.text() + standing.text(), ill=pulse.ill):
        log.info("sweep.ready", every_s=settings.sweep_every_s)
        while not stopping.wait(settings.sweep_every_s):
            rung = sweep(services)
            upkeep.turn()
            pulse.beat()
            if rung:
                log.info("sweep.rang", bells=rung)


def _port(
    settings: Settings,
    metrics: Callable[[], bytes],
    *,
    ill: Callable[[], str | None],
    unready: Callable[[], str | None] = lambda: None,
) -> AbstractContextManager[int | None]:
    host, port = settings.metrics_host, settings.metrics_port
    return answering(host, port, metrics=metrics, ill=ill, unready=unready)


def _warn_of_skew(services: Services) -> None:
    """Leases use the database's time, so skew breaks nothing here; dramatiq's heartbeats use this host's."""
    skew_s = abs((datetime.now(UTC) - services.queries.now()).total_seconds())
    if skew_s > SKEW_LIMIT_S:
        log.warning("clock.skewed", seconds=round(skew_s, 1), remedy="run NTP on this machine")


def _stop_signal() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


class _Sweeper:
    """Sweeps in a thread, for a process that is alone."""

    def __init__(self, services: Services, *, every_s: float) -> None:
        self._services = services
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the sweep in hand."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        upkeep = Upkeep(self._services)
        while not self._stopping.wait(self._every_s):
            sweep(self._services)
            upkeep.turn()
