"""The ledger's promises about jobs, proofs and steps, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep
from typing import TYPE_CHECKING

import pytest

from pipeline.codec import decode, encode
from pipeline.errors import LeaseLost, ProofConflict, UsageError
from pipeline.ledger import SqlQueries
from pipeline.reasons import ReasonCode
from pipeline.records import Box, Job, Pass, Reading, Ring, Step, Word
from tests.ledger_cases import (
    JOB,
    LEASE,
    PLATFORM,
    STRIKES,
    WORKER,
    add,
    at,
    fingerprint,
    fingerprinted,
    judged,
    stored,
    submission,
    take,
    verdict,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.ledger import SqlLedger
    from pipeline.records import Claim, Proof

NOW = timedelta(0)
BLINK = timedelta(milliseconds=30)


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


# ---- claims ---------------------------------------------------------------------------------------


def test_a_claim_counts_before_the_work(ledger: SqlLedger, engine: Engine) -> None:
    """An attempt is on record while it runs."""
    proof = add(ledger)
    claim = take(ledger, proof, Step.FINGERPRINT)
    (attempt,) = SqlQueries(engine).attempts(proof.id)
    assert claim.attempt == attempt.number == 1
    assert (attempt.worker, attempt.step, attempt.ended_at) == (WORKER, Step.FINGERPRINT, None)
    assert claim.proof == proof


def test_a_step_is_claimed_once(ledger: SqlLedger) -> None:
    """A held step, another step and an unknown proof cannot be claimed."""
    proof = add(ledger)
    assert attempted(ledger, proof, Step.READ) is None
    take(ledger, proof, Step.FINGERPRINT)
    assert attempted(ledger, proof, Step.FINGERPRINT) is None
    assert ledger.claim("none", Step.READ, worker=WORKER, lease=LEASE, strikes=STRIKES) is None


def test_eight_claim_and_one_wins(ledger: SqlLedger) -> None:
    """A race for a step has one winner and costs one attempt."""
    for _ in range(5):
        proof = add(ledger)
        with ThreadPoolExecutor(8) as pool:
            claims = list(pool.map(lambda _, one=proof: attempted(ledger, one, Step.FINGERPRINT), range(8)))
        assert [claim.attempt for claim in claims if claim] == [1]


def test_a_lapsed_lease_can_be_taken_and_no_longer_closed(ledger: SqlLedger) -> None:
    """A late worker's result is refused once another holds the step, and changes nothing."""
    proof = add(ledger)
    late = take(ledger, proof, Step.FINGERPRINT, lease=BLINK)
    sleep(0.05)
    second = take(ledger, proof, Step.FINGERPRINT)
    assert second.attempt == 2
    found = [(proof.pictures[0], fingerprint("a"), None)]
    with pytest.raises(LeaseLost):
        ledger.finish_fingerprint(late, found, [(proof.pictures[0], ReasonCode.BLANK)], then=Step.READ)
    ledger.hand_back(late, delay=NOW, problem=ReasonCode.ENGINE_FAILED, detail="late", strike=True)
    assert ledger.fingerprints(proof.id) == ()
    assert loaded(ledger, proof) == proof
    ledger.finish_fingerprint(second, [], [], then=Step.READ)


def test_every_close_is_refused_after_the_lease_was_lost(ledger: SqlLedger) -> None:
    """Read, judge and publish refuse a lost lease too, and leave the proof alone."""
    proof = add(ledger, step=Step.READ)
    read = lost(ledger, proof, Step.READ)
    with pytest.raises(LeaseLost):
        ledger.finish_read(read, [Reading(**READING)], then=Step.JUDGE)
    assert ledger.readings(proof.id) == ()
    ledger.finish_read(take(ledger, proof, Step.READ), [], then=Step.JUDGE)
    judge = lost(ledger, proof, Step.JUDGE)
    with pytest.raises(LeaseLost):
        ledger.finish_judge(judge, verdict(), seen=frozenset(), limit=3, then=Step.PUBLISH)
    assert ledger.verdict(proof.id) is None
    judged(ledger, proof)
    publish = lost(ledger, proof, Step.PUBLISH)
    with pytest.raises(LeaseLost):
        ledger.finish_publish(publish, [], then=Step.DONE)
    assert loaded(ledger, proof).step is Step.PUBLISH


def test_strikes_end_a_step(ledger: SqlLedger) -> None:
    """After the last strike the step cannot be claimed and the proof is exhausted."""
    proof = add(ledger)
    for number in range(1, STRIKES + 1):
        assert ledger.exhausted(strikes=STRIKES, limit=9) == ()
        strike(ledger, proof, Step.FINGERPRINT, attempt=number)
    assert attempted(ledger, proof, Step.FINGERPRINT) is None
    assert ledger.exhausted(strikes=STRIKES, limit=9) == (proof.id,)


def test_an_attempt_given_back_is_no_strike(ledger: SqlLedger) -> None:
    """A step handed back for no fault of the proof's can be claimed for ever."""
    proof = add(ledger)
    for _ in range(STRIKES + 2):
        claim = take(ledger, proof, Step.FINGERPRINT)
        assert claim.attempt == 1
        ledger.hand_back(claim, delay=NOW, problem=None, detail="store away", strike=False)


def test_attempts_start_anew_with_the_next_step(ledger: SqlLedger) -> None:
    """Strikes on one step are not held against the next."""
    proof = add(ledger)
    strike(ledger, proof, Step.FINGERPRINT)
    fingerprinted(ledger, proof, fingerprint("a"), then=Step.READ)
    assert take(ledger, proof, Step.READ).attempt == 1


def test_publishing_is_tried_for_ever(ledger: SqlLedger) -> None:
    """A verdict that is there goes out, however often publishing failed."""
    proof = add(ledger, step=Step.PUBLISH)
    for number in range(1, STRIKES + 3):
        strike(ledger, proof, Step.PUBLISH, attempt=number)
    assert ledger.exhausted(strikes=STRIKES, limit=9) == ()


def test_a_step_handed_back_waits_its_delay(ledger: SqlLedger) -> None:
    """A delayed step is not due, does not wait and cannot be claimed until its time."""
    proof = add(ledger)
    claim = take(ledger, proof, Step.FINGERPRINT)
    ledger.hand_back(claim, delay=timedelta(seconds=0.4), problem=None, detail="", strike=True)
    assert attempted(ledger, proof, Step.FINGERPRINT) is None
    assert ledger.waiting(Step.FINGERPRINT) == 0
    assert ledger.due(Step.FINGERPRINT, rung_before=NOW, limit=9) == ()
    sleep(0.45)
    assert ledger.waiting(Step.FINGERPRINT) == 1
    assert ledger.due(Step.FINGERPRINT, rung_before=timedelta(hours=1), limit=9) == (ring(proof),)


# ---- findings -------------------------------------------------------------------------------------

READING = {
    "image": 0,
    "width_px": 1080,
    "height_px": 2400,
    "words": (Word(text="সাবস্ক্রাইব", box=Box(x=1, y=2, w=3, h=4), confidence=0.5, line=1),),
    "passes": (
        Pass(
            name="page",
            engine="tesserocr",
            languages="eng+ben",
            page_mode=11,
            scale=1.5,
            region=Box(x=0, y=0, w=9, h=9),
            cpu_ms=7,
            words=1,
        ),
    ),
    "engine_version": "5.3",
}


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


# ---- what sweep does ------------------------------------------------------------------------------


def test_a_lapsed_lease_is_released_and_stays_counted(ledger: SqlLedger) -> None:
    """A step whose worker vanished waits again, one attempt poorer."""
    proof, held = add(ledger), add(ledger)
    take(ledger, proof, Step.FINGERPRINT, lease=BLINK)
    take(ledger, held, Step.FINGERPRINT)
    sleep(0.05)
    assert ledger.release_lapsed() == (ring(proof),)
    assert ledger.release_lapsed() == ()
    assert take(ledger, proof, Step.FINGERPRINT).attempt == 2


def test_leases_of_dead_workers_are_released(ledger: SqlLedger) -> None:
    """At start a host frees what its dead processes held, and nobody else's."""
    names = ("a:1:1", "a:2:1", "ab:1:1")
    proofs = [add(ledger) for _ in names]
    for proof, name in zip(proofs, names, strict=True):
        ledger.claim(proof.id, Step.FINGERPRINT, worker=name, lease=LEASE, strikes=STRIKES)
    assert ledger.release_dead("a:", frozenset({"a:2:1"})) == 1
    assert ledger.due(Step.FINGERPRINT, rung_before=timedelta(hours=1), limit=9) == (ring(proofs[0]),)


def test_a_bell_is_rung_again_only_after_a_while(ledger: SqlLedger) -> None:
    """What was just sent is not rung again; what nobody heard is, the oldest first, and then marked."""
    first, second, third = add(ledger), add(ledger), add(ledger)
    take(ledger, second, Step.FINGERPRINT)
    assert ledger.due(Step.FINGERPRINT, rung_before=timedelta(seconds=30), limit=9) == ()
    assert ledger.due(Step.FINGERPRINT, rung_before=NOW, limit=1) == (ring(first),)
    assert ledger.due(Step.FINGERPRINT, rung_before=NOW, limit=9) == (ring(first), ring(third))
    assert ledger.due(Step.FINGERPRINT, rung_before=timedelta(seconds=30), limit=9) == ()
    assert ledger.waiting(Step.FINGERPRINT) == 2


@pytest.mark.parametrize("died", [True, False])
def test_giving_up_sends_the_proof_to_judgement_with_its_last_problem(ledger: SqlLedger, died: bool) -> None:  # noqa: FBT001
    """The verdict can say why: the last attempt's problem, or that the engine died."""
    proof = add(ledger)
    for _ in range(STRIKES - 1):
        strike(ledger, proof, Step.FINGERPRINT)
    assert not ledger.give_up(proof.id, strikes=STRIKES)
    if died:
        take(ledger, proof, Step.FINGERPRINT, lease=BLINK)
        sleep(0.05)
        assert not ledger.give_up(proof.id, strikes=STRIKES)
        ledger.release_lapsed()
    else:
        strike(ledger, proof, Step.FINGERPRINT)
    assert ledger.give_up(proof.id, strikes=STRIKES)
    assert not ledger.give_up(proof.id, strikes=STRIKES)
    claim = take(ledger, proof, Step.JUDGE)
    assert claim.attempt == 1
    assert claim.proof.failure is (ReasonCode.ENGINE_FAILED if died else ReasonCode.ENGINE_TIMEOUT)


def test_counting_says_what_stands_where(ledger: SqlLedger) -> None:
    """Progress is told by step and by the current verdict."""
    judged(ledger, add(ledger, step=Step.JUDGE))
    add(ledger)
    counted = ledger.counted(PLATFORM)
    assert dict(counted.by_step) == {Step.FINGERPRINT: 1, Step.PUBLISH: 1}
    assert [(said.value, count) for said, count in counted.by_outcome] == [("accept", 1)]
    assert ledger.counted() == counted
    assert ledger.counted("nobody").by_step == ()


def attempted(ledger: SqlLedger, proof: Proof, step: Step) -> Claim | None:
    """Claim a step that may be taken."""
    return ledger.claim(proof.id, step, worker=WORKER, lease=LEASE, strikes=STRIKES)


def strike(ledger: SqlLedger, proof: Proof, step: Step, *, attempt: int | None = None) -> None:
    """Fail at a step once."""
    claim = take(ledger, proof, step)
    assert attempt in {None, claim.attempt}
    ledger.hand_back(claim, delay=NOW, problem=ReasonCode.ENGINE_TIMEOUT, detail="slow", strike=True)


def lost(ledger: SqlLedger, proof: Proof, step: Step) -> Claim:
    """Return a claim whose lease ran out and was released."""
    claim = take(ledger, proof, step, lease=BLINK)
    sleep(0.05)
    ledger.release_lapsed()
    return claim


def loaded(ledger: SqlLedger, proof: Proof) -> Proof:
    """Return the proof as the ledger holds it now."""
    found = ledger.proof(proof.id)
    assert found is not None
    return found


def ring(proof: Proof) -> Ring:
    """Return the bell of a proof that waits to be fingerprinted."""
    return Ring(proof=proof.id, step=Step.FINGERPRINT)
