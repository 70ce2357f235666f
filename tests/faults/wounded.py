"""A worker or sweep with a wound: `python -m tests.faults.wounded worker|sweep WOUND`.

In: the settings of any worker, and a wound as JSON. Out: the real worker, whose children read what
`fake_picture` wrote, and which dies, or whose clock jumps, exactly where the wound says:

    {"dies": "finish_read", "when": "before" | "after", "calls": 2}   SIGKILL at the second call of it
    {"clock_s": 3600}                                                its clock is an hour off, back and forth
    {"wait_s": 0.5}                                                  reading a picture takes that long
    {"queues": "ocr"}                                                it takes from no other queue
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import time
from typing import Any

from actors import main as doors
from actors.broker import make_broker
from pipeline import wiring
from pipeline.adapters.dispatch import DramatiqBell
from pipeline.adapters.files import FilesEvidenceStore
from pipeline.adapters.logs import start_logging
from pipeline.ledger.ledger import SqlLedger
from pipeline.ledger.outbox import SqlOutbox
from pipeline.settings import load_settings
from tests.fakes import FakeChildren

OWNERS = {
    "ring": DramatiqBell,
    "put": FilesEvidenceStore,
    "take": SqlOutbox,
    "close": SqlOutbox,
}
JUMP_EVERY_S = 2.0


class SlowChildren(FakeChildren):
    """Takes its time to read."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self._wait_s = wait_s

    def _text(self, call: str, content: bytes) -> str:
        if call == "read":
            time.sleep(self._wait_s)
        return super()._text(call, content)


def wound(*, dies: str | None, when: str, calls: int, clock_s: float) -> None:
    """Have this process die at a method, or live with a clock that jumps."""
    if dies is not None:
        owner = OWNERS.get(dies, SqlLedger)
        setattr(owner, dies, deadly(getattr(owner, dies), when=when, calls=calls))
    if clock_s:
        true, began_s = time.time, time.monotonic()

        def jumping() -> float:
            turn = int((time.monotonic() - began_s) / JUMP_EVERY_S) % 3
            return true() + clock_s * (0, 1, -1)[turn]

        time.time = jumping


def deadly(method: Any, *, when: str, calls: int) -> Any:
    """Return the method as it is, but for the call that kills."""
    counted = itertools.count(1)

    def call(*args: Any, **kwargs: Any) -> Any:
        kills = next(counted) == calls
        if kills and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = method(*args, **kwargs)
        if kills:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return call


def run(role: str, told: dict[str, Any]) -> None:
    """Run until told to stop, or dead."""
    settings = load_settings()
    start_logging("json", level="info")
    wiring.open_children = lambda _settings, **_late: SlowChildren(told.get("wait_s", 0.02))  # type: ignore[assignment]
    wound(
        dies=told.get("dies"),
        when=told.get("when", "before"),
        calls=told.get("calls", 1),
        clock_s=told.get("clock_s", 0.0),
    )
    if role == "worker":
        queues = told.get("queues")
        doors.run_worker(settings, frozenset(queues.split(",")) if queues else None)
    else:
        with wiring.watched_services(settings, make_broker(settings, patient=False)) as services:
            doors.run_sweep(settings, services)


if __name__ == "__main__":
    run(sys.argv[1], json.loads(sys.argv[2]))
