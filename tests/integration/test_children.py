"""Children can be crashed, hung, starved and killed; the caller gets one of our errors and the rest goes on.

The misbehaving tasks are functions of the standard library, which a spawned child can import whatever the
test runner did to the path.
"""

from __future__ import annotations

import ctypes
import io
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw

import pipeline
from pipeline.adapters.children import PebbleChildren
from pipeline.errors import BadPicture, ChildDied, EngineFailed, EngineTimeout, TryLater
from pipeline.judge import judge
from pipeline.picture import encode_png
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import Ask, Job, Proof, Reading, Step, StoredPicture, TextCheck
from tests.ledger_cases import READING

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT_S = 2.0
MEMORY_BYTES = 1_200_000_000


def make(
    *, count: int = 2, limit_s: float = LIMIT_S, tasks_a_child: int = 250, late: bool = False
) -> PebbleChildren:
    """Return a small pool."""
    return PebbleChildren(
        count=count,
        limit_s=limit_s,
        memory_bytes=MEMORY_BYTES,
        engine="auto",
        tessdata_dir=None,
        languages="eng",
        budget_ms=2_000,
        policy=Policy(),
        tasks_a_child=tasks_a_child,
        late=late,
    )


@pytest.fixture(scope="module")
def children() -> Iterator[PebbleChildren]:
    """Two children shared by the tests; each test leaves the pool usable or fails."""
    pool = make()
    yield pool
    pool.close()


def alive(pid: int) -> bool:
    """Tell whether the process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def gone(pid: int, *, within_s: float = 3.0) -> bool:
    """Wait until the process is gone."""
    until = time.monotonic() + within_s
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(pid)


def page(seed: int = 1) -> bytes:
    """Return a PNG of coarse noise."""
    noise = np.random.default_rng(seed).integers(0, 255, (90, 40, 3), dtype=np.uint8)
    return encode_png(noise.repeat(16, axis=0).repeat(16, axis=1))


def test_pictures_are_fingerprinted_and_compared(children: PebbleChildren) -> None:
    """The pool does the work of the port."""
    found = children.fingerprint(page())
    assert (found.width_px, found.height_px, found.fault) == (640, 1440, None)
    assert children.compare(found.sketch, found.sketch, width_px=640, mirrored=False).relation is not None


def test_a_bad_picture_passes_through(children: PebbleChildren) -> None:
    """The submitter's fault keeps its reason code on the way out of the child."""
    with pytest.raises(BadPicture) as caught:
        children.fingerprint(b"%PDF-1.7")
    assert caught.value.code is ReasonCode.NOT_A_PICTURE
    assert "a PDF" in caught.value.detail


def test_a_crash_costs_one_task(children: PebbleChildren) -> None:
    """A segmentation fault ends its child and nothing else."""
    with pytest.raises(ChildDied, match="-11"):
        children.run(ctypes.string_at, 0)
    assert children.run(abs, -1) == 1


def test_an_exit_costs_one_task(children: PebbleChildren) -> None:
    """A library that exits the process ends its child and nothing else."""
    with pytest.raises(ChildDied, match="3"):
        children.run(os._exit, 3)
    assert children.run(abs, -1) == 1


def test_a_hang_is_killed_at_the_limit(children: PebbleChildren) -> None:
    """A task that holds the interpreter in native code is killed within a second of the limit."""
    started = time.monotonic()
    with pytest.raises(EngineTimeout, match="2 s"):
        children.run(re.match, r"(a+)+$", "a" * 50 + "b")
    assert LIMIT_S <= time.monotonic() - started < LIMIT_S + 1
    assert children.run(abs, -1) == 1


def test_a_picture_is_read(children: PebbleChildren) -> None:
    """The text engine that the child opened at its start reads what is asked."""
    image = Image.new("RGB", (600, 900), "white")
    ImageDraw.Draw(image).text((60, 400), "Subscribed", fill="black", font_size=60)
    ask = Ask(checks=(TextCheck(value="Subscribed"),), submitted_at=datetime(2026, 11, 1, 8, tzinfo=UTC))
    (reading,) = children.read({2: encode_png(np.asarray(image))}, ask)
    assert reading.image == 2
    assert "Subscribed" in {word.text for word in reading.words}


def test_a_proof_is_judged(children: PebbleChildren) -> None:
    """Words are judged in a child too, and the verdict comes back as it is made here."""
    proof = Proof(
        id="01B",
        platform="p",
        proof_id="b",
        job_id="job-1",
        job=Job(id="job-1", checks=(TextCheck(value="Subscribed"),)),
        submitter_id="w1",
        submitted_at=datetime(2026, 11, 1, 8, tzinfo=UTC),
        received_at=datetime(2026, 11, 1, 8, tzinfo=UTC),
        answer=None,
        lang="en",
        deadline=None,
        step=Step.JUDGE,
        pictures=(StoredPicture(id="pic", index=0, key="k", sha256="s", size_bytes=1),),
    )
    read = Reading(**READING)
    found = children.judge(proof, [read], resemblances=[])
    assert found == judge(proof, [read], resemblances=(), policy=Policy())
    assert [one.check for one in found.checks] == ["text"]


def test_what_a_hung_task_started_is_killed_with_it(children: PebbleChildren, tmp_path: Path) -> None:
    """A program run by a task does not outlive the task's limit."""
    note = tmp_path / "pid"
    with pytest.raises(EngineTimeout):
        children.run(subprocess.run, ["/bin/sh", "-c", f"echo $$ > {note}; exec sleep 60"])
    assert gone(int(note.read_text(encoding="utf-8")))


def test_a_memory_bomb_costs_one_task(children: PebbleChildren) -> None:
    """A task that wants more than the limit is refused the memory, not the machine."""
    with pytest.raises(ChildDied, match="memory"):
        children.run(bytearray, 4 * MEMORY_BYTES)
    assert children.run(abs, -1) == 1


@pytest.mark.parametrize(("function", "argument"), [(int, "x"), (sys.exit, 3), (ctypes.CDLL, "no.so")])
def test_foreign_errors_become_ours(children: PebbleChildren, function: type, argument: object) -> None:
    """Whatever a task raises, even SystemExit, arrives as EngineFailed."""
    with pytest.raises(EngineFailed):
        children.run(function, argument)


def test_a_result_that_cannot_travel_is_an_error(children: PebbleChildren) -> None:
    """A result that cannot be pickled fails its task and leaves the pool alone."""
    with pytest.raises(EngineFailed):
        children.run(threading.Lock)
    assert children.run(abs, -1) == 1


def test_other_tasks_are_not_touched_by_faults() -> None:
    """While one caller's tasks crash, hang and run out of memory, every task of the others succeeds."""
    pool = make(count=2, limit_s=1.0)
    faults = [(ctypes.string_at, (0,)), (time.sleep, (30,)), (bytearray, (4 * MEMORY_BYTES,))]

    def misbehave() -> int:
        ended = 0
        for function, args in faults:
            try:
                pool.run(function, *args)
            except (ChildDied, EngineTimeout):
                ended += 1
        return ended

    try:
        with ThreadPoolExecutor(5) as threads:
            bad = threads.submit(misbehave)
            good = list(threads.map(lambda number: pool.run(abs, -number), range(200)))
            assert good == list(range(200))
            assert bad.result() == len(faults)
    finally:
        pool.close()


def test_a_child_killed_while_idle_is_replaced(children: PebbleChildren) -> None:
    """The kernel may kill an idle child for memory; the next task runs all the same."""
    os.kill(children.run(os.getpid), signal.SIGKILL)
    time.sleep(0.3)
    assert children.run(abs, -1) == 1


def test_children_outlive_the_thread_that_first_used_them(children: PebbleChildren) -> None:
    """The parent-death signal follows a thread; it must not be a caller's."""
    pool = make(count=1)
    try:
        pids: list[int] = []
        caller = threading.Thread(target=lambda: pids.append(pool.run(os.getpid)))
        caller.start()
        caller.join()
        time.sleep(0.2)
        assert pool.run(os.getpid) == pids[0]
    finally:
        pool.close()


def test_signals_to_everything_leave_children_working(children: PebbleChildren) -> None:
    """A supervisor's SIGTERM and a terminal's SIGINT are for the parent to act on."""
    pid = children.run(os.getpid)
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGINT)
    assert children.run(abs, -1) == 1
    assert alive(pid)


def test_a_child_is_confined(children: PebbleChildren) -> None:
    """Memory, CPU, file size, core dumps and threads have limits; each child leads a group of its own."""
    assert children.run(resource.getrlimit, resource.RLIMIT_AS)[0] == MEMORY_BYTES
    assert children.run(resource.getrlimit, resource.RLIMIT_CORE)[0] == 0
    assert children.run(resource.getrlimit, resource.RLIMIT_FSIZE)[0] < 2**30
    assert 0 < children.run(resource.getrlimit, resource.RLIMIT_CPU)[0] < 60
    assert children.run(os.getenv, "OMP_THREAD_LIMIT") == "1"
    group = children.run(os.getpgrp)
    assert group != os.getpgrp()
    assert alive(group)


def test_a_child_is_replaced_after_its_tasks() -> None:
    """What native libraries leak ends with the child."""
    pool = make(count=1, tasks_a_child=2)
    try:
        pids = [pool.run(os.getpid) for _ in range(3)]
    finally:
        pool.close()
    assert len(set(pids)) == 2


def test_memory_stays_bounded_over_hostile_pictures(children: PebbleChildren) -> None:
    """Bombs are answered from their headers: no child grows by 50 MiB over a hundred of them."""
    bomb = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(bomb, format="PNG")

    def resident() -> int:
        return max(children.run(resource.getrusage, resource.RUSAGE_SELF).ru_maxrss for _ in range(8))

    children.fingerprint(page())
    before = resident()
    for _ in range(100):
        with pytest.raises(BadPicture):
            children.fingerprint(bomb.getvalue())
    assert resident() - before < 50 * 1024


def test_closing_ends_every_child_and_every_wait() -> None:
    """A caller that waits gets TryLater at once; no child is left; closing twice is harmless."""
    pool = make(count=2, limit_s=30)
    pids = {pool.run(os.getpid) for _ in range(20)}
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pool.run, time.sleep, 30)
        time.sleep(0.3)
        started = time.monotonic()
        pool.close()
        with pytest.raises(TryLater):
            waiting.result()
        assert time.monotonic() - started < 2
    assert all(gone(pid) for pid in pids)
    pool.close()
    with pytest.raises(TryLater):
        pool.run(abs, -1)


PARENT = """
import os, sys, threading, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from pipeline.adapters.children import PebbleChildren
from pipeline.policy import Policy
if __name__ == "__main__":
    pool = PebbleChildren(count=2, limit_s=60, memory_bytes=1_200_000_000, engine="auto", tessdata_dir=None,
                          languages="eng", budget_ms=2000, policy=Policy())
    first = pool.run(os.getpid)
    pool.run(abs, 1)
    threading.Thread(target=pool.run, args=(time.sleep, 50), daemon=True).start()
    time.sleep(0.3)
    print(first, pool.run(os.getpid), flush=True)
    time.sleep(50)
"""


def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    """SIGKILL of the parent ends working and idle children within seconds."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    root = str(Path(pipeline.__file__).parent.parent)
    with subprocess.Popen([sys.executable, str(script), root], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = {int(word) for word in parent.stdout.readline().split()}
        assert pids
        assert all(alive(pid) for pid in pids)
        parent.kill()
    assert all(gone(pid) for pid in pids)


def test_late_children_start_with_the_first_task() -> None:
    """A process that only delivers pays for none."""
    before = set(started())
    pool = make(count=1, late=True)
    try:
        assert set(started()) == before
        assert pool.run(os.getpid) in set(started()) - before
    finally:
        pool.close()


def started() -> list[int]:
    """Return the processes that this one started."""
    tasks = Path("/proc/self/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text(encoding="utf-8").split()]
