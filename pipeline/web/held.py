"""/review/held: rejects whose notices wait, by job, and one button that takes all of a job's back.

In: a moderator. Out: a page; on a click the job's rejects that have not gone out are `manual`, in the queue.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import structlog
from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from pipeline.hold import ALL, TakenBack, held_ids, take_back
from pipeline.records import Ring, Step
from pipeline.web.bar import bar
from pipeline.web.pages import page
from pipeline.web.problems import Refusal
from pipeline.web.sessions import Acting, Seated

if TYPE_CHECKING:
    from pipeline.records import HeldReject, Moderator
    from pipeline.web.front import Front

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)

Named = Annotated[str, Form(min_length=1, max_length=500)]


@router.get("/review/held")
async def held(request: Request, seat: Seated) -> Response:
    """Show what can be taken back."""
    front: Front = request.app.state.front
    shown = await run_in_threadpool(_shown, front, seat.who)
    return page(request, "held.html", seat=seat, **shown)


@router.post("/review/held")
async def back(request: Request, seat: Acting, platform: Named, job: Named) -> Response:
    """Take the job's held rejects back."""
    front: Front = request.app.state.front
    if seat.who.platform not in {None, platform}:
        raise Refusal(404, "not-found", "there is no such platform for you")
    made = await run_in_threadpool(_taken, front, platform, job)
    for one in made.done:
        front.bell.ring(Ring(proof=one.proof.id, step=Step.PUBLISH))
    log.info("held.taken_back", platform=platform, count=len(made.done), too_late=len(made.refused))
    return RedirectResponse("/review/held", 303)


def _taken(front: Front, platform: str, job: str) -> TakenBack:
    outbox = front.services.outbox
    return take_back(outbox, platform, held_ids(outbox, platform, job=job, submitter=None))


def _shown(front: Front, who: Moderator) -> dict[str, Any]:
    found = front.services.outbox.held(platform=who.platform, job_id=None, submitter_id=None, limit=ALL)
    groups = [list(those) for _, those in groupby(sorted(found, key=_of_job), key=_of_job)]
    return {"groups": sorted(groups, key=lambda those: those[0].until)} | bar(front, who)


def _of_job(one: HeldReject) -> tuple[str, str]:
    return one.platform, one.job_id
