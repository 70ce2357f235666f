"""What the decision page sends: a ruling, an undo, that it is still open, that it was left.

In: a moderator with the page's token. Out: JSON. A ruling stands when it is answered; its notice waits.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from pipeline.errors import NotYet
from pipeline.reasons import ReasonCode
from pipeline.records import Decision, Moderator, Ring, Ruling, Step
from pipeline.web.bar import undo_window, undoable
from pipeline.web.onward import LEASE, release
from pipeline.web.pages import GUARDED
from pipeline.web.sessions import Acting

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.records import RecordedVerdict
    from pipeline.web.front import Front

T = TypeVar("T")
PATIENCE_S, AGAIN_S = 3.0, 0.05
MOST_LETTERS = 4_000
MOST_OPEN = 4
MOST_KIND_LETTERS = 200

Open = Annotated[Sequence[str], Form(max_length=MOST_OPEN)]
Message = Annotated[str, Form(max_length=MOST_LETTERS)]

router = APIRouter(include_in_schema=False)


@router.post("/review/undo")
async def undo(request: Request, seat: Acting) -> Response:
    """Take back what the moderator decided last, as long as no notice of it went out."""
    front: Front = request.app.state.front
    told = await run_in_threadpool(_undo, front, seat.who)
    return JSONResponse(told, headers=dict(GUARDED))


def _undo(front: Front, who: Moderator) -> dict[str, Any]:
    window, newest = undo_window(front), undoable(front, who)
    if newest is not None and newest.look is not None:
        taken = front.looks.take_back(who, window=window)
        return {"proof": taken.proof, "many": 1, "address": f"/review/looks/{taken.look}"}
    made = patiently(lambda: front.reviews.undo(who, window=window))
    for one in made:
        front.bell.ring(Ring(proof=one.proof.id, step=Step.PUBLISH))
    address = "/review" if len(made) > 1 else f"/review/{made[0].proof.id}"
    return _told(front, who, made[0]) | {"many": len(made), "address": address}


@router.post("/review/renew")
async def renew(request: Request, seat: Acting, *, proof: Open = (), look: Open = ()) -> Response:
    """Keep what is open for another lease; the answer names what is still the moderator's."""
    front: Front = request.app.state.front
    kept = await run_in_threadpool(front.reviews.renew, seat.who, proof, lease=LEASE)
    kept += await run_in_threadpool(front.looks.renew, seat.who, look, lease=LEASE)
    return JSONResponse({"kept": kept}, headers=dict(GUARDED))


@router.post("/review/leave")
async def leave(request: Request, seat: Acting) -> Response:
    """Give back what is open."""
    front: Front = request.app.state.front
    await run_in_threadpool(release, front, seat.who)
    return Response(status_code=204, headers=dict(GUARDED))


@router.post("/review/policy")
async def read_policy(
    request: Request, seat: Acting, kind: Annotated[str, Form(max_length=MOST_KIND_LETTERS)]
) -> Response:
    """Note that the moderator has read what a kind's policy says: it is shown once."""
    front: Front = request.app.state.front
    if kind in front.kinds:
        await run_in_threadpool(front.reviews.note_read, seat.who, kind)
    return Response(status_code=204, headers=dict(GUARDED))


@router.post("/review/{proof}")
async def rule(
    request: Request,
    seat: Acting,
    proof: str,
    *,
    decision: Annotated[Decision, Form()],
    against: Annotated[str, Form(max_length=26)],
    reason: Annotated[ReasonCode, Form()],
    message: Message = "",
) -> Response:
    """Decide a proof; the answer says how long it can be undone."""
    front: Front = request.app.state.front
    ruling = Ruling(decision=decision, code=reason, message=message or None)

    def decide() -> RecordedVerdict:
        return front.reviews.rule(seat.who, proof, ruling=ruling, against=against)

    made = await run_in_threadpool(patiently, decide)
    front.bell.ring(Ring(proof=made.proof.id, step=Step.PUBLISH))
    return JSONResponse(_told(front, seat.who, made), headers=dict(GUARDED))


def _told(front: Front, who: Moderator, made: RecordedVerdict) -> dict[str, Any]:
    return {
        "proof": made.proof.id,
        "proof_id": made.proof.proof_id,
        "verdict": made.verdict.outcome.value,
        "undo_s": front.services.settings.undo_s,
        "by": who.email,
    }


def patiently(work: Callable[[], T]) -> T:
    """Ask again while the verdict before is on its way out, which takes milliseconds."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return work()
        except NotYet:
            if time.monotonic() > until:
                raise
            time.sleep(AGAIN_S)
