"""GET /v1/proofs/{id}/evidence.png: the picture as we decoded it, with what the verdict rests on.

In: a proof and which of its pictures. Out: a PNG of our own making, without the original's metadata or
anything that was appended to it. It is decoded and drawn in a child that can be killed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from pipeline.annotate import evidence
from pipeline.claims import MAX_IMAGES
from pipeline.errors import BadPicture, EvidenceMissing, StepFailed
from pipeline.web.access import Caller
from pipeline.web.paths import ProofId, no_such_proof
from pipeline.web.problems import Refusal, documented

if TYPE_CHECKING:
    from pipeline.records import Shown
    from pipeline.web.front import Front

PNG = "image/png"
BYTES = {"type": "string", "format": "binary"}

router = APIRouter()

Image = Annotated[int, Query(ge=0, lt=MAX_IMAGES, description="Which picture, counted from 0.")]


@router.get(
    "/v1/proofs/{id}/evidence.png",
    response_class=Response,
    responses=documented(401, 404, 422, 429, 503)
    | {
        200: {
            "description": "The picture",
            "content": {PNG: {"schema": BYTES}},
        }
    },
)
async def draw(request: Request, caller: Caller, proof_id: ProofId, image: Image = 0) -> Response:
    """Return one picture of a proof with its evidence boxes."""
    front: Front = request.app.state.front
    drawn = await run_sync(partial(_draw, front, caller, proof_id, image=image), limiter=front.drawing)
    return Response(drawn, media_type=PNG, headers={"Content-Security-Policy": "default-src 'none'"})


def _draw(front: Front, platform: str, proof_id: str, *, image: int) -> bytes:
    shown = front.platforms.shown(platform, proof_id)
    if shown is None:
        raise no_such_proof()
    boxes = evidence(shown.recorded.verdict, image) if shown.recorded else ()
    try:
        return front.children.draw(front.services.store.get(_key(shown, image)), boxes)
    except EvidenceMissing as error:
        raise _nothing_to_show("its bytes are no longer kept") from error
    except BadPicture as error:
        raise _nothing_to_show(f"it cannot be shown: {error.detail}") from error
    except StepFailed as error:
        raise _nothing_to_show("opening it broke the decoder") from error


def _key(shown: Shown, image: int) -> str:
    kept = [one.key for one in shown.proof.pictures if one.index == image]
    if not kept:
        raise _nothing_to_show(f"the proof has {len(shown.proof.pictures)} pictures, counted from 0")
    if kept[0] is None:
        raise _nothing_to_show("it was never kept, because it is no picture")
    return kept[0]


def _nothing_to_show(why: str) -> Refusal:
    return Refusal(404, "no-such-picture", f"this picture cannot be drawn: {why}")
