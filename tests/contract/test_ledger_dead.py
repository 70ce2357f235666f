"""Proofs on which the machine gave up: seen, explained, done afresh, on each kind of database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from pipeline.errors import NotNow
from pipeline.ledger import SqlDead, SqlLedger, SqlPlatforms
from pipeline.reasons import ReasonCode
from pipeline.records import Outcome, Proof, Step
from tests.ledger_cases import (
    JOB,
    PLATFORM,
    STRIKES,
    add,
    fingerprint,
    fingerprinted,
    judged,
    loaded,
    stored,
    submission,
    take,
    verdict,
)

NOW = timedelta(0)


@pytest.fixture
def dead(engine: Engine) -> SqlDead:
    return SqlDead(engine)


def declare(ledger: SqlLedger) -> None:
    ledger.declare_platform(PLATFORM)
    ledger.declare_job(PLATFORM, JOB)


def killed(ledger: SqlLedger, proof: Proof, step: Step, *, died: bool = True) -> None:
    """Use up the attempts of a step and have the machine's `manual` published."""
    for _ in range(STRIKES):
        claim = take(ledger, proof, step)
        ledger.hand_back(
            claim, delay=NOW, problem=ReasonCode.ENGINE_FAILED, detail="boom", strike=True, died=died
        )
    assert ledger.give_up(proof.id, strikes=STRIKES)
    manual(ledger, proof)


def manual(ledger: SqlLedger, proof: Proof) -> None:
    judged(ledger, proof, verdict(Outcome.MANUAL, ReasonCode.ENGINE_FAILED))
    ledger.finish_publish(take(ledger, proof, Step.PUBLISH), [], then=Step.DONE)


def test_the_dead_are_listed_with_why(ledger: SqlLedger, dead: SqlDead) -> None:
    """Attempts, deaths and the last error are told; the living are not."""
    add(ledger, "alive", step=Step.JUDGE)
    killed(ledger, add(ledger, "poison"), Step.FINGERPRINT)
    (one,) = dead.listed(limit=9)
    told = (one.proof.proof_id, one.step, one.attempts, one.deaths, one.last_error, one.refused)
    assert told == ("poison", Step.FINGERPRINT, STRIKES, STRIKES, "boom", None)
    assert dead.listed(platform="another", limit=9) == ()
    assert dead.named(PLATFORM, "alive") is None


def test_a_picture_that_killed_is_opened_no_more(ledger: SqlLedger, dead: SqlDead) -> None:
    """The same bytes under another id are ours to answer for, and no child sees them."""
    killed(ledger, add(ledger, "poison"), Step.FINGERPRINT)
    (held,) = dead.listed(limit=9)[0].poison
    assert (held.image, held.deaths) == (0, STRIKES)
    again, _ = ledger.add_proof(submission("again"), [stored("poison")], step=Step.FINGERPRINT)
    assert [one.fault for one in again.pictures] == [ReasonCode.ENGINE_FAILED]
    other = add(ledger, "harmless")
    assert [one.fault for one in other.pictures] == [None]


def test_a_worker_that_dies_without_a_word_counts_as_a_death(ledger: SqlLedger, dead: SqlDead) -> None:
    """SIGKILL at each attempt: the lapsed leases are deaths, and the last has nothing to say."""
    proof = add(ledger, "heavy")
    for _ in range(STRIKES):
        take(ledger, proof, Step.FINGERPRINT, lease=timedelta(seconds=-1))
        ledger.release_lapsed()
    assert ledger.give_up(proof.id, strikes=STRIKES)
    manual(ledger, proof)
    (one,) = dead.listed(limit=9)
    assert (one.deaths, one.last_error, len(one.poison)) == (STRIKES, None, 1)


def test_errors_and_crowds_leave_no_quarantine(ledger: SqlLedger, dead: SqlDead) -> None:
    """An engine's error is no death, and of two pictures nobody knows which one killed."""
    killed(ledger, add(ledger, "error"), Step.FINGERPRINT, died=False)
    pair, _ = ledger.add_proof(
        submission("pair"), [stored("one"), stored("two", index=1)], step=Step.FINGERPRINT
    )
    killed(ledger, pair, Step.FINGERPRINT)
    assert [one.poison for one in dead.listed(limit=9)] == [(), ()]


def test_a_replayed_proof_begins_afresh_and_supersedes(ledger: SqlLedger, dead: SqlDead) -> None:
    """Same id, no failure, quarantine lifted; the next verdict takes the place of the machine's own."""
    declare(ledger)
    proof = add(ledger, "poison")
    killed(ledger, proof, Step.FINGERPRINT)
    before = ledger.verdict(proof.id)
    dead.replay(PLATFORM, "poison")
    fresh = loaded(ledger, proof)
    assert (fresh.step, fresh.failure, fresh.pictures[0].fault) == (Step.FINGERPRINT, None, None)
    assert dead.listed(limit=9) == ()
    with pytest.raises(NotNow):
        dead.replay(PLATFORM, "poison")
    fingerprinted(ledger, proof, fingerprint("poison"))
    after = judged(ledger, proof)
    assert before is not None
    assert (after.supersedes, after.verdict.outcome) == (before.id, Outcome.ACCEPT)


def test_what_was_fingerprinted_stays(ledger: SqlLedger, dead: SqlDead) -> None:
    """Later proofs were judged by it: a proof that failed at reading begins there."""
    declare(ledger)
    proof = add(ledger, "slow")
    fingerprinted(ledger, proof, fingerprint("slow"), then=Step.READ)
    killed(ledger, proof, Step.READ)
    assert dead.replay(PLATFORM, "slow").id == proof.id
    assert loaded(ledger, proof).step is Step.READ


def test_the_verdict_of_a_person_stands(engine: Engine, ledger: SqlLedger, dead: SqlDead) -> None:
    """A dead proof that was erased, or is on its way, is told why it cannot be replayed."""
    killed(ledger, add(ledger, "gone"), Step.FINGERPRINT)
    SqlPlatforms(engine).erase(PLATFORM, "gone")
    assert dead.listed(limit=9) == ()
    with pytest.raises(NotNow, match="erased"):
        dead.replay(PLATFORM, "gone")
    waiting = add(ledger, "waiting")
    for _ in range(STRIKES):
        claim = take(ledger, waiting, Step.FINGERPRINT)
        ledger.hand_back(claim, delay=NOW, problem=None, detail="boom", strike=True)
    ledger.give_up(waiting.id, strikes=STRIKES)
    with pytest.raises(NotNow, match="at judge"):
        dead.replay(PLATFORM, "waiting")
    with pytest.raises(NotNow, match="not among the dead"):
        dead.replay(PLATFORM, "nobody")
