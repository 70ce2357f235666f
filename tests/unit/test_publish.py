"""The verdict line and what platforms receive."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from pipeline.publish import notices, verdict_line
from pipeline.reasons import ReasonCode
from pipeline.records import (
    Box,
    CheckResult,
    DuplicateOf,
    Outcome,
    Proof,
    Reason,
    RecordedVerdict,
    Relation,
    Status,
    Step,
    Verdict,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
BOX = Box(x=1, y=2, w=3, h=4)


def recorded(lang: str = "en") -> RecordedVerdict:
    proof = Proof(
        id="01B",
        platform="p",
        proof_id="p1",
        job_id="job-1",
        job=None,
        submitter_id="w1",
        submitted_at=NOON,
        received_at=NOON,
        answer=None,
        lang=lang,
        deadline=None,
        step=Step.PUBLISH,
        pictures=(),
    )
    verdict = Verdict(
        outcome=Outcome.REJECT,
        reasons=(Reason(code=ReasonCode.DUPLICATE_EXACT, image=0, box=BOX),),
        duplicate_of=DuplicateOf(proof_id="p0", relation=Relation.EXACT),
        checks=(
            CheckResult(
                check="text",
                expected="Nodi",
                status=Status.PASS,
                found="Nodi",
                similarity=1,
                image=0,
                box=BOX,
            ),
        ),
    )
    return RecordedVerdict(
        id="v1", proof=proof, verdict=verdict, sequence=7, supersedes=None, decided_at=NOON, took_ms=180
    )


def test_a_verdict_line_has_the_promised_shape() -> None:
    """Flat, boxes as lists, the original by the platform's own id."""
    line = verdict_line(recorded())
    assert (line["proof_id"], line["verdict"], line["took_ms"]) == ("p1", "reject", 180)
    assert line["reasons"][0]["code"] == "duplicate.exact"
    assert line["reasons"][0]["remedy"] == "none"
    assert line["reasons"][0]["box"] == [1, 2, 3, 4]
    assert line["duplicate_of"] == {"proof_id": "p0", "relation": "exact", "score": 1.0}
    assert line["checks"][0]["status"] == "pass"
    json.dumps(line)


def test_messages_are_in_the_proofs_language() -> None:
    """A Bengali submitter reads Bengali."""
    assert "প্রমাণ" in verdict_line(recorded("bn"))["reasons"][0]["message"]


def test_each_target_gets_one_notice_with_the_same_body() -> None:
    """A webhook and a stream say the same."""
    made = notices(recorded(), ("webhook", "stream"))
    assert [notice.target for notice in made] == ["webhook", "stream"]
    body = json.loads(made[0].body)
    assert made[0].body == made[1].body
    assert body["type"] == "proof.verdict"
    assert body["data"]["sequence"] == 7
    assert body["data"]["job_id"] == "job-1"
