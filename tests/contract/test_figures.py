"""The figures of the admin's pages, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from pipeline.ledger import SqlFigures, SqlLedger, SqlReviews
from pipeline.ledger.tables import proofs
from pipeline.reasons import ReasonCode
from pipeline.records import Outcome, Step
from tests.ledger_cases import add, verdict
from tests.review_cases import ACCEPTED, REJECTED, current, left, moderator, publish

HOUR = timedelta(hours=1)
WINDOW = timedelta(minutes=1)


@pytest.fixture
def figures(engine: Engine) -> SqlFigures:
    return SqlFigures(engine)


@pytest.fixture
def reviews(engine: Engine) -> SqlReviews:
    return SqlReviews(engine)


def test_decisions_are_counted_by_time_and_by_who_made_them(
    ledger: SqlLedger, figures: SqlFigures, reviews: SqlReviews
) -> None:
    """The machine's first word on each proof; people's rulings apart, without those undone."""
    ann = moderator(reviews, "ann")
    left(ledger, "yes", said=verdict())
    left(ledger, "no", said=verdict(Outcome.REJECT, ReasonCode.DUPLICATE_EXACT))
    left(ledger, "again", said=verdict(Outcome.REJECT, ReasonCode.BLANK))
    for name, ruling in (("a", ACCEPTED), ("b", REJECTED)):
        proof = left(ledger, name)
        reviews.rule(ann, proof.id, ruling=ruling, against=current(ledger, proof))
        publish(ledger, proof)
    reviews.undo(ann, window=WINDOW)
    present = datetime.now(UTC)
    before, during, after = figures.slots(ann, [present - 2 * HOUR, present - HOUR, present + HOUR])
    assert (before.decided, after.decided, after.ruled) == (0, 0, 0)
    assert (during.accepted, during.rejected, during.resubmit, during.left) == (1, 1, 1, 2)
    assert (during.decided, during.automatic, during.ruled) == (5, 3, 1)


def test_what_waits_is_counted_by_step_age_and_deadline(
    ledger: SqlLedger, figures: SqlFigures, reviews: SqlReviews, engine: Engine
) -> None:
    """A proof that came two hours ago is in its own bucket; a deadline that is over is told."""
    ann = moderator(reviews, "ann")
    old = left(ledger, "old")
    left(ledger, "fresh")
    add(ledger, "new")
    present = datetime.now(UTC)
    with engine.begin() as connection:
        change = update(proofs).where(proofs.c.id == old.id)
        connection.execute(change.values(received_at=present - 2 * HOUR, deadline=present - HOUR))
    found = figures.depth(ann)
    assert [(step, many) for step, many, _ in found.steps] == [(Step.FINGERPRINT, 1)]
    assert (found.people, found.overdue, found.soon) == (2, 1, 0)
    assert timedelta(hours=1.9) < found.oldest < timedelta(hours=2.1)
    assert [many for _, many in found.ages] == [1, 0, 1, 0, 0]


def test_each_job_is_told_with_what_is_wrong_with_it(
    ledger: SqlLedger, figures: SqlFigures, reviews: SqlReviews, engine: Engine
) -> None:
    """The busiest first: what was decided, what waits, what was braked, what failed."""
    ann = moderator(reviews, "ann")
    for name in ("a", "b"):
        left(ledger, name, said=verdict())
    braked = left(ledger, "c", said=verdict(Outcome.MANUAL, ReasonCode.BRAKE_JOB), job_id="job-2")
    with engine.begin() as connection:
        failed = update(proofs).where(proofs.c.id == braked.id)
        connection.execute(failed.values(failure=ReasonCode.ENGINE_FAILED))
    first, second = figures.jobs(ann, since=datetime.now(UTC) - HOUR, limit=9)
    assert (first.job_id, first.decided, first.accepted) == ("job-1", 2, 2)
    assert (second.job_id, second.left, second.braked, second.failed) == ("job-2", 1, 1, 1)
    assert figures.jobs(ann, since=datetime.now(UTC) + HOUR, limit=9) == ()


def test_figures_stay_within_a_platform(ledger: SqlLedger, figures: SqlFigures, reviews: SqlReviews) -> None:
    """An admin of another platform counts nothing of this one."""
    ledger.declare_platform("other")
    other = moderator(reviews, "o", platform="other")
    left(ledger, "a")
    add(ledger, "b")
    since = datetime.now(UTC) - HOUR
    assert figures.slots(other, [since])[0].decided == 0
    assert (figures.depth(other).people, figures.depth(other).steps) == (0, ())
    assert figures.jobs(other, since=since, limit=9) == ()
