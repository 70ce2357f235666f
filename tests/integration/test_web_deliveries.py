"""What a platform sees of its deliveries and jobs over HTTP, and hints of job platforms."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from actors.deliver import deliver
from pipeline.ledger import SqlSites, make_engine
from pipeline.records import Reply
from tests import appen, toloka
from tests.local_site import LocalSite
from tests.web import JOB, Door, picture

if TYPE_CHECKING:
    from pipeline.records import Message


class FakeCourier:
    """Answers 500 until told otherwise."""

    def __init__(self) -> None:
        self.status = 500

    def check(self, address: str) -> None:
        del address

    def send(self, message: Message) -> Reply:
        del message
        return Reply(status=self.status, error=None if self.status < 300 else "it rains")


@pytest.fixture
def door(tmp_path: Path, sqlite_url: str) -> Iterator[Door]:
    with Door(tmp_path, sqlite_url, webhook_retry_s=(0.0,)).running() as running:
        yield running


def test_a_platform_sees_every_attempt_of_its_own_and_sends_again(door: Door) -> None:
    """A failed notice is replayed under its id; another platform neither sees nor touches it."""
    courier = FakeCourier()
    object.__setattr__(door.services, "couriers", {"webhook": courier})
    shop, other = door.platform("shop"), door.platform("other")
    endpoint = door.services.outbox.open_endpoint("shop", "webhook", address="https://shop.example/hook")
    for number in range(3):
        shop.post(picture(f"Nodi Tech Bangladesh Subscribed {number}"), proof_id=f"p{number}")
    door.work()
    deliver(door.services, endpoint.id)
    first = shop.get("/v1/deliveries?limit=2")
    rest = shop.get(f"/v1/deliveries?after={first['next']}")
    lines = [*first["items"], *rest["items"]]
    assert [one["proof_id"] for one in lines] == ["p0", "p1", "p2"]
    assert {one["state"] for one in lines} == {"failed"}
    (tried,) = lines[0]["attempts"]
    assert (tried["number"], tried["status"], tried["error"]) == (1, 500, "it rains")
    assert "worker" not in tried
    assert shop.get(f"/v1/deliveries?after={rest['next']}") == {"items": [], "next": rest["next"]}
    assert other.get("/v1/deliveries")["items"] == []
    notice = lines[0]["id"]
    assert other.http.post(f"/v1/deliveries/{notice}/replay").status_code == 404
    courier.status = 204
    answer = shop.http.post(f"/v1/deliveries/{notice}/replay")
    assert (answer.status_code, answer.json()) == (202, {"id": notice, "state": "waiting"})
    deliver(door.services, endpoint.id)
    (line,) = shop.get("/v1/deliveries?proof=p0")["items"]
    assert (line["id"], line["state"], len(line["attempts"])) == (notice, "delivered", 2)
    assert len(shop.get("/v1/deliveries?state=failed")["items"]) == 2
    assert shop.http.get("/v1/deliveries?state=lost").status_code == 422
    assert shop.http.post("/v1/deliveries/none/replay").status_code == 404


def test_a_job_is_seen_as_it_stands_by_its_platform_alone(door: Door) -> None:
    """The answer is that of the PUT."""
    shop, other = door.platform("shop"), door.platform("other", job=False)
    put = shop.http.put("/v1/jobs/a%2Fb", json=JOB)
    assert shop.get("/v1/jobs/a%2Fb") == put.json()
    assert other.http.get("/v1/jobs/a%2Fb").status_code == 404
    assert shop.http.get("/v1/jobs/none").json()["type"] == "urn:praman:problem:no-such-job"


def served(door: Door, site: LocalSite) -> SqlSites:
    """Have the adapter serve the platform `site`, polled a moment ago."""
    door.platform("site", job=False)
    sites = SqlSites(make_engine(door.services.settings.database))
    sites.put("site", adapter=site.adapter, config=site.config())
    turn = sites.take(worker="w", lease=door.services.settings.lease)
    assert turn is not None
    sites.close(turn, pause=door.services.settings.lease, problem=None)
    return sites


def rung(sites: SqlSites, door: Door) -> bool:
    """Tell whether the site is due, and give the turn back."""
    turn = sites.take(worker="w", lease=door.services.settings.lease)
    if turn is not None:
        sites.close(turn, pause=door.services.settings.lease, problem=None)
    return turn is not None


def hint(door: Door, **sent: Any) -> int:
    """Send a hint without any key of ours."""
    return door.platform(f"p{time.monotonic_ns()}", job=False).http.post("/v1/hints/site", **sent).status_code


def test_a_signed_hint_rings_once_and_while_it_is_fresh(door: Door) -> None:
    """Replayed, back-dated, tampered with, signed by another: refused, and nothing is rung."""
    sites = served(door, toloka.Toloka())
    body, now = b'{"events": []}', int(time.time())
    given = toloka.signed(body, at=now)
    assert hint(door, content=body, headers=given) == 204
    assert rung(sites, door)
    for content, headers in (
        (body, given),
        (body, toloka.signed(body, at=now - 1)),
        (body, toloka.signed(body, at=now - 400)),
        (body, toloka.signed(body, at=now + 400)),
        (b"{}", toloka.signed(body, at=now + 1)),
        (body, toloka.signed(body, at=now + 1, secret="guess")),
        (body, {"Toloka-Signature": "v=1, ts=, sign="}),
        (body, {}),
    ):
        assert hint(door, content=content, headers=headers) == 403
        assert not rung(sites, door)
    assert hint(door, content=body, headers=toloka.signed(body, at=now + 1)) == 204
    assert rung(sites, door)


def test_a_hint_without_a_time_rings_a_few_times_a_minute(door: Door) -> None:
    """Whoever sends it again and again is told to wait, and the site is not polled for it."""
    sites = served(door, appen.Appen())
    assert hint(door, content=appen.form("{}", token="guess")) == 403
    assert not rung(sites, door)
    assert hint(door, content=appen.form("{}")) == 204
    assert rung(sites, door)
    assert hint(door, content=appen.form("{}")) == 429
    assert not rung(sites, door)
    assert door.platform("x", job=False).http.post("/v1/hints/nobody").status_code == 404
    assert hint(door, content=b"x" * 1_000_001) == 413
