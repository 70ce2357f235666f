"""What moderators see, hold and rule, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from pipeline.errors import NotNow, UsageError
from pipeline.ledger import SqlLedger, SqlOutbox, SqlPlatforms, SqlReviews
from pipeline.reasons import ReasonCode
from pipeline.records import Notice, NoticeState, Outcome, QueueFilter, Reply, Role, Settlement
from tests.ledger_cases import PLATFORM, add, at, verdict
from tests.review_cases import ACCEPTED, MINUTES, REJECTED, current, left, moderator, publish

ALL = QueueFilter()
WINDOW = timedelta(minutes=1)
LATER = Notice(target="webhook", body="{}", due_at=at(99_999_999))


@pytest.fixture
def reviews(engine: Engine) -> SqlReviews:
    return SqlReviews(engine)


def test_two_moderators_never_hold_one_proof(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """Of two who open it at once one gets it; when it is given back, the other does."""
    proof, ann, bob = left(ledger, "a"), moderator(reviews, "ann"), moderator(reviews, "bob")

    def opens(who: object) -> bool:
        try:
            return reviews.open(who, proof.id, lease=MINUTES) is not None  # type: ignore[arg-type]
        except NotNow:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(opens, (ann, bob))) == [False, True]
    reviews.release(ann)
    reviews.release(bob)
    assert opens(bob)
    assert reviews.page(ann, ALL, skip=0, limit=9)[0].held_by == "bob@example.com"
    assert reviews.neighbour(ann, ALL, of="", forward=True) is None
    with pytest.raises(NotNow, match=r"bob@example\.com"):
        reviews.rule(ann, proof.id, ruling=ACCEPTED, against=current(ledger, proof))


def test_two_rulings_at_once_are_one(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """Without a claim, too, the second one is told that the proof was decided or is held."""
    proof, people = left(ledger, "a"), [moderator(reviews, name) for name in "abcd"]
    standing = current(ledger, proof)

    def rules(who: object) -> bool:
        try:
            reviews.rule(who, proof.id, ruling=ACCEPTED, against=standing)  # type: ignore[arg-type]
        except NotNow:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(rules, people)) == 1


def test_a_lease_that_ran_out_is_free(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """Whoever comes next gets the proof, and the first one's decision is refused."""
    proof, ann, bob = left(ledger, "a"), moderator(reviews, "ann"), moderator(reviews, "bob")
    reviews.open(ann, proof.id, lease=timedelta(seconds=-1))
    assert reviews.open(bob, proof.id, lease=MINUTES) is not None
    with pytest.raises(NotNow):
        reviews.rule(ann, proof.id, ruling=ACCEPTED, against=current(ledger, proof))


def test_a_ruling_stands_at_once_and_is_undone_within_its_window(
    ledger: SqlLedger, reviews: SqlReviews, engine: Engine
) -> None:
    """It supersedes, its notices wait; undone, they never go out and the proof waits again."""
    proof, ann = left(ledger, "a"), moderator(reviews, "ann")
    first = current(ledger, proof)
    made = reviews.rule(ann, proof.id, ruling=REJECTED, against=first)
    assert (made.verdict.outcome, made.supersedes) == (Outcome.REJECT, first)
    assert current(ledger, proof) == made.id
    assert reviews.count(ann, ALL).waiting == 0
    publish(ledger, proof, LATER)
    assert reviews.undoable(ann, window=timedelta(0)) is None
    (back,) = reviews.undo(ann, window=WINDOW)
    case = reviews.open(ann, proof.id, lease=MINUTES)
    assert case is not None
    assert [one.moderator for one in case.history] == [None, "ann@example.com", "ann@example.com"]
    assert back.verdict.outcome is Outcome.MANUAL
    assert [one.code for one in back.verdict.reasons] == [ReasonCode.UNCLEAR, ReasonCode.UNDONE]
    assert reviews.count(ann, ALL).waiting == 1
    lines = SqlOutbox(engine).listed(platform=None, state=None, proof_id="a", limit=9)
    assert [line.state for line in lines] == [NoticeState.TAKEN_BACK]
    with pytest.raises(NotNow):
        reviews.undo(ann, window=WINDOW)


def test_a_ruling_is_undone_before_its_notices_are_written(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """Nobody has to wait for the publisher to change their mind."""
    proof, ann = left(ledger, "a"), moderator(reviews, "ann")
    reviews.rule(ann, proof.id, ruling=ACCEPTED, against=current(ledger, proof))
    (back,) = reviews.undo(ann, window=WINDOW)
    assert back.verdict.outcome is Outcome.MANUAL


def test_what_the_platform_was_told_is_not_undone(
    ledger: SqlLedger, reviews: SqlReviews, engine: Engine
) -> None:
    """With its notice on the way or out, the ruling stands, and the words say what helps."""
    proof, ann = left(ledger, "a"), moderator(reviews, "ann")
    made = reviews.rule(ann, proof.id, ruling=ACCEPTED, against=current(ledger, proof))
    outbox = SqlOutbox(engine)
    endpoint = outbox.open_endpoint(PLATFORM, "webhook", address="https://a.test/").id
    publish(ledger, proof, Notice(target="webhook", body="{}"))
    delivery = outbox.take(endpoint, worker="w", lease=MINUTES, at_once=1, at_once_unproven=1, proven=MINUTES)
    assert delivery is not None
    with pytest.raises(NotNow, match="told already"):
        reviews.undo(ann, window=WINDOW)
    done = Settlement(state=NoticeState.DELIVERED)
    outbox.close(delivery, Reply(status=200), done, stop_after=timedelta(days=5))
    with pytest.raises(NotNow, match="told already"):
        reviews.undo(ann, window=WINDOW)
    assert current(ledger, proof) == made.id


def test_nobody_undoes_what_another_ruled(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """Another moderator has nothing to undo, and the ruling stands for its own to take back."""
    proof, ann, bob = left(ledger, "a"), moderator(reviews, "ann"), moderator(reviews, "bob")
    made = reviews.rule(ann, proof.id, ruling=ACCEPTED, against=current(ledger, proof))
    with pytest.raises(NotNow, match="no decision of yours"):
        reviews.undo(bob, window=WINDOW)
    assert current(ledger, proof) == made.id
    assert reviews.undoable(ann, window=WINDOW) is not None


def test_the_queue_begins_with_what_is_paid_soonest(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """Deadlines first, then age; neighbours follow the same order in both directions."""
    from sqlalchemy import update  # noqa: PLC0415

    from pipeline.ledger.tables import proofs  # noqa: PLC0415

    made = [left(ledger, name) for name in ("old", "late", "soon", "new")]
    with reviews._do._writing.connect() as connection, connection.begin():  # noqa: SLF001
        for proof, minutes in ((made[1], 90), (made[2], 10)):
            connection.execute(update(proofs).where(proofs.c.id == proof.id).values(deadline=at(minutes)))
    ann = moderator(reviews, "ann")
    order = [one.proof for one in reviews.page(ann, ALL, skip=0, limit=9)]
    assert order == [made[2].id, made[1].id, made[0].id, made[3].id]
    assert reviews.count(ann, ALL).oldest_deadline == at(10)
    onward = [reviews.neighbour(ann, ALL, of=one, forward=True) for one in order]
    assert onward == [*order[1:], None]
    backward = [reviews.neighbour(ann, ALL, of=one, forward=False) for one in order]
    assert backward == [None, *order[:-1]]


def test_a_moderator_sees_their_platform_and_what_they_ask_for(
    ledger: SqlLedger, reviews: SqlReviews
) -> None:
    """Scope and filters hold for lists, counts and single proofs."""
    proof = left(ledger, "a")
    left(ledger, "b", submitter="w2", job_id="job-2", said=verdict(Outcome.MANUAL, ReasonCode.JOB_UNKNOWN))
    ledger.declare_platform("other")
    ann, other = moderator(reviews, "ann", platform=PLATFORM), moderator(reviews, "o", platform="other")
    assert reviews.count(ann, ALL).waiting == 2
    assert reviews.count(other, ALL).waiting == 0
    assert reviews.open(other, proof.id, lease=MINUTES) is None
    assert reviews.seen(other, proof.id) is None
    with pytest.raises(NotNow):
        reviews.rule(other, proof.id, ruling=ACCEPTED, against=current(ledger, proof))
    for wanted in (
        QueueFilter(job_id="job-2"),
        QueueFilter(submitter_id="w2"),
        QueueFilter(code=ReasonCode.JOB_UNKNOWN),
    ):
        assert [one.proof_id for one in reviews.page(ann, wanted, skip=0, limit=9)] == ["b"]
    assert reviews.choices(ann, limit=9) == {"platform": ("p",), "job_id": ("job-1", "job-2")}


def test_an_appeal_goes_to_another_moderator(ledger: SqlLedger, reviews: SqlReviews, engine: Engine) -> None:
    """Who ruled does not see it again; another sees the earlier verdict and the note."""
    proof, ann, bob = left(ledger, "a"), moderator(reviews, "ann"), moderator(reviews, "bob")
    reviews.rule(ann, proof.id, ruling=REJECTED, against=current(ledger, proof))
    publish(ledger, proof)
    SqlPlatforms(engine).appeal(PLATFORM, "a", note="I did it")
    publish(ledger, proof)
    assert reviews.count(ann, ALL).waiting == 0
    with pytest.raises(NotNow, match="your own decision"):
        reviews.open(ann, proof.id, lease=MINUTES)
    with pytest.raises(NotNow):
        reviews.rule(ann, proof.id, ruling=ACCEPTED, against=current(ledger, proof))
    case = reviews.open(bob, proof.id, lease=MINUTES)
    assert case is not None
    told = [(one.recorded.verdict.outcome.value, one.moderator, one.note) for one in case.history]
    assert told == [("manual", None, None), ("reject", "ann@example.com", "I did it"), ("manual", None, None)]


def test_a_case_shows_twin_and_submitter(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """The original that the verdict names, and how the submitter's other proofs ended."""
    root = left(ledger, "root", said=verdict())
    proof = left(ledger, "a", said=verdict(Outcome.MANUAL, ReasonCode.DUPLICATE_SAME_SCREEN, root=root))
    case = reviews.open(moderator(reviews, "ann"), proof.id, lease=MINUTES)
    assert case is not None
    assert case.twin == (root.id, "root", 1)
    assert case.submitter.by_outcome == ((Outcome.ACCEPT, 1),)
    assert case.submitter.newest == ((root.id, "root", Outcome.ACCEPT),)


def test_sessions_end(reviews: SqlReviews) -> None:
    """A digest is known while its session lasts, and what was open is given back at its end."""
    ann = moderator(reviews, "ann")
    reviews.sign_in(ann.id, "d1", lasts=MINUTES)
    reviews.sign_in(ann.id, "d2", lasts=timedelta(seconds=-1))
    assert reviews.signed_in("d1") == ann
    assert reviews.signed_in("d2") is None
    reviews.sign_out(ann.id, "d1")
    assert reviews.signed_in("d1") is None


def test_a_moderator_is_one_email(ledger: SqlLedger, reviews: SqlReviews) -> None:
    """The second of one address, and one of a platform that is not there, are refused."""
    ann = moderator(reviews, "ann")
    assert reviews.known("ann@example.com") == (ann, "x")
    assert reviews.listed() == (ann,)
    with pytest.raises(UsageError, match="exists"):
        moderator(reviews, "ann")
    with pytest.raises(UsageError, match="nowhere"):
        reviews.add("b@example.com", password="x", role=Role.ADMIN, platform="nowhere")


def test_an_erased_proof_waits_for_nobody(ledger: SqlLedger, reviews: SqlReviews, engine: Engine) -> None:
    """Its claim goes, it leaves the queue, and a decision on it is refused."""
    proof, ann = left(ledger, "a"), moderator(reviews, "ann")
    add(ledger, "undecided")
    reviews.open(ann, proof.id, lease=MINUTES)
    standing = current(ledger, proof)
    SqlPlatforms(engine).erase(PLATFORM, "a")
    assert reviews.count(ann, ALL).waiting == 0
    assert reviews.open(ann, proof.id, lease=MINUTES) is None
    with pytest.raises(NotNow):
        reviews.rule(ann, proof.id, ruling=ACCEPTED, against=standing)
