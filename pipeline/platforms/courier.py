"""Brings verdicts to job platforms as ratings: a further kind of delivery target, `rating`.

In: a `Message` whose address is `ADAPTER:PLATFORM`. Out: a `Reply`. For `manual` no call is made: a person
decides, and the platform's own deadline runs on.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.platforms.calls import BudgetSpent, PacedCalls
from pipeline.platforms.ratings import rating_of
from pipeline.platforms.registry import open_adapter
from pipeline.records import Reply

if TYPE_CHECKING:
    from pipeline.adapters.guarded_http import GuardedHttp
    from pipeline.ledger.sites import SqlSites
    from pipeline.records import Message, Site

RATING = "rating"
NOTHING_TO_DO = 204
BUSY = 429


class RatingCourier:
    """Fulfils `outward.Courier`; safe to share among threads."""

    def __init__(self, http: GuardedHttp, sites: SqlSites) -> None:
        self._http, self._sites = http, sites

    def check(self, address: str) -> None:
        """Return where the address is that of a platform with an adapter.

        Raises:
            UsageError: It is not.
        """
        self._site(address)

    def send(self, message: Message) -> Reply:
        """Rate the task once; see `outward.Courier`.

        Raises:
            UsageError: No adapter serves the platform; nothing was sent.
            NoAnswer: There was none in time; the rating may have arrived all the same.
        """
        told = json.loads(message.body)["data"]
        rating = rating_of(told, job_id=told["job_id"])
        if rating is None:
            return Reply(status=NOTHING_TO_DO)
        site = self._site(message.address)
        adapter = open_adapter(site)
        calls = PacedCalls(self._http, self._sites, platform=site.platform, every=adapter.call_every)
        try:
            return adapter.rate(
                rating,
                calls,
                sent_before=message.attempt > 1,
                superseding=told["supersedes"] is not None,
            )
        except BudgetSpent as error:
            return Reply(status=BUSY, error=str(error), retry_after="10")

    def _site(self, address: str) -> Site:
        platform = address.partition(":")[2]
        site = self._sites.site(platform)
        if site is None:
            raise UsageError(
                f"no adapter serves {platform!r}; `praman platform add {platform} --adapter` sets one"
            )
        return site
