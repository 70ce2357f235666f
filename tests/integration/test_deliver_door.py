"""The deliver door on a real ledger: what leaves, what waits, what trouble at one receiver costs."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dramatiq.middleware import Shutdown

from actors.deliver import deliver
from actors.judge import judge
from actors.sweep import sweep
from pipeline.adapters.couriers import open_couriers
from pipeline.errors import LedgerUnavailable, LinkRefused, NoAnswer
from pipeline.policy import Policy
from pipeline.records import NoticeState, Reply, Ring, Step
from pipeline.settings import load_settings
from tests.fakes import FakeBell, FakeChildren
from tests.listeners import OK, listening
from tests.posts import Posts
from tests.workers import services_on

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.records import Message

QUICK = (0.0, 0.0, 0.0)


class FakeCourier:
    """Answers as the test says, and keeps what it was given."""

    def __init__(self, answer: Callable[[Message], Reply] = lambda _: Reply(status=200)) -> None:
        self.answer = answer
        self.sent: list[Message] = []

    def check(self, address: str) -> None:
        pass

    def send(self, message: Message) -> Reply:
        self.sent.append(message)
        return self.answer(message)


class Office:
    """A deliverer with a fake courier and a fake bell."""

    def __init__(self, folder: Path, url: str, *, platforms: int = 1, receiver: str = "fake:") -> None:
        self.posts = Posts(url, platforms=platforms, receiver=receiver)
        self.courier, self.bell = FakeCourier(), FakeBell()
        settings = load_settings(database_url=url, webhook_retry_s=QUICK, webhook_allow_private=True)
        self.services = services_on(
            self.posts.engine,
            folder,
            settings=settings,
            children=FakeChildren(),
            bell=self.bell,
            ledger=self.posts.ledger,
            outbox=self.posts.outbox,
            couriers={"webhook": self.courier, "sqs": self.courier},
            queues=frozenset(),
        )

    def published(self, count: int) -> None:
        """Have so many verdicts judged; forget the bells."""
        self.posts.send(count)
        for ring in self.posts.ledger.due(Step.JUDGE, rung_before=timedelta(0), limit=count):
            judge(self.services, ring.proof)
        self.bell.wipe()

    @property
    def endpoint(self) -> str:
        return self.posts.outbox.endpoints()[0].id

    def deliver(self) -> None:
        deliver(self.services, self.endpoint)


@pytest.fixture
def office(tmp_path: Path, migrated_sqlite: Path) -> Office:
    (tmp_path / "ledger.db").write_bytes(migrated_sqlite.read_bytes())
    return Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")


def test_one_bell_delivers_everything_that_is_due(office: Office) -> None:
    """In the order of the verdicts, each with its number; ringing again sends nothing twice."""
    office.published(5)
    office.deliver()
    office.deliver()
    bodies = [json.loads(one.body) for one in office.courier.sent]
    assert [one["data"]["sequence"] for one in bodies] == [1, 2, 3, 4, 5]
    assert {one["type"] for one in bodies} == {"proof.verdict"}
    assert {one["data"]["supersedes"] for one in bodies} == {None}
    assert office.posts.states() == {NoticeState.DELIVERED: 5}


def test_publishing_rings_the_endpoints_and_a_lost_ring_is_rung_again(office: Office) -> None:
    """The bell names the endpoint; the sweep finds what no bell stands for."""
    office.posts.send(1)
    (ring,) = office.posts.ledger.due(Step.JUDGE, rung_before=timedelta(0), limit=9)
    judge(office.services, ring.proof)  # type: ignore[arg-type]  # no picture is opened
    assert list(office.bell.rings) == [Ring(proof=office.endpoint, step=Step.DELIVER)]
    office.bell.wipe()
    assert sweep(office.services) == 1
    assert sweep(office.services) == 0
    assert list(office.bell.rings) == [Ring(proof=office.endpoint, step=Step.DELIVER)]


@pytest.mark.parametrize(
    "trouble",
    [NoAnswer("away"), LinkRefused("inner"), ValueError("a bug"), OSError("disk"), RecursionError()],
)
def test_whatever_goes_wrong_is_a_failed_attempt_on_record(office: Office, trouble: Exception) -> None:
    """Tried by the schedule, then failed, visible with each attempt, and sent again by a replay."""

    def fail(_: Message) -> Reply:
        raise trouble

    office.published(1)
    office.courier.answer = fail
    office.deliver()
    (line,) = office.posts.outbox.listed(platform=None, state=NoticeState.FAILED, proof_id=None, limit=9)
    tries = office.posts.outbox.tried(line.id)
    assert len(tries) == len(QUICK)
    assert all(str(trouble) in str(one.error) for one in tries)
    office.courier.answer = lambda _: Reply(status=200)
    office.posts.outbox.replay()
    office.deliver()
    assert {dict(one.headers)["webhook-id"] for one in office.courier.sent} == {line.id}
    assert office.posts.states() == {NoticeState.DELIVERED: 1}


def test_gone_stops_an_endpoint_and_a_replay_opens_it(office: Office) -> None:
    """One 410 and nothing more is sent; nothing is lost either."""
    office.published(3)
    office.courier.answer = lambda _: Reply(status=410)
    office.deliver()
    assert len(office.courier.sent) == 1
    assert sweep(office.services) == 0
    assert office.posts.states() == {NoticeState.STOPPED: 3}
    office.courier.answer = lambda _: Reply(status=200)
    office.posts.outbox.replay()
    office.deliver()
    assert office.posts.states() == {NoticeState.DELIVERED: 3}


def test_a_busy_endpoint_is_asked_once_and_then_left_alone(office: Office) -> None:
    """429 with Retry-After holds all of its notices back, not only the one that was refused."""
    office.published(3)
    office.courier.answer = lambda _: Reply(status=429, retry_after="60")
    office.deliver()
    assert len(office.courier.sent) == 1
    assert sweep(office.services) == 0
    assert office.posts.states() == {NoticeState.WAITING: 3}


def test_a_worker_that_stops_gives_its_notice_back(office: Office) -> None:
    """The interrupted attempt is not counted, and the next worker sends at once."""

    def stop(_: Message) -> Reply:
        raise Shutdown

    office.published(1)
    office.courier.answer = stop
    with pytest.raises(Shutdown):
        office.deliver()
    office.courier.answer = lambda _: Reply(status=200)
    office.deliver()
    (line,) = office.posts.outbox.listed(platform=None, state=None, proof_id=None, limit=9)
    assert (line.state, line.attempts) == (NoticeState.DELIVERED, 1)


def test_a_database_that_is_away_after_the_send_loses_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be recorded is sent again when the lease lapses, under the same id."""

    def away(*_: Any, **__: Any) -> None:
        raise LedgerUnavailable("away")

    office.published(1)
    with monkeypatch.context() as patched:
        patched.setattr(type(office.posts.outbox), "close", away)
        office.deliver()
    assert office.posts.outbox.release_dead("", frozenset()) == 1
    office.deliver()
    assert len({dict(one.headers)["webhook-id"] for one in office.courier.sent}) == 1
    assert len(office.courier.sent) == 2
    assert office.posts.states() == {NoticeState.DELIVERED: 1}


def test_an_unknown_kind_of_target_is_told_in_the_list(office: Office) -> None:
    """A target without a courier fails in words."""
    office.posts.outbox.close_endpoint("p0", "webhook")
    office.posts.outbox.open_endpoint("p0", "pigeon", address="loft")
    office.published(1)
    office.deliver()
    (line,) = office.posts.outbox.listed(platform=None, state=NoticeState.FAILED, proof_id=None, limit=9)
    assert line.last is not None
    assert "webhook, sqs or redis" in str(line.last.error)


def test_a_verdict_goes_to_every_target_with_one_body(office: Office) -> None:
    """One event and two targets are two notices: same body, each its own id and fate."""
    office.posts.outbox.open_endpoint("p0", "sqs", address="queue")
    office.published(1)
    for endpoint in office.posts.outbox.endpoints():
        deliver(office.services, endpoint.id)
    first, second = office.courier.sent
    assert first.body == second.body
    assert dict(first.headers)["webhook-id"] != dict(second.headers)["webhook-id"]
    assert {first.address, second.address} == {"fake:/p0", "queue"}


def test_one_endpoint_that_hangs_hurts_only_itself(tmp_path: Path, migrated_sqlite: Path) -> None:
    """Of twenty endpoints one does not answer, rung for over and over: all others get theirs meanwhile."""
    (tmp_path / "ledger.db").write_bytes(migrated_sqlite.read_bytes())
    woken = threading.Event()

    def answer(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"POST /p0 "):
            woken.wait(60)
        connection.sendall(OK)

    with listening(answer) as receiver, ThreadPoolExecutor(8) as pool:
        url = f"http://127.0.0.1:{receiver.port}"
        office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", platforms=20, receiver=url)
        settings = office.services.settings.model_copy(update={"webhook_timeout_s": 60.0})
        services = replace(office.services, settings=settings, couriers=open_couriers(settings))
        office.published(60)
        hanging, *others = (one.id for one in office.posts.outbox.endpoints())
        held = [pool.submit(deliver, services, hanging) for _ in range(8)]
        list(pool.map(lambda one: deliver(services, one), others))
        assert office.posts.states() == {NoticeState.DELIVERED: 57, NoticeState.WAITING: 3}
        assert sum(not one.done() for one in held) == Policy().deliveries_at_once_unproven
        woken.set()
    assert office.posts.states() == {NoticeState.DELIVERED: 60}
