"""Who asks, and how often: the platform behind a key, and its rate.

In: the `Authorization` header. Out: the platform's name, or a refusal. A key is never kept or logged; its
SHA-256 is looked up.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from pipeline.api_keys import digest_of, is_key
from pipeline.web.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED_S = 2.0  # a revoked key is refused after this at the latest
REMEMBERED_KEYS = 10_000

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="platform key", description="The key that `praman platform add` printed."
)


class Door:
    """Knows keys for a moment and counts requests; belongs to the event loop, so it needs no lock."""

    def __init__(
        self,
        owner: Callable[[str], str | None],
        *,
        rate_per_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._owner = owner
        self._rate_per_s = rate_per_s
        self._clock = clock
        self._known: dict[str, tuple[str, float]] = {}
        self._buckets: dict[str, tuple[float, float]] = {}

    async def platform(self, key: str) -> str | None:
        """Return the platform that the key opens the door to."""
        if not is_key(key):
            return None
        digest = digest_of(key)
        known, until = self._known.get(digest, (None, 0.0))
        if known is not None and self._clock() < until:
            return known
        self._known.pop(digest, None)
        found = await run_in_threadpool(self._owner, digest)
        if found is not None:
            if len(self._known) >= REMEMBERED_KEYS:
                self._known.clear()
            self._known[digest] = (found, self._clock() + REMEMBERED_S)
        return found

    def wait_s(self, platform: str) -> float:
        """Count one request; return 0, or how long the platform has to wait for its next one."""
        now = self._clock()
        most = max(1.0, self._rate_per_s)
        left, since = self._buckets.get(platform, (most, now))
        left = min(most, left + (now - since) * self._rate_per_s)
        wait_s = 0.0 if left >= 1 else (1 - left) / self._rate_per_s
        self._buckets[platform] = (left - (1 if left >= 1 else 0), now)
        return wait_s


async def _caller(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> str:
    door: Door = request.app.state.front.door
    platform = await door.platform(given.credentials) if given else None
    if platform is None:
        raise Refusal(
            401,
            "no-key",
            "send `Authorization: Bearer KEY` with a key that `praman platform add` printed",
            headers={"WWW-Authenticate": "Bearer"},
        )
    wait_s = door.wait_s(platform)
    if wait_s:
        raise Refusal(
            429,
            "too-many-requests",
            "you send more requests a second than are allowed; wait as long as Retry-After says",
            headers={"Retry-After": str(math.ceil(wait_s))},
        )
    return platform


Caller = Annotated[str, Depends(_caller)]
"""The platform that asks."""
