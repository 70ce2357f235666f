"""Rulings made and undone together, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from pipeline.errors import NotNow, NotYet, UsageError
from pipeline.ledger import SqlLedger, SqlReviews
from pipeline.reasons import ReasonCode
from pipeline.records import Decision, Outcome, Proof, QueueFilter, Ruling, Step
from tests.ledger_cases import take
from tests.review_cases import ACCEPTED, MINUTES, REJECTED, current, left, moderator, publish

WINDOW = timedelta(minutes=1)


@pytest.fixture
def reviews(engine: Engine) -> SqlReviews:
    return SqlReviews(engine)


def waiting(ledger: SqlLedger, *names: str) -> dict[str, Proof]:
    return {name: left(ledger, name, submitter=f"w-{name}") for name in names}


def against(ledger: SqlLedger, proofs: dict[str, Proof]) -> dict[str, str]:
    return {one.id: current(ledger, one) for one in proofs.values()}


def outcomes(ledger: SqlLedger, proofs: dict[str, Proof]) -> list[Outcome]:
    found = [ledger.verdict(one.id) for one in proofs.values()]
    return [one.verdict.outcome for one in found if one is not None]


def test_a_batch_is_ruled_and_undone_as_one(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """Each proof gets its own verdict; one undo leaves all of them to people again."""
    proofs, ann = waiting(ledger, "a", "b", "c"), moderator(reviews, "ann")
    made = reviews.rule_together(ann, against(ledger, proofs), ruling=REJECTED)
    assert (len(made.done), made.left) == (3, ())
    assert outcomes(ledger, proofs) == [Outcome.REJECT] * 3
    newest = reviews.undoable(ann, window=WINDOW)
    assert newest is not None
    assert newest.many == 3
    back = reviews.undo(ann, window=WINDOW)
    assert sorted(one.proof.id for one in back) == sorted(one.id for one in proofs.values())
    assert outcomes(ledger, proofs) == [Outcome.MANUAL] * 3
    with pytest.raises(NotNow):
        reviews.undo(ann, window=WINDOW)


def test_what_another_holds_or_decided_is_left_out_and_named(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """A claim and a newer verdict are respected; the others are decided all the same."""
    proofs, ann, bob = waiting(ledger, "a", "b", "c"), moderator(reviews, "ann"), moderator(reviews, "bob")
    seen = against(ledger, proofs)
    reviews.open(bob, proofs["a"].id, lease=MINUTES)
    reviews.rule(bob, proofs["b"].id, ruling=ACCEPTED, against=seen[proofs["b"].id])
    made = reviews.rule_together(ann, seen, ruling=REJECTED)
    assert [one.proof.id for one in made.done] == [proofs["c"].id]
    told = dict(made.left)
    assert "bob@example.com" in told[proofs["a"].id]
    assert "decided meanwhile" in told[proofs["b"].id]
    assert outcomes(ledger, proofs) == [Outcome.MANUAL, Outcome.ACCEPT, Outcome.REJECT]


def test_an_undo_of_a_batch_is_all_or_none(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """Where one of the batch is being published right now, none of it is taken back."""
    proofs, ann = waiting(ledger, "a", "b"), moderator(reviews, "ann")
    reviews.rule_together(ann, against(ledger, proofs), ruling=REJECTED)
    claim = take(ledger, proofs["b"], Step.PUBLISH)
    with pytest.raises(NotYet):
        reviews.undo(ann, window=WINDOW)
    assert outcomes(ledger, proofs) == [Outcome.REJECT] * 2
    ledger.finish_publish(claim, (), then=Step.DONE)
    assert len(reviews.undo(ann, window=WINDOW)) == 2


def test_what_was_ruled_anew_is_no_part_of_an_undo(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """A batch that was undone and ruled one by one is taken back one by one."""
    proofs, ann = waiting(ledger, "a", "b"), moderator(reviews, "ann")
    reviews.rule_together(ann, against(ledger, proofs), ruling=REJECTED)
    reviews.undo(ann, window=WINDOW)
    for one in proofs.values():
        publish(ledger, one)
        reviews.rule(ann, one.id, ruling=ACCEPTED, against=current(ledger, one))
    (back,) = reviews.undo(ann, window=WINDOW)
    assert back.proof.id == proofs["b"].id
    assert outcomes(ledger, proofs) == [Outcome.ACCEPT, Outcome.MANUAL]


def test_two_batches_at_once_decide_each_proof_once(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """Named in opposite orders they do not lock each other out."""
    names = [f"p{number}" for number in range(8)]
    proofs, ann, bob = waiting(ledger, *names), moderator(reviews, "ann"), moderator(reviews, "bob")
    seen = against(ledger, proofs)
    orders = [(ann, seen), (bob, dict(reversed(seen.items())))]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda one: reviews.rule_together(*one, ruling=REJECTED), orders))
    assert sum(len(one.done) for one in made) == len(names)
    assert sum(len(one.left) for one in made) == len(names)


def test_a_reason_that_does_not_go_with_the_decision_decides_nothing(
    ledger: SqlLedger, reviews: SqlReviews
) -> None:
    """The whole batch is refused."""
    proofs, ann = waiting(ledger, "a", "b"), moderator(reviews, "ann")
    wrong = Ruling(decision=Decision.ACCEPT, code=ReasonCode.RULED_REJECTED)
    with pytest.raises(UsageError):
        reviews.rule_together(ann, against(ledger, proofs), ruling=wrong)
    assert outcomes(ledger, proofs) == [Outcome.MANUAL] * 2


def test_a_filter_by_name_shows_those_alone(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """As a ring's proofs are looked up; no name at all shows nothing."""
    waiting(ledger, "a", "b", "c")
    ann = moderator(reviews, "ann")
    shown = reviews.page(ann, QueueFilter(proof_ids=("a", "c")), skip=0, limit=9)
    assert [one.proof_id for one in shown] == ["a", "c"]
    assert reviews.count(ann, QueueFilter(proof_ids=())).waiting == 0
