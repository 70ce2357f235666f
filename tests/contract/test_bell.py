"""What the bell promises, in-process and on real Redis."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
import redis

from actors.broker import make_broker
from pipeline.adapters.dispatch import DramatiqBell
from pipeline.records import Ring, Step
from pipeline.settings import load_settings

RING = Ring(proof="01PROOF", step=Step.READ)


@pytest.fixture(params=["in-process", "redis"])
def bell(request: pytest.FixtureRequest) -> DramatiqBell:
    url = None if request.param == "in-process" else request.getfixturevalue("redis_url")
    return DramatiqBell(make_broker(load_settings(broker_url=url), patient=False))


def test_a_ring_waits_on_its_steps_queue(bell: DramatiqBell) -> None:
    """Reading rings on `ocr`, judging on `light`, and the depth says so."""
    assert bell.ring(RING)
    assert bell.ring(Ring(proof="01PROOF", step=Step.JUDGE))
    assert bell.ring(Ring(proof="01PROOF", step=Step.GIVE_UP))
    assert (bell.depth("ocr"), bell.depth("light"), bell.depth("intake")) == (1, 2, 0)


def test_the_age_of_a_queue_is_that_of_its_first_message(bell: DramatiqBell) -> None:
    """What waits grows older, newer messages behind it change nothing, and an empty queue has no age."""
    assert bell.oldest("ocr") == timedelta(0)
    bell.ring(RING)
    time.sleep(0.05)
    first = bell.oldest("ocr")
    bell.ring(Ring(proof="01LATER", step=Step.READ))
    assert timedelta(milliseconds=40) < first <= bell.oldest("ocr") < timedelta(seconds=60)


def test_what_is_no_message_has_no_age(redis_url: str) -> None:
    """Anybody who may write to the queue may write nonsense, or a time to come."""
    bell = DramatiqBell(make_broker(load_settings(broker_url=redis_url), patient=False))
    client = redis.Redis.from_url(redis_url)
    for nonsense in (b"{}", b"no json", b'{"message_timestamp": "soon"}', _stamped(10**15), _stamped(10**30)):
        client.delete("dramatiq:intake")
        client.rpush("dramatiq:intake", "one")
        client.hset("dramatiq:intake.msgs", "one", nonsense)
        assert bell.oldest("intake") == timedelta(0)


def _stamped(when_ms: int) -> bytes:
    message = {"queue_name": "intake", "actor_name": "intake", "args": [], "kwargs": {}, "options": {}}
    return json.dumps(message | {"message_id": "one", "message_timestamp": when_ms}).encode()


def test_a_message_carries_the_proofs_id_and_nothing_else(redis_url: str) -> None:
    """Whoever reads Redis learns one id: no picture, no name, no state."""
    DramatiqBell(make_broker(load_settings(broker_url=redis_url), patient=False)).ring(RING)
    stored = redis.Redis.from_url(redis_url).hvals("dramatiq:ocr.msgs")
    message = json.loads(stored[0])
    assert (message["actor_name"], message["args"], message["kwargs"]) == ("read", ["01PROOF"], {})


def test_a_redis_that_is_gone_costs_a_moment_and_no_error() -> None:
    """The caller is told no, within the time that an HTTP request may wait."""
    bell = DramatiqBell(make_broker(load_settings(broker_url="redis://127.0.0.1:1/0"), patient=False))
    started = time.monotonic()
    assert bell.ring(RING) is False
    assert bell.depth("ocr") is None
    assert bell.oldest("ocr") == timedelta(0)
    assert time.monotonic() - started < 10
