"""Runs the HTTP door until SIGTERM: listen, answer, finish what is in hand, stop.

In: services and an address. Out: a process that answers. A connection that does not say what it wants within
seconds is closed, so that silent ones cannot use up the sockets.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pipeline.catalogue import kinds
from pipeline.errors import UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.figures import SqlFigures
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.ledger.reviews import SqlReviews
from pipeline.ledger.second_looks import SqlLooks
from pipeline.web.access import Door
from pipeline.web.app import make_app
from pipeline.web.bodies import Room
from pipeline.web.front import Front, PatientBell
from pipeline.web.measures import Measures
from pipeline.wiring import open_provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from pipeline.ports import Children
    from pipeline.wiring import Services

log = structlog.get_logger(__name__)

HEAD_S = 10.0
KEEP_ALIVE_S = 15
STOP_S = 15
BACKLOG = 1024
BODIES_AT_ONCE = 4  # of the largest; of small ones as many as there is room for


def open_front(services: Services, children: Children) -> Front:
    """Return what the app works with; the kinds are read here, so that a faulty one stops the start.

    Raises:
        JobFileError: A file of `PRAMAN_KINDS_DIR` has faults.
        SettingsError: An OpenID provider is asked for, and the extra is not installed.
    """
    settings = services.settings
    engine = make_engine(settings.database)
    platforms = SqlPlatforms(engine)
    return Front(
        services=services,
        platforms=platforms,
        reviews=SqlReviews(engine, second=settings.second_share),
        looks=SqlLooks(engine),
        figures=SqlFigures(engine),
        links=services.links,
        children=children,
        kinds=kinds(settings.kinds_dir),
        door=Door(platforms.owner, rate_per_s=settings.rate_per_s),
        bell=PatientBell(services.bell),
        measures=Measures(),
        room=Room(BODIES_AT_ONCE * settings.max_body_bytes),
        provider=open_provider(settings),
    )


def run(front: Front, *, host: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT; requests in hand are finished first.

    Raises:
        UsageError: The address cannot be listened on.
    """
    with _listening(host, port) as listener:
        shown_port = listener.getsockname()[1]
        log.info("api.ready", url=f"http://{host}:{shown_port}", openapi="/openapi.json")
        _Server(server_config(make_app(front))).run(sockets=[listener])
    log.info("api.stopped")


def server_config(app: FastAPI) -> uvicorn.Config:
    """Return how the app is served: impatient with silence, silent about itself."""
    return uvicorn.Config(
        app,
        http=_Impatient,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
        h11_max_incomplete_event_size=None,
    )


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        told = getattr(error, "strerror", None) or error
        raise UsageError(
            f"--host {host} --port {port}: cannot listen there ({told}); choose another"
        ) from error
    with listener:
        yield listener


class _Server(uvicorn.Server):
    """A server that ends by returning, so that whoever started it can end the rest.

    uvicorn raises the signal again after it stopped, which would end the process in the middle of that.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal; forget it afterwards."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


class _Impatient(HttpToolsProtocol):
    """Closes a connection whose next request's head is not whole within seconds of its first byte.

    A connection that was opened and says nothing is closed as well, and one that goes on sending a body whose
    request was answered; one that waits between two requests has uvicorn's own limit.
    """

    _due: asyncio.TimerHandle | None = None
    _sending = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of the head."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Wait no more: the body has limits of its own."""
        self._stop_waiting()
        self._sending = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait no more."""
        self._sending = False
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the end of a body that nobody reads any more."""
        super().on_response_complete()
        if self._sending:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._due = self.loop.call_later(HEAD_S, self._close)

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _close(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
