"""POST /v1/hints/{platform}: a job platform says that there is something new; we look with our own key.

In: whatever the site sends, checked as it documents. Out: an early poll, and nothing else: no word of a hint
is believed. One with a signed time is taken once, while it is fresh; others are taken a few times a minute.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from pipeline.platforms.port import Hint, HintRefused
from pipeline.platforms.registry import open_adapter
from pipeline.web.bodies import BodyLimits, media_type, read_whole
from pipeline.web.problems import Refusal, documented

if TYPE_CHECKING:
    from pipeline.web.front import Front

MOST_BYTES = 1_000_000
LEAST = timedelta(seconds=5)
ANYBODY = "\0hints"  # no platform is called so: one rate for all who need no key

router = APIRouter()

Platform = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$", description="Its name here.")]


@router.post(
    "/v1/hints/{platform}",
    status_code=204,
    response_class=Response,
    summary="Have a job platform polled early",
    responses=documented(403, 404, 408, 413, 415, 422, 429, 503),
)
async def hint(request: Request, platform: Platform) -> Response:
    """Take a webhook of the site that an adapter serves; its signature is checked as the site documents."""
    front: Front = request.app.state.front
    wait_s = front.door.wait_s(ANYBODY)
    if wait_s:
        raise _too_many(wait_s)
    media_type(request)
    limits = BodyLimits(most_bytes=MOST_BYTES, wait_s=front.services.settings.body_wait_s)
    body = await read_whole(request, limits)
    headers = {name.lower(): value for name, value in request.headers.items()}
    given = Hint(headers=headers, body=body, now=datetime.now(UTC))
    await run_in_threadpool(_take, front, platform, given)
    return Response(status_code=204)


def _take(front: Front, platform: str, given: Hint) -> None:
    served = front.services.sites
    site = None if served is None else served.sites.site(platform)
    if served is None or site is None:
        raise Refusal(404, "no-such-site", "no adapter serves a platform of this name")
    try:
        signed_at = open_adapter(site).signed_at(given)
    except HintRefused as error:
        raise Refusal(403, "hint-refused", str(error)) from error
    if served.sites.hint(platform, signed_at=signed_at, least=LEAST):
        return
    if signed_at is not None:
        raise Refusal(403, "hint-refused", "this hint, or a newer one, was taken before")
    raise _too_many(LEAST.total_seconds())


def _too_many(wait_s: float) -> Refusal:
    told = "hints come too fast; the platform is polled soon anyway"
    return Refusal(429, "too-many-requests", told, headers={"Retry-After": str(math.ceil(wait_s))})
