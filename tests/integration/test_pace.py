"""How often idle workers look: each less often the more there are, and back when they are gone."""

from __future__ import annotations

import threading
import time

import pytest

from actors import pace
from actors.broker import make_broker
from actors.pace import LONGEST_POLL_MS, POLL_MS, keep_pace, pause_ms
from pipeline.settings import load_settings


@pytest.mark.parametrize(
    ("workers", "expected"),
    [
        (0, POLL_MS),
        (1, POLL_MS),
        (4, POLL_MS),
        (8, 2 * POLL_MS),
        (40, LONGEST_POLL_MS),
        (900, LONGEST_POLL_MS),
    ],
)
def test_the_more_workers_the_longer_each_pauses(workers: int, expected: int) -> None:
    """Up to four look as often as one does; together they never look much more often than that."""
    assert pause_ms(workers) == expected


class Crew:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.heard = threading.Event()

    def look_every(self, pause_ms: int) -> None:
        self.told.append(pause_ms)
        self.heard.set()


def test_workers_are_counted_where_they_ring(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve that are heard of make each pause longer; one that was heard of long ago does not count."""
    monkeypatch.setattr(pace, "ASK_EVERY_S", 0.05)
    broker = make_broker(load_settings(broker_url=redis_url), patient=True)
    now_ms = time.time() * 1000
    beats = {f"w{number}": now_ms for number in range(12)} | {"gone": now_ms - 60_000}
    broker.client.zadd(f"{broker.namespace}:__heartbeats__", beats)  # type: ignore[attr-defined]  # Redis has one
    crew = Crew()
    kept = keep_pace(broker, [crew])
    assert kept is not None
    try:
        assert crew.heard.wait(5)
    finally:
        kept.stop()
    assert crew.told[0] == 3 * POLL_MS


def test_who_is_alone_with_its_broker_keeps_no_pace() -> None:
    """In one process nobody looks: what is rung is heard."""
    assert keep_pace(make_broker(load_settings(), patient=True), []) is None
