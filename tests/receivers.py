"""A receiver that misbehaves as receivers do, and keeps account of what it got.

In: how often to misbehave. Out: every message that arrived, verified as its owner would verify it.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

from standardwebhooks.webhooks import Webhook

from tests.listeners import OK, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HANG_S = 3.0
QUIET_S = 1.5
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"


def _error(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops")


def _hang(_: socket.socket) -> None:
    time.sleep(HANG_S)


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def _trickle(connection: socket.socket) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
        connection.sendall(bytes((letter,)))
        time.sleep(HANG_S / 20)


def _cut(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")


def _lie(connection: socket.socket) -> None:
    connection.sendall(b"nothing like HTTP\r\n\r\n")


def _redirect(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")


def _busy(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 429 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")


MISCHIEF: dict[str, Callable[[socket.socket], None]] = {
    "500": _error,
    "hang": _hang,
    "reset": _reset,
    "slow-loris": _trickle,
    "cut": _cut,
    "lie": _lie,
    "302": _redirect,
    "429": _busy,
}


@dataclass(frozen=True)
class Arrival:
    """One message as it arrived."""

    webhook_id: str
    path: str
    proof_id: str
    verdict: str
    sequence: int


class Receiver:
    """Misbehaves on the first `bad_tries` deliveries of every second message; the rest is answered 200.

    One good answer in ten is of ten megabytes. A `secret` may be given for each path.
    """

    def __init__(self, secret: str | Mapping[str, str], *, bad_tries: int = 2) -> None:
        self._secret, self._bad_tries = secret, bad_tries
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()
        self.arrivals: list[Arrival] = []
        self.unsigned = self.cut_short = 0
        self.mischief: Counter[str] = Counter()
        self._last_s = time.monotonic()

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        if len(body) < int(headers.get("content-length", 1)):
            self.cut_short += 1  # who sent it died on the way; nobody was told anything
            return
        webhook_id = headers.get("webhook-id", "")
        number = self._arrived(webhook_id, lines[0].split(" ")[1], headers, body)
        kind = crc32(webhook_id.encode())
        if kind % 2 and number <= self._bad_tries:
            name = sorted(MISCHIEF)[(kind // 2 + number) % len(MISCHIEF)]
            self.mischief[name] += 1
            MISCHIEF[name](connection)
        else:
            connection.sendall(LONG + b"a" * 10_000_000 if kind % 10 == 0 else OK)

    def _arrived(self, webhook_id: str, path: str, headers: dict[str, str], body: bytes) -> int:
        with self._lock:
            self._last_s = time.monotonic()
            try:
                secret = self._secret if isinstance(self._secret, str) else self._secret[path]
                data: dict[str, Any] = Webhook(secret).verify(body, headers)["data"]
            except Exception:  # noqa: BLE001 (whatever is wrong with it, its owner would refuse it)
                self.unsigned += 1
                return 0
            self.arrivals.append(
                Arrival(
                    webhook_id=webhook_id,
                    path=path,
                    proof_id=data["proof_id"],
                    verdict=data["verdict"],
                    sequence=data["sequence"],
                )
            )
            self._seen[webhook_id] += 1
            return self._seen[webhook_id]

    @property
    def quiet(self) -> bool:
        """Whether nothing arrived for a while."""
        return time.monotonic() - self._last_s > QUIET_S

    def ids(self) -> dict[tuple[str, str], set[str]]:
        """Return the webhook ids under which each proof's verdict arrived, by path and proof."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in list(self.arrivals):
            found[one.path, one.proof_id].add(one.webhook_id)
        return found

    def verdicts(self) -> dict[tuple[str, str], set[tuple[str, int]]]:
        """Return what was said of each proof: verdict and sequence."""
        found: dict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
        for one in list(self.arrivals):
            found[one.path, one.proof_id].add((one.verdict, one.sequence))
        return found


@contextmanager
def receiving(receiver: Receiver) -> Iterator[str]:
    """Run the receiver for the block and yield its URL, without a path."""
    with listening(receiver) as listener:
        yield f"http://127.0.0.1:{listener.port}"


def dumped(arrivals: list[Arrival]) -> str:
    """Return arrivals for a failing test's message."""
    return json.dumps([vars(one) for one in arrivals[-20:]], indent=1)
