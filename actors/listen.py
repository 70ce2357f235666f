"""The listening to job platforms that push their events to an Amazon SQS queue: each new one rings a poll.

In: sites whose configuration names a queue. Out: sites due at once. An event is a hint: of what it says only
its id is looked at, so that one that comes twice rings once. It is noted before the queue forgets it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from pipeline.errors import PramanError, TryLater
from pipeline.platforms.registry import event_id, events_of

if TYPE_CHECKING:
    from pipeline.records import EventsQueue, Site
    from pipeline.wiring import SiteServices

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=5)
MOST_ROUNDS = 20  # then other sites have their turn


def listen(sites: SiteServices, *, every: timedelta = EVERY) -> int:
    """Ask each queue whose turn it is and return how many new events there were."""
    try:
        return sum(_listened(sites, site, every) for site in sites.sites.known_sites().values())
    except TryLater as error:
        log.warning("listen.later", error=str(error))
        return 0


def _listened(sites: SiteServices, site: Site, every: timedelta) -> int:
    try:
        queue = events_of(site)
    except PramanError:
        return 0  # the poll tells it
    if queue is None or not sites.sites.hear(site.platform, every=every):
        return 0
    new, problem = 0, None
    try:
        for _ in range(MOST_ROUNDS):
            found = _round(sites, site, queue)
            if found is None:
                break
            new += found
    except PramanError as error:
        problem = str(error)
        log.warning("listen.problem", platform=site.platform, problem=problem[:500])
    sites.sites.listened(site.platform, problem)
    return new


def _round(sites: SiteServices, site: Site, queue: EventsQueue) -> int | None:
    """Take one batch and return how many of its events are new; None where there is none."""
    events = sites.events.take(queue)
    if not events:
        return None
    new = sites.sites.heard(site.platform, [event_id(site.adapter, one) for one in events])
    sites.events.drop(queue, events)
    log.info("listen.heard", platform=site.platform, events=len(events), new=new)
    return new
