"""A soak: `python -m tests.faults.soak --minutes 8 [--rate 2]`. Hours on an operator's machine, minutes here.

In: how long, how many proofs a second. Out: how memory and open files of two workers and the sweep went,
which live all the time, while every minute a third worker is killed or Redis loses everything; then the same
account as after every day of `make faults`, and empty queues. Exit 0 only where all of it held.
"""

from __future__ import annotations

import itertools
import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import redis
import typer

from pipeline.flow import QUEUES
from tests.faults.day import Day
from tests.servers import postgres_server, redis_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.day import Process

LOOK_EVERY_S, FAULT_EVERY_S = 5.0, 60.0
WARM = 0.3  # of the time: caches fill, pools reach their size
MORE_FILES = 8
_MIB = 1024


@dataclass
class Course:
    """What one process held, look by look: hours since the start, MiB, open files."""

    pid: int
    hours: list[float] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self, hours: float) -> None:
        """Note what the process holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        self.hours.append(hours)
        self.mib.append(int(resident.split()[1]) / _MIB)
        self.files.append(len(list(Path(f"/proc/{self.pid}/fd").iterdir())))

    def slope(self) -> float:
        """Return by how many MiB an hour it grew once it was warm."""
        warm = int(len(self.hours) * WARM)
        return statistics.linear_regression(self.hours[warm:], self.mib[warm:]).slope

    def told(self, name: str) -> str:
        """Return one line of the report."""
        warm = int(len(self.hours) * WARM)
        memory = f"{self.mib[warm]:.1f} MiB warm, {self.mib[-1]:.1f} at the end, {self.slope():+.1f} MiB/h"
        return f"{name}: {memory}; {self.files[warm]} files open warm, {self.files[-1]} at the end"


def soak(
    minutes: Annotated[float, typer.Option(min=0.5, help="How long proofs come in.")] = 8.0,
    rate: Annotated[float, typer.Option(min=0.1, help="Proofs a second.")] = 2.0,
) -> None:
    """Let proofs come in for so long, break something every minute, and account for everything."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praman-soak-")))
        postgres, bells = stack.enter_context(postgres_server()), stack.enter_context(redis_server())
        day = stack.enter_context(Day(folder, postgres.url, PRAMAN_BROKER_URL=bells.url))
        parts = {name: day.start(name.split()[0]) for name in ("worker 1", "worker 2", "sweep")}
        doomed = day.start("worker")
        courses = {name: Course(part.running.pid) for name, part in parts.items()}
        _work(day, courses, minutes=minutes, rate=rate, faults=_faults(doomed, bells.url))
        took_s = day.settle()
        client = stack.enter_context(redis.Redis.from_url(bells.url))
        left = {queue: client.llen(f"dramatiq:{queue}") for queue in QUEUES}
        for name, course in courses.items():
            typer.echo(course.told(name))
            assert not parts[name].deaths, f"{name} died"
            assert course.files[-1] <= course.files[int(len(course.files) * WARM)] + MORE_FILES, name
        assert not any(left.values()), left
        typer.echo(f"{len(day.wanted)} proofs in {minutes:g} min: each one verdict, delivered, queues empty")
        typer.echo(f"the last {took_s:.0f} s after the end; a third worker died {len(doomed.deaths)} times")


def _work(
    day: Day, courses: dict[str, Course], *, minutes: float, rate: float, faults: Iterator[int]
) -> None:
    began_s = time.monotonic()
    ends_s, looked_s, broken_s = began_s + 60 * minutes, began_s, began_s
    while (now_s := time.monotonic()) < ends_s:
        due = round((now_s - began_s) * rate) - len(day.wanted)
        if due > 0:
            day.hand_in(due)
        if now_s - looked_s >= LOOK_EVERY_S:
            looked_s = now_s
            for course in courses.values():
                course.look((now_s - began_s) / 3600)
        if now_s - broken_s >= FAULT_EVERY_S:
            broken_s = now_s
            next(faults)
        time.sleep(random.uniform(0.05, 0.2))


def _faults(doomed: Process, url: str) -> Iterator[int]:
    """Kill the third worker, wipe Redis, and so on."""
    for number in itertools.count():
        if number % 2:
            with redis.Redis.from_url(url) as client:
                client.flushall()
        else:
            doomed.running.kill()
        yield number


if __name__ == "__main__":
    typer.run(soak)
