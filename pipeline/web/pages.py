"""Pages of the console: templates, the headers they all carry, their language.

In: a request, a template's name, its values. Out: a response that no other site can frame, that runs no
script but ours, and that no cache keeps.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse, Response

from pipeline.web.console_words import LANGUAGES, Words, told_by_script
from pipeline.web.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

HERE = Path(__file__).parent
STATIC: Mapping[str, str] = {
    "console.css": "text/css",
    "early.js": "text/javascript",
    "review.js": "text/javascript",
    "queue.js": "text/javascript",
    "admin.js": "text/javascript",
    "talk.js": "text/javascript",
    "compare.js": "text/javascript",
    "together.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
GUARDED: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR_S = 31_536_000

router = APIRouter(include_in_schema=False)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["bdi"] = visible
    return made


def visible(text: object) -> str:
    """Return foreign text without characters that reorder or hide what stands around them.

    Source: Unicode 16, UAX 9, the explicit directional formatting characters; and NUL to US, which no page
    shows.
    """
    hidden = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF}
    shown = (f"⟨U+{ord(one):04X}⟩" if ord(one) in hidden else one for one in str(text))
    return "".join(one if one >= " " or one == "\n" else " " for one in shown)


def language(request: Request) -> str:
    """Return the language that the person chose, or that their browser asks for first."""
    chosen = request.query_params.get("lang") or request.cookies.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    asked = request.headers.get("accept-language", "")
    return "bn" if asked.strip().lower().startswith("bn") else "en"


def page(request: Request, name: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page in the person's language; `?lang=` and `?blur=` are remembered.

    Who did not say whether pictures are to be blurred gets what the operator set.
    """
    words = Words(language(request))
    usual = "1" if request.app.state.front.services.settings.blur_pictures else "0"
    blurred = (request.query_params.get("blur") or request.cookies.get("blur") or usual) == "1"
    given = {
        "words": words,
        "script_words": told_by_script(words),
        "blurred": blurred,
        "single_sign_on": request.app.state.front.provider is not None,
        "path": request.url.path,
    }
    made = HTMLResponse(_templates().get_template(name).render(given | values), status, headers=dict(GUARDED))
    for kept in ("lang", "blur"):
        value = request.query_params.get(kept)
        if value in {*LANGUAGES, "0", "1"}:
            made.set_cookie(kept, str(value), max_age=YEAR_S, samesite="lax", httponly=True)
    return made


@router.get("/console/{name}")
def static(name: str) -> Response:
    """Return one of the console's own files."""
    if name not in STATIC:
        raise Refusal(404, "not-found", f"there is nothing at /console/{name}")
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    return FileResponse(HERE / "static" / name, media_type=STATIC[name], headers=headers)
