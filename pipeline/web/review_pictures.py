"""/review/{proof}/picture/{image}: a picture as we decoded it, for a moderator's eyes.

In: a proof that the moderator may see. Out: a PNG of our own making, decoded in a child that can be killed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from pipeline.errors import BadPicture, EvidenceMissing, StepFailed
from pipeline.web.evidence import PNG
from pipeline.web.pages import GUARDED
from pipeline.web.problems import Refusal
from pipeline.web.sessions import Seated

if TYPE_CHECKING:
    from pipeline.records import Moderator
    from pipeline.web.front import Front

router = APIRouter(include_in_schema=False)


@router.get("/review/{proof}/picture/{image}")
async def picture(request: Request, seat: Seated, proof: str, image: int) -> Response:
    """Return one picture of a proof, without anything drawn on it."""
    front: Front = request.app.state.front
    drawn = await run_sync(partial(_drawn, front, seat.who, proof, image=image), limiter=front.drawing)
    return Response(drawn, media_type=PNG, headers=dict(GUARDED))


@router.get("/review/{proof}/picture/{image}/under/{twin}")
async def laid(request: Request, seat: Seated, proof: str, image: int, twin: str) -> Response:
    """Return the first picture of another proof as it lies over one of this, to be compared by eye."""
    front: Front = request.app.state.front
    drawn = await run_sync(partial(_laid, front, seat.who, (proof, image), twin), limiter=front.drawing)
    return Response(drawn, media_type=PNG, headers=dict(GUARDED))


def _laid(front: Front, who: Moderator, first: tuple[str, int], twin: str) -> bytes:
    try:
        drawn = front.children.lay_over(
            _bytes(front, who, first[0], image=first[1]), _bytes(front, who, twin, image=0)
        )
    except (EvidenceMissing, BadPicture, StepFailed) as error:
        raise Refusal(404, "no-such-picture", "this picture cannot be shown") from error
    if drawn is None:
        raise Refusal(404, "no-such-picture", "the two pictures share no page")
    return drawn


def _drawn(front: Front, who: Moderator, proof: str, *, image: int) -> bytes:
    try:
        return front.children.draw(_bytes(front, who, proof, image=image), ())
    except (EvidenceMissing, BadPicture, StepFailed) as error:
        raise Refusal(404, "no-such-picture", "this picture cannot be shown") from error


def _bytes(front: Front, who: Moderator, proof: str, *, image: int) -> bytes:
    found = front.reviews.seen(who, proof)
    keys = [one.key for one in found.pictures if one.index == image] if found else []
    if not keys or keys[0] is None:
        raise Refusal(404, "no-such-picture", "there is no such picture")
    return front.services.store.get(keys[0])
