"""What the bell promises, in-process and on real Redis."""

from __future__ import annotations

import json
import time

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
    assert time.monotonic() - started < 10
