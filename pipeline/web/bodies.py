"""Bodies that strangers send: read within limits of size, time and shape.

In: a request. Out: JSON values, or the parts of a multipart body. It buffers no more than the limit, waits no
longer than a slow but honest line needs, and unpacks no compression.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from pipeline.web.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.requests import Request

LEAST_BYTES_PER_S = 50_000
STALLED_S = 0.02  # a clock so late says that the process stood still
MAX_DEPTH = 32
MAX_PARTS = 40
JSON, MULTIPART = "application/json", "multipart/form-data"
_CLOSE = {"Connection": "close"}


class Room:
    """How many bytes of bodies one process holds at once; belongs to the event loop, so it needs no lock.

    One platform gets half of it at most, so that its slow uploads leave room for the others.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held_bytes: Counter[str] = Counter()

    @contextmanager
    def place(self, platform: str) -> Iterator[Callable[[int], None]]:
        """Yield what takes room for bytes; all of it is given back when the block ends.

        What is yielded raises Refusal where there is no room.
        """
        taken_bytes = 0

        def take(count: int) -> None:
            nonlocal taken_bytes
            own_bytes, all_bytes = self._held_bytes[platform] + count, self._held_bytes.total() + count
            if all_bytes > self._most_bytes or own_bytes > self._most_bytes // 2:
                told = "too many large bodies are on their way at once; send this one again in a moment"
                raise Refusal(503, "full", told, headers={"Retry-After": "1"} | _CLOSE)
            self._held_bytes[platform] += count
            taken_bytes += count

        try:
            yield take
        finally:
            self._held_bytes[platform] -= taken_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """What a body may be.

    Attributes:
        wait_s: Grace before a body must have arrived at the pace of the slowest honest line.
        take: Takes room for bytes that are kept.
    """

    most_bytes: int
    wait_s: float
    take: Callable[[int], None] | None = None


@dataclass(slots=True)
class Part:
    """One part of a multipart body."""

    name: str = ""
    content: bytearray = field(default_factory=bytearray)


def media_type(request: Request) -> str:
    """Return the body's media type without its parameters.

    Raises:
        Refusal: The body is compressed.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"", "identity"}:
        raise Refusal(415, "content-encoding", "bodies are taken uncompressed; leave out Content-Encoding")
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_json(request: Request, limits: BodyLimits) -> Any:
    """Return the JSON value that the body holds.

    Raises:
        Refusal: It is too large, too slow, too deep or no JSON.
    """
    return parse_json(await read_whole(request, limits))


async def read_whole(request: Request, limits: BodyLimits) -> bytes:
    """Return the body as it was sent.

    Raises:
        Refusal: It is too large or too slow.
    """
    body = bytearray()
    async for chunk in _chunks(request, limits):
        body += chunk
    return bytes(body)


async def read_parts(request: Request, limits: BodyLimits) -> list[Part]:
    """Return the parts of a multipart body in order.

    Raises:
        Refusal: It is too large, too slow, or no multipart body.
    """
    boundary = parse_options_header(request.headers.get("content-type"))[1].get(b"boundary")
    if not boundary:
        raise Refusal(400, "multipart", "the Content-Type names no boundary; let your HTTP library write it")
    reader = _Parts()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        async for chunk in _chunks(request, limits):
            parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise Refusal(400, "multipart", f"the multipart body is malformed: {error}") from error
    if not reader.ended:
        raise Refusal(400, "multipart", "the multipart body is cut short; send it again")
    return reader.parts


def parse_json(text: bytes) -> Any:
    """Return the JSON value of `text`.

    Raises:
        Refusal: It is no JSON in UTF-8, or nested deeper than anything we read.
    """
    try:
        value = json.loads(text.decode(), parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Refusal(400, "json", f"the body is no JSON in UTF-8: {error}") from error
    level, here = 0, [value]
    while here:
        if level > MAX_DEPTH:
            raise _too_deep()
        level, here = level + 1, [one for several in map(_inside, here) for one in several]
    return value


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _too_deep() -> Refusal:
    return Refusal(400, "json", f"the JSON is nested deeper than {MAX_DEPTH} levels")


async def _chunks(request: Request, limits: BodyLimits) -> AsyncIterator[bytes]:
    """Yield the body as it arrives, as long as it is small and quick enough."""
    claimed = request.headers.get("content-length", "")
    if claimed.isdigit() and int(claimed) > limits.most_bytes:
        raise _too_large(limits)
    due_s, got = time.monotonic() + limits.wait_s, 0
    stream = aiter(request.stream())
    while True:
        arrival = asyncio.ensure_future(anext(stream))
        try:
            due_s = await _arrived(arrival, due_s)
            chunk = arrival.result()
        except StopAsyncIteration:
            return
        except ClientDisconnect:
            raise Refusal(400, "cut-short", "the connection ended before the body did") from None
        except TimeoutError:
            told = "the body arrives too slowly; send it again over a better line"
            raise Refusal(408, "too-slow", told, headers=_CLOSE) from None
        got += len(chunk)
        due_s += len(chunk) / LEAST_BYTES_PER_S
        if got > limits.most_bytes:
            raise _too_large(limits)
        if limits.take is not None:
            limits.take(len(chunk))
        yield chunk


async def _arrived(arrival: asyncio.Future[bytes], due_s: float) -> float:
    """Wait until it arrived, and return until when the rest has time.

    Time in which this process stood still is no fault of the sender: what was late by so much gets as much
    longer, for what has arrived meanwhile is not read yet.

    Raises:
        TimeoutError: It did not arrive in time.
    """
    try:
        while True:
            await asyncio.wait({arrival}, timeout=max(0.0, due_s - time.monotonic()))
            if arrival.done():
                return due_s
            late_s = time.monotonic() - due_s
            if late_s < STALLED_S:
                raise TimeoutError
            due_s += 2 * late_s
    finally:
        arrival.cancel()


def _too_large(limits: BodyLimits) -> Refusal:
    told = f"the body is larger than {limits.most_bytes:,} bytes; send smaller or fewer pictures"
    return Refusal(413, "too-large", told, headers=_CLOSE)


class _Parts:
    """Collects what the parser finds."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._field = b""
        self._value = b""

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.parts) >= MAX_PARTS:
            raise Refusal(413, "too-many-parts", f"more than {MAX_PARTS} parts", headers=_CLOSE)
        self.parts.append(Part())

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].content += data[start:end]

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            name = parse_options_header(self._value)[1].get(b"name", b"")
            self.parts[-1].name = name.decode("utf-8", "replace")
        self._field, self._value = b"", b""

    def _end(self) -> None:
        self.ended = True
