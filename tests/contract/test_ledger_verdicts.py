"""The ledger's promises about verdicts, their order, notices and queries, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from pipeline.errors import UsageError
from pipeline.ledger import SqlQueries, findings
from pipeline.ledger.engine import WRITES
from pipeline.ledger.tables import notices, verdicts
from pipeline.ledger.verdicts import finish_judge
from pipeline.reasons import ReasonCode
from pipeline.records import Box, CheckResult, Notice, Outcome, Reason, Status, Step, Verdict
from tests.ledger_cases import (
    LIMIT,
    PLATFORM,
    add,
    at,
    candidates,
    fingerprint,
    fingerprinted,
    judged,
    seen,
    stored,
    submission,
    take,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from pipeline.ledger import SqlLedger
    from pipeline.records import Proof, RecordedVerdict


@pytest.fixture
def queries(engine: Engine) -> SqlQueries:
    """The queries on the same database as `ledger`."""
    return SqlQueries(engine)


def test_a_verdict_comes_back_whole(ledger: SqlLedger) -> None:
    """Reasons, boxes, details, checks and versions are what was decided."""
    proof = add(ledger, "q", step=Step.JUDGE)
    box = Box(x=1, y=2, w=3, h=4)
    said = Verdict(
        outcome=Outcome.REJECT,
        reasons=(Reason(code=ReasonCode.BLANK, image=0, box=box, details=(("found", "কিছু না"),)),),
        checks=(CheckResult(check="text", expected="x", status=Status.FAIL, similarity=0.5, box=box),),
        versions=(("policy", "1"),),
    )
    recorded = judged(ledger, proof, said)
    assert recorded.verdict == said
    assert (recorded.sequence, recorded.supersedes, recorded.proof.step) == (1, None, Step.PUBLISH)
    assert recorded.took_ms >= 0
    assert ledger.verdict(proof.id) == recorded


def test_a_proof_without_a_verdict_has_none(ledger: SqlLedger) -> None:
    """No verdict is None, for a proof that waits and for one that is not there."""
    assert ledger.verdict(add(ledger).id) is None
    assert ledger.verdict("none") is None


def test_a_new_verdict_supersedes_and_keeps_the_old(ledger: SqlLedger, engine: Engine) -> None:
    """The newest verdict is the current one; the one before stays on record, unedited."""
    proof = add(ledger, "q", step=Step.JUDGE)
    first = judged(ledger, proof, verdict(Outcome.MANUAL), then=Step.JUDGE)
    second = judged(ledger, proof, verdict(Outcome.ACCEPT))
    assert (second.supersedes, second.sequence) == (first.id, 2)
    assert ledger.verdict(proof.id) == second
    assert [(said.value, count) for said, count in ledger.counted().by_outcome] == [("accept", 1)]
    with engine.connect() as connection:
        kept = connection.scalars(select(verdicts.c.outcome).order_by(verdicts.c.sequence)).all()
    assert kept == ["manual", "accept"]


def test_sequences_rise_without_a_gap_whoever_writes(ledger: SqlLedger, queries: SqlQueries) -> None:
    """Eight writers at once, some of them refused, leave a feed that misses nothing at any moment."""
    proofs = [add(ledger, f"q{n}", step=Step.JUDGE, minutes=n) for n in range(24)]
    looks: list[list[int]] = []

    def judge(proof: Proof) -> None:
        judged(ledger, proof)
        looks.append([one.sequence for one in queries.export(PLATFORM)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(judge, proofs))
    assert [one.sequence for one in queries.export(PLATFORM)] == list(range(1, 25))
    assert all(look == list(range(1, len(look) + 1)) for look in looks)


def test_platforms_count_for_themselves(ledger: SqlLedger, queries: SqlQueries) -> None:
    """Each platform's feed begins at one, and holds its own only."""
    judged(ledger, add(ledger, "mine", step=Step.JUDGE))
    ledger.declare_platform("other")
    other = replace(submission("theirs"), platform="other")
    proof, _ = ledger.add_proof(other, [stored()], step=Step.JUDGE)
    assert judged(ledger, proof).sequence == 1
    assert [one.proof.proof_id for one in queries.export("other")] == ["theirs"]


# ---- what a verdict must have seen -------------------------------------------------------------------


def test_a_verdict_that_missed_an_earlier_candidate_is_not_written(ledger: SqlLedger) -> None:
    """A copy's judge that looked too early judges again, still holding its claim, and sees the original."""
    copy = add(ledger, "copy", minutes=5, job_id="job-2")
    fingerprinted(ledger, copy, fingerprint("same"))
    early = seen(ledger, copy)
    claim = take(ledger, copy, Step.JUDGE)
    original = add(ledger, "original", minutes=1)
    fingerprinted(ledger, original, fingerprint("same"))
    assert ledger.finish_judge(claim, verdict(), seen=early, limit=LIMIT, then=Step.PUBLISH) is None
    assert ledger.verdict(copy.id) is None
    late = seen(ledger, copy)
    assert [one.proof for one in late] == [original.id]
    said = verdict(Outcome.REJECT, ReasonCode.DUPLICATE_EXACT, root=original)
    assert ledger.finish_judge(claim, said, seen=late, limit=LIMIT, then=Step.PUBLISH)


def test_a_verdict_waits_for_earlier_proofs_of_the_job(ledger: SqlLedger) -> None:
    """Nothing is decided while an earlier proof of the job is unseen; later ones, other jobs do not count."""
    proof = add(ledger, "q", minutes=5)
    fingerprinted(ledger, proof, fingerprint("q"))
    add(ledger, "later", minutes=6)
    add(ledger, "elsewhere", minutes=1, job_id="job-2")
    assert not ledger.earlier_unseen(proof.id)
    assert ledger.rivals(proof.id, limit=LIMIT) == ()
    earlier = add(ledger, "earlier", minutes=4)
    assert ledger.earlier_unseen(proof.id)
    assert ledger.rivals(proof.id, limit=LIMIT) is None
    claim = take(ledger, proof, Step.JUDGE)
    assert ledger.finish_judge(claim, verdict(), seen=(), limit=LIMIT, then=Step.PUBLISH) is None
    fingerprinted(ledger, earlier, fingerprint("earlier"))
    assert not ledger.earlier_unseen(proof.id)
    assert ledger.finish_judge(claim, verdict(), seen=(), limit=LIMIT, then=Step.PUBLISH)


def test_proofs_of_one_moment_are_ordered_by_arrival(ledger: SqlLedger) -> None:
    """Of two proofs with one time, the one that came first is the earlier."""
    first, second = add(ledger, "first"), add(ledger, "second")
    fingerprinted(ledger, second, fingerprint("same"))
    assert ledger.earlier_unseen(second.id)
    fingerprinted(ledger, first, fingerprint("same"))
    assert candidates(ledger, second)["first"].earlier
    assert not candidates(ledger, first)["second"].earlier


def test_fingerprints_that_are_being_written_hold_up_no_verdict_of_another_job(
    ledger: SqlLedger, engine: Engine
) -> None:
    """The verdict that comes second sees the first: the late original finds its copy accepted."""
    copy = add(ledger, "copy", minutes=5, job_id="job-2")
    fingerprinted(ledger, copy, fingerprint("same"))
    claim = take(ledger, copy, Step.JUDGE)
    original = add(ledger, "original", minutes=1)
    held = take(ledger, original, Step.FINGERPRINT)
    found = [(original.pictures[0], fingerprint("same"), None)]
    with ThreadPoolExecutor(1) as pool, engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            findings.finish_fingerprint(connection, held, found, [], then=Step.JUDGE)
            judging = pool.submit(
                ledger.finish_judge, claim, verdict(), seen=(), limit=LIMIT, then=Step.PUBLISH
            )
            if engine.dialect.name == "postgresql":  # SQLite has one writer
                assert judging.result(30) is not None
        accepted = judging.result(30) is not None
    claim = take(ledger, original, Step.JUDGE)
    missed = ledger.finish_judge(claim, verdict(), seen=(), limit=LIMIT, then=Step.PUBLISH) is None
    assert missed is accepted
    assert candidates(ledger, original)["copy"].outcome is (Outcome.ACCEPT if accepted else None)


def test_a_verdict_waits_for_the_one_that_is_being_written(ledger: SqlLedger, engine: Engine) -> None:
    """Two verdicts of a platform are never written side by side: the second sees what the first did."""
    first, second = add(ledger, "first", minutes=5), add(ledger, "second", minutes=1, job_id="job-2")
    for proof in (first, second):
        fingerprinted(ledger, proof, fingerprint(proof.proof_id))
    held, claim = take(ledger, first, Step.JUDGE), take(ledger, second, Step.JUDGE)
    nothing = {"seen": (), "limit": LIMIT, "then": Step.PUBLISH}
    with ThreadPoolExecutor(1) as pool, engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            finish_judge(connection, held, verdict(), tell=None, read=None, **nothing)
            judging = pool.submit(ledger.finish_judge, claim, verdict(), **nothing)
            sleep(0.3)
            assert not judging.done()
        recorded = judging.result(30)
    assert recorded is not None
    assert recorded.sequence == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"content": "same"}, {"content": "same"}),
        ({"content": "a", "page": 0x0123_4567_89AB_CDEF}, {"content": "b", "page": 0x0123_4567_89AB_CDEE}),
        ({"content": "a", "page": 5}, {"content": "b", "page": 7 << 48 | 9, "mirrored": 5}),
        ({"content": "a", "words": tuple(range(9))}, {"content": "b", "words": tuple(range(3, 12))}),
    ],
    ids=["equal", "near", "mirrored", "words"],
)
def test_an_accept_between_a_look_and_its_number_must_have_been_seen(
    ledger: SqlLedger, engine: Engine, one: dict[str, Any], other: dict[str, Any]
) -> None:
    """The copy is accepted while the original's verdict is on its way: the original is judged again."""
    copy, original = add(ledger, "copy", minutes=5, job_id="job-2"), add(ledger, "original", minutes=1)
    fingerprinted(ledger, copy, fingerprint(**one))
    fingerprinted(ledger, original, fingerprint(**other))
    held, claim = take(ledger, copy, Step.JUDGE), take(ledger, original, Step.JUDGE)
    early = seen(ledger, original)
    assert [candidate.decides for candidate in early] == [False]
    with ThreadPoolExecutor(1) as pool, engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            known = {"seen": seen(ledger, copy), "limit": LIMIT, "then": Step.PUBLISH}
            assert known["seen"]
            finish_judge(connection, held, verdict(), tell=None, read=None, **known)
            told = {"seen": early, "limit": LIMIT, "then": Step.PUBLISH}
            judging = pool.submit(ledger.finish_judge, claim, verdict(), **told)
            sleep(0.3)
            assert not judging.done()
        assert judging.result(30) is None
    late = seen(ledger, original)
    assert [candidate.outcome for candidate in late] == [Outcome.ACCEPT]
    recorded = ledger.finish_judge(claim, verdict(), seen=late, limit=LIMIT, then=Step.PUBLISH)
    assert recorded is not None
    assert recorded.sequence == 2


def test_a_later_undecided_candidate_is_no_reason_to_judge_again(ledger: SqlLedger) -> None:
    """A busy job comes to an end: what arrives later, and is not accepted, cannot change a verdict."""
    proof = add(ledger, "q", minutes=1)
    fingerprinted(ledger, proof, fingerprint("same"))
    claim = take(ledger, proof, Step.JUDGE)
    later = add(ledger, "later", minutes=2)
    fingerprinted(ledger, later, fingerprint("same"))
    assert ledger.finish_judge(claim, verdict(), seen=(), limit=LIMIT, then=Step.PUBLISH)
    assert candidates(ledger, later)["q"].outcome is Outcome.ACCEPT


def test_an_accept_of_a_later_copy_must_have_been_seen(ledger: SqlLedger) -> None:
    """An original that arrives late cannot be accepted beside its accepted copy."""
    copy = add(ledger, "copy", minutes=5, job_id="job-2")
    fingerprinted(ledger, copy, fingerprint("same"))
    judged(ledger, copy)
    original = add(ledger, "original", minutes=1)
    fingerprinted(ledger, original, fingerprint("same"))
    claim = take(ledger, original, Step.JUDGE)
    assert ledger.finish_judge(claim, verdict(), seen=(), limit=LIMIT, then=Step.PUBLISH) is None
    assert candidates(ledger, original)["copy"].outcome is Outcome.ACCEPT


@pytest.mark.parametrize("jobs", [("job-1", "job-1"), ("job-1", "job-2")])
def test_two_at_once_never_accept_one_capture_twice(ledger: SqlLedger, jobs: tuple[str, str]) -> None:
    """Whatever the interleaving, at most one proof of a capture is accepted, and mostly one is."""
    rounds = 8
    accepted = 0
    with ThreadPoolExecutor(2) as pool:
        for number in range(rounds):
            pair = [
                add(ledger, f"{number}-{side}", minutes=minutes, job_id=job)
                for side, minutes, job in zip("ab", (number % 2, 1 - number % 2), jobs, strict=True)
            ]
            start = Barrier(2)
            made = list(pool.map(lambda proof, at=start, n=number: race(ledger, proof, at, f"{n}"), pair))
            assert made.count(Outcome.ACCEPT) <= 1
            accepted += made.count(Outcome.ACCEPT)
    assert accepted >= rounds / 2


def race(ledger: SqlLedger, proof: Proof, start: Barrier, capture: str) -> Outcome:
    """Fingerprint and judge as the actors do: a copy of an earlier proof is refused, oddities are manual."""
    start.wait()
    fingerprinted(ledger, proof, fingerprint(capture))
    claim = take(ledger, proof, Step.JUDGE)
    while True:
        found = ledger.candidates(proof.id, limit=LIMIT)
        said = verdict(Outcome.ACCEPT)
        if any(one.earlier for one in found):
            said = verdict(Outcome.REJECT, ReasonCode.DUPLICATE_EXACT)
        elif any(one.outcome is Outcome.ACCEPT for one in found):
            said = verdict(Outcome.MANUAL, ReasonCode.DUPLICATE_LATE_ORIGINAL)
        recorded = ledger.finish_judge(claim, said, seen=found, limit=LIMIT, then=Step.PUBLISH)
        if recorded is not None:
            return recorded.verdict.outcome


# ---- notices ----------------------------------------------------------------------------------------


def test_notices_are_written_with_the_step(ledger: SqlLedger, engine: Engine) -> None:
    """A published verdict has its notices, due at once or when they say."""
    proof = add(ledger, "q", step=Step.JUDGE)
    recorded = judged(ledger, proof)
    claim = take(ledger, proof, Step.PUBLISH)
    ledger.finish_publish(
        claim,
        [Notice(target="webhook", body="{}"), Notice(target="held", body="{}", due_at=at(99_999))],
        then=Step.DONE,
    )
    with engine.connect() as connection:
        rows = connection.execute(select(notices).order_by(notices.c.id)).all()
    assert [(row.target, row.state, row.attempts, row.verdict) for row in rows] == [
        ("webhook", "waiting", 0, recorded.id),
        ("held", "waiting", 0, recorded.id),
    ]
    assert rows[0].due_at >= recorded.decided_at
    assert rows[1].due_at == at(99_999)


def test_a_verdict_and_its_notices_are_one(ledger: SqlLedger, engine: Engine) -> None:
    """Whoever judges may give notice in the same transaction, of the verdict as it was numbered."""
    ledger.declare_platform(PLATFORM)
    ledger.configure_platform(PLATFORM, targets=["webhook", "sqs"], secret=None)
    proof = add(ledger, "q", step=Step.JUDGE)

    def tell(recorded: RecordedVerdict, targets: Sequence[str]) -> list[Notice]:
        return [Notice(target=target, body=f"number {recorded.sequence}") for target in targets]

    claim = take(ledger, proof, Step.JUDGE)
    recorded = ledger.finish_judge(claim, verdict(), seen=(), limit=LIMIT, then=Step.DONE, tell=tell)
    assert recorded is not None
    with engine.connect() as connection:
        rows = connection.execute(select(notices).order_by(notices.c.target)).all()
    assert [(row.target, row.body, row.verdict) for row in rows] == [
        ("sqs", "number 1", recorded.id),
        ("webhook", "number 1", recorded.id),
    ]
    found = ledger.proof(proof.id)
    assert found is not None
    assert found.step is Step.DONE


def test_a_notice_of_no_verdict_is_refused(ledger: SqlLedger, engine: Engine) -> None:
    """Publishing what was never judged is a mistake, and writes nothing."""
    proof = add(ledger, "q", step=Step.PUBLISH)
    claim = take(ledger, proof, Step.PUBLISH)
    with pytest.raises(UsageError, match="judge it first"):
        ledger.finish_publish(claim, [Notice(target="webhook", body="{}")], then=Step.DONE)
    found = ledger.proof(proof.id)
    assert found is not None
    assert found.step is Step.PUBLISH


# ---- queries ----------------------------------------------------------------------------------------


def test_verdicts_are_found_by_the_platforms_own_ids(ledger: SqlLedger, queries: SqlQueries) -> None:
    """Many ids are asked at once; unknown and undecided ones are left out, and the undecided counted."""
    for name in ("a", "b"):
        judged(ledger, add(ledger, name, step=Step.JUDGE))
    add(ledger, "c", minutes=1)
    asked = ["b", "nope", "a", "c", *(f"n{number}" for number in range(1200))]
    found = queries.verdicts_for(PLATFORM, asked)
    assert {name: one.proof.proof_id for name, one in found.items()} == {"a": "a", "b": "b"}
    assert queries.undecided(PLATFORM, asked) == 1
    assert queries.verdicts_for("nobody", asked) == {}


def test_an_export_goes_on_after_a_cursor(ledger: SqlLedger, queries: SqlQueries) -> None:
    """An export holds each proof's current verdict in order, of one job if asked, from a cursor on."""
    first = add(ledger, "a", step=Step.JUDGE)
    judged(ledger, first, then=Step.JUDGE)
    judged(ledger, add(ledger, "b", step=Step.JUDGE, minutes=1, job_id="job-2"))
    assert [one.proof.proof_id for one in queries.export(PLATFORM)] == ["a", "b"]
    judged(ledger, first, verdict(Outcome.REJECT))
    assert [(one.proof.proof_id, one.sequence) for one in queries.export(PLATFORM)] == [("b", 2), ("a", 3)]
    assert [one.proof.proof_id for one in queries.export(PLATFORM, after=2)] == ["a"]
    assert [one.proof.proof_id for one in queries.export(PLATFORM, job_id="job-2")] == ["b"]


def test_a_problem_is_told_in_one_line_whatever_it_holds(ledger: SqlLedger, queries: SqlQueries) -> None:
    """A message with a NUL, half a character and line ends is kept, and fails no hand-back."""
    proof = add(ledger, "q", step=Step.READ)
    claim = take(ledger, proof, Step.READ)
    detail = "a\0b\n\ud800" + "c" * 10_000
    ledger.hand_back(claim, delay=timedelta(0), problem=ReasonCode.ENGINE_FAILED, detail=detail, strike=True)
    (attempt,) = queries.attempts(proof.id)
    assert attempt.problem is ReasonCode.ENGINE_FAILED
    assert attempt.detail is not None
    assert attempt.detail.startswith("a b ?ccc")
    assert len(attempt.detail) == 500


def test_every_attempt_is_told(ledger: SqlLedger, queries: SqlQueries) -> None:
    """An operator sees who tried which step, how it ended and why."""
    proof = add(ledger, "q", step=Step.READ)
    ledger.finish_read(take(ledger, proof, Step.READ), [], then=Step.JUDGE)
    judged(ledger, proof)
    tried = queries.attempts(proof.id)
    assert [(one.step, one.number, one.problem) for one in tried] == [
        (Step.READ, 1, None),
        (Step.JUDGE, 1, None),
    ]
    assert all(one.ended_at and one.ended_at >= one.started_at for one in tried)
