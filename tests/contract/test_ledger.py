"""The ledger's promises about jobs, proofs and findings, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.codec import decode, encode
from pipeline.errors import ProofConflict, UsageError
from pipeline.reasons import ReasonCode
from pipeline.records import Job, Reading, Step
from tests.ledger_cases import (
    JOB,
    PLATFORM,
    READING,
    add,
    at,
    fingerprint,
    loaded,
    stored,
    submission,
    take,
)

if TYPE_CHECKING:
    from pipeline.ledger import SqlLedger


@pytest.fixture
def platform(ledger: SqlLedger) -> str:
    """A declared platform with one declared job."""
    ledger.declare_platform(PLATFORM)
    ledger.declare_job(PLATFORM, JOB)
    return PLATFORM


# ---- platforms and jobs ---------------------------------------------------------------------------


def test_a_job_with_every_check_comes_back_as_it_was(ledger: SqlLedger, platform: str) -> None:
    """A job's spec survives the database, Bengali and durations included."""
    assert ledger.current_job(platform, JOB.id) == JOB
    assert decode(Job, encode(JOB)) == JOB


def test_a_platform_is_made_once(ledger: SqlLedger, platform: str) -> None:
    """Declaring a platform again keeps its jobs."""
    ledger.declare_platform(platform)
    assert ledger.current_job(platform, JOB.id) == JOB


def test_an_unknown_job_is_none(ledger: SqlLedger, platform: str) -> None:
    """A job that was never declared is None, of a known platform and of an unknown one."""
    assert ledger.current_job(platform, "nope") is None
    assert ledger.current_job("nobody", JOB.id) is None


def test_an_undeclared_platform_is_refused(ledger: SqlLedger) -> None:
    """A job or proof of a platform that nobody declared says what to do."""
    with pytest.raises(UsageError, match="praman platform add"):
        ledger.declare_job("nobody", JOB)
    with pytest.raises(UsageError, match="praman platform add"):
        ledger.add_proof(submission("q"), [stored()], step=Step.FINGERPRINT)


def test_a_proof_keeps_the_job_it_was_submitted_under(ledger: SqlLedger, platform: str) -> None:
    """Changing a job changes nothing for the proofs that are there."""
    before = add(ledger, "before")
    changed = Job(id=JOB.id, title="Changed")
    ledger.declare_job(platform, changed)
    after = add(ledger, "after")
    assert ledger.current_job(platform, JOB.id) == changed
    assert [loaded(ledger, proof).job for proof in (before, after)] == [JOB, changed]


def test_going_back_to_an_old_spec_is_a_new_version(ledger: SqlLedger, platform: str) -> None:
    """A spec that equals an older version, not the current one, becomes the current one."""
    ledger.declare_job(platform, Job(id=JOB.id))
    ledger.declare_job(platform, JOB)
    assert ledger.current_job(platform, JOB.id) == JOB


# ---- proofs ---------------------------------------------------------------------------------------


def test_a_proof_starts_where_its_own_job_lets_it_start(ledger: SqlLedger) -> None:
    """What it keeps decides, not what somebody looked up before: a job may be declared meanwhile."""
    ledger.declare_platform(PLATFORM)
    early, _ = ledger.add_proof(submission("early"), [stored("a")])
    ledger.declare_job(PLATFORM, JOB)
    late, _ = ledger.add_proof(submission("late"), [stored("b")])
    assert (early.job, early.step) == (None, Step.JUDGE)
    assert (late.job, late.step) == (JOB, Step.FINGERPRINT)


def test_a_proof_comes_back_as_it_was_sent(ledger: SqlLedger, platform: str) -> None:
    """Times, pictures, faults and the answer survive; the language is the job's where none was given."""
    pictures = (stored("a"), stored("b", index=1, fault=ReasonCode.NOT_A_PICTURE))
    proof, new = ledger.add_proof(submission("q", answer="আমি"), pictures, step=Step.FINGERPRINT)
    assert new
    assert loaded(ledger, proof) == proof
    assert proof.pictures == pictures
    assert (proof.submitted_at, proof.answer, proof.lang) == (at(0), "আমি", "bn")
    assert (proof.step, proof.job, proof.failure) == (Step.FINGERPRINT, JOB, None)
    assert proof.received_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("job_id", "asked", "lang"), [(JOB.id, "en", "en"), (JOB.id, None, "bn"), ("unknown", None, "en")]
)
def test_the_language_is_the_proofs_else_the_jobs_else_english(
    ledger: SqlLedger, platform: str, job_id: str, asked: str | None, lang: str
) -> None:
    """The language of the messages is settled when the proof comes in."""
    claim = submission("q", job_id=job_id, lang=asked)
    proof, _ = ledger.add_proof(claim, [stored()], step=Step.JUDGE)
    assert proof.lang == lang


def test_a_proof_without_an_id_gets_one(ledger: SqlLedger, platform: str) -> None:
    """Two proofs without ids are two proofs."""
    first, second = add(ledger), add(ledger)
    assert first.proof_id == first.id
    assert first.id < second.id


def test_the_same_proof_again_is_the_same_row(ledger: SqlLedger, platform: str) -> None:
    """Sending a proof twice makes one, even where the time is written in another zone."""
    first, new = ledger.add_proof(submission("q"), [stored("a")], step=Step.FINGERPRINT)
    again, new_again = ledger.add_proof(submission("q"), [stored("a")], step=Step.FINGERPRINT)
    assert (new, new_again) == (True, False)
    assert first == again


def test_the_same_id_with_other_content_is_a_conflict(ledger: SqlLedger, platform: str) -> None:
    """A taken id is refused, whatever differs, and the first proof stays as it is."""
    first, _ = ledger.add_proof(submission("q"), [stored("a")], step=Step.FINGERPRINT)
    others = (
        (submission("q"), "b"),
        (submission("q", minutes=1), "a"),
        (submission("q", answer="x"), "a"),
        (submission("q", submitter="w2"), "a"),
        (submission("q", job_id="job-2"), "a"),
    )
    for claim, content in others:
        with pytest.raises(ProofConflict, match="new id"):
            ledger.add_proof(claim, [stored(content)], step=Step.FINGERPRINT)
    assert loaded(ledger, first) == first


def test_one_id_sent_by_eight_at_once_is_one_proof(ledger: SqlLedger, platform: str) -> None:
    """However a proof is raced, exactly one caller made it and all get the same row."""
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda _: ledger.add_proof(submission("q"), [stored()], step=Step.JUDGE), range(8))
        )
    assert sum(new for _, new in made) == 1
    assert len({proof.id for proof, _ in made}) == 1


# ---- findings -------------------------------------------------------------------------------------


def test_readings_come_back_in_picture_order(ledger: SqlLedger) -> None:
    """What was read is what is judged."""
    proof = add(ledger, step=Step.READ)
    second, first = Reading(**READING | {"image": 1}), Reading(**READING)
    ledger.finish_read(take(ledger, proof, Step.READ), [second, first], then=Step.JUDGE)
    assert ledger.readings(proof.id) == (first, second)
    assert loaded(ledger, proof).step is Step.JUDGE


def test_fingerprints_and_faults_come_back(ledger: SqlLedger) -> None:
    """A fingerprint keeps all 64 bits of its hashes; a fault stays with its picture."""
    ledger.declare_platform(PLATFORM)
    pictures = (stored("a"), stored("b", index=1))
    proof, _ = ledger.add_proof(submission("q"), pictures, step=Step.FINGERPRINT)
    found = fingerprint("a", page=2**64 - 1, body=2**63, mirrored=0)
    claim = take(ledger, proof, Step.FINGERPRINT)
    ledger.finish_fingerprint(
        claim,
        [(pictures[0], found, "key"), (pictures[1], None, None)],
        [(pictures[1], ReasonCode.NOT_A_PICTURE)],
        then=Step.READ,
    )
    ((image, kept, key),) = ledger.fingerprints(proof.id)
    assert (image, key, kept.hashes, kept.sketch) == (0, "key", found.hashes, b"")
    assert [picture.fault for picture in loaded(ledger, proof).pictures] == [None, ReasonCode.NOT_A_PICTURE]
