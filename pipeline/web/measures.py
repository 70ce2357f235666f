"""What operators watch of the HTTP door, for Prometheus: requests, how long they take, proofs taken in.

In: what happened. Out: the text that `/metrics` answers. It names no platform, proof or picture.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


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

    def received(self, pictures: int) -> None:
        """Count one proof."""
        self._proofs.inc()
        self._pictures.inc(pictures)

    def answered(self, method: str, route: str, status: int, *, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return all measures as Prometheus reads them."""
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
