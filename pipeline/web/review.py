"""/review: the queue of what waits for a person, and one proof with all that is needed to decide it.

In: a moderator, a filter, a proof. Out: pages. Opening a proof claims it; who leaves gives it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from pipeline.annotate import evidence
from pipeline.errors import NotNow
from pipeline.reasons import ReasonCode, sentence
from pipeline.records import Decision, PolicyStance, QueueFilter
from pipeline.review import CODES, MOST_LETTERS, suggested
from pipeline.web.pages import GUARDED, page
from pipeline.web.sessions import Seat, Seated

if TYPE_CHECKING:
    from pipeline.records import Case, Moderator
    from pipeline.web.front import Front

LEASE = timedelta(minutes=10)
PAGE = 50
CHOICES = 200
LOOKED_AT = 20

router = APIRouter(include_in_schema=False)


def _wanted(platform: str = "", job: str = "", reason: str = "", submitter: str = "") -> QueueFilter:
    code = ReasonCode(reason) if reason in set(ReasonCode) else None
    return QueueFilter(
        platform=platform or None, job_id=job or None, submitter_id=submitter or None, code=code
    )


Wanted = Annotated[QueueFilter, Depends(_wanted)]
Skip = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("/review")
async def queue(request: Request, seat: Seated, wanted: Wanted, skip: Skip = 0) -> Response:
    """Show what waits, the most urgent first."""
    front: Front = request.app.state.front
    shown = await run_in_threadpool(_queue, front, seat.who, wanted, skip)
    return page(request, "queue.html", seat=seat, wanted=wanted, skip=skip, size=PAGE, **shown)


def _queue(front: Front, who: Moderator, wanted: QueueFilter, skip: int) -> dict[str, Any]:
    front.reviews.release(who)
    all_of_it = QueueFilter()
    everything = front.reviews.count(who, all_of_it)
    return {
        "items": front.reviews.page(who, wanted, skip=skip, limit=PAGE),
        "count": everything,
        "found": everything.waiting if wanted == all_of_it else front.reviews.count(who, wanted).waiting,
        "choices": front.reviews.choices(who, limit=CHOICES),
        "reasons": tuple(ReasonCode),
        "undoable": front.reviews.undoable(who, window=undo_window(front)),
        "now": front.services.queries.now(),
    }


def undo_window(front: Front) -> timedelta:
    """Return how long a ruling can be undone."""
    return timedelta(seconds=front.services.settings.undo_s)


@router.get("/review/after")
async def onward(
    request: Request, seat: Seated, wanted: Wanted, *, of: str = "", back: bool = False
) -> Response:
    """Claim the neighbour of a proof and return what its page holds; 204 at the end of the queue."""
    front: Front = request.app.state.front
    opened = await run_in_threadpool(_opened_beside, front, seat.who, wanted, of=of, forward=not back)
    if opened is None:
        return Response(status_code=204, headers=dict(GUARDED))
    return page(request, "case.html", **_told(seat, opened))


@router.get("/review/start")
async def start(request: Request, seat: Seated, wanted: Wanted) -> Response:
    """Go to the first proof that nobody has open."""
    front: Front = request.app.state.front
    first = await run_in_threadpool(front.reviews.neighbour, seat.who, wanted, of="", forward=True)
    asked = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/review/{first}{asked}" if first else "/review", 303, headers=dict(GUARDED))


@router.get("/review/{proof}")
async def one(request: Request, seat: Seated, proof: str) -> Response:
    """Open one proof: nobody else can decide it meanwhile."""
    front: Front = request.app.state.front
    try:
        case = await run_in_threadpool(_opened, front, seat.who, proof, kept=())
    except NotNow as error:
        return page(request, "notice.html", status=409, seat=seat, told=str(error))
    if case is None:
        return page(request, "notice.html", status=404, seat=seat, told="there is no such proof")
    shown = await run_in_threadpool(_beside, front, seat)
    return page(request, "review.html", **_told(seat, case), **shown)


def _beside(front: Front, seat: Seat) -> dict[str, Any]:
    return {
        "count": front.reviews.count(seat.who, QueueFilter()),
        "undoable": front.reviews.undoable(seat.who, window=undo_window(front)),
    }


def _opened(front: Front, who: Moderator, proof: str, *, kept: tuple[str, ...]) -> Case | None:
    case = front.reviews.open(who, proof, lease=LEASE)
    front.reviews.release(who, kept=(proof, *kept))
    return case


def _opened_beside(
    front: Front, who: Moderator, wanted: QueueFilter, *, of: str, forward: bool
) -> Case | None:
    beside: str | None = of
    for _ in range(LOOKED_AT):
        beside = front.reviews.neighbour(who, wanted, of=beside or "", forward=forward)
        if beside is None:
            return None
        try:
            return _opened(front, who, beside, kept=(of,))
        except NotNow:  # another moderator was quicker
            continue
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A reason that can be given, and the sentence it brings."""

    code: ReasonCode
    sentence: str


def _told(seat: Seat, case: Case) -> dict[str, Any]:
    current, proof = case.current, case.current.proof
    lang = proof.lang
    kept = [one.index for one in proof.pictures if one.key is not None]
    choices = {
        decision: [Choice(code=code, sentence=sentence(code, lang)) for code in codes]
        for decision, codes in CODES.items()
    }
    return {
        "seat": seat,
        "case": case,
        "proof": proof,
        "verdict": current.verdict,
        "pictures": [(index, evidence(current.verdict, index)) for index in kept],
        "choices": choices,
        "first": {decision: suggested(current.verdict, decision) for decision in Decision},
        "most_letters": MOST_LETTERS,
        "explained": [(one.code, sentence(one.code, lang, one.details)) for one in current.verdict.reasons],
        "flagged": proof.job is not None and proof.job.stance is PolicyStance.FLAG,
        "now": case.now,
    }
