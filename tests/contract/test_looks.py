"""Decisions looked at once more: drawn, taken by one, answered blind, measured; on both databases."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from pipeline.errors import NotNow, UsageError
from pipeline.ledger import SqlLedger, SqlLooks, SqlPlatforms, SqlReviews
from pipeline.reasons import ReasonCode
from pipeline.records import Decision, LookKind, Moderator, Outcome, Proof, Quality, QueueFilter, Ruling
from tests.ledger_cases import PLATFORM, verdict
from tests.review_cases import ACCEPTED, MINUTES, REJECTED, current, left, moderator, publish

ALL = QueueFilter()
WINDOW = timedelta(minutes=1)
ACCEPT = verdict()
REJECT = verdict(Outcome.REJECT, ReasonCode.STATE_NOT_DONE)
UNREADABLE = Ruling(decision=Decision.RESUBMIT, code=ReasonCode.RULED_UNREADABLE)


@pytest.fixture
def looks(engine: Engine) -> SqlLooks:
    return SqlLooks(engine)


@pytest.fixture
def reviews(engine: Engine) -> SqlReviews:
    """A console in which every ruling is looked at by a second moderator."""
    return SqlReviews(engine, second=1.0)


def audit(looks: SqlLooks, who: Moderator) -> str:
    """Return the next audit, taken by the moderator."""
    found = looks.following(who, [LookKind.AUDIT], wanted=ALL)
    assert found is not None
    assert looks.open(who, found, lease=MINUTES) is not None
    return found


def measured(looks: SqlLooks, who: Moderator) -> Quality:
    return looks.quality(who, since=datetime.now(UTC) - timedelta(days=1))


def ruled(ledger: SqlLedger, reviews: SqlReviews, who: Moderator, name: str, ruling: Ruling) -> Proof:
    proof = left(ledger, name)
    reviews.rule(who, proof.id, ruling=ruling, against=current(ledger, proof))
    publish(ledger, proof)
    return proof


def test_automatic_decisions_are_drawn_once_and_what_is_left_to_people_is_not(
    ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews
) -> None:
    """Neither a manual verdict nor a person's ruling is an automatic decision."""
    ann, bob = moderator(reviews, "ann"), moderator(reviews, "bob")
    left(ledger, "yes", said=ACCEPT)
    left(ledger, "no", said=REJECT)
    ruled(ledger, reviews, ann, "doubted", ACCEPTED)
    assert looks.draw(share=1.0, limit=2) == (2, True)
    assert looks.draw(share=1.0, limit=10) == (0, False)
    assert looks.draw(share=1.0, limit=10) == (0, False)
    assert dict(measured(looks, bob).waiting) == {LookKind.AUDIT: 2, LookKind.SECOND: 1}
    assert (looks.waiting(ann), looks.waiting(bob)) == (2, 3)


def test_nothing_old_is_drawn(ledger: SqlLedger, looks: SqlLooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turning the draw on asks nobody to audit what was decided before yesterday."""
    left(ledger, "old", said=ACCEPT)
    time.sleep(2)
    left(ledger, "new", said=ACCEPT)
    monkeypatch.setattr("pipeline.ledger.drawing.FRESH", timedelta(seconds=1.5))
    assert looks.draw(share=1.0, limit=10) == (1, False)


def test_an_auditor_is_not_told_what_was_decided(
    ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews
) -> None:
    """The evidence is there; the outcome, its reasons and its line in the history are not."""
    ann = moderator(reviews, "ann")
    left(ledger, "no", said=REJECT)
    looks.draw(share=1.0, limit=10)
    case = looks.open(ann, audit(looks, ann), lease=MINUTES)
    assert case is not None
    assert (case.current.verdict.outcome, case.current.verdict.reasons) == (Outcome.MANUAL, ())
    assert (case.history, case.kind) == ((), LookKind.AUDIT)


def test_an_audit_is_measured_and_changes_nothing(
    ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews
) -> None:
    """Of three decisions one is wrong; asking for a better picture agrees with a reject. No verdict moves."""
    ann = moderator(reviews, "ann")
    made = [left(ledger, name, said=said) for name, said in (("a", ACCEPT), ("b", ACCEPT), ("c", REJECT))]
    before = [current(ledger, one) for one in made]
    looks.draw(share=1.0, limit=10)
    for ruling in (ACCEPTED, REJECTED, UNREADABLE):
        looks.answer(ann, audit(looks, ann), ruling=ruling)
    found = measured(looks, ann)
    assert (found.wrong.hits, found.wrong.seen) == (1, 3)
    assert round(found.wrong.high, 3) == 0.792
    told = {outcome: (one.hits, one.seen) for outcome, one in found.wrong_of}
    assert told == {Outcome.ACCEPT: (1, 2), Outcome.REJECT: (0, 1)}
    (dissent,) = found.dissents
    assert (dissent.proof_id, dissent.expected, dissent.decision) == ("b", Decision.ACCEPT, Decision.REJECT)
    assert (dissent.by, dissent.first, dissent.stands) == ("ann@example.com", None, True)
    assert [current(ledger, one) for one in made] == before
    assert looks.waiting(ann) == 0


def test_a_doubted_decision_is_opened_again_and_ruled_like_any_other(
    ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews
) -> None:
    """Only an admin's word opens it; then it waits in the queue, and a ruling supersedes."""
    ann = moderator(reviews, "ann")
    proof = left(ledger, "a", said=ACCEPT)
    looks.draw(share=1.0, limit=10)
    look = audit(looks, ann)
    with pytest.raises(NotNow):
        looks.reopen(ann, look)
    looks.answer(ann, look, ruling=REJECTED)
    assert reviews.count(ann, ALL).waiting == 0
    made = looks.reopen(ann, look)
    assert (made.verdict.outcome, made.verdict.reasons[0].code) == (Outcome.MANUAL, ReasonCode.REOPENED)
    publish(ledger, proof)
    with pytest.raises(NotNow):
        looks.reopen(ann, look)
    ruling = reviews.rule(ann, proof.id, ruling=REJECTED, against=made.id)
    assert (ruling.verdict.outcome, ruling.supersedes) == (Outcome.REJECT, made.id)
    (dissent,) = measured(looks, ann).dissents
    assert (dissent.stands, dissent.reopened) == (False, True)


def test_a_second_look_goes_to_another_moderator(
    ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews
) -> None:
    """They see what the first one saw, and whether both agree is counted for the first."""
    ann, bob = moderator(reviews, "ann"), moderator(reviews, "bob")
    proof = ruled(ledger, reviews, ann, "a", ACCEPTED)
    assert looks.following(ann, [LookKind.SECOND], wanted=ALL) is None
    look = looks.following(bob, [LookKind.SECOND], wanted=ALL)
    assert look is not None
    case = looks.open(bob, look, lease=MINUTES)
    assert case is not None
    assert [one.code for one in case.current.verdict.reasons] == [ReasonCode.UNCLEAR]
    assert [one.moderator for one in case.history] == [None]
    assert looks.answer(bob, look, ruling=REJECTED) == "a"
    found = measured(looks, bob)
    assert (found.agreed.hits, found.agreed.seen) == (0, 1)
    assert {one.email: (one.ruled, one.agreed.seen) for one in found.people} == {"ann@example.com": (1, 1)}
    looks.reopen(bob, look)
    publish(ledger, proof)
    assert (reviews.count(ann, ALL).waiting, reviews.count(bob, ALL).waiting) == (0, 1)
    with pytest.raises(NotNow, match="your own decision"):
        reviews.open(ann, proof.id, lease=MINUTES)


def test_a_known_answer_comes_once_and_only_to_others(
    ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews, engine: Engine
) -> None:
    """Who gave the answer is not asked; who is asked answers once, and may be wrong."""
    ann, bob = moderator(reviews, "ann"), moderator(reviews, "bob")
    proof = ruled(ledger, reviews, ann, "a", REJECTED)
    looks.know(ann, proof.id)
    assert looks.known(ann, wanted=ALL, lease=MINUTES) is None
    look = looks.known(bob, wanted=ALL, lease=MINUTES)
    assert look is not None
    assert looks.known(bob, wanted=ALL, lease=MINUTES) == look
    assert looks.known(bob, wanted=QueueFilter(job_id="other"), lease=MINUTES) is None
    case = looks.open(bob, look, lease=MINUTES)
    assert case is not None
    assert (case.kind, case.current.proof.deadline) == (LookKind.KNOWN, None)
    looks.answer(bob, look, ruling=ACCEPTED)
    assert looks.known(bob, wanted=ALL, lease=MINUTES) is None
    found = measured(looks, ann)
    assert (found.known.hits, found.known.seen, found.answers) == (0, 1, 1)
    assert [(one.email, one.known.seen) for one in found.people][1] == ("bob@example.com", 1)
    looks.forget(ann, proof.id)
    assert not looks.is_known(proof.id)
    looks.know(ann, proof.id)
    SqlPlatforms(engine).erase(PLATFORM, "a")
    assert not looks.is_known(proof.id)


def test_only_what_a_person_decided_is_a_known_answer(
    ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews
) -> None:
    """The machine's own word is what is checked, so it is no answer."""
    proof = left(ledger, "a", said=ACCEPT)
    with pytest.raises(NotNow, match="a person decided"):
        looks.know(moderator(reviews, "ann"), proof.id)


def test_an_answer_is_taken_back_in_time(ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews) -> None:
    """Then it is answered anew; and the newest answer, not another's, is what goes."""
    ann, bob = moderator(reviews, "ann"), moderator(reviews, "bob")
    left(ledger, "a", said=ACCEPT)
    looks.draw(share=1.0, limit=10)
    look = audit(looks, ann)
    looks.answer(ann, look, ruling=REJECTED)
    with pytest.raises(NotNow):
        looks.take_back(bob, window=WINDOW)
    assert looks.take_back(ann, window=WINDOW).look == look
    looks.answer(ann, look, ruling=ACCEPTED)
    assert measured(looks, ann).wrong.hits == 0


def test_two_never_hold_one_look(ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews) -> None:
    """Of four who open it at once one gets it; given back or run out, it is the next one's."""
    people = [moderator(reviews, name) for name in "abcd"]
    left(ledger, "p", said=ACCEPT)
    looks.draw(share=1.0, limit=10)
    (look,) = {looks.following(one, [LookKind.AUDIT], wanted=ALL) for one in people}
    assert look is not None

    def opens(who: Moderator) -> bool:
        try:
            return looks.open(who, look, lease=MINUTES) is not None
        except NotNow:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(opens, people)) == 1
    for one in people:
        looks.release(one)
    assert opens(people[3])
    assert looks.renew(people[3], [look], lease=timedelta(seconds=-1)) == [look]
    assert opens(people[0])
    with pytest.raises(NotNow):
        looks.answer(people[3], look, ruling=ACCEPTED)


def test_a_decision_that_was_superseded_is_looked_at_no_more(
    ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews, engine: Engine
) -> None:
    """An appeal took its place, or it was erased: nobody is asked, and an open page is told."""
    ann = moderator(reviews, "ann")
    left(ledger, "a", said=REJECT)
    left(ledger, "b", said=REJECT)
    looks.draw(share=1.0, limit=10)
    look = audit(looks, ann)
    SqlPlatforms(engine).appeal(PLATFORM, "a", note=None)
    SqlPlatforms(engine).erase(PLATFORM, "b")
    with pytest.raises(NotNow):
        looks.answer(ann, look, ruling=ACCEPTED)
    assert looks.waiting(ann) == 0


def test_looks_stay_within_a_platform(ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews) -> None:
    """A moderator of another platform sees none, and measures none."""
    ledger.declare_platform("other")
    other = moderator(reviews, "o", platform="other")
    left(ledger, "a", said=REJECT)
    looks.draw(share=1.0, limit=10)
    look = audit(looks, moderator(reviews, "ann"))
    assert (looks.waiting(other), looks.open(other, look, lease=MINUTES)) == (0, None)
    assert measured(looks, other).waiting == ()


def test_a_reason_goes_with_its_decision(ledger: SqlLedger, looks: SqlLooks, reviews: SqlReviews) -> None:
    """As in a ruling."""
    ann = moderator(reviews, "ann")
    left(ledger, "a", said=ACCEPT)
    looks.draw(share=1.0, limit=10)
    with pytest.raises(UsageError):
        looks.answer(ann, audit(looks, ann), ruling=replace(ACCEPTED, decision=Decision.REJECT))
