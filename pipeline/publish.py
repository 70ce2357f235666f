"""publish: a verdict becomes the line that everyone sees and one notice a target. Pure.

In: a `RecordedVerdict`. Out: the verdict line (contract section 2) and `Notice`s, each due at its time. It
sends nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipeline.reasons import REASONS, sentence
from pipeline.records import AutoReject, Notice, Outcome
from pipeline.review import is_ruling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from pipeline.records import Box, CheckResult, DuplicateOf, Reason, RecordedVerdict

EVENT_TYPE = "proof.verdict"
BODY_LIMIT_BYTES = 20_000
"""Source: Standard Webhooks 1.0.0, "Payload size"."""
MOST_LETTERS = 300
MOST_REASONS = 10


def verdict_line(recorded: RecordedVerdict) -> dict[str, Any]:
    """Return the flat verdict line, messages in the proof's language."""
    verdict, lang = recorded.verdict, recorded.proof.lang
    return {
        "proof_id": recorded.proof.proof_id,
        "verdict": verdict.outcome.value,
        "reasons": [_told(reason, lang) for reason in verdict.reasons],
        "duplicate_of": _original(verdict.duplicate_of),
        "checks": [_checked(result) for result in verdict.checks],
        "took_ms": recorded.took_ms,
    }


def notices(
    recorded: RecordedVerdict,
    targets: Sequence[str],
    *,
    hold: timedelta,
    undo: timedelta,
    first_delay: timedelta,
) -> tuple[Notice, ...]:
    """Return one notice a target, all with the same body.

    Args:
        recorded: The verdict to give notice of.
        targets: Where to.
        hold: How long a reject waits where its job says `auto_reject: hold`; until then it can be taken back.
        undo: How long a ruling waits; until then its moderator can undo it.
        first_delay: How long any notice waits before its first attempt.
    """
    body = _fitting(event(recorded))
    delay = first_delay
    if is_ruling(recorded.verdict):
        delay = max(first_delay, undo)
    elif is_held(recorded):
        delay = max(first_delay, hold)
    due_at = recorded.decided_at + delay if delay else None
    return tuple(Notice(target=target, body=body, due_at=due_at) for target in targets)


def is_held(recorded: RecordedVerdict) -> bool:
    """Tell whether the verdict is a reject whose job lets it wait."""
    job = recorded.proof.job
    held = job is not None and job.decide.auto_reject is AutoReject.HOLD
    return held and recorded.verdict.outcome is Outcome.REJECT


def _fitting(told: dict[str, Any]) -> str:
    """Return the event as JSON that receivers take: long texts are cut first, then checks are left out."""
    body = _as_json(told)
    if len(body.encode()) <= BODY_LIMIT_BYTES:
        return body
    body = _as_json(_cut(told))
    if len(body.encode()) <= BODY_LIMIT_BYTES:
        return body
    bare = _cut(told)
    bare["data"] |= {"checks": [], "reasons": bare["data"]["reasons"][:MOST_REASONS]}
    return _as_json(bare)


def _as_json(told: object) -> str:
    # A job's own text may hold half a character, which no receiver's UTF-8 knows.
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="replace").decode()


def _cut(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _cut(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_cut(value) for value in told]
    too_long = isinstance(told, str) and len(told) > MOST_LETTERS
    return told[: MOST_LETTERS - 1] + "…" if too_long else told


def event(recorded: RecordedVerdict) -> dict[str, Any]:
    """Return what a platform receives: the verdict line with what routes and orders it."""
    data = verdict_line(recorded) | {
        "job_id": recorded.proof.job_id,
        "submitter_id": recorded.proof.submitter_id,
        "sequence": recorded.sequence,
        "supersedes": recorded.supersedes,
    }
    return {"type": EVENT_TYPE, "timestamp": recorded.decided_at.isoformat(), "data": data}


def _told(reason: Reason, lang: str) -> dict[str, Any]:
    line = {
        "code": reason.code.value,
        "message": sentence(reason.code, lang, reason.details),
        "remedy": REASONS[reason.code].remedy.value,
    }
    return line | _place(reason.image, reason.box)


def _checked(result: CheckResult) -> dict[str, Any]:
    line = {
        "check": result.check,
        "expected": result.expected,
        "status": result.status.value,
        "found": result.found,
        "similarity": round(result.similarity, 3),
    }
    return line | _place(result.image, result.box)


def _place(image: int | None, box: Box | None) -> dict[str, Any]:
    placed: dict[str, Any] = {} if image is None else {"image": image}
    return placed if box is None else placed | {"box": box.as_list()}


def _original(duplicate: DuplicateOf | None) -> dict[str, Any] | None:
    if duplicate is None:
        return None
    return {
        "proof_id": duplicate.proof_id,
        "relation": duplicate.relation.value,
        "score": round(duplicate.score, 3),
    }
