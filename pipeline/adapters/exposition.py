"""A port of a worker or sweep for whoever runs it: `/metrics`, `/healthz`, `/readyz`. Loopback unless told.

In: what to answer. Out: a thread that answers until the block ends. It takes no key and names nobody, and it
opens only where `PRAMAN_METRICS_PORT` is set.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

import structlog

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

log = structlog.get_logger(__name__)

METRICS = "text/plain; version=0.0.4; charset=utf-8"
PATIENCE_S = 5.0


@contextmanager
def answering(
    host: str,
    port: int | None,
    *,
    metrics: Callable[[], bytes],
    ill: Callable[[], str | None],
    unready: Callable[[], str | None] = lambda: None,
) -> Iterator[int | None]:
    """Answer until the block ends, and yield the port; do nothing where `port` is None.

    Args:
        host: Where to listen.
        port: 0 for any free one.
        metrics: Returns what Prometheus reads.
        ill: Returns why a supervisor should restart this process, or None.
        unready: Returns why it takes no work although it lives, or None.

    Raises:
        UsageError: The address cannot be listened on.
    """
    if port is None:
        yield None
        return

    def why_idle() -> str | None:
        return ill() or unready()

    ready = _ready_gauge(why_idle)
    try:
        server = _Server(
            (host, port),
            _handler(lambda: metrics() + ready(), {"/healthz": ill, "/readyz": why_idle}),
        )
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"PRAMAN_METRICS_PORT={port}: cannot listen on {host} ({error}); set another, or 0 for any"
        ) from error
    shown = int(server.server_address[1])
    log.info("metrics.ready", url=f"http://{host}:{shown}/metrics")
    thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield shown
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _ready_gauge(unready: Callable[[], str | None]) -> Callable[[], bytes]:
    # Commands that open no port need not pay for the import: 0.06 s of CPU.
    from prometheus_client import CollectorRegistry, Gauge, generate_latest  # noqa: PLC0415 (see above)

    registry = CollectorRegistry()
    gauge = Gauge("praman_ready", "Whether this process takes work, as /readyz says.", registry=registry)
    gauge.set_function(lambda: float(unready() is None))
    return lambda: generate_latest(registry)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep callers that hang up out of the log; anything else is a fault of ours."""
        del request, client_address
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("metrics.failed", error=f"{type(error).__name__}: {error}")


def _handler(
    metrics: Callable[[], bytes], faults: Mapping[str, Callable[[], str | None]]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout: ClassVar[float] = PATIENCE_S  # http.server's own way to set it
        server_version = "praman"
        sys_version = ""

        def do_GET(self) -> None:
            """Answer the paths there are."""
            if self.path == "/metrics":
                self._say(200, metrics(), METRICS)
            elif self.path in faults:
                why = faults[self.path]()
                self._say(200 if why is None else 503, (why or "ok").encode() + b"\n", "text/plain")
            else:
                self._say(404, b"ask for /metrics, /healthz or /readyz\n", "text/plain")

        def _say(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Keep scrapes out of the log."""

    return Handler
