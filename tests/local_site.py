"""A job platform on loopback: what all of them share; each one's file says what it documents.

In: what is to go wrong. Out: a server that keeps when each call came, serves the submitters' pictures, and
answers the rest by the site's own `answer`.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Call:
    """One request as a site sees it."""

    method: str
    path: str
    query: dict[str, str]
    headers: Any
    body: bytes = b""

    def json(self) -> Any:
        """Return the body's JSON."""
        return json.loads(self.body)


@dataclass
class LocalSite:
    """A site's own state.

    Attributes:
        ratings: What it was told, in order.
        trouble: What the next calls meet instead of an answer: a status, "lost" (done, but the reply is cut),
            a body, or a status with a body.
        retry_after: What a 429 says.
    """

    ratings: list[dict[str, Any]] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    trouble: list[int | str | bytes | tuple[int, bytes]] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    retry_after: str | None = None
    url: str = ""

    adapter = ""
    prefix = "/"

    def allowed(self, call: Call) -> bool:
        """Tell whether the call bears our key."""
        raise NotImplementedError

    def answer(self, call: Call) -> tuple[int, Any]:
        """Return status and JSON (or bytes) for a call below `prefix`."""
        raise NotImplementedError

    def config(self, **changes: Any) -> str:
        """Return a configuration file for the site."""
        raise NotImplementedError

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        """Run the site for the block."""
        site = cls()
        handler = type("Handler", (_Handler,), {"site": site})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    site: LocalSite

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def do_PUT(self) -> None:
        self._take()

    def do_PATCH(self) -> None:
        self._take()

    def _take(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        call = Call(self.command, parts.path, query, self.headers, body)
        if parts.path.startswith("/pictures/"):
            content = self.site.pictures.get(parts.path)
            self._answer(200 if content else 404, content or b"")
        elif not parts.path.startswith(self.site.prefix):
            self._answer(404, b"")
        else:
            self.site.calls.append(time.monotonic())
            call.path = parts.path.removeprefix(self.site.prefix)
            self._called(call)

    def _called(self, call: Call) -> None:
        if not self.site.allowed(call):
            self._answer(401, b'{"message": "Unauthorized"}')
            return
        trouble = self.site.trouble.pop(0) if self.site.trouble else None
        if isinstance(trouble, int):
            self._answer(trouble, b'{"message": "later"}')
        elif isinstance(trouble, tuple):
            self._answer(*trouble)
        elif isinstance(trouble, bytes):
            self._answer(200, trouble)
        else:
            status, told = self.site.answer(call)
            if trouble is None:
                self._answer(status, told if isinstance(told, bytes) else json.dumps(told).encode())

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        if status == 429 and self.site.retry_after:
            self.send_header("Retry-After", self.site.retry_after)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if status != 204:
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass
