"""Servers on loopback that misbehave: each connection is handed, as a bare socket, to what the test wrote.

In: a function of a socket. Out: a listener that counts its connections and keeps what was sent to it.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LONGEST_S = 20


class Listener:
    """Listens on a free loopback port until closed."""

    def __init__(
        self,
        answer: Callable[[socket.socket, bytes], None],
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._answer, self._tls = answer, tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, 0), family=family)
        self.port = int(self._socket.getsockname()[1])
        self.requests: list[bytes] = []
        self.connections = 0
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(LONGEST_S)
        with connection, suppress(OSError):
            spoken = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            request = whole_request(spoken)
            self.requests.append(request)
            self._answer(spoken, request)


def whole_request(connection: socket.socket) -> bytes:
    """Return head and body of one request with a Content-Length."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(65_536)
        if not more:
            return got
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        more = connection.recv(65_536)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body


def saying(answer: bytes) -> Callable[[socket.socket, bytes], None]:
    """Return a behaviour that sends `answer` and closes."""
    return lambda connection, _: connection.sendall(answer)


@contextmanager
def listening(
    answer: Callable[[socket.socket, bytes], None] | bytes = OK,
    *,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
) -> Iterator[Listener]:
    """Run a listener for the block."""
    listener = Listener(saying(answer) if isinstance(answer, bytes) else answer, host, tls)
    try:
        yield listener
    finally:
        listener.close()
