"""/review/together and /review/rings: many proofs looked at and decided at once.

In: a job and a reason, or a ring of submitters who share captures. Out: a page with every picture, and one
decision for those that stay chosen. What another moderator has open is shown, not chosen, and never decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from pipeline.reasons import ReasonCode, sentence
from pipeline.records import Decision, QueueFilter, Ring, Ruling, Step
from pipeline.review import CODES, MOST_LETTERS
from pipeline.web.bar import bar
from pipeline.web.onward import release
from pipeline.web.pages import GUARDED, page
from pipeline.web.problems import Refusal
from pipeline.web.review import Wanted
from pipeline.web.rulings import Message, patiently
from pipeline.web.sessions import Acting, Seated

if TYPE_CHECKING:
    from pipeline.records import Moderator, QueueItem, SharingRing, Together
    from pipeline.web.front import Front

MOST = 100  # of one batch: its transaction holds the platform's numbering for so many verdicts
MOST_RINGS = 50
_ULID_LETTERS = 26

router = APIRouter(include_in_schema=False)

Member = Annotated[str, Query(max_length=500)]
Chosen = Annotated[list[str], Form(max_length=MOST)]


@router.get("/review/rings")
async def rings(request: Request, seat: Seated) -> Response:
    """Show who shares captures, and how many of their copies wait."""
    front: Front = request.app.state.front
    shown = await run_in_threadpool(_rings, front, seat.who)
    return page(request, "rings.html", seat=seat, **shown)


@router.get("/review/together")
async def look(request: Request, seat: Seated, wanted: Wanted, ring: Member = "") -> Response:
    """Show all that would be decided together."""
    front: Front = request.app.state.front
    shown = await run_in_threadpool(_looked_at, front, seat.who, wanted, ring)
    return page(request, "together.html", seat=seat, **shown)


@router.post("/review/together")
async def decide(
    request: Request,
    seat: Acting,
    *,
    chosen: Chosen,
    decision: Annotated[Decision, Form()],
    reason: Annotated[ReasonCode, Form()],
    message: Message = "",
) -> Response:
    """Decide what was chosen, each as `proof:verdict`; the answer says what was left out and why."""
    front: Front = request.app.state.front
    ruling = Ruling(decision=decision, code=reason, message=message or None)
    against = dict(map(_parted, chosen))

    def rule() -> Together:
        return front.reviews.rule_together(seat.who, against, ruling=ruling)

    made = await run_in_threadpool(patiently, rule)
    for one in made.done:
        front.bell.ring(Ring(proof=one.proof.id, step=Step.PUBLISH))
    told = {
        "done": len(made.done),
        "waiting": (await run_in_threadpool(front.reviews.count, seat.who, QueueFilter())).waiting,
        "left": [{"proof": proof, "why": why} for proof, why in made.left],
        "undo_s": front.services.settings.undo_s,
    }
    return JSONResponse(told, headers=dict(GUARDED))


def _parted(one: str) -> tuple[str, str]:
    proof, _, verdict = one.partition(":")
    if len(proof) != _ULID_LETTERS or len(verdict) != _ULID_LETTERS:
        raise Refusal(422, "invalid", "name each chosen proof with the verdict that was looked at")
    return proof, verdict


def _found(front: Front, who: Moderator, *, platform: str | None = None) -> tuple[SharingRing, ...]:
    found = front.services.queries.rings(platform=who.platform or platform, limit=MOST_RINGS)
    return found.found


def _rings(front: Front, who: Moderator) -> dict[str, Any]:
    shown = []
    for one in _found(front, who):
        waiting = front.reviews.count(who, _of_ring(one)).waiting
        shown.append((one, waiting))
    return {"rings": shown} | bar(front, who)


def _of_ring(ring: SharingRing) -> QueueFilter:
    """Return what a ring is judged by: the copies that its members sent, and not all else they sent."""
    return QueueFilter(platform=ring.platform, proof_ids=tuple(one.proof_id for one in ring.links))


def _looked_at(front: Front, who: Moderator, wanted: QueueFilter, member: str) -> dict[str, Any]:
    ring = None
    if member:
        named = (one for one in _found(front, who, platform=wanted.platform) if member in one.members)
        ring = next((one for one in named if wanted.platform in {None, one.platform}), None)
        wanted = _of_ring(ring) if ring else QueueFilter(proof_ids=())
    elif not (wanted.job_id and wanted.code):
        raise Refusal(422, "invalid", "choose a job and a reason, or a ring, to decide together")
    release(front, who)
    items = front.reviews.page(who, wanted, skip=0, limit=MOST)
    langs = sorted({one.lang for one in items}) or ["en"]
    choices = {
        decision: [(code, [(lang, sentence(code, lang)) for lang in langs]) for code in codes]
        for decision, codes in CODES.items()
    }
    copied = ring is not None or all(map(_is_copy, items))
    first = ReasonCode.RULED_COPIED if copied else CODES[Decision.REJECT][0]
    shown = {"items": items, "wanted": wanted, "ring": ring, "choices": choices, "first": first}
    in_all = front.reviews.count(who, wanted).waiting
    return shown | {"in_all": in_all, "most_letters": MOST_LETTERS} | bar(front, who)


def _is_copy(item: QueueItem) -> bool:
    return any(code.value.startswith("duplicate.") for code in item.codes)
