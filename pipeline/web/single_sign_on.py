"""/login/oidc: a moderator signs in through the organisation's OpenID provider.

In: a browser that comes back from the provider with a code. Out: the same session as a password gives, for a
moderator whom an operator added; nobody is added here. What belongs to one attempt travels in a cookie of the
browser that began it, so that no other browser can end it.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from pipeline.errors import NoAnswer, NotNow
from pipeline.passwords import make_cookie
from pipeline.web.pages import GUARDED, page
from pipeline.web.problems import Refusal
from pipeline.web.sessions import LASTS, digest_of, is_https, put_cookie
from pipeline.web.sign_in import HOME, onward_to

if TYPE_CHECKING:
    from pipeline.adapters.oidc import Begun, OpenIdProvider
    from pipeline.web.front import Front

log = structlog.get_logger(__name__)
COOKIE = "praman-oidc"
BEGIN, BACK = "/login/oidc", "/login/oidc/back"
LASTS_S = 600

router = APIRouter(include_in_schema=False)


@router.get(BEGIN)
async def begin(request: Request) -> Response:
    """Send the browser to the provider."""
    front: Front = request.app.state.front
    try:
        begun = await _provider(front).begin(_back_here(request))
    except NoAnswer as error:
        return _failed(request, str(error))
    kept = asdict(begun) | {"onward": onward_to(request.query_params.get("next", ""))}
    made = RedirectResponse(begun.url, 303, headers=dict(GUARDED))
    made.set_cookie(
        COOKIE, _packed(kept), max_age=LASTS_S, path=BEGIN, secure=is_https(request), httponly=True
    )
    return made


@router.get(BACK)
async def back(request: Request, code: str = "", state: str = "") -> Response:
    """Open a session for whom the provider vouches, or say why not."""
    front: Front = request.app.state.front
    provider = _provider(front)
    kept = _unpacked(request.cookies.get(COOKIE, ""))
    onward = kept.pop("onward", HOME)
    begun = _begun(kept)
    if begun is None or not code or not hmac.compare_digest(begun.state.encode(), state.encode()):
        return _failed(request, "this sign-in was begun elsewhere, or too long ago")
    try:
        email = await provider.finish(begun, code=code, redirect_uri=_back_here(request))
    except (NoAnswer, NotNow) as error:
        return _failed(request, str(error))
    known = await run_in_threadpool(front.reviews.known, email)
    if known is None:
        return _refused(request, "sso_unknown", 403)
    cookie = make_cookie()
    await run_in_threadpool(front.reviews.sign_in, known[0].id, digest_of(cookie), lasts=LASTS)
    made = RedirectResponse(onward_to(onward), 303, headers=dict(GUARDED))
    put_cookie(request, made, cookie)
    made.delete_cookie(COOKIE, path=BEGIN, httponly=True)
    return made


def _provider(front: Front) -> OpenIdProvider:
    if front.provider is None:
        raise Refusal(404, "not-found", "no OpenID provider is set; sign in with a password")
    return front.provider


def _back_here(request: Request) -> str:
    return f"{'https' if is_https(request) else 'http'}://{request.headers.get('host', '')}{BACK}"


def _failed(request: Request, why: str) -> Response:
    log.warning("sso.failed", why=why)
    return _refused(request, "sso_failed", 502)


def _refused(request: Request, trouble: str, status: int) -> Response:
    made = page(request, "login.html", status=status, onward=HOME, email="", trouble=trouble)
    made.delete_cookie(COOKIE, path=BEGIN, httponly=True)
    return made


def _packed(kept: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(kept).encode()).decode()


def _unpacked(cookie: str) -> dict[str, str]:
    try:
        found = json.loads(base64.urlsafe_b64decode(cookie.encode()))
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _begun(kept: dict[str, str]) -> Begun | None:
    from pipeline.adapters.oidc import Begun  # noqa: PLC0415 (an extra, and there is a provider here)

    try:
        return Begun(**kept)
    except TypeError:
        return None
