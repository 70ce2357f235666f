"""A pool of warm children that open untrusted pictures and can be killed.

In: bytes and what is asked, from any number of threads at once. Out: records, or one of our errors. A task
that crashes, hangs or eats memory costs its own child; the pool goes on with a fresh one and touches no other
task. Make it after forking: a pool does not survive a fork.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import pebble

from pipeline.adapters import child
from pipeline.errors import BadPicture, ChildDied, EngineFailed, EngineTimeout, StepFailed, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pipeline.errors import PramanError
    from pipeline.policy import Policy
    from pipeline.records import (
        Ask,
        Box,
        Contrast,
        Fingerprint,
        Likeness,
        Proof,
        Reading,
        Resemblance,
        Status,
        Verdict,
    )

T = TypeVar("T")

_SPAWN = multiprocessing.get_context("spawn")
# Native libraries may leak; a child is replaced after this many tasks. Starting one costs as much CPU as
# several proofs, and 80 proofs read twice over left a child as large as once (216 MB).
TASKS_A_CHILD = 5_000
# Children ignore SIGTERM, so waiting for it to work only delays the kill.
_TERM_WAIT_S = 0.05
# How often pebble's own thread looks for children that died or took too long; tasks wait for no look.
_LOOK_EVERY_S = 0.2


class PebbleChildren:
    """Fulfils `ports.Children` with a pebble process pool.

    Args:
        count: Children.
        limit_s: A task that takes longer is killed with its child and all that the child started.
        memory_bytes: Address space of a child.
        engine: `auto`, `tesserocr` or `pytesseract`.
        tessdata_dir: Where the models lie; None lets the engine find them.
        languages: Tesseract's names joined by `+`.
        budget_ms: CPU that reading one proof may cost.
        policy: Limits and thresholds.
        tasks_a_child: After this many a child is replaced.
    """

    def __init__(  # noqa: PLR0913 (plain values, all by name, from one caller: wiring)
        self,
        *,
        count: int,
        limit_s: float,
        memory_bytes: int,
        engine: str,
        tessdata_dir: Path | None,
        languages: str,
        budget_ms: int,
        policy: Policy,
        tasks_a_child: int = TASKS_A_CHILD,
        late: bool = False,
    ) -> None:
        self._limit_s = limit_s
        self._starts, starts = _SPAWN.Pipe(duplex=False)
        confinement = child.Confinement(parent=os.getpid(), memory_bytes=memory_bytes, limit_s=limit_s)
        outfit = child.Outfit(
            policy=policy,
            engine=engine,
            tessdata_dir=tessdata_dir,
            languages=languages,
            budget_ms=budget_ms,
            limit_s=limit_s,
        )
        self._make_pool = partial(
            pebble.ProcessPool,
            max_workers=count,
            max_tasks=tasks_a_child,
            initializer=child.prepare,
            initargs=(confinement, outfit, starts),
            context=_SPAWN,
        )
        pebble.CONSTS.term_timeout = _TERM_WAIT_S
        pebble.CONSTS.sleep_unit = _LOOK_EVERY_S
        self._lock = threading.Lock()
        self._tokens = itertools.count()
        self._begun: dict[int, int] = {}
        self._waiting: set[Future[Any]] = set()
        self._closed = False
        # A process that only delivers never needs a child; `late` starts them with the first task.
        self._kept = None if late else _KeptPool(self._make_pool)

    def fingerprint(self, content: bytes) -> Fingerprint:
        """Decode and fingerprint one picture."""
        return self.run(child.fingerprint, content)

    def read(self, contents: Mapping[int, bytes], ask: Ask) -> tuple[Reading, ...]:
        """Decode the pictures and read what is asked."""
        return self.run(child.read, dict(contents), ask)

    def compare(
        self, sketch: bytes, other: bytes, *, width_px: int, mirrored: bool | None = None
    ) -> Likeness:
        """Compare two sketches."""
        return self.run(child.compare, sketch, other, width_px, mirrored)

    def look_closer(self, first: bytes, second: bytes) -> bool:
        """Decode two pictures and tell whether the first was surely made of the second."""
        return self.run(child.look_closer, first, second)

    def judge(
        self, proof: Proof, readings: Sequence[Reading], *, resemblances: Sequence[Resemblance]
    ) -> Verdict:
        """Judge a proof by the words that were read of it."""
        return self.run(child.judge, proof, tuple(readings), tuple(resemblances))

    def draw(self, content: bytes, boxes: Sequence[tuple[Box, str, Status]]) -> bytes:
        """Decode one picture and draw its evidence on it."""
        return self.run(child.draw, content, tuple(boxes))

    def contrast(self, first: bytes, second: bytes, *, names: tuple[str, str] | None) -> Contrast:
        """Decode two pictures and say what they say of each other."""
        return self.run(child.contrast, first, second, names)

    def lay_over(self, first: bytes, second: bytes) -> bytes | None:
        """Decode two pictures and return the second as it lies over the first."""
        return self.run(child.lay_over, first, second)

    def run(self, function: Callable[..., T], *args: object) -> T:
        """Run a module-level function in a child and wait for its result.

        Raises:
            BadPicture: As the function raised it.
            EngineFailed: The function raised something foreign.
            EngineTimeout: Killed at the time limit.
            ChildDied: Crashed or out of memory.
            TryLater: The pool was closed meanwhile.
        """
        try:
            return self._once(function, args)
        except BrokenProcessPool:
            # A child that dies between two tasks breaks a pebble pool; no task is to blame, so it runs again.
            pass
        try:
            return self._once(function, args)
        except BrokenProcessPool as error:
            raise ChildDied(f"children die as they start: {error}") from error

    def close(self) -> None:
        """End every child, working or not; waiting callers get TryLater."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for future in self._waiting:
                future.cancel()
        if self._kept is not None:
            self._kept.stop()
        self._starts.close()

    def _once(self, function: Callable[..., T], args: tuple[object, ...]) -> T:
        token = next(self._tokens)
        future = self._schedule(token, function, args)
        try:
            result: T = future.result()
        except (BadPicture, StepFailed, BrokenProcessPool):
            raise
        except Exception as error:  # noqa: BLE001 (sorted out by `_told`)
            raise self._told(token, error) from None
        else:
            return result
        finally:
            self._forget(token, future)

    def _told(self, token: int, error: Exception) -> PramanError:
        """Return what pebble's `error` means to us, after killing what the dead child left behind."""
        if isinstance(error, TimeoutError):
            self._kill_group(token)
            return EngineTimeout(f"the task outlived {self._limit_s:g} s and its child was killed")
        if isinstance(error, pebble.ProcessExpired):
            self._kill_group(token)
            return ChildDied(f"the child died with exit code {error.exitcode}")
        if isinstance(error, CancelledError):
            return TryLater("the children were closed before the task was done")
        return EngineFailed(f"the result could not leave the child: {type(error).__name__}: {error}")

    def _schedule(self, token: int, function: Callable[..., T], args: tuple[object, ...]) -> Future[T]:
        with self._lock:
            if self._closed:
                raise TryLater("the children are closed")
            if self._kept is not None and not self._kept.pool.active:
                self._kept.stop()
                self._kept = None
            self._kept = self._kept or _KeptPool(self._make_pool)
            future: Future[T] = self._kept.pool.schedule(
                child.perform, args=(token, function, args), timeout=self._limit_s
            )
            self._waiting.add(future)
        return future

    def _forget(self, token: int, future: Future[Any]) -> None:
        with self._lock:
            self._waiting.discard(future)
            self._drain()
            self._begun.pop(token, None)

    def _kill_group(self, token: int) -> None:
        """Kill what the task's child started: the child itself is dead and cannot."""
        with self._lock:
            self._drain()
            group = self._begun.get(token)
        if group is not None:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    def _drain(self) -> None:
        while not self._starts.closed and self._starts.poll(0):
            token, pid = child.START.unpack(self._starts.recv_bytes())
            self._begun[token] = pid


class _KeptPool:
    """A started pool and the thread that started it.

    The kernel's parent-death signal follows the thread that started a child, so that thread must not be one
    of the callers'.
    """

    def __init__(self, make: Callable[[], pebble.ProcessPool]) -> None:
        self._over = threading.Event()
        started: Future[pebble.ProcessPool] = Future()
        self._thread = threading.Thread(target=self._keep, args=(make, started), name="children", daemon=True)
        self._thread.start()
        self.pool = started.result()

    def _keep(self, make: Callable[[], pebble.ProcessPool], started: Future[pebble.ProcessPool]) -> None:
        try:
            pool = make()
            assert pool.active  # asking starts it, in this thread
        except BaseException as error:
            started.set_exception(error)
            raise
        started.set_result(pool)
        self._over.wait()

    def stop(self) -> None:
        """End the pool and its children now."""
        self.pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it bare
        self.pool.join()
        self._over.set()
        self._thread.join()
