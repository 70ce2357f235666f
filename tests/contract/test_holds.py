"""Held rejects, taking them back, and the rates that the brake looks at, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import NotNow
from pipeline.ledger import SqlOutbox, SqlQueries
from pipeline.reasons import ReasonCode
from pipeline.records import History, Notice, NoticeState, Outcome, Rate, Reply, Settlement, Step
from tests.ledger_cases import LEASE, PLATFORM, WORKER, add, at, judged, take, verdict

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.ledger import SqlLedger
    from pipeline.records import Proof, RecordedVerdict, Verdict

LATER = at(99_999_999)
MISSING = verdict(Outcome.REJECT, ReasonCode.TARGET_MISSING)


def published(
    ledger: SqlLedger, proof_id: str, *notices: Notice, said: Verdict = MISSING, **who: str
) -> Proof:
    """Judge and publish a proof with these notices."""
    proof = add(ledger, proof_id, step=Step.JUDGE, **who)  # type: ignore[arg-type]
    judged(ledger, proof, said)
    ledger.finish_publish(take(ledger, proof, Step.PUBLISH), notices, then=Step.DONE)
    return proof


def held(target: str = "webhook") -> Notice:
    return Notice(target=target, body="{}", due_at=LATER)


@pytest.fixture
def outbox(engine: Engine) -> SqlOutbox:
    return SqlOutbox(engine)


def waiting(outbox: SqlOutbox, **whose: str) -> list[str]:
    given = {"platform": None, "job_id": None, "submitter_id": None} | whose
    return [one.proof_id for one in outbox.held(limit=9, **given)]  # type: ignore[arg-type]


def test_what_waits_is_listed_with_its_reasons(ledger: SqlLedger, outbox: SqlOutbox) -> None:
    """Only rejects, only those not due yet, narrowed by job, submitter and platform."""
    published(ledger, "a", held(), held("sqs"))
    published(ledger, "b", held(), submitter="w2", job_id="job-2")
    published(ledger, "due", Notice(target="webhook", body="{}"))
    published(ledger, "accepted", held(), said=verdict())
    first, _ = outbox.held(platform=None, job_id=None, submitter_id=None, limit=9)
    assert (first.proof_id, first.codes, first.until) == ("a", (ReasonCode.TARGET_MISSING,), LATER)
    assert waiting(outbox) == ["a", "b"]
    assert waiting(outbox, job_id="job-2") == waiting(outbox, submitter_id="w2") == ["b"]
    assert waiting(outbox, platform="another") == []


def test_a_reject_taken_back_is_manual_and_never_goes_out(ledger: SqlLedger, outbox: SqlOutbox) -> None:
    """The verdict is superseded with a reason of its own, its notices are withdrawn, publishing is due."""
    proof = published(ledger, "a", held(), held("sqs"))
    before = ledger.verdict(proof.id)
    assert before is not None
    after = outbox.take_back(PLATFORM, "a")
    assert (after.verdict.outcome, after.supersedes, after.sequence) == (
        Outcome.MANUAL,
        before.id,
        before.sequence + 1,
    )
    assert [one.code for one in after.verdict.reasons] == [ReasonCode.TARGET_MISSING, ReasonCode.TAKEN_BACK]
    current = ledger.verdict(proof.id)
    assert current is not None
    assert (current.id, current.verdict) == (after.id, after.verdict)
    lines = outbox.listed(platform=None, state=None, proof_id="a", limit=9)
    assert {line.state for line in lines} == {NoticeState.TAKEN_BACK}
    assert outbox.replay(notices=[line.id for line in lines])[1] == 0
    assert waiting(outbox) == []
    take(ledger, proof, Step.PUBLISH)


def test_what_is_on_its_way_is_not_taken_back(ledger: SqlLedger, outbox: SqlOutbox) -> None:
    """One notice out, held or due is enough; nothing is half taken back, and the words say what helps."""
    ledger.declare_platform(PLATFORM)
    endpoint = outbox.open_endpoint(PLATFORM, "sqs", address="queue").id
    proof = published(ledger, "a", held(), Notice(target="sqs", body="{}"))
    with pytest.raises(NotNow, match="appeal"):
        outbox.take_back(PLATFORM, "a")
    delivery = outbox.take(endpoint, worker=WORKER, lease=LEASE, at_once=1, at_once_unproven=1, proven=LEASE)
    assert delivery is not None
    done = Settlement(state=NoticeState.DELIVERED)
    outbox.close(delivery, Reply(status=200), done, stop_after=timedelta(days=5))
    with pytest.raises(NotNow, match="appeal"):
        outbox.take_back(PLATFORM, "a")
    current = ledger.verdict(proof.id)
    assert current is not None
    assert current.verdict.outcome is Outcome.REJECT
    states = {
        line.target: line.state for line in outbox.listed(platform=None, state=None, proof_id="a", limit=9)
    }
    assert states == {"webhook": NoticeState.WAITING, "sqs": NoticeState.DELIVERED}


def test_only_a_reject_can_be_taken_back(ledger: SqlLedger, outbox: SqlOutbox) -> None:
    """Unknown, accepted and already taken back proofs are told, another platform's is unknown."""
    published(ledger, "accepted", held(), said=verdict())
    published(ledger, "rejected", held())
    ledger.declare_platform("another")
    for platform, name in ((PLATFORM, "nobody"), (PLATFORM, "accepted"), ("another", "rejected")):
        with pytest.raises(NotNow, match="hold list"):
            outbox.take_back(platform, name)
    outbox.take_back(PLATFORM, "rejected")
    with pytest.raises(NotNow):
        outbox.take_back(PLATFORM, "rejected")


# ---- rates -----------------------------------------------------------------------------------------


def test_histories_count_the_newest_and_those_before(ledger: SqlLedger, engine: Engine) -> None:
    """Of the job and of the submitter, the proof itself left out, what was undecided too."""
    for number in range(6):
        said = MISSING if number >= 4 else verdict()
        record(ledger, f"n{number}", said, submitter="w1" if number % 2 else "w2")
    record(ledger, "elsewhere", MISSING, submitter="w2", job_id="job-2")
    add(ledger, "undecided")
    mine = add(ledger, "mine", submitter="w2")
    job, submitter = SqlQueries(engine).histories(mine, recent=3, usual=2)
    assert job == History(
        recent=Rate(decided=3, rejected=2, for_evidence=2), usual=Rate(decided=2, rejected=0)
    )
    assert submitter == History(
        recent=Rate(decided=3, rejected=2, for_evidence=2), usual=Rate(decided=1, rejected=0)
    )


def test_what_a_brake_held_counts_as_rejected_and_a_copy_is_no_evidence(
    ledger: SqlLedger, engine: Engine
) -> None:
    """Else the brake would release itself, and copies would brake a new job."""
    record(ledger, "braked", verdict(Outcome.MANUAL, ReasonCode.TARGET_MISSING, ReasonCode.BRAKE_JOB))
    record(ledger, "manual", verdict(Outcome.MANUAL, ReasonCode.UNCLEAR))
    root = add(ledger, "root", step=Step.JUDGE)
    record(ledger, "copy", verdict(Outcome.REJECT, ReasonCode.DUPLICATE_EXACT, root=root))
    job, _ = SqlQueries(engine).histories(root, recent=9, usual=9)
    assert job.recent == Rate(decided=3, rejected=2, for_evidence=1)
    assert job.usual == Rate()


def record(ledger: SqlLedger, proof_id: str, said: Verdict, **who: str) -> RecordedVerdict:
    proof = add(ledger, proof_id, step=Step.JUDGE, **who)  # type: ignore[arg-type]
    return judged(ledger, proof, said, then=Step.DONE)
