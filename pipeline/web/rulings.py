"""What the decision page sends: a ruling, an undo, that it is still open, that it was left.

In: a moderator with the page's token. Out: JSON. A ruling stands when it is answered; its notice waits.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from pipeline.errors import NotYet
from pipeline.reasons import ReasonCode
from pipeline.records import Decision, Moderator, Ring, Ruling, Step
from pipeline.web.pages import GUARDED
from pipeline.web.review import LEASE, undo_window
from pipeline.web.sessions import Acting

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.records import RecordedVerdict
    from pipeline.web.front import Front

T = TypeVar("T")
PATIENCE_S, AGAIN_S = 3.0, 0.05
MOST_LETTERS = 4_000
MOST_OPEN = 4

Message = Annotated[str, Form(max_length=MOST_LETTERS)]

router = APIRouter(include_in_schema=False)


@router.post("/review/undo")
async def undo(request: Request, seat: Acting) -> Response:
    """Take the moderator's newest ruling back, as long as its notice did not go out."""
    front: Front = request.app.state.front
    window = undo_window(front)
    made = await run_in_threadpool(patiently, lambda: front.reviews.undo(seat.who, window=window))
    for one in made:
        front.bell.ring(Ring(proof=one.proof.id, step=Step.PUBLISH))
    return _answer(front, seat.who, made[0], many=len(made))


@router.post("/review/renew")
async def renew(
    request: Request, seat: Acting, proof: Annotated[list[str], Form(max_length=MOST_OPEN)]
) -> Response:
    """Keep what is open for another lease; the answer names what is still the moderator's."""
    front: Front = request.app.state.front
    kept = await run_in_threadpool(front.reviews.renew, seat.who, proof, lease=LEASE)
    return JSONResponse({"kept": kept}, headers=dict(GUARDED))


@router.post("/review/leave")
async def leave(request: Request, seat: Acting) -> Response:
    """Give back what is open."""
    front: Front = request.app.state.front
    await run_in_threadpool(front.reviews.release, seat.who)
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
    return _answer(front, seat.who, made)


def _answer(front: Front, who: Moderator, made: RecordedVerdict, *, many: int = 1) -> Response:
    told: dict[str, Any] = {
        "proof": made.proof.id,
        "proof_id": made.proof.proof_id,
        "verdict": made.verdict.outcome.value,
        "undo_s": front.services.settings.undo_s,
        "by": who.email,
        "many": many,
    }
    return JSONResponse(told, headers=dict(GUARDED))


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
