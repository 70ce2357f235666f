"""What an admin does on the admin's pages: sends notices again, opens a decision again, answers for a policy.

In: an admin with the page's token. Out: the page again. Each act is a form and needs no script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from pipeline.records import Ring, Step
from pipeline.web.bar import bar
from pipeline.web.pages import GUARDED, page
from pipeline.web.problems import Refusal
from pipeline.web.rulings import patiently
from pipeline.web.sessions import Overseer, OverseerActing, Seated

if TYPE_CHECKING:
    from pipeline.records import Moderator, RecordedVerdict
    from pipeline.web.front import Front
    from pipeline.web.sessions import Seat

MOST_LETTERS = 500

router = APIRouter(include_in_schema=False)

Name = Annotated[str, Form(max_length=MOST_LETTERS)]


@router.post("/review/admin/replay")
async def replay(
    request: Request, seat: OverseerActing, *, platform: Name, target: Name = "", notice: Name = ""
) -> Response:
    """Send one notice again, or all of a target that did not go out; the target is opened."""
    front: Front = request.app.state.front
    _refuse_another(seat.who, platform)
    await run_in_threadpool(_replay, front, platform, target, notice)
    return _back("/review/admin/deliveries")


def _replay(front: Front, platform: str, target: str, notice: str) -> None:
    outbox = front.services.outbox
    if notice and not outbox.has(platform, notice):
        raise Refusal(404, "no-such-delivery", "there is no delivery with this id")
    if not (notice or target):
        raise Refusal(422, "invalid", "name a notice or a target")
    named = (notice,) if notice else ()
    opened, _ = outbox.replay(platform=platform, target=target or None, notices=named)
    for one in opened:
        front.bell.ring(Ring(proof=one, step=Step.DELIVER))


@router.post("/review/admin/reopen/{look}")
async def reopen(request: Request, seat: OverseerActing, look: str) -> Response:
    """Leave a decision that a look doubts to people again: somebody rules on it in the queue."""
    front: Front = request.app.state.front

    def opened() -> RecordedVerdict:
        return front.looks.reopen(seat.who, look)

    made = await run_in_threadpool(patiently, opened)
    front.bell.ring(Ring(proof=made.proof.id, step=Step.PUBLISH))
    return _back("/review/admin/quality")


@router.post("/review/admin/policy")
async def acknowledge(
    request: Request, seat: OverseerActing, *, platform: Name, proof: Name = ""
) -> Response:
    """Note that this admin answers for the platform's flagged kinds of job."""
    front: Front = request.app.state.front
    _refuse_another(seat.who, platform)
    await run_in_threadpool(front.platforms.acknowledge, platform, by=seat.who.email)
    return _back(f"/review/{proof}" if proof.isalnum() else "/review")


@router.post("/review/proofs/{proof}/known")
async def know(request: Request, seat: OverseerActing, proof: str, *, known: Name = "") -> Response:
    """Take the ruling that stands on a proof for its known answer, or no longer."""
    front: Front = request.app.state.front
    change = front.looks.know if known else front.looks.forget
    await run_in_threadpool(change, seat.who, proof)
    return _back(f"/review/proofs/{proof}")


@router.get("/review/proofs")
async def find(
    request: Request, seat: Overseer, proof_id: Annotated[str, Query(max_length=MOST_LETTERS)] = ""
) -> Response:
    """Go to the proof that a platform calls so; of several platforms' to each."""
    front: Front = request.app.state.front
    found = await run_in_threadpool(
        front.services.queries.named, proof_id.strip(), platform=seat.who.platform
    )
    if len(found) == 1:
        return _back(f"/review/proofs/{found[0].id}")
    shown = await run_in_threadpool(bar, front, seat.who)
    return page(request, "found.html", status=200 if found else 404, seat=seat, found=found, **shown)


@router.get("/review/proofs/{proof}")
async def history(request: Request, seat: Seated, proof: str) -> Response:
    """Show a proof, decided or not, with every verdict on it: who, when, from what, under which policy."""
    front: Front = request.app.state.front
    shown = await run_in_threadpool(_history, front, seat, proof)
    return page(request, "proof.html", seat=seat, **shown)


def _history(front: Front, seat: Seat, proof: str) -> dict[str, Any]:
    events = front.reviews.history(seat.who, proof)
    if not events:
        raise Refusal(404, "no-such-proof", "there is no such proof, or it is not decided yet")
    current = events[-1].recorded
    kept = [one.index for one in current.proof.pictures if one.key is not None]
    known = front.looks.is_known(proof)
    found = {"events": events, "proof": current.proof, "current": current, "pictures": kept, "known": known}
    return bar(front, seat.who) | found


def _refuse_another(who: Moderator, platform: str) -> None:
    if who.platform not in {None, platform}:
        raise Refusal(403, "not-yours", "this platform is not yours")


def _back(where: str) -> Response:
    return RedirectResponse(where, 303, headers=dict(GUARDED))
