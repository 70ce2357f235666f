"""GET /v1/deliveries: a platform sees where its notices stand, with every attempt; and has one sent again.

In: a cursor, or a notice's id. Out: lines; what is sent again keeps its id. Addresses are not shown.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from pipeline.claims import PLAIN
from pipeline.records import NoticeState, Ring, Step
from pipeline.web.access import Caller
from pipeline.web.problems import Refusal, documented
from pipeline.web.schemas import DeliveryPage, Replayed

if TYPE_CHECKING:
    from pipeline.records import NoticeLine, Tried
    from pipeline.web.front import Front

PAGE = 100
BEFORE_ALL = "0"

router = APIRouter()

After = Annotated[str, Query(pattern=r"^[0-9A-Z]{1,26}$", description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=PAGE, description="How many at most.")]
State = Annotated[NoticeState | None, Query(description="Only notices that stand so.")]
Proof = Annotated[str | None, Query(max_length=200, pattern=rf"^{PLAIN}$", description="Only of this proof.")]
NoticeId = Annotated[str, Path(max_length=200, description="A delivery's `id`, the `webhook-id`.")]


@router.get("/v1/deliveries", response_model=DeliveryPage, responses=documented(401, 422, 429, 503))
async def list_deliveries(
    request: Request,
    caller: Caller,
    *,
    state: State = None,
    proof: Proof = None,
    after: After = BEFORE_ALL,
    limit: Limit = PAGE,
) -> Response:
    """Return notices in the order in which they were written, each with every attempt on it."""
    front: Front = request.app.state.front
    found = await run_in_threadpool(
        front.services.outbox.page, caller, after=after, limit=limit, state=state, proof_id=proof
    )
    cursor = found[-1][0].id if found else after
    return JSONResponse({"items": [_line(*one) for one in found], "next": cursor})


@router.post(
    "/v1/deliveries/{id}/replay",
    status_code=202,
    response_model=Replayed,
    responses=documented(401, 404, 409, 422, 429, 503),
)
async def replay(request: Request, caller: Caller, id: NoticeId) -> Response:  # noqa: A002 (the contract's name)
    """Send a notice again, under the same id, and open its endpoint if that was stopped."""
    front: Front = request.app.state.front
    await run_in_threadpool(_replay, front, caller, id)
    return JSONResponse({"id": id, "state": "waiting"}, status_code=202)


def _replay(front: Front, platform: str, notice: str) -> None:
    outbox = front.services.outbox
    if not outbox.has(platform, notice):
        raise Refusal(404, "no-such-delivery", "you have no delivery with this id")
    endpoints, count = outbox.replay(platform=platform, notices=(notice,))
    if count == 0:
        raise Refusal(409, "not-now", "it is on its way, held, taken back or erased; look at its state")
    for one in endpoints:
        front.bell.ring(Ring(proof=one, step=Step.DELIVER))


def _line(line: NoticeLine, tries: tuple[Tried, ...]) -> dict[str, Any]:
    return {
        "id": line.id,
        "target": line.target,
        "proof_id": line.proof_id,
        "sequence": line.sequence,
        "verdict": line.outcome.value,
        "state": line.state.value,
        "created_at": line.created_at.isoformat(),
        "due_at": line.due_at.isoformat(),
        "attempts": [_tried(one) for one in tries],
    }


def _tried(one: Tried) -> dict[str, Any]:
    told = asdict(one)
    del told["worker"]  # a machine of ours
    ended = one.ended_at.isoformat() if one.ended_at else None
    return told | {"started_at": one.started_at.isoformat(), "ended_at": ended}
