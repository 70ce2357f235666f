"""POST /v1/proofs: pictures and a claim come in, and are kept before the answer leaves.

In: a multipart body, or JSON with links. Out: 202 once the row and the bytes are durable, the same answer to
the same request under the same `Idempotency-Key`, or a problem with nothing kept.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Request, Response
from ulid import ULID

from pipeline.claims import MAX_IMAGES, parse_claim, submission_of
from pipeline.errors import AlreadyAnswered, BadPicture, NoAnswer
from pipeline.reasons import ReasonCode
from pipeline.records import Once, Ring
from pipeline.submit import fault_of, submit
from pipeline.web.access import Caller
from pipeline.web.bodies import JSON, MULTIPART, BodyLimits, media_type, parse_json, read_json, read_parts
from pipeline.web.problems import Refusal, documented
from pipeline.web.schemas import SUBMISSION, Received

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.web.front import Front

PART_CLAIM, PART_PICTURE = "proof", "images"
ACCEPTED = 202
LINKS_S = 30.0

router = APIRouter()

Key = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key and body get the same answer again, for a week.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What a request holds: the claim as it was written, and pictures or links to them."""

    claim: dict[str, Any]
    pictures: tuple[bytes, ...] = ()
    links: tuple[str, ...] = ()

    def digest(self) -> str:
        """Return what makes two requests the same: the claim and the pictures in order, not the framing."""
        shown = [hashlib.sha256(picture).hexdigest() for picture in self.pictures] + list(self.links)
        whole = json.dumps([self.claim, shown], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


@router.post(
    "/v1/proofs",
    status_code=ACCEPTED,
    summary="Submit a proof",
    openapi_extra={"requestBody": SUBMISSION},
    response_model=Received,
    responses=documented(400, 401, 408, 409, 413, 415, 422, 429, 503),
)
async def post_proof(request: Request, caller: Caller, idempotency_key: Key = None) -> Response:
    """Keep a proof and its pictures; 202 means that both are durable."""
    front: Front = request.app.state.front
    with front.room.place(caller) as take:
        sent = await _read(request, front, take)
        threads = front.linking if sent.links else None
        if idempotency_key is None:
            return await run_sync(partial(_accept, front, caller, sent, once=None), limiter=threads)
        digest = await run_sync(sent.digest)
        with _alone(front, (caller, idempotency_key), digest):
            work = partial(_accept_once, front, caller, sent, key=idempotency_key, digest=digest)
            return await run_sync(work, limiter=threads)


async def _read(request: Request, front: Front, take: Callable[[int], None]) -> _Sent:
    settings = front.services.settings
    limits = BodyLimits(most_bytes=settings.max_body_bytes, wait_s=settings.body_wait_s, take=take)
    form = media_type(request)
    if form == MULTIPART:
        return await _from_parts(request, limits)
    if form == JSON:
        return _from_json(await read_json(request, limits))
    raise Refusal(415, "content-type", f"send {MULTIPART} with pictures, or {JSON} with links to them")


async def _from_parts(request: Request, limits: BodyLimits) -> _Sent:
    parts = await read_parts(request, limits)
    claims = [part for part in parts if part.name == PART_CLAIM]
    pictures = tuple(bytes(part.content) for part in parts if part.name == PART_PICTURE)
    unknown = sorted({part.name for part in parts} - {PART_CLAIM, PART_PICTURE})
    if unknown:
        told = f"there is a part {unknown[0][:50]!r}; name the parts {PART_CLAIM} and {PART_PICTURE}"
        raise Refusal(422, "invalid", told)
    if len(claims) != 1:
        told = f"there are {len(claims)} parts named {PART_CLAIM}; send one, as JSON"
        raise Refusal(422, "invalid", told)
    claim = _object(parse_json(bytes(claims[0].content)))
    if "images" in claim:
        raise Refusal(422, "invalid", "send pictures as parts or, in a JSON body, as links; not both")
    _refuse_count(len(pictures))
    return _Sent(claim=claim, pictures=pictures)


def _from_json(body: Any) -> _Sent:
    claim = _object(body)
    form = parse_claim(claim)
    return _Sent(claim={k: v for k, v in claim.items() if k != "images"}, links=form.images)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(422, "invalid", "the proof must be a JSON object")
    return value


def _refuse_count(count: int) -> None:
    if not 1 <= count <= MAX_IMAGES:
        raise Refusal(422, "invalid", f"there are {count} pictures; send 1 to {MAX_IMAGES}")


@contextmanager
def _alone(front: Front, place: tuple[str, str], digest: str) -> Iterator[None]:
    """Let one request at a time work under a key; runs on the event loop, so no other comes between."""
    other = front.underway.get(place)
    if other is not None:
        if other != digest:
            raise _other_body()
        told = "the first request with this Idempotency-Key is still being worked on; ask again in a second"
        raise Refusal(409, "in-flight", told, headers={"Retry-After": "1"})
    front.underway[place] = digest
    try:
        yield
    finally:
        del front.underway[place]


def _accept_once(front: Front, platform: str, sent: _Sent, *, key: str, digest: str) -> Response:
    kept = front.platforms.kept_answer(platform, key)
    if kept is None:
        try:
            return _accept(front, platform, sent, once=(key, digest))
        except AlreadyAnswered:  # by another process, meanwhile
            kept = front.platforms.kept_answer(platform, key)
            assert kept is not None
    if kept.digest != digest:
        raise _other_body()
    return _answer(kept.answer, status=kept.status)


def _other_body() -> Refusal:
    return Refusal(422, "key-reused", "this Idempotency-Key was used with another body; take a new key")


def _accept(front: Front, platform: str, sent: _Sent, *, once: tuple[str, str] | None) -> Response:
    """Check, store and add the proof; the answer is kept in the transaction that adds it."""
    services = front.services
    placed = ["a picture"] * len(sent.pictures)
    form = parse_claim(sent.claim | {"images": list(sent.links) or placed})
    form = form if form.proof_id else form.model_copy(update={"proof_id": str(ULID())})
    pictures = sent.pictures or _fetched(front, platform, sent.links)
    _refuse_no_pictures(front, pictures)
    answer = json.dumps({"proof_id": form.proof_id, "status": "received"}, ensure_ascii=False)
    proof, new = submit(
        submission_of(form, platform=platform, pictures=pictures, now=datetime.now(UTC)),
        ledger=services.ledger,
        store=services.store,
        policy=services.policy,
        known_job=True,
        once=None if once is None else Once(key=once[0], digest=once[1], status=ACCEPTED, answer=answer),
    )
    if new:
        front.bell.ring(Ring(proof=proof.id, step=proof.step))
        front.measures.received(len(pictures))
        services.watch.submitted(proof)
    return _answer(answer, status=ACCEPTED)


def _fetched(front: Front, platform: str, links: tuple[str, ...]) -> tuple[bytes, ...]:
    until = time.monotonic() + LINKS_S
    pictures: list[bytes] = []
    for index, link in enumerate(links):
        if time.monotonic() > until:
            raise NoAnswer(f"picture {index} and those before it took more than {LINKS_S:g} s; send fewer")
        pictures.append(front.links.fetch(link, platform=platform))
    return tuple(pictures)


def _refuse_no_pictures(front: Front, pictures: tuple[bytes, ...]) -> None:
    policy = front.services.policy
    for index, content in enumerate(pictures):
        fault = fault_of(content, policy)
        if fault is ReasonCode.TOO_LARGE:
            told = f"picture {index} is larger than {policy.max_bytes:,} bytes; send a smaller one"
            raise BadPicture(fault, told)
        if fault is not None:
            raise BadPicture(fault, f"picture {index} is no PNG, JPEG or WebP by its first bytes")


def _answer(text: str, *, status: int) -> Response:
    proof_id = json.loads(text)["proof_id"]
    headers = {"Location": f"/v1/proofs/{quote(proof_id, safe='')}"}
    return Response(text, status_code=status, media_type="application/json", headers=headers)
