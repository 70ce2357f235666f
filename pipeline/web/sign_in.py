"""/login and /logout: a person signs in to the console, and out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from pipeline.passwords import hashed, is_outdated, make_cookie, matches
from pipeline.records import Moderator
from pipeline.web.pages import GUARDED, page
from pipeline.web.sessions import (
    LASTS,
    Acting,
    digest_of,
    drop_cookie,
    from_elsewhere,
    put_cookie,
    sitting,
)

if TYPE_CHECKING:
    from pipeline.web.front import Front

HOME = "/review"
MOST_LETTERS = 200

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=MOST_LETTERS)]


@router.get("/login")
async def show(request: Request) -> Response:
    """Show the form, or the queue to who is signed in."""
    if await sitting(request) is not None:
        return RedirectResponse(onward_to(request.query_params.get("next", "")), 303, headers=dict(GUARDED))
    onward = onward_to(request.query_params.get("next", ""))
    return page(request, "login.html", onward=onward, email="", trouble="")


@router.post("/login")
async def sign_in(request: Request, email: Field, password: Field, onward: Field = HOME) -> Response:
    """Open a session, or say that it was wrong, and never which of the two."""
    front: Front = request.app.state.front
    address = email.strip().lower()
    names = (f"email {address}", f"from {request.client.host if request.client else ''}")
    given = {"onward": onward_to(onward), "email": email}
    wait_s = front.guard.wait_s(*names)
    if wait_s or from_elsewhere(request):
        made = page(request, "login.html", status=429 if wait_s else 403, trouble="too_many", **given)
        made.headers["Retry-After"] = str(math.ceil(wait_s or 1))
        return made
    who = await run_in_threadpool(_known, front, address, password)
    if who is None:
        front.guard.failed(*names)
        return page(request, "login.html", status=401, trouble="wrong", **given)
    front.guard.forget(names[0])
    cookie = make_cookie()
    await run_in_threadpool(front.reviews.sign_in, who.id, digest_of(cookie), lasts=LASTS)
    made = RedirectResponse(given["onward"], 303, headers=dict(GUARDED))
    put_cookie(request, made, cookie)
    return made


@router.post("/logout")
async def sign_out(request: Request, seat: Acting) -> Response:
    """End the session and give back what was open."""
    front: Front = request.app.state.front
    await run_in_threadpool(front.reviews.sign_out, seat.who.id, seat.digest)
    made = RedirectResponse("/login", 303, headers=dict(GUARDED))
    drop_cookie(made)
    return made


def _known(front: Front, email: str, password: str) -> Moderator | None:
    found = front.reviews.known(email)
    if not matches(found[1] if found else None, password) or found is None:
        return None
    if is_outdated(found[1]):
        front.reviews.rehash(found[0].id, hashed(password))
    return found[0]


def onward_to(path: str) -> str:
    """Return where to go after signing in: a page of the console, and nowhere else."""
    inside = path == HOME or path.startswith(f"{HOME}/")
    return path if inside and "//" not in path and "\\" not in path else HOME
