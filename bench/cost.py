"""What work costs: CPU seconds (user and system, children that ended included) and peak memory.

In: a function made in a fresh process and the items it is called with, or a command. Out: results with their
cost. Time on the wall is never measured: the machine may be busy.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Threads that fight for a core make any engine dearer (Tesseract issue 3109); Praman's children set the same.
ONE_THREAD = dict.fromkeys(("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
_LOOK_EVERY_S = 0.1
_KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Generic[R]):
    """Results of one fresh process and what they cost.

    Attributes:
        start_s: CPU until it was ready for the first item: interpreter, imports, models.
        each_s: CPU of each item.
    """

    results: tuple[R, ...]
    start_s: float
    each_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a command cost.

    Attributes:
        cpu_s: The command and every child that it waited for.
        children_cpu_s: What its children took of it, as last looked at.
        child_peak_bytes: Most resident memory that one of its children ever held.
    """

    cpu_s: float
    children_cpu_s: float
    child_peak_bytes: int


def measure(make: Callable[[], Callable[[T], R]], items: Sequence[T]) -> Measured[R]:
    """Make a function in a fresh single-threaded process and call it with each item in order."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=one_thread) as pool:
        return pool.submit(_measure_here, make, items).result()


def one_thread() -> None:
    """Keep the engines of this process to one thread."""
    os.environ.update(ONE_THREAD)


def _measure_here(make: Callable[[], Callable[[T], R]], items: Sequence[T]) -> Measured[R]:
    call = make()
    start_s = before = cpu_s()
    results, each = [], []
    for item in items:
        results.append(call(item))
        after = cpu_s()
        each.append(after - before)
        before = after
    return Measured(results=tuple(results), start_s=start_s, each_s=tuple(each))


def cpu_s() -> float:
    """Return the CPU that this process and its ended children have used."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def spend(command: Sequence[str], *, env: Mapping[str, str], log: Path) -> Spent:
    """Run a command to its end and return what it cost.

    Raises:
        RuntimeError: It ended with another code than 0.
    """
    seen = _Seen()
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=dict(env), stdout=file, stderr=file)  # noqa: S603 (our own)
        watch = threading.Thread(target=seen.watch, args=(process.pid,), daemon=True)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seen.over.set()
    watch.join()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}; see {log}")
    return Spent(
        cpu_s=usage.ru_utime + usage.ru_stime,
        children_cpu_s=sum(seen.cpu_s.values()),
        child_peak_bytes=seen.peak_bytes,
    )


class _Seen:
    """Looks at a process's children now and then; the kernel keeps each one's totals meanwhile."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self.cpu_s: dict[int, float] = {}
        self.over = threading.Event()

    def watch(self, pid: int) -> None:
        while not self.over.wait(_LOOK_EVERY_S):
            for child in _children(pid):
                self.peak_bytes = max(self.peak_bytes, _high_water_bytes(child))
                self.cpu_s[child] = max(self.cpu_s.get(child, 0.0), _used_s(child))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, _text(task).split())
    return found


def used_with_children_s(pid: int) -> float:
    """Return the CPU of a running process, of its running children and of those that ended."""
    ended = sum(_ticks(pid)[2:]) / os.sysconf("SC_CLK_TCK")
    return ended + _used_s(pid) + sum(map(_used_s, _children(pid)))


def _high_water_bytes(pid: int) -> int:
    for line in _text(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * _KIB
    return 0


def _used_s(pid: int) -> float:
    """Return the user and system time of a process."""
    return sum(_ticks(pid)[:2]) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> list[int]:
    """Return fields 14 to 17 of a process's `stat`, see proc(5): its own time, then its ended children's."""
    return [int(field) for field in _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[11:15]]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended meanwhile
        return ""
