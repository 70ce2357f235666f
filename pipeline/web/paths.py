"""Ids in addresses: a platform's own ids may hold anything printable, a slash too.

In: a path as it was sent. Out: the id. A slash written as `%2F` is part of the id; servers decode it before
they route, so it travels through the routing as a control character that no id may hold.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote

from fastapi import Depends, Path
from pydantic import TypeAdapter, ValidationError

from pipeline.claims import MAX_ID_LETTERS, Id
from pipeline.web.problems import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

SLASH = "\x1f"
_SENT = re.compile(rb"%2f", re.IGNORECASE)
_ID: TypeAdapter[str] = TypeAdapter(Id)

Sent = Annotated[str, Path(description="The platform's own id.", max_length=3 * MAX_ID_LETTERS)]


class WholeIds:
    """Keeps `%2F` inside an id from being taken for a boundary of the path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        raw = scope.get("raw_path") or b""
        if scope["type"] == "http" and _SENT.search(raw):
            kept = _SENT.sub(b"%1F", raw.partition(b"?")[0])
            scope["path"] = unquote(kept.decode("latin-1"))
        await self._app(scope, receive, send)


def proof_id(id: Sent) -> str:  # noqa: A002 (the contract's name)
    """Return the proof id of the address.

    Raises:
        Refusal: No proof can have this id.
    """
    try:
        return _ID.validate_python(id.replace(SLASH, "/"))
    except ValidationError:
        raise no_such_proof() from None


def no_such_proof() -> Refusal:
    """Return what is answered for an id that the platform does not have, whoever else may have it."""
    return Refusal(404, "no-such-proof", "you have no proof with this id; look at the id that you sent")


ProofId = Annotated[str, Depends(proof_id)]
