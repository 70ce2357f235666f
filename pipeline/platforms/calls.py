"""Requests to a job platform, as far apart as it asks, whichever process sends them.

In: a site and its adapter's pace. Out: answers. The turns are booked in the ledger; after a 429 nobody calls
for a while.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.errors import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.adapters.guarded_http import Answer, GuardedHttp
    from pipeline.ledger.sites import SqlSites

LONGEST_WAIT = timedelta(seconds=12)  # the rest after a 429, and then some
TOO_MANY = 429
REST = timedelta(seconds=10)
LONGEST_REST = timedelta(hours=1)
BODY_BYTES = 8_000_000


class BudgetSpent(NoAnswer):
    """Our turn is too far away; nothing was sent."""


class PacedCalls:
    """Fulfils `port.Calls` for one site."""

    def __init__(
        self,
        http: GuardedHttp,
        sites: SqlSites,
        *,
        platform: str,
        every: timedelta,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http, self._sites = http, sites
        self._platform, self._every, self._sleep = platform, every, sleep

    def send(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """Wait for our turn and send once; see `port.Calls`."""
        self.turn()
        answer = self._http.send(method, url, headers=headers, content=content)
        if answer.status == TOO_MANY:
            self.rest(_asked(answer))
        return answer

    def turn(self) -> None:
        """Wait for our turn; see `port.Calls`."""
        wait = self._sites.reserve(self._platform, interval=self._every, most=LONGEST_WAIT)
        if wait is None:
            raise BudgetSpent(f"{self._platform} may not be called for {LONGEST_WAIT.seconds} s and more")
        self._sleep(wait.total_seconds())

    def rest(self, pause: timedelta = REST) -> None:
        """Let nobody call for a while; see `port.Calls`."""
        self._sites.rest(self._platform, pause)


def _asked(answer: Answer) -> timedelta:
    """Return the pause that `Retry-After` asks for, ten seconds at least."""
    told = answer.headers.get("retry-after", "")
    return max(REST, min(timedelta(seconds=int(told[:9])), LONGEST_REST)) if told.isdigit() else REST
