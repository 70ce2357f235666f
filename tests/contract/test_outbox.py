"""The outbox's promises about endpoints, attempts, leases and replay, on SQLite and on PostgreSQL."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep
from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import select, text, update

from pipeline.errors import UsageError
from pipeline.ledger import SqlOutbox, make_engine
from pipeline.ledger.clock import now_plus
from pipeline.ledger.delivery_tables import endpoints
from pipeline.ledger.engine import WRITES
from pipeline.ledger.schema import _config
from pipeline.ledger.tables import notices
from pipeline.records import Backlog, Notice, NoticeState, Reply, Settlement, Step
from tests.ledger_cases import LEASE, PLATFORM, WORKER, add, at, judged, take

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from pipeline.ledger import SqlLedger
    from pipeline.records import Delivery, Endpoint

OVERLAP = timedelta(seconds=2)  # long enough for a busy machine to look twice
BLINK = timedelta(milliseconds=30)
PATIENCE = timedelta(days=5)
OK = Reply(status=200)
DELIVERED = Settlement(state=NoticeState.DELIVERED)
LATER = Settlement(state=NoticeState.WAITING, delay=timedelta(hours=1))
AT_ONCE = Settlement(state=NoticeState.WAITING)
SECRET, NEW_SECRET = ("whsec_" + base64.b64encode(letter * 32).decode() for letter in (b"a", b"b"))


class Post:
    """An outbox on a ledger with one platform and its endpoint."""

    def __init__(self, ledger: SqlLedger, engine: Engine) -> None:
        self.ledger, self.engine, self.outbox = ledger, engine, SqlOutbox(engine)
        ledger.declare_platform(PLATFORM)
        self.endpoint = self.outbox.open_endpoint(PLATFORM, "webhook", address="https://a.test/")

    def write(self, proof_id: str, *, target: str = "webhook", due_at: datetime | None = None) -> str:
        """Publish a verdict and return its notice's id."""
        proof = add(self.ledger, proof_id, step=Step.JUDGE)
        recorded = judged(self.ledger, proof)
        claim = take(self.ledger, proof, Step.PUBLISH)
        notice = Notice(target=target, body=f'"{proof_id}"', due_at=due_at)
        self.ledger.finish_publish(claim, [notice], then=Step.DONE)
        with self.engine.connect() as connection:
            query = select(notices.c.id).where(notices.c.verdict == recorded.id)
            return str(connection.execute(query).scalar_one())

    def take(
        self,
        *,
        lease: timedelta = LEASE,
        most: int = 9,
        narrow: int = 9,
        proven: timedelta = LEASE,
        endpoint: Endpoint | None = None,
    ) -> Delivery | None:
        to = (endpoint or self.endpoint).id
        return self.outbox.take(
            to, worker=WORKER, lease=lease, at_once=most, at_once_unproven=narrow, proven=proven
        )

    def taken(self, **limits: timedelta) -> Delivery:
        held = self.take(**limits)  # type: ignore[arg-type]
        assert held is not None
        return held

    def close(self, held: Delivery, said: Settlement, reply: Reply = OK) -> str | None:
        return self.outbox.close(held, reply, said, stop_after=PATIENCE)

    def state(self, notice: str) -> NoticeState:
        lines = self.outbox.listed(platform=None, state=None, proof_id=None, limit=99)
        return next(line.state for line in lines if line.id == notice)

    def known(self) -> Endpoint:
        (one,) = self.outbox.endpoints(PLATFORM)
        return one


@pytest.fixture
def post(ledger: SqlLedger, engine: Engine) -> Post:
    return Post(ledger, engine)


# ---- endpoints and secrets -------------------------------------------------------------------------


def test_an_opened_endpoint_is_a_target_of_the_platform(post: Post) -> None:
    """Notices are written for it from then on; a new address keeps its id, and closing ends it."""
    moved = post.outbox.open_endpoint(PLATFORM, "webhook", address="https://b.test/")
    post.outbox.open_endpoint(PLATFORM, "redis", address="redis://h/0?stream=s")
    assert moved.id == post.endpoint.id
    assert post.ledger.targets(PLATFORM) == ("webhook", "redis")
    assert [(one.target, one.address) for one in post.outbox.endpoints()] == [
        ("redis", "redis://h/0?stream=s"),
        ("webhook", "https://b.test/"),
    ]
    assert post.outbox.close_endpoint(PLATFORM, "redis")
    assert not post.outbox.close_endpoint(PLATFORM, "redis")
    assert post.ledger.targets(PLATFORM) == ("webhook",)


def test_nobody_s_endpoint_cannot_be_opened(post: Post) -> None:
    """An unknown platform is told, and none is made."""
    with pytest.raises(UsageError, match="nobody"):
        post.outbox.open_endpoint("nobody", "webhook", address="https://a.test/")
    with pytest.raises(UsageError, match="nobody"):
        post.outbox.rotate_secret("nobody", secret=SECRET, overlap=BLINK)


def test_two_secrets_sign_until_the_overlap_ends(post: Post) -> None:
    """The new one signs at once, the former one beside it for a while."""
    assert post.outbox.secrets(PLATFORM) == ()
    post.outbox.rotate_secret(PLATFORM, secret=SECRET, overlap=LEASE)
    assert post.outbox.secrets(PLATFORM) == (SECRET,)
    post.outbox.rotate_secret(PLATFORM, secret=NEW_SECRET, overlap=OVERLAP)
    post.write("a")
    assert post.taken().secrets == post.outbox.secrets(PLATFORM) == (NEW_SECRET, SECRET)
    assert post.ledger.webhook_secret(PLATFORM) == NEW_SECRET
    sleep(OVERLAP.total_seconds() + 0.05)
    assert post.outbox.secrets(PLATFORM) == (NEW_SECRET,)
    with pytest.raises(UsageError, match="24 to 64"):
        post.outbox.rotate_secret(PLATFORM, secret="weak", overlap=BLINK)


# ---- attempts ------------------------------------------------------------------------------------


def test_an_attempt_is_on_record_while_it_runs(post: Post) -> None:
    """It counts before the work, bears the notice's id and body, and says when it began."""
    notice = post.write("a")
    held = post.taken()
    assert (held.notice, held.body, held.attempt) == (notice, '"a"', 1)
    (tried,) = post.outbox.tried(notice)
    assert (tried.number, tried.worker, tried.ended_at) == (1, WORKER, None)
    assert tried.started_at == held.began_at
    assert post.take() is None


def test_a_delivered_notice_is_out(post: Post) -> None:
    """It is taken no more, and its attempt says how it ended."""
    notice = post.write("a")
    assert post.close(post.taken(), DELIVERED, Reply(status=204)) is None
    assert post.take() is None
    assert post.state(notice) is NoticeState.DELIVERED
    (tried,) = post.outbox.tried(notice)
    assert tried.status == 204
    assert tried.ended_at is not None


def test_a_failed_attempt_waits_for_the_next(post: Post) -> None:
    """It is not due until its delay is over; then it is taken under the same id, one attempt on."""
    notice = post.write("a")
    post.close(
        post.taken(), Settlement(state=NoticeState.WAITING, delay=timedelta(seconds=0.3)), Reply(error="no")
    )
    assert post.take() is None
    assert post.outbox.due(9) == ()
    sleep(0.35)
    assert post.outbox.due(9) == (post.endpoint.id,)
    again = post.taken()
    assert (again.notice, again.attempt) == (notice, 2)
    assert [one.error for one in post.outbox.tried(notice)] == ["no", None]


def test_the_oldest_goes_first_and_the_held_back_not_before_its_time(post: Post) -> None:
    """Notices leave in the order in which they became due; one that is held is not due."""
    post.write("held", due_at=at(99_999_999))
    first, second = post.write("a"), post.write("b")
    assert [post.taken().notice, post.taken().notice, post.take()] == [first, second, None]


def test_eight_take_and_each_notice_goes_once(post: Post) -> None:
    """A race for an endpoint's notices gives each to one deliverer, and never more than the cap at once."""
    for number in range(6):
        post.write(f"n{number}")
    with ThreadPoolExecutor(8) as pool:
        held = [one for one in pool.map(lambda _: post.take(most=4, narrow=4), range(8)) if one]
    assert len({one.notice for one in held}) == len(held) == 4
    post.close(held[0], DELIVERED)
    assert post.take(most=4, narrow=4) is not None
    assert post.take(most=4, narrow=4) is None


def test_a_failing_endpoint_is_asked_one_at_a_time(post: Post) -> None:
    """One that hangs keeps one deliverer busy; a success restores its width."""
    for number in range(5):
        post.write(f"n{number}")
    post.close(post.taken(), DELIVERED)
    post.close(post.taken(), AT_ONCE)
    held = post.taken()
    assert post.take(narrow=1) is None
    post.close(held, DELIVERED)
    assert post.known().failing_since is None
    assert post.take(narrow=1) is not None
    assert post.take(narrow=1) is not None


def test_an_endpoint_is_asked_one_at_a_time_until_it_answered(post: Post) -> None:
    """What nobody knows of yet, or for a while, may hang: it gets its width with its first success."""
    for number in range(6):
        post.write(f"n{number}")
    first = post.taken()
    assert post.take(narrow=1) is None
    post.close(first, DELIVERED)
    lately = timedelta(seconds=0.4)
    assert post.take(narrow=1, proven=lately) is not None
    assert post.take(narrow=1, proven=lately) is not None
    sleep(0.45)
    assert post.take(narrow=1, proven=lately) is None


def test_one_endpoint_s_notices_are_no_other_s(post: Post) -> None:
    """One event to two targets is two rows, each with its own fate."""
    stream = post.outbox.open_endpoint(PLATFORM, "redis", address="redis://h/0?stream=s")
    hook, streamed = post.write("a"), post.write("b", target="redis")
    post.close(post.taken(), LATER)
    held = post.take(endpoint=stream)
    assert held is not None
    assert held.notice == streamed
    post.close(held, DELIVERED)
    assert (post.state(hook), post.state(streamed)) == (NoticeState.WAITING, NoticeState.DELIVERED)


def test_a_lapsed_lease_is_taken_by_another_and_closed_by_nobody_else(post: Post) -> None:
    """A deliverer that died loses nothing; one that comes late changes nothing, and is on record."""
    notice = post.write("a")
    late = post.taken(lease=timedelta(seconds=0.5))
    assert post.outbox.due(9) == ()
    sleep(0.55)
    assert post.outbox.due(9) == (post.endpoint.id,)
    second = post.taken()
    assert (second.notice, second.attempt) == (notice, 2)
    post.close(late, DELIVERED)
    assert post.state(notice) is NoticeState.WAITING
    post.close(second, DELIVERED)
    assert post.state(notice) is NoticeState.DELIVERED
    assert [one.status for one in post.outbox.tried(notice)] == [200, 200]


def test_a_stopping_worker_s_attempt_is_not_counted(post: Post) -> None:
    """What was not sent is due at once, with all its attempts."""
    notice = post.write("a")
    post.outbox.hand_back(post.taken(), "the worker is stopping")
    again = post.taken()
    assert (again.notice, again.attempt) == (notice, 1)


def test_leases_of_dead_workers_are_released(post: Post) -> None:
    """A host that starts again frees what its dead deliverers held, at once."""
    post.write("a")
    post.taken()
    assert post.outbox.release_dead("host:", frozenset({WORKER})) == 0
    assert post.outbox.release_dead("another:", frozenset()) == 0
    assert post.outbox.release_dead("host:", frozenset()) == 1
    assert post.taken().attempt == 2


# ---- endpoints that rest, stop and return ----------------------------------------------------------


def test_an_endpoint_that_asks_for_rest_gets_it(post: Post) -> None:
    """None of its notices goes out meanwhile, however due."""
    post.write("a")
    post.write("b")
    rest = timedelta(seconds=0.4)
    post.close(post.taken(), Settlement(state=NoticeState.WAITING, rest=rest), Reply(status=429))
    assert (post.take(), post.outbox.due(9)) == (None, ())
    sleep(0.45)
    assert post.take() is not None


def test_a_stopped_endpoint_keeps_its_notices_until_replay(post: Post) -> None:
    """After 410 nothing goes out; the notices are shown as stopped; replay opens and sends them all."""
    first, second = post.write("a"), post.write("b")
    gone = Settlement(state=NoticeState.WAITING, stop="it answered 410 Gone")
    assert post.close(post.taken(), gone, Reply(status=410)) == "it answered 410 Gone"
    assert (post.take(), post.outbox.due(9)) == (None, ())
    assert post.state(first) is post.state(second) is NoticeState.STOPPED
    stopped = post.outbox.listed(platform=PLATFORM, state=NoticeState.STOPPED, proof_id=None, limit=9)
    assert [line.proof_id for line in stopped] == ["b", "a"]
    assert post.outbox.replay(platform=PLATFORM) == ((post.endpoint.id,), 1)
    assert post.known().stopped is None
    assert {post.taken().notice, post.taken().notice} == {first, second}


def test_five_days_without_a_success_stop_an_endpoint(post: Post) -> None:
    """A failure after a long silence does; one after a short does not."""
    post.write("a")
    assert post.close(post.taken(), AT_ONCE) is None
    fail_for(post, timedelta(days=4, hours=23))
    assert post.close(post.taken(), AT_ONCE) is None
    fail_for(post, timedelta(days=5, seconds=1))
    assert post.close(post.taken(), AT_ONCE) == "nothing was delivered for 5 days"
    assert post.take() is None


def fail_for(post: Post, time: timedelta) -> None:
    """Let the endpoint have failed for so long."""
    with post.engine.begin() as connection:
        connection.execute(update(endpoints).values(failing_since=now_plus(-time)))


def test_a_failed_notice_can_be_replayed(post: Post) -> None:
    """Given up is not gone: replay begins its schedule anew, under its old id."""
    notice = post.write("a")
    post.close(post.taken(), Settlement(state=NoticeState.FAILED), Reply(status=500))
    assert (post.state(notice), post.take()) == (NoticeState.FAILED, None)
    assert post.outbox.replay() == ((post.endpoint.id,), 1)
    again = post.taken()
    assert (again.notice, again.attempt) == (notice, 1)
    assert len(post.outbox.tried(notice)) == 2


def test_replay_sends_nothing_that_is_held_or_out_unless_named(post: Post) -> None:
    """A held reject keeps its window; what was delivered goes again only by its id."""
    held = post.write("held", due_at=at(99_999_999))
    out = post.write("out")
    post.close(post.taken(), DELIVERED)
    assert post.outbox.replay() == ((post.endpoint.id,), 0)
    assert post.outbox.replay(notices=[held, "nonsense"]) == ((), 0)
    assert post.outbox.replay(notices=[out]) == ((post.endpoint.id,), 1)
    assert post.taken().notice == out


def test_replay_is_narrowed_to_a_platform_and_a_target(post: Post) -> None:
    """Another's failures stay as they are."""
    post.write("a")
    post.close(post.taken(), Settlement(state=NoticeState.FAILED))
    assert post.outbox.replay(platform="another") == ((), 0)
    assert post.outbox.replay(target="redis") == ((), 0)
    assert post.outbox.replay(platform=PLATFORM, target="webhook") == ((post.endpoint.id,), 1)


def test_the_backlog_tells_what_did_not_go_out(post: Post) -> None:
    """What is due and since when, what was given up, what is stopped; what is held back is no backlog."""
    assert post.outbox.backlog() == Backlog()
    post.write("held", due_at=at(99_999_999))
    post.write("a")
    post.write("b")
    sleep(0.05)
    backlog = post.outbox.backlog()
    assert (backlog.due, backlog.failed, backlog.stopped) == (2, 0, 0)
    assert timedelta(seconds=0.04) < backlog.oldest_due < timedelta(seconds=30)
    post.close(post.taken(), Settlement(state=NoticeState.FAILED))
    post.close(post.taken(), Settlement(state=NoticeState.WAITING, stop="it answered 410 Gone"))
    assert post.outbox.backlog() == Backlog(failed=1, stopped=1)


def test_notices_are_listed_with_their_last_attempt(post: Post) -> None:
    """Newest first, narrowed by proof or state; an operator sees what the receiver said."""
    post.write("a")
    post.write("b")
    post.close(post.taken(), LATER, Reply(status=500, error="oops"))
    newest, oldest = post.outbox.listed(platform=None, state=None, proof_id=None, limit=9)
    assert (newest.proof_id, newest.last) == ("b", None)
    assert oldest.last is not None
    assert (oldest.last.status, oldest.last.error, oldest.attempts) == (500, "oops", 1)
    (one,) = post.outbox.listed(platform=PLATFORM, state=NoticeState.WAITING, proof_id="a", limit=9)
    assert one == oldest


def test_notices_of_an_older_version_find_their_endpoint(empty_url: str) -> None:
    """A notice that was written before endpoints were known goes out after the migration, and back again."""
    engine = make_engine(empty_url)
    try:
        with engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "0002")
                for statement in BEFORE:
                    connection.execute(text(statement))
                command.upgrade(config, "head")
                platform = connection.execute(text("SELECT platform FROM notices")).scalar_one()
                command.downgrade(config, "0002")
                kept = connection.execute(text("SELECT target, body FROM notices")).one()
    finally:
        engine.dispose()
    assert platform == "p"
    assert tuple(kept) == ("webhook", "{}")


DAY = "'2026-11-01 12:00:00.000000'"
BEFORE = """
INSERT INTO platforms (name, created_at) VALUES ('p', DAY);
INSERT INTO proofs (id, platform, proof_id, job_id, submitter_id, submitted_at, received_at, lang, digest,
 step, due_at) VALUES ('01A', 'p', 'a', 'j', 'w', DAY, DAY, 'en', 'd', 'done', DAY);
INSERT INTO verdicts (id, platform, proof, sequence, outcome, resubmit_asked, body, decided_at, took_ms)
 VALUES ('01B', 'p', '01A', 1, 'accept', false, '{}', DAY, 1);
INSERT INTO notices (id, verdict, target, body, due_at, created_at)
 VALUES ('01C', '01B', 'webhook', '{}', DAY, DAY)
""".replace("DAY", DAY).split(";")


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database of each kind."""
    return str(request.getfixturevalue(request.param))
