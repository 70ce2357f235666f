"""publish: a verdict becomes the line that everyone sees and one notice a target. Pure.

In: a `RecordedVerdict`. Out: the verdict line (contract section 2) and `Notice`s. It sends nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipeline.reasons import REASONS, sentence
from pipeline.records import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.records import Box, CheckResult, DuplicateOf, Reason, RecordedVerdict

EVENT_TYPE = "proof.verdict"


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


def notices(recorded: RecordedVerdict, targets: Sequence[str]) -> tuple[Notice, ...]:
    """Return one notice a target, all with the same body."""
    body = json.dumps(event(recorded), ensure_ascii=False, separators=(",", ":"))
    return tuple(Notice(target=target, body=body) for target in targets)


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
