"""What a platform asks about its proofs: one, many, all verdicts in order; an appeal, an erasure.

In: an id or a cursor. Out: verdict lines, flat. Another platform's id is answered like one that nobody has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from pipeline.claims import PLAIN
from pipeline.publish import event
from pipeline.records import Outcome, Ring, Step
from pipeline.web.access import Caller
from pipeline.web.bodies import JSON, BodyLimits, media_type, read_json
from pipeline.web.paths import ProofId, no_such_proof
from pipeline.web.problems import Refusal, documented
from pipeline.web.schemas import APPEAL, Appealed, ProofLine, ProofPage, VerdictPage

if TYPE_CHECKING:
    from pipeline.records import RecordedVerdict, Shown
    from pipeline.web.front import Front

PAGE = 100
NOTE_BYTES = 20_000
BEGINNING = "0"  # before every ULID and every sequence

router = APIRouter()

Limit = Annotated[int, Query(ge=1, le=PAGE, description="How many at most.")]
AfterProof = Annotated[str, Query(pattern=r"^[0-9A-Z]{1,26}$", description="`next` of the page before.")]
AfterVerdict = Annotated[str, Query(pattern=r"^[0-9]{1,18}$", description="`next` of the page before.")]
JobId = Annotated[str | None, Query(max_length=200, pattern=rf"^{PLAIN}$", description="Only of this job.")]
Said = Annotated[Outcome | None, Query(description="Only where the current verdict says so.")]


class _Note(BaseModel):
    model_config = ConfigDict(extra="ignore")
    note: str | None = Field(default=None, max_length=2000, pattern=r"^[^\x00]*$")


@router.get("/v1/proofs/{id}", response_model=ProofLine, responses=documented(401, 404, 422, 429, 503))
async def get_proof(request: Request, caller: Caller, proof_id: ProofId) -> Response:
    """Return a proof and, once it is decided, its current verdict."""
    return JSONResponse(_line(await _shown(request, caller, proof_id)))


@router.get("/v1/proofs", response_model=ProofPage, responses=documented(401, 422, 429, 503))
async def list_proofs(
    request: Request,
    caller: Caller,
    *,
    verdict: Said = None,
    job: JobId = None,
    after: AfterProof = BEGINNING,
    limit: Limit = PAGE,
) -> Response:
    """Return proofs in the order in which they came in."""
    front: Front = request.app.state.front
    found = await run_in_threadpool(
        front.platforms.page, caller, after=after, limit=limit, outcome=verdict, job_id=job
    )
    cursor = found[-1].proof.id if found else after
    return JSONResponse({"items": [_line(one) for one in found], "next": cursor})


@router.get("/v1/verdicts", response_model=VerdictPage, responses=documented(401, 422, 429, 503))
async def feed(
    request: Request, caller: Caller, after: AfterVerdict = BEGINNING, limit: Limit = PAGE
) -> Response:
    """Return every verdict in the order given; who reads on from `next` misses none."""
    front: Front = request.app.state.front
    found = await run_in_threadpool(front.platforms.feed, caller, after=int(after), limit=limit)
    cursor = str(found[-1].sequence) if found else after
    return JSONResponse({"items": [_verdict(one) for one in found], "next": cursor})


@router.post(
    "/v1/proofs/{id}/appeal",
    status_code=202,
    response_model=Appealed,
    openapi_extra={"requestBody": APPEAL},
    responses=documented(400, 401, 404, 408, 409, 413, 415, 422, 429, 503),
)
async def appeal(request: Request, caller: Caller, proof_id: ProofId) -> Response:
    """Have a person look again at a rejected proof; it is manual until then."""
    front: Front = request.app.state.front
    note = await _note(request, front)
    made = await run_in_threadpool(front.platforms.appeal, caller, proof_id, note=note)
    if made is None:
        raise no_such_proof()
    if made.new:
        front.bell.ring(Ring(proof=made.proof.id, step=Step.PUBLISH))
    answered = {"proof_id": proof_id, "verdict": "manual", "against": made.against}
    return JSONResponse(answered, status_code=202)


@router.delete(
    "/v1/proofs/{id}",
    status_code=204,
    response_class=Response,
    responses=documented(401, 404, 422, 429, 503),
)
async def erase(request: Request, caller: Caller, proof_id: ProofId) -> Response:
    """Erase a proof: its pictures, its words, who sent it. Asking again is no error."""
    front: Front = request.app.state.front
    await run_in_threadpool(_erase, front, caller, proof_id)
    return Response(status_code=204)


def _erase(front: Front, platform: str, proof_id: str) -> None:
    proof = front.platforms.erase(platform, proof_id)
    if proof is None:
        raise no_such_proof()
    for key in front.platforms.doomed(proof):
        front.services.store.delete(key)
        front.platforms.gone(proof, key)


async def _shown(request: Request, platform: str, proof_id: str) -> Shown:
    front: Front = request.app.state.front
    found = await run_in_threadpool(front.platforms.shown, platform, proof_id)
    if found is None:
        raise no_such_proof()
    return found


async def _note(request: Request, front: Front) -> str | None:
    limits = BodyLimits(most_bytes=NOTE_BYTES, wait_s=front.services.settings.body_wait_s)
    if media_type(request) not in {"", JSON}:
        raise Refusal(415, "content-type", f"send the note as {JSON}, or no body")
    if not media_type(request):
        return None
    try:
        return _Note.model_validate(await read_json(request, limits)).note
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))} {one['msg']}" for one in error.errors())
        raise Refusal(422, "invalid", f'the body is {{"note": "text"}} or nothing: {told}') from error


def _line(shown: Shown) -> dict[str, Any]:
    proof, recorded = shown.proof, shown.recorded
    status = "decided" if recorded else "working" if shown.begun else "received"
    line = {
        "proof_id": proof.proof_id,
        "job_id": proof.job_id,
        "submitter_id": proof.submitter_id,
        "status": status,
    }
    return line if recorded is None else line | _verdict(recorded)


def _verdict(recorded: RecordedVerdict) -> dict[str, Any]:
    data: dict[str, Any] = event(recorded)["data"]
    return data | {"decided_at": recorded.decided_at.isoformat()}
