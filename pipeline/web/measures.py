"""What operators watch, for Prometheus: requests, how long they take, proofs taken in, what waits.

In: what happened. Out: the text that `/metrics` answers. It names no platform, proof or picture.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from pipeline import flow

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from pipeline.outward import Outbox
    from pipeline.ports import Ledger

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_UNKNOWN = "none"


class Measures:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        kept = self._registry = CollectorRegistry()
        labels = ["method", "route", "status"]
        self._requests = Counter("praman_http_requests", "Requests answered.", labels, registry=kept)
        self._seconds = Histogram(
            "praman_http_seconds", "Time to answer.", ["route"], buckets=_SECONDS, registry=kept
        )
        self._proofs = Counter("praman_proofs_received", "Proofs taken in over HTTP.", registry=kept)
        self._pictures = Counter("praman_pictures_received", "Pictures taken in over HTTP.", registry=kept)
        self._waiting = Gauge("praman_proofs_waiting", "Proofs due and not held.", ["step"], registry=kept)
        self._due = Gauge("praman_notices_due", "Notices due and not held.", registry=kept)
        self._overdue = Gauge(
            "praman_notices_overdue_seconds", "Age of the oldest due notice.", registry=kept
        )
        self._failed = Gauge("praman_notices_failed", "Notices given up.", registry=kept)
        self._stopped = Gauge("praman_endpoints_stopped", "Endpoints that get nothing.", registry=kept)

    def received(self, pictures: int) -> None:
        """Count one proof."""
        self._proofs.inc()
        self._pictures.inc(pictures)

    def answered(self, method: str, route: str, status: int, *, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, ledger: Ledger, outbox: Outbox) -> bytes:
        """Return all measures as Prometheus reads them.

        Raises:
            LedgerUnavailable: What waits cannot be counted.
        """
        for step in flow.WORKING:
            self._waiting.labels(step.value).set(ledger.waiting(step))
        backlog = outbox.backlog()
        self._due.set(backlog.due)
        self._overdue.set(backlog.oldest_due.total_seconds())
        self._failed.set(backlog.failed)
        self._stopped.set(backlog.stopped)
        return generate_latest(self._registry)


class Measured:
    """Counts each answer, and gives each the headers that all answers carry."""

    _EVERY = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *self._EVERY]
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            route = getattr(scope.get("route"), "path", _UNKNOWN)
            seconds = time.perf_counter() - began
            self._measures.answered(_method(scope), route, status, seconds=seconds)


def _method(scope: Scope) -> str:
    known = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
    return scope["method"] if scope["method"] in known else _UNKNOWN
