"""`praman serve` and `praman api`: the HTTP door, with the work in the same process or elsewhere.

In: settings and an address. Out: a process that answers until SIGTERM, finishes what is in hand, and stops.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from actors.broker import make_broker
from actors.main import working
from actors.watchdog import Watchdog
from pipeline.commands.embedded import bring_to_schema
from pipeline.errors import UsageError
from pipeline.web.server import open_front, run
from pipeline.wiring import open_children, watched_services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.settings import Settings
    from pipeline.wiring import WorkerServices

DRAWING_CHILDREN = 1


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Answer HTTP, work, publish and sweep in one process.

    Raises:
        UsageError: The address is taken, or the database is at another schema.
    """
    bring_to_schema(settings)
    with working(settings, sweeping=True, watched=True) as here, _watched(here):
        run(open_front(here, here.children), host=host, port=port)


def api(settings: Settings, *, host: str, port: int) -> None:
    """Answer HTTP alone; workers and sweep run elsewhere.

    Raises:
        UsageError: The address is taken, the database is at another schema, or nobody could do the work.
    """
    if settings.in_process:
        raise UsageError("praman api leaves the work to others: set PRAMAN_BROKER_URL, or run `praman serve`")
    bring_to_schema(settings)
    drawing = settings.model_copy(update={"children": DRAWING_CHILDREN})
    children = open_children(drawing)
    try:
        with watched_services(settings, make_broker(settings, patient=False)) as here:
            run(open_front(here, children), host=host, port=port)
    finally:
        children.close()


@contextmanager
def _watched(here: WorkerServices) -> Iterator[None]:
    """Look after the worker's threads meanwhile, as `praman worker` does."""
    watchdog, stopping = Watchdog(here, queues=None), threading.Event()

    def look() -> None:
        while not stopping.wait(watchdog.every_s):
            watchdog.look()

    thread = threading.Thread(target=look, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
