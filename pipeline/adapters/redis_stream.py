"""Brings messages to a Redis stream.

In: a `Message` whose address is `redis://HOST:PORT/DB?stream=NAME`. Out: a `Reply`, 200 for "taken". The
headers are fields of the entry, beside `body`. The stream is cut to about its newest hundred thousand
entries, so that one that nobody reads fills no memory.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from pipeline.errors import NoAnswer, UsageError
from pipeline.records import Reply

if TYPE_CHECKING:
    import redis

    from pipeline.records import Message

TAKEN = 200
KEPT_ENTRIES = 100_000
SCHEMES = frozenset({"redis", "rediss", "unix"})


class RedisStreamCourier:
    """Appends to streams; safe to share among threads."""

    def __init__(self, *, limit_s: float) -> None:
        self._limit_s = limit_s
        self._clients: dict[str, redis.Redis] = {}
        self._making = threading.Lock()

    def check(self, address: str) -> None:
        """Return where the address names a server and a stream; nothing is sent.

        Raises:
            UsageError: It does not.
        """
        _parts(address)

    def send(self, message: Message) -> Reply:
        """Append the message to its stream.

        Raises:
            UsageError: The address names no stream.
            NoAnswer: Redis did not answer; the entry may be there all the same.
        """
        # These imports cost 0.1 s of CPU, which who has no Redis need not pay.
        from redis.exceptions import RedisError, ResponseError  # noqa: PLC0415 (see above)

        server, stream = _parts(message.address)
        fields: dict[Any, Any] = {**dict(message.headers), "body": message.body}
        try:
            self._client(server).xadd(stream, fields, maxlen=KEPT_ENTRIES, approximate=True)
        except ResponseError as error:
            return Reply(error=str(error))
        except (RedisError, OSError) as error:
            raise NoAnswer(f"the stream's server did not answer: {error}") from error
        return Reply(status=TAKEN)

    def _client(self, server: str) -> redis.Redis:
        import redis  # noqa: PLC0415 (as above)
        from redis.backoff import NoBackoff  # noqa: PLC0415 (as above)
        from redis.retry import Retry  # noqa: PLC0415 (as above)

        with self._making:
            if server not in self._clients:
                # One attempt: the ledger keeps the schedule.
                self._clients[server] = redis.Redis.from_url(
                    server,
                    socket_timeout=self._limit_s,
                    socket_connect_timeout=self._limit_s / 3,
                    retry=Retry(NoBackoff(), 0),
                )
            return self._clients[server]


def _parts(address: str) -> tuple[str, str]:
    """Return the server's URL and the stream's name."""
    parts = urlsplit(address)
    stream = parse_qs(parts.query).get("stream", [""])[0]
    if parts.scheme not in SCHEMES or not stream:
        raise UsageError(
            f"{parts.scheme}://{parts.hostname} names no stream; write redis://HOST:PORT/DB?stream=NAME"
        )
    return urlunsplit(parts._replace(query="")), stream
