"""Sites that push their events to Amazon SQS: each event rings a poll once, and no word of it is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from actors.listen import listen
from actors.poll import poll
from pipeline.errors import NoAnswer
from tests.microworkers import Microworkers
from tests.mturk import MechanicalTurk
from tests.servers import free_port
from tests.site_house import GOOD, NAME, House

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

KEYS = {"access_key_id": "AKIDMTURK", "secret_access_key": "mturk-s3cr3t"}
LIES: dict[str, Any] = {
    "EventDocId": "d1",
    "Events": [{"EventType": "AssignmentSubmitted", "AssignmentId": "A666", "HITId": "not-ours"}],
    "slot": {"id": "s666", "rating": "OK"},
}
SITES = {"mturk": MechanicalTurk, "microworkers": Microworkers}


@pytest.fixture(scope="module")
def amazon() -> Iterator[str]:
    """Run SQS on loopback."""
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


class Listening(House[Any]):
    """A house whose site has a queue; it is polled every hour if nothing rings."""

    queue: SQSClient
    address = ""

    def says(self, told: object) -> None:
        body = told if isinstance(told, str) else json.dumps(told)
        self.queue.send_message(QueueUrl=self.address, MessageBody=body)

    def listens(self) -> int:
        return listen(self.sites, every=timedelta(0))

    def is_due(self) -> bool:
        return poll(self.services, self.sites)

    def shows(self, number: int) -> str:
        self.draws(number, GOOD)
        made = self.site.slot(number) if self.site.adapter == "microworkers" else self.site.assignment(number)
        return str(made.get("id") or made.get("AssignmentId"))

    @property
    def problem(self) -> str | None:
        return self.sites.sites.known_sites()[NAME].events_problem

    def left(self) -> int:
        asked = self.queue.get_queue_attributes(QueueUrl=self.address, AttributeNames=["All"])
        return int(asked["Attributes"]["ApproximateNumberOfMessages"])


@pytest.fixture(params=sorted(SITES))
def house(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path, amazon: str
) -> Iterator[Listening]:
    given = {f"aws_{name}": value for name, value in KEYS.items()}
    queue: SQSClient = boto3.client("sqs", region_name="us-east-1", endpoint_url=amazon, **given)
    name = f"events-{uuid4().hex}"
    with SITES[request.param].running() as site:
        made = Listening(tmp_path, migrated_sqlite, site, sqs_endpoint_url=amazon)
        made.queue = queue
        made.address = queue.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
        made.serve(poll_every_s=3600, events_queue=made.address, **KEYS)
        assert made.is_due()
        yield made


def test_an_event_brings_the_task_in_at_once(house: Listening) -> None:
    """Who hears of it polls with the site's own key: only what the site shows comes in."""
    task = house.shows(1)
    assert not house.is_due()
    house.says(LIES)
    assert house.listens() == 1
    assert house.is_due()
    (proof,) = house.proofs()
    assert proof.startswith(f"{task}:")
    assert house.left() == 0
    house.work()
    assert list(house.site.said()) == [task]


def test_whatever_a_message_holds_it_is_a_hint(house: Listening) -> None:
    """Odd shapes ring, and leave the queue."""
    for body in (" ", "no JSON", "[" * 5000, "[1]", json.dumps({"EventDocId": {"a": 1}}), "7"):
        house.says(body)
    assert house.listens() == 6
    assert house.is_due()
    assert house.left() == 0


def test_a_message_that_comes_again_rings_no_more(house: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue could not be told to forget it; what was noted before is known, and the trouble is shown."""

    def lost(*_: object) -> None:
        raise NoAnswer("the queue of events did not answer")

    house.says("{}")
    with monkeypatch.context() as broken:
        broken.setattr(type(house.sites.events), "drop", lost)
        house.listens()
    assert house.is_due()
    assert "did not answer" in str(house.problem)
    assert house.listens() == 0
    assert (house.is_due(), house.left(), house.problem) == (False, 0, None)


def test_a_queue_that_is_gone_is_told_and_polls_go_on(house: Listening) -> None:
    """Nothing depends on the queue."""
    house.queue.delete_queue(QueueUrl=house.address)
    assert house.listens() == 0
    assert "NonExistentQueue" in str(house.problem)
    house.serve(poll_every_s=3600, events_queue=house.address, **KEYS)
    house.shows(1)
    assert house.is_due()
    assert len(house.proofs()) == 1


def test_one_event_sent_twice_rings_once(house: Listening) -> None:
    """Mechanical Turk names its events, also through SNS; of others two messages are two events."""
    house.says(LIES)
    house.says({"Type": "Notification", "Message": json.dumps(LIES)})
    assert house.listens() == (1 if house.site.adapter == "mturk" else 2)
