"""Who sits at the console: signing in, the cookie, the token that every form carries.

In: an email and a password, or a cookie. Out: a `Moderator`, or a way to the sign-in page. A cookie is kept
by its digest, and a form's token follows from the cookie, so neither is in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from pipeline.records import Moderator, Role
from pipeline.web.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.ledger.reviews import SqlReviews
    from pipeline.web.front import Front

COOKIE, SAFE_COOKIE = "praman", "__Host-praman"
LASTS = timedelta(hours=12)
TRIES, TRIES_S = 8, 300.0
TRACKED = 10_000


class SignInFirst(Exception):
    """Nobody is signed in; the message is the page that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A moderator with their session.

    Attributes:
        digest: Of the session's cookie.
        token: What their forms must carry.
    """

    who: Moderator
    digest: str
    token: str


class Guard:
    """Counts failed sign-ins by address and by email; belongs to the event loop, so it needs no lock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[str, list[float]] = {}

    def wait_s(self, *names: str) -> float:
        """Return how long these have to wait before they may try again; 0 where they need not."""
        return max(map(self._wait_s, names))

    def failed(self, *names: str) -> None:
        """Count a failure of each."""
        if len(self._failed) >= TRACKED:
            self._failed.clear()
        for name in names:
            self._failed.setdefault(name, []).append(self._clock())

    def forget(self, name: str) -> None:
        """Forget the failures of one who came in."""
        self._failed.pop(name, None)

    def _wait_s(self, name: str) -> float:
        since = self._clock() - TRIES_S
        recent = [at for at in self._failed.get(name, ()) if at > since]
        self._failed[name] = recent
        if not recent:
            del self._failed[name]
        return recent[-TRIES] - since if len(recent) >= TRIES else 0.0


def digest_of(cookie: str) -> str:
    """Return what the ledger keeps of a cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def token_of(cookie: str) -> str:
    """Return the token that forms of the cookie's session carry; it tells nothing of the cookie."""
    return hmac.new(cookie.encode(), b"praman form", hashlib.sha256).hexdigest()


def is_https(request: Request) -> bool:
    """Tell whether the browser speaks TLS; a proxy's word is taken, for it can only make us stricter."""
    return "https" in {request.url.scheme, request.headers.get("x-forwarded-proto")}


def put_cookie(request: Request, response: Response, cookie: str) -> None:
    """Give the browser its session."""
    safe = is_https(request)
    response.set_cookie(
        SAFE_COOKIE if safe else COOKIE,
        cookie,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=safe,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    response.delete_cookie(SAFE_COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def from_elsewhere(request: Request) -> bool:
    """Tell whether another site made the browser send this."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


async def sitting(request: Request) -> Seat | None:
    """Return who sits there; None where nobody signed in, or the session ended."""
    cookie = request.cookies.get(SAFE_COOKIE) or request.cookies.get(COOKIE)
    if not cookie:
        return None
    front: Front = request.app.state.front
    reviews: SqlReviews = front.reviews
    digest = digest_of(cookie)
    who = await run_in_threadpool(reviews.signed_in, digest)
    return None if who is None else Seat(who=who, digest=digest, token=token_of(cookie))


async def ask_to_sign_in(_request: Request, error: Exception) -> Response:
    """Answer `SignInFirst`: the sign-in page, and the way back from it."""
    return RedirectResponse(f"/login?next={quote(str(error), safe='/')}", 303)


async def _seated(request: Request) -> Seat:
    seat = await sitting(request)
    if seat is None:
        if request.headers.get("x-praman") or request.method != "GET":
            raise Refusal(401, "signed-out", "your session ended; sign in again")
        raise SignInFirst(request.url.path)
    return seat


async def _acting(request: Request) -> Seat:
    seat = await _seated(request)
    given = request.headers.get("x-csrf-token")
    if given is None:
        given = str((await request.form()).get("csrf", ""))
    if from_elsewhere(request) or not hmac.compare_digest(given.encode(), seat.token.encode()):
        raise Refusal(403, "not-this-page", "this did not come from the console's own page; reload it")
    return seat


Seated = Annotated[Seat, Depends(_seated)]
"""Who is signed in; others are sent to the sign-in page."""

Acting = Annotated[Seat, Depends(_acting)]
"""Who is signed in and sent this from the console's own page."""


async def _overseer(seat: Seated) -> Seat:
    return _of_admin(seat)


async def _overseer_acting(seat: Acting) -> Seat:
    return _of_admin(seat)


def _of_admin(seat: Seat) -> Seat:
    if seat.who.role is not Role.ADMIN:
        raise Refusal(403, "not-yours", "only an admin may do this")
    return seat


Overseer = Annotated[Seat, Depends(_overseer)]
"""The admin who is signed in."""

OverseerActing = Annotated[Seat, Depends(_overseer_acting)]
"""The admin who is signed in and sent this from the console's own page."""
