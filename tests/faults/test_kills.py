"""Processes that are killed, stopped and set wrong: at every step boundary, at random, past their lease."""

from __future__ import annotations

import random
import signal
import time
from typing import TYPE_CHECKING

from tests.faults.day import LEASE_S, PROOFS, SCALE, Day

if TYPE_CHECKING:
    from pathlib import Path

BOUNDARIES = [
    (call, when)
    for call in (
        "claim",
        "put",
        "finish_fingerprint",
        "finish_read",
        "finish_judge",
        "ring",
        "take",
        "close",
    )
    for when in ("before", "after")
]


def test_killed_at_every_step_boundary(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    """SIGKILL before and after each write to the ledger, the store and the queue: all is decided once."""
    with Day(tmp_path, postgres_url, PRAMAN_BROKER_URL=redis_url, PRAMAN_STRIKES="9") as day:
        day.start("sweep")
        for call, when in BOUNDARIES:
            day.hand_in(max(3, round(3 * SCALE)))
            # Who goes on to judge writes what was read with the verdict: two share the work for this one.
            alone = call == "finish_read"
            other = day.start("worker", kept=False, queues="light,deliver") if alone else None
            wound = {"dies": call, "when": when, "calls": random.randint(1, 2)}
            doomed = day.start("worker", kept=False, **wound, **({"queues": "ocr"} if alone else {}))
            assert doomed.running.wait(40) == -signal.SIGKILL, f"{when} {call} was never reached"
            if other is not None:
                other.end()
        day.start("worker")
        day.settle()


def test_killed_at_random(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    """Every two seconds one of two workers or the sweep dies and comes back."""
    with Day(tmp_path, postgres_url, PRAMAN_BROKER_URL=redis_url, PRAMAN_STRIKES="9") as day:
        parts = [day.start("sweep"), day.start("worker", wait_s=0.3), day.start("worker", wait_s=0.3)]
        day.hand_in(PROOFS)
        for kills in range(1, max(5, round(5 * SCALE)) + 1):
            time.sleep(2)
            random.choice(parts).running.kill()
            day.until(lambda at_least=kills: sum(len(one.deaths) for one in parts) >= at_least, "it died")
        day.settle()


def test_a_worker_stopped_past_its_lease_overwrites_nothing(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    """SIGSTOP with proofs in hand, another worker finishes them, SIGCONT: the late writes are refused."""
    with Day(tmp_path, postgres_url, PRAMAN_BROKER_URL=redis_url) as day:
        sleeper = day.start("worker", kept=False, wait_s=1.0)
        day.hand_in(12)
        held = f"select count(*) from proofs where step = 'read' and lease like '%:{sleeper.running.pid}:%'"
        day.until(lambda: day.ask(held)[0][0] >= 2, "the worker holds what it reads")
        sleeper.running.send_signal(signal.SIGSTOP)
        day.start("sweep")
        day.start("worker")
        time.sleep(2 * LEASE_S)
        day.until_decided(1.0)
        sleeper.running.send_signal(signal.SIGCONT)
        day.until(lambda: "lease.lost" in day.log(), "a late write was refused")
        day.settle()


def test_clocks_that_jump_change_nothing(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    """One worker's clock jumps an hour back and forth, the other's two minutes: leases are the database's."""
    with Day(tmp_path, postgres_url, PRAMAN_BROKER_URL=redis_url) as day:
        day.start("sweep", clock_s=-3600)
        day.start("worker", clock_s=3600, wait_s=0.3)
        day.start("worker", clock_s=120, wait_s=0.3)
        day.hand_in(PROOFS)
        day.settle()
