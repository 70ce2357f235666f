"""How long a body is waited for: a slow sender is cut off, a machine that stood still blames nobody."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from pipeline.web.bodies import BodyLimits, read_whole
from pipeline.web.problems import Refusal

if TYPE_CHECKING:
    from starlette.types import Message

WAIT_S = 0.2


async def read(*, sent_after_s: float, stands_still_s: float) -> bytes:
    """Return a body whose end was sent so late, read by a process that stood still for a while."""
    loop, sent = asyncio.get_running_loop(), asyncio.Event()
    loop.call_later(sent_after_s, sent.set)
    loop.call_later(WAIT_S / 4, time.sleep, stands_still_s)

    async def receive() -> Message:
        await sent.wait()
        return {"type": "http.request", "body": b"all of it", "more_body": False}

    request = Request({"type": "http", "headers": []}, receive)
    return await read_whole(request, BodyLimits(most_bytes=1_000, wait_s=WAIT_S))


def test_a_sender_who_takes_too_long_is_refused() -> None:
    """The line is slow and nothing else is."""
    with pytest.raises(Refusal) as caught:
        asyncio.run(read(sent_after_s=5 * WAIT_S, stands_still_s=0))
    assert (caught.value.status, caught.value.name) == (408, "too-slow")


def test_time_in_which_we_stood_still_is_not_the_senders() -> None:
    """The body was there before its time was up or soon after; we were not there to see it."""
    asked = read(sent_after_s=1.5 * WAIT_S, stands_still_s=4 * WAIT_S)
    assert asyncio.run(asked) == b"all of it"
