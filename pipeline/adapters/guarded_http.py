"""HTTP to addresses that somebody else named: webhooks, picture links.

In: a URL, a method, a body. Out: an `Answer`, cut at its limit. The name is resolved once, each of its
addresses is checked, and the connection goes to one of those, with the name kept for `Host` and TLS. Proxies
of the environment are not used, redirects are not followed, compressed answers are not unpacked, and no peer
can hold us longer than the limits say.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from pipeline.adapters.public_address import allowed_addresses, system_resolver
from pipeline.errors import LinkRefused, NoAnswer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

    from pipeline.adapters.public_address import Resolver

READ_BYTES = 65_536  # what httpcore asks of the network at a time
HEAD_BYTES = 100 * 1024  # h11's own limit for one head; interim answers share it here
AGENT = "Praman"
HTTP = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one peer may cost us.

    Attributes:
        total_s: From the name's resolution to the last byte.
        body_bytes: More of the answer is not read.
    """

    total_s: float = 20.0
    connect_s: float = 5.0
    body_bytes: int = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a peer answered.

    Attributes:
        headers: By name in lower case; the last of several.
        whole: Whether `body` is all there was.
        location: Where a redirect leads, made absolute; it was not followed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    location: str | None = None


class GuardedHttp:
    """Sends requests to hosts that are not trusted; safe to share among threads."""

    def __init__(
        self,
        *,
        allow_private: bool,
        limits: Limits,
        resolve: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        network: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._limits = limits
        self._resolve = resolve
        self._given_tls = tls
        self._network = network or httpcore.SyncBackend()

    def check(self, url: str) -> None:
        """Return where `url` may be contacted as things stand now; for the moment it is registered.

        Raises:
            LinkRefused: It must not be contacted; the message says why.
            NoAnswer: Its name does not resolve.
        """
        self._addresses(self._parsed(url).raw_host.decode("ascii"), self._limits.connect_s)

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Answer:
        """Send one request and return the answer, whatever its status.

        Raises:
            LinkRefused: The URL must not be contacted; nothing was.
            NoAnswer: No name, no connection, no valid answer, or too late.
        """
        target = self._parsed(url)
        until = time.monotonic() + self._limits.total_s
        given = {"Host": target.netloc.decode("ascii"), "User-Agent": AGENT, "Accept-Encoding": "identity"}
        given |= headers or {}
        try:
            with (
                self._pool(until) as pool,
                pool.stream(
                    method,
                    _core(target),
                    headers=[(name.encode(), value.encode()) for name, value in given.items()],
                    content=content,
                    extensions={"timeout": {"connect": self._limits.connect_s}},
                ) as response,
            ):
                return self._answered(response, target)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            told = str(error) or type(error).__name__
            raise NoAnswer(f"{target.host} did not answer: {told}") from error

    def _parsed(self, url: str) -> httpx.URL:
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError, ValueError) as error:
            raise LinkRefused(f"{url[:200]!r} is no URL ({error}); write https://host/path") from error
        schemes = {"https", HTTP} if self._allow_private else {"https"}
        if parsed.scheme not in schemes or not parsed.host or not _is_port(parsed.port):
            raise LinkRefused(f"{url[:200]!r} is refused; write https://host/path")
        if parsed.userinfo:
            raise LinkRefused(f"a URL with a user name is refused ({parsed.host}); leave out what precedes @")
        return parsed

    def _addresses(self, host: str, limit_s: float) -> tuple[str, ...]:
        return allowed_addresses(host, self._resolve, limit_s=limit_s, allow_private=self._allow_private)

    def _pool(self, until: float) -> httpcore.ConnectionPool:
        """Return a pool for one request: a connection kept open would outlive the check of its address."""
        most = HEAD_BYTES + self._limits.body_bytes + 2 * READ_BYTES
        network = _Pinned(self, until=until, most_bytes=most)
        return httpcore.ConnectionPool(
            ssl_context=self._tls, network_backend=network, max_connections=1, max_keepalive_connections=0
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or httpx.create_ssl_context()

    def _answered(self, response: httpcore.Response, asked: httpx.URL) -> Answer:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
        }
        body, whole = self._body(response)
        return Answer(
            status=response.status,
            headers=headers,
            body=body,
            whole=whole,
            location=_location(asked, headers.get("location")),
        )

    def _body(self, response: httpcore.Response) -> tuple[bytes, bool]:
        body = bytearray()
        for part in response.iter_stream():
            body += part
            if len(body) > self._limits.body_bytes:
                return bytes(body[: self._limits.body_bytes]), False
        return bytes(body), True


class _Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, and to nothing else."""

    def __init__(self, http: GuardedHttp, *, until: float, most_bytes: int) -> None:
        self._http = http
        self._until = until
        self._most_bytes = most_bytes

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        limit_s = _left_s(self._until, timeout)
        trouble: Exception | None = None
        for address in self._http._addresses(host, limit_s):  # noqa: SLF001 (one job, two classes)
            try:
                stream = self._http._network.connect_tcp(  # noqa: SLF001 (one job, two classes)
                    address, port, _left_s(self._until, timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
            else:
                return _Bounded(stream, until=self._until, most_bytes=self._most_bytes)
        assert trouble is not None  # there was at least one address
        raise trouble


class _Bounded(httpcore.NetworkStream):
    """A stream that ends at a time and after so many bytes, however slowly they trickle."""

    def __init__(self, stream: httpcore.NetworkStream, *, until: float, most_bytes: int) -> None:
        self._stream = stream
        self._until = until
        self._left_bytes = most_bytes

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        got = self._stream.read(max_bytes, _left_s(self._until, timeout))
        self._left_bytes -= len(got)
        if self._left_bytes < 0:
            raise httpcore.ReadError("it sends more than we read")
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left_s(self._until, timeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left_s(self._until, timeout))
        return _Bounded(secured, until=self._until, most_bytes=self._left_bytes)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left_s(until: float, timeout: float | None) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("it took longer than we wait")
    return left if timeout is None else min(left, timeout)


def _is_port(port: int | None) -> bool:
    return port is None or 0 < port <= 65_535  # noqa: PLR2004 (as TCP has it)


def _core(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _location(asked: httpx.URL, told: str | None) -> str | None:
    if told is None:
        return None
    try:
        return str(asked.join(told))
    except (httpx.InvalidURL, ValueError):
        return None
