"""/review: the queue of what waits for a person, and one proof with all that is needed to decide it.

In: a moderator, a filter, a proof. Out: pages. Opening a proof claims it; who leaves gives it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from pipeline.errors import NotNow
from pipeline.reasons import ReasonCode
from pipeline.records import QueueFilter
from pipeline.web.bar import bar
from pipeline.web.case import told, whole
from pipeline.web.onward import Place, after, before, opened, release
from pipeline.web.pages import GUARDED, page
from pipeline.web.sessions import Seated

if TYPE_CHECKING:
    from pipeline.records import Moderator
    from pipeline.web.front import Front

PAGE = 50
CHOICES = 200

router = APIRouter(include_in_schema=False)


def _wanted(platform: str = "", job: str = "", reason: str = "", submitter: str = "") -> QueueFilter:
    code = ReasonCode(reason) if reason in set(ReasonCode) else None
    return QueueFilter(
        platform=platform or None, job_id=job or None, submitter_id=submitter or None, code=code
    )


Wanted = Annotated[QueueFilter, Depends(_wanted)]
Skip = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("/review")
async def queue(request: Request, seat: Seated, wanted: Wanted, skip: Skip = 0) -> Response:
    """Show what waits, the most urgent first."""
    front: Front = request.app.state.front
    shown = await run_in_threadpool(_queue, front, seat.who, wanted, skip)
    return page(request, "queue.html", seat=seat, wanted=wanted, skip=skip, size=PAGE, **shown)


def _queue(front: Front, who: Moderator, wanted: QueueFilter, skip: int) -> dict[str, Any]:
    release(front, who)
    above = bar(front, who)
    all_of_it = wanted == QueueFilter()
    return above | {
        "items": front.reviews.page(who, wanted, skip=skip, limit=PAGE),
        "found": above["count"].waiting if all_of_it else front.reviews.count(who, wanted).waiting,
        "choices": front.reviews.choices(who, limit=CHOICES),
        "reasons": tuple(ReasonCode),
    }


@router.get("/review/after")
async def onward(
    request: Request, seat: Seated, wanted: Wanted, *, of: str = "", look: str = "", back: bool = False
) -> Response:
    """Claim the neighbour of a proof and return what its page holds; 204 at the end of the queue.

    `look` is what is open beside it: a look that was mixed in after the proof `of`.
    """
    front: Front = request.app.state.front
    here = Place(wanted=wanted, of=of, look=look)
    case = await run_in_threadpool(before if back else after, front, seat.who, here)
    if case is None:
        return Response(status_code=204, headers=dict(GUARDED))
    shown = await run_in_threadpool(told, front, seat, case, place=of if case.look else None)
    return page(request, "case.html", **shown)


@router.get("/review/start")
async def start(request: Request, seat: Seated, wanted: Wanted) -> Response:
    """Go to the first proof that nobody has open."""
    front: Front = request.app.state.front
    first = await run_in_threadpool(front.reviews.neighbour, seat.who, wanted, of="", forward=True)
    asked = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/review/{first}{asked}" if first else "/review", 303, headers=dict(GUARDED))


@router.get("/review/{proof}")
async def one(request: Request, seat: Seated, proof: str) -> Response:
    """Open one proof: nobody else can decide it meanwhile."""
    front: Front = request.app.state.front
    try:
        case = await run_in_threadpool(opened, front, seat.who, proof)
    except NotNow as error:
        return page(request, "notice.html", status=409, seat=seat, told=str(error), proof=proof)
    if case is None:
        return page(request, "notice.html", status=404, seat=seat, told="there is no such proof", proof=None)
    shown = await run_in_threadpool(whole, front, seat, case)
    return page(request, "review.html", **shown)
