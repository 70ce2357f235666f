"""The ledger's promises about claims, leases and what sweep does, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.errors import LeaseLost
from pipeline.ledger import SqlQueries
from pipeline.reasons import ReasonCode
from pipeline.records import Fingerprinted, Reading, Ring, Standing, Step, Unclosed
from tests.ledger_cases import (
    LEASE,
    PLATFORM,
    READING,
    STRIKES,
    WORKER,
    add,
    fingerprint,
    fingerprinted,
    judged,
    loaded,
    take,
    verdict,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.ledger import SqlLedger
    from pipeline.records import Claim, Proof

NOW = timedelta(0)
LONG = timedelta(hours=1)
BLINK = timedelta(milliseconds=30)


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
        ledger.finish_judge(judge, verdict(), seen=(), limit=3, then=Step.PUBLISH)
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
    ledger.hand_back(claim, delay=timedelta(seconds=1.0), problem=None, detail="", strike=True)
    assert attempted(ledger, proof, Step.FINGERPRINT) is None
    assert ledger.waiting(Step.FINGERPRINT) == 0
    assert ledger.due(Step.FINGERPRINT, rung_before=NOW, limit=9) == ()
    sleep(1.05)
    assert ledger.waiting(Step.FINGERPRINT) == 1
    assert ledger.due(Step.FINGERPRINT, rung_before=timedelta(hours=1), limit=9) == (ring(proof),)


def test_a_worker_that_goes_on_holds_the_next_step_from_the_same_moment(
    ledger: SqlLedger, engine: Engine
) -> None:
    """Ending a step and taking the next is one: counted before the work, and free for nobody between."""
    proof = add(ledger, step=Step.READ)
    claim = take(ledger, proof, Step.READ)
    kept = ledger.onward(claim, Step.JUDGE, lease=LEASE)
    ledger.finish_read(claim, [Reading(**READING)], then=Step.JUDGE, kept=kept)
    assert attempted(ledger, proof, Step.JUDGE) is None
    assert ledger.waiting(Step.JUDGE) == 0
    read, judge = SqlQueries(engine).attempts(proof.id)
    assert read.ended_at is not None
    assert (judge.step, judge.number, judge.worker, judge.ended_at) == (Step.JUDGE, 1, WORKER, None)
    assert kept.claim.proof == loaded(ledger, proof)
    strike_with(ledger, kept.claim)
    assert take(ledger, proof, Step.JUDGE).attempt == 2


def test_who_fingerprinted_a_proof_goes_on_once_the_earlier_ones_are_in_hand(ledger: SqlLedger) -> None:
    """It waits behind an earlier proof of its job that nobody looks at, and is told of an exact copy."""
    earlier, later = add(ledger, "earlier"), add(ledger, "later", minutes=1, submitter="w2")
    assert go_on(ledger, later) is None
    assert ledger.waiting(Step.READ) == 1
    first = take(ledger, earlier, Step.FINGERPRINT)
    assert go_on(ledger, add(ledger, "third", minutes=2), content="other") == Fingerprinted(
        copied=False, shared=False
    )
    found = [(earlier.pictures[0], fingerprint("same"), None)]
    assert ledger.finish_fingerprint(first, found, [], then=Step.JUDGE) is None
    copy = add(ledger, "copy", minutes=3, submitter="w3")
    assert go_on(ledger, copy) == Fingerprinted(copied=True, shared=False)
    assert attempted(ledger, copy, Step.READ) is None


def go_on(ledger: SqlLedger, proof: Proof, *, content: str = "same") -> Fingerprinted | None:
    claim = take(ledger, proof, Step.FINGERPRINT)
    kept = ledger.onward(claim, Step.READ, lease=LEASE)
    found = [(proof.pictures[0], fingerprint(content), None)]
    return ledger.finish_fingerprint(claim, found, [], then=Step.READ, kept=kept)


def test_a_worker_that_lost_its_lease_cannot_go_on(ledger: SqlLedger) -> None:
    """The next step is taken with the end of the first or not at all."""
    proof = add(ledger, step=Step.READ)
    claim = lost(ledger, proof, Step.READ)
    kept = ledger.onward(claim, Step.JUDGE, lease=LEASE)
    with pytest.raises(LeaseLost):
        ledger.finish_read(claim, [], then=Step.JUDGE, kept=kept)
    assert loaded(ledger, proof).step is Step.READ
    with pytest.raises(LeaseLost):
        ledger.finish_judge(kept.claim, verdict(), seen=(), limit=3, then=Step.PUBLISH)


def test_what_was_read_is_written_down_with_the_verdict_that_comes_of_it(
    ledger: SqlLedger, engine: Engine
) -> None:
    """Both steps end in one transaction, and each has its attempt; whoever lost the first writes neither."""
    proof = add(ledger, step=Step.READ)
    claim = take(ledger, proof, Step.READ)
    kept = ledger.onward(claim, Step.JUDGE, lease=LEASE)
    read = Unclosed(claim=claim, readings=(Reading(**READING),))
    known: dict[str, Any] = {"seen": (), "limit": 3, "then": Step.PUBLISH, "read": read}
    assert ledger.finish_judge(kept.claim, verdict(), **known) is not None
    assert ledger.readings(proof.id) == read.readings
    assert loaded(ledger, proof).step is Step.PUBLISH
    tried = SqlQueries(engine).attempts(proof.id)
    assert [(one.step, one.number, one.ended_at is None) for one in tried] == [
        (Step.READ, 1, False),
        (Step.JUDGE, 1, False),
    ]
    with pytest.raises(LeaseLost):
        ledger.finish_judge(kept.claim, verdict(), **known)


def test_a_step_that_was_kept_lapses_like_any_other(ledger: SqlLedger) -> None:
    """A worker that dies between two steps costs the second one a lease, no more."""
    proof = add(ledger, step=Step.READ)
    claim = take(ledger, proof, Step.READ)
    ledger.finish_read(claim, [], then=Step.JUDGE, kept=ledger.onward(claim, Step.JUDGE, lease=BLINK))
    sleep(0.05)
    assert ledger.release_lapsed() == (Ring(proof=proof.id, step=Step.JUDGE),)
    assert take(ledger, proof, Step.JUDGE).attempt == 2


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


def test_one_look_tells_what_there_is_to_sweep(ledger: SqlLedger) -> None:
    """Each step tells what waits, what nobody heard, what is held, lapsed, and who is out of attempts."""
    add(ledger)
    assert looked(ledger, LONG) == (standing(waiting=1),)
    assert looked(ledger, NOW) == (standing(waiting=1, unheard=1),)
    late, spent = add(ledger), add(ledger)
    take(ledger, late, Step.FINGERPRINT, lease=BLINK)
    take(ledger, add(ledger), Step.FINGERPRINT)
    for _ in range(STRIKES):
        strike(ledger, spent, Step.FINGERPRINT)
    sleep(0.05)
    found = looked(ledger, LONG)
    assert found == (standing(waiting=2, unheard=1, lapsed=1, exhausted=1, held=2),)
    add(ledger, step=Step.DONE)
    assert looked(ledger, LONG) == found


def test_a_look_tells_how_long_the_oldest_waits(ledger: SqlLedger) -> None:
    """The age of the first that nobody took, by the database's clock; none where it is held."""
    first = add(ledger)
    sleep(0.1)
    (seen,) = ledger.look(strikes=STRIKES, quiet=LONG)
    assert timedelta(seconds=0.1) <= seen.oldest_due < timedelta(seconds=60)
    take(ledger, first, Step.FINGERPRINT)
    assert ledger.look(strikes=STRIKES, quiet=LONG) == (standing(waiting=0, held=1),)


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
    strike_with(ledger, claim)


def strike_with(ledger: SqlLedger, claim: Claim) -> None:
    """Hand a claim back as failed."""
    ledger.hand_back(claim, delay=NOW, problem=ReasonCode.ENGINE_TIMEOUT, detail="slow", strike=True)


def lost(ledger: SqlLedger, proof: Proof, step: Step) -> Claim:
    """Return a claim whose lease ran out and was released."""
    claim = take(ledger, proof, step, lease=BLINK)
    sleep(0.05)
    ledger.release_lapsed()
    return claim


def standing(
    *, waiting: int, unheard: int = 0, lapsed: int = 0, exhausted: int = 0, held: int = 0
) -> Standing:
    """Return how proofs that wait to be fingerprinted stand, whatever their age."""
    step = Step.FINGERPRINT
    return Standing(
        step=step, waiting=waiting, unheard=unheard, lapsed=lapsed, exhausted=exhausted, held=held
    )


def looked(ledger: SqlLedger, quiet: timedelta) -> tuple[Standing, ...]:
    """Return how proofs stand, their ages left out."""
    seen = ledger.look(strikes=STRIKES, quiet=quiet)
    return tuple(replace(one, oldest_due=NOW) for one in seen)


def ring(proof: Proof) -> Ring:
    """Return the bell of a proof that waits to be fingerprinted."""
    return Ring(proof=proof.id, step=Step.FINGERPRINT)
