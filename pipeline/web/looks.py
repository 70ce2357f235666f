"""/review/looks: decisions that a person looks at once more, one after another.

In: a moderator. Out: the decision page on what was decided already, with nothing said of how. An answer
changes no verdict; the admin's page on quality tells what it means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from pipeline.errors import NotNow
from pipeline.reasons import ReasonCode
from pipeline.records import Decision, LookKind, QueueFilter, Ruling
from pipeline.web.case import told, whole
from pipeline.web.onward import LEASE, LOOKED_AT, release
from pipeline.web.pages import GUARDED, page
from pipeline.web.sessions import Acting, Seated

if TYPE_CHECKING:
    from pipeline.records import Case, Moderator
    from pipeline.web.front import Front

KINDS = (LookKind.SECOND, LookKind.AUDIT)
EVERY = QueueFilter()

router = APIRouter(include_in_schema=False)


@router.get("/review/looks")
async def start(request: Request, seat: Seated) -> Response:
    """Go to the first that nobody has open; to the queue where there is none."""
    front: Front = request.app.state.front
    first = await run_in_threadpool(front.looks.following, seat.who, KINDS, wanted=EVERY)
    where = f"/review/looks/{first}" if first else "/review"
    return RedirectResponse(where, 303, headers=dict(GUARDED))


@router.get("/review/looks/after")
async def onward(request: Request, seat: Seated, *, look: str = "", back: bool = False) -> Response:
    """Take the one that follows and return what its page holds; 204 where there is none."""
    front: Front = request.app.state.front
    case = None if back else await run_in_threadpool(_following, front, seat.who, look)
    if case is None:
        return Response(status_code=204, headers=dict(GUARDED))
    shown = await run_in_threadpool(told, front, seat, case)
    return page(request, "case.html", **shown)


@router.get("/review/looks/{look}")
async def one(request: Request, seat: Seated, look: str) -> Response:
    """Open one: nobody else can answer it meanwhile."""
    front: Front = request.app.state.front
    try:
        case = await run_in_threadpool(_opened, front, seat.who, look)
    except NotNow as error:
        return page(request, "notice.html", status=409, seat=seat, told=str(error), proof=None)
    if case is None:
        return page(request, "notice.html", status=404, seat=seat, told="there is no such check", proof=None)
    shown = await run_in_threadpool(whole, front, seat, case)
    return page(request, "review.html", **shown)


@router.post("/review/looks/{look}")
async def answer(
    request: Request,
    seat: Acting,
    look: str,
    *,
    decision: Annotated[Decision, Form()],
    reason: Annotated[ReasonCode, Form()],
) -> Response:
    """Keep what the moderator decides on it; it can be taken back for as long as a ruling can."""
    front: Front = request.app.state.front
    ruling = Ruling(decision=decision, code=reason)
    name = await run_in_threadpool(front.looks.answer, seat.who, look, ruling=ruling)
    undo_s = front.services.settings.undo_s
    return JSONResponse({"proof_id": name, "undo_s": undo_s, "by": seat.who.email}, headers=dict(GUARDED))


def _opened(front: Front, who: Moderator, look: str, *, beside: str = "") -> Case | None:
    case = front.looks.open(who, look, lease=LEASE)
    release(front, who, looks=(look, beside))
    return case


def _following(front: Front, who: Moderator, look: str) -> Case | None:
    for _ in range(LOOKED_AT):
        found = front.looks.following(who, KINDS, wanted=EVERY, but=look)
        if found is None:
            return None
        try:
            return _opened(front, who, found, beside=look)
        except NotNow:  # another moderator was quicker
            continue
    return None
