"""The verdict line and what platforms receive."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.publish import notices, verdict_line
from pipeline.reasons import ReasonCode
from pipeline.records import (
    AutoReject,
    Box,
    CheckResult,
    Decide,
    DuplicateOf,
    Job,
    Outcome,
    Proof,
    Reason,
    RecordedVerdict,
    Relation,
    Status,
    Step,
    Verdict,
)

NO_TIME = timedelta(0)
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
    made = notices(recorded(), ("webhook", "stream"), hold=NO_TIME, undo=NO_TIME, first_delay=NO_TIME)
    assert [notice.target for notice in made] == ["webhook", "stream"]
    body = json.loads(made[0].body)
    assert made[0].body == made[1].body
    assert body["type"] == "proof.verdict"
    assert body["data"]["sequence"] == 7
    assert body["data"]["job_id"] == "job-1"


@pytest.mark.parametrize(
    ("auto_reject", "outcome", "waits_s"),
    [
        (AutoReject.HOLD, Outcome.REJECT, 900),
        (AutoReject.HOLD, Outcome.ACCEPT, 0),
        (AutoReject.HOLD, Outcome.MANUAL, 0),
        (AutoReject.ON, Outcome.REJECT, 0),
    ],
)
def test_only_a_reject_of_a_job_that_holds_waits(
    auto_reject: AutoReject, outcome: Outcome, waits_s: int
) -> None:
    """A held reject's notice is due after the window in which it can be taken back."""
    made = recorded()
    job = Job(id="job-1", decide=Decide(auto_reject=auto_reject))
    made = replace(made, proof=replace(made.proof, job=job), verdict=replace(made.verdict, outcome=outcome))
    (notice,) = notices(made, ("webhook",), hold=timedelta(seconds=900), undo=NO_TIME, first_delay=NO_TIME)
    expected = made.decided_at + timedelta(seconds=waits_s) if waits_s else None
    assert notice.due_at == expected


def test_the_first_place_of_the_schedule_delays_every_notice() -> None:
    """A schedule that does not begin with 0 is kept."""
    (notice,) = notices(
        recorded(), ("webhook",), hold=NO_TIME, undo=NO_TIME, first_delay=timedelta(seconds=7)
    )
    assert notice.due_at == NOON + timedelta(seconds=7)


@pytest.mark.parametrize("checks", [20, 400])
def test_a_body_fits_its_receivers(checks: int) -> None:
    """However much a picture said, the body stays below 20 kB, is JSON, and says what was decided."""
    made = recorded("bn")
    long = replace(made.verdict.checks[0], found="যোগ দিয়েছেন " * 200, expected="রান্নাঘর " * 200)
    reason = replace(
        made.verdict.reasons[0], code=ReasonCode.TARGET_MISSING, details=(("expected", "ক" * 4000),)
    )
    verdict = replace(made.verdict, checks=(long,) * checks, reasons=(reason,) * checks)
    (notice,) = notices(
        replace(made, verdict=verdict), ("webhook",), hold=NO_TIME, undo=NO_TIME, first_delay=NO_TIME
    )
    assert len(notice.body.encode()) <= 20_000
    data = json.loads(notice.body)["data"]
    assert (data["verdict"], data["proof_id"], data["sequence"]) == ("reject", "p1", made.sequence)
    assert data["reasons"][0]["code"] == "evidence.target_missing"
