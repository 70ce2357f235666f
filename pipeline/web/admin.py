"""/review/admin: how it all goes, for admins: throughput, what waits, each job, quality.

In: an admin. Out: pages whose plots are drawn here and asked for anew every few seconds. An admin of one
platform sees that one. What is done about failures stands in `admin_acts`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from pipeline.records import NoticeState
from pipeline.web import charts
from pipeline.web.bar import bar
from pipeline.web.console_words import Words
from pipeline.web.pages import language, page
from pipeline.web.sessions import Overseer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pipeline.records import Depth, JobHealth, Moderator, Slot
    from pipeline.web.front import Front
    from pipeline.web.sessions import Seat

MOST_JOBS = 100
MOST_NOTICES = 50
JOBS_SINCE = timedelta(days=7)
QUALITY_SINCE = timedelta(days=30)
SPANS = {"day": (24, timedelta(hours=1)), "fortnight": (14, timedelta(days=1))}

router = APIRouter(include_in_schema=False)

Span = Annotated[Literal["day", "fortnight"], Query()]


@router.get("/review/admin")
async def overview(request: Request, seat: Overseer, span: Span = "day") -> Response:
    """Show throughput, the verdicts' mix, the automatic share, and what waits."""
    words = Words(language(request))
    return await _shown(request, seat, "overview", lambda front: _overview(front, seat.who, span, words))


@router.get("/review/admin/jobs")
async def jobs(request: Request, seat: Overseer) -> Response:
    """Show how each job fares."""
    return await _shown(request, seat, "jobs", lambda front: {"jobs": _jobs(front, seat.who)})


@router.get("/review/admin/deliveries")
async def deliveries(request: Request, seat: Overseer) -> Response:
    """Show what did not go out, and why."""
    return await _shown(request, seat, "deliveries", lambda front: _deliveries(front, seat.who))


@router.get("/review/admin/quality")
async def quality(request: Request, seat: Overseer) -> Response:
    """Show how often the machine was wrong, and how far moderators agree."""
    return await _shown(request, seat, "quality", lambda front: _quality(front, seat.who))


async def _shown(
    request: Request, seat: Seat, name: str, find: Callable[[Front], dict[str, Any]]
) -> Response:
    front: Front = request.app.state.front
    found = await run_in_threadpool(lambda: bar(front, seat.who) | find(front))
    return page(request, f"admin_{name}.html", seat=seat, tab=name, **found)


def _overview(front: Front, who: Moderator, span: str, words: Words) -> dict[str, Any]:
    slots, depth = _slots(front, who, span), _depth(front, who)
    return {
        "span": span,
        "decided": sum(one.decided for one in slots),
        "automatic": sum(one.automatic for one in slots),
        "ruled": sum(one.ruled for one in slots),
        "slots": slots,
        "depth": depth,
        "backlog": front.services.outbox.backlog() if who.platform is None else None,
        "throughput": charts.throughput(slots, words, daily=span != "day"),
        "share": charts.automation(slots, words, daily=span != "day"),
        "ages": charts.ages(depth, words),
        "moment": charts.moment,
        "bounds": charts.bounds,
    }


def _slots(front: Front, who: Moderator, span: str) -> tuple[Slot, ...]:
    many, long = SPANS[span]
    begins = _begins(front.services.queries.now(), many, long)
    name = ("slots", who.platform, span, begins[0])
    return front.remembered(name, lambda: front.figures.slots(who, begins))


def _begins(present: datetime, many: int, long: timedelta) -> list[datetime]:
    whole = present.replace(minute=0, second=0, microsecond=0)
    if long >= timedelta(days=1):
        whole = whole.replace(hour=0)
    return [whole - place * long for place in reversed(range(many))]


def _depth(front: Front, who: Moderator) -> Depth:
    return front.remembered(("depth", who.platform), lambda: front.figures.depth(who))


def _jobs(front: Front, who: Moderator) -> tuple[JobHealth, ...]:
    since = front.services.queries.now() - JOBS_SINCE
    return front.remembered(
        ("jobs", who.platform), lambda: front.figures.jobs(who, since=since, limit=MOST_JOBS)
    )


def _deliveries(front: Front, who: Moderator) -> dict[str, Any]:
    outbox = front.services.outbox
    failed, stopped = (
        outbox.listed(platform=who.platform, state=state, proof_id=None, limit=MOST_NOTICES)
        for state in (NoticeState.FAILED, NoticeState.STOPPED)
    )
    troubled = [one for one in outbox.endpoints(who.platform) if one.stopped or one.failing_since]
    return {"notices": (*failed, *stopped), "endpoints": troubled, "most": MOST_NOTICES}


def _quality(front: Front, who: Moderator) -> dict[str, Any]:
    since = front.services.queries.now() - QUALITY_SINCE
    return {"quality": front.looks.quality(who, since=since), "settings": front.services.settings}
