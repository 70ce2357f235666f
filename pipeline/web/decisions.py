"""/review/decisions.csv and .jsonl: what people decided, who, when, on which evidence. For admins.

In: an admin. Out: a file that is written while it is read, so that its length costs no memory.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from pipeline.cells import inert
from pipeline.web.pages import GUARDED
from pipeline.web.problems import Refusal
from pipeline.web.sessions import Overseer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.records import Decided, Moderator, Verdict
    from pipeline.web.front import Front

AT_ONCE = 500
COLUMNS = (
    "decided_at",
    "moderator",
    "decision",
    "reason",
    "message",
    "undone",
    "batch",
    "platform",
    "proof_id",
    "job_id",
    "submitter_id",
    "found",
    "duplicate_of",
    "policy",
    "verdict",
    "against",
)

router = APIRouter(include_in_schema=False)


@router.get("/review/decisions.{form}")
async def decisions(request: Request, seat: Overseer, form: str) -> Response:
    """Return every ruling, the oldest first, those that were undone among them."""
    if form not in _FORMS:
        raise Refusal(404, "not-found", "decisions are written as .csv and as .jsonl")
    write, media_type = _FORMS[form]
    front: Front = request.app.state.front
    headers = dict(GUARDED) | {"Content-Disposition": f'attachment; filename="decisions.{form}"'}
    return StreamingResponse(write(_all(front, seat.who)), media_type=media_type, headers=headers)


def _all(front: Front, who: Moderator) -> Iterator[Decided]:
    after = ""
    while some := front.reviews.decided(who, after=after, limit=AT_ONCE):
        yield from some
        after = some[-1].verdict


def _csv(found: Iterator[Decided]) -> Iterator[str]:
    yield _line(COLUMNS)
    for one in found:
        yield _line([inert("" if value is None else str(value)) for value in _told(one).values()])


def _line(cells: Any) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _jsonl(found: Iterator[Decided]) -> Iterator[str]:
    for one in found:
        yield json.dumps(_told(one), ensure_ascii=False) + "\n"


_FORMS: dict[str, tuple[Callable[[Iterator[Decided]], Iterator[str]], str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "jsonl": (_jsonl, "application/x-ndjson"),
}


def _told(one: Decided) -> dict[str, Any]:
    reason, copied = next(iter(one.said.reasons), None), one.found.duplicate_of
    values = (
        one.ruled_at.isoformat(),
        one.moderator,
        one.decision.value,
        reason.code.value if reason else None,
        dict(reason.details).get("message") if reason else None,
        one.undone,
        one.batch,
        one.platform,
        one.proof_id,
        one.job_id,
        one.submitter_id,
        " ".join(_codes(one.found)),
        copied.proof_id if copied else None,
        dict(one.found.versions).get("policy"),
        one.verdict,
        one.against,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _codes(verdict: Verdict) -> list[str]:
    return [one.code.value for one in verdict.reasons]
