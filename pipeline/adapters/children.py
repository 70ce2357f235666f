"""A pool of warm children that open untrusted pictures and can be killed.

In: bytes and what is asked, from any number of threads at once. Out: records, or one of our errors. A task
that crashes, hangs or eats memory costs its own child; the pool goes on with a fresh one and touches no other
task. Where no child can start, or none can read, no task is to blame: callers hear why. Make it after
forking: a pool does not survive a fork.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import pebble

from pipeline.adapters import child
from pipeline.adapters.kept_pool import SPAWN, KeptPool
from pipeline.errors import (
    BadPicture,
    ChildDied,
    EngineFailed,
    EngineTimeout,
    NotReady,
    StepFailed,
    TryLater,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.connection import Connection
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

# Native libraries may leak; a child is replaced after this many tasks. Starting one costs as much CPU as
# several proofs, and 80 proofs read twice over left a child as large as once (216 MB).
TASKS_A_CHILD = 5_000
# Children ignore SIGTERM, so waiting for it to work only delays the kill.
_TERM_WAIT_S = 0.05
# Where no child could start, no task tries again for so long: starting one costs a second of CPU.
_REST_S = 30.0
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
            _make_pool, count=count, tasks_a_child=tasks_a_child, confinement=confinement, outfit=outfit
        )
        pebble.CONSTS.term_timeout = _TERM_WAIT_S
        pebble.CONSTS.sleep_unit = _LOOK_EVERY_S
        self._lock = threading.Lock()
        self._tokens = itertools.count()
        self._waiting: set[Future[Any]] = set()
        self._closed = False
        # A process that only delivers never needs a child; `late` starts them with the first task.
        self._kept = None if late else KeptPool(self._make_pool)
        self._down: str | None = None
        self._rests_until_s = 0.0

    def fingerprint(self, content: bytes) -> Fingerprint:
        """Decode and fingerprint one picture."""
        return self.run(child.fingerprint, content)

    def read(self, contents: Mapping[int, bytes], ask: Ask) -> tuple[Reading, ...]:
        """Decode the pictures and read what is asked."""
        why = self._up().blind
        if why is not None:
            raise NotReady(why)
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
            NotReady: No child can start.
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
            raise ChildDied(f"children die between tasks: {error}") from error

    def unready(self) -> str | None:
        """Return why no child can start or read here; None while they can, and where nobody knows.

        What was found out is known for half a minute; then the next task finds out anew.
        """
        with self._lock:
            return self._resting() or (None if self._kept is None else self._kept.blind)

    def probe(self) -> str | None:
        """Wait until children are up, or known not to come up; return why no child can start or read here."""
        try:
            kept = self._up(anew=True)
            if kept.blind is not None:
                kept.sees(self.run(child.why_blind))
        except NotReady as error:
            return str(error)
        except StepFailed as error:
            return f"a child cannot read an empty page: {error}"
        return self.unready()

    def close(self) -> None:
        """End every child, working or not; waiting callers get TryLater."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for future in self._waiting:
                future.cancel()
            kept, self._kept = self._kept, None
        if kept is not None:
            kept.stop()

    def _once(self, function: Callable[..., T], args: tuple[object, ...]) -> T:
        token, kept = next(self._tokens), self._up()
        future = self._schedule(kept, token, function, args)
        try:
            result: T = future.result()
        except (BadPicture, StepFailed, TryLater, BrokenProcessPool):
            raise
        except Exception as error:  # noqa: BLE001 (sorted out by `_told`)
            raise self._told(kept, token, error) from None
        else:
            return result
        finally:
            with self._lock:
                self._waiting.discard(future)
            kept.forget(token)

    def _told(self, kept: KeptPool, token: int, error: Exception) -> PramanError:
        """Return what pebble's `error` means to us, after killing what the dead child left behind."""
        if isinstance(error, TimeoutError):
            _kill_group(kept, token)
            return EngineTimeout(f"the task outlived {self._limit_s:g} s and its child was killed")
        if isinstance(error, pebble.ProcessExpired):
            _kill_group(kept, token)
            return ChildDied(f"the child died with exit code {error.exitcode}")
        if isinstance(error, CancelledError):
            return TryLater("the children were closed before the task was done")
        return EngineFailed(f"the result could not leave the child: {type(error).__name__}: {error}")

    def _schedule(
        self, kept: KeptPool, token: int, function: Callable[..., T], args: tuple[object, ...]
    ) -> Future[T]:
        with self._lock:
            if self._closed:
                raise TryLater("the children are closed")
            try:
                future: Future[T] = kept.pool.schedule(
                    child.perform, args=(token, function, args), timeout=self._limit_s
                )
            except RuntimeError as error:
                raise BrokenProcessPool(str(error)) from error
            self._waiting.add(future)
        return future

    def _up(self, *, anew: bool = False) -> KeptPool:
        """Return a pool of which a child is up; where none comes up, a second pool gets its chance.

        Args:
            anew: Try although none came up a moment ago.

        Raises:
            NotReady: No child can start; for a moment nobody tries again.
            TryLater: The pool was closed.
        """
        try:
            return self._awaited(self._current(anew=anew))
        except NotReady:
            kept = self._current(anew=anew)
        try:
            return self._awaited(kept)
        except NotReady as error:
            with self._lock:
                self._down, self._rests_until_s = str(error), time.monotonic() + _REST_S
            raise

    def _awaited(self, kept: KeptPool) -> KeptPool:
        try:
            kept.await_up()
        except NotReady:
            self._drop(kept)
            raise
        with self._lock:
            self._down = None
        return kept

    def _current(self, *, anew: bool) -> KeptPool:
        with self._lock:
            if self._closed:
                raise TryLater("the children are closed")
            why = self._resting()
            if why is not None and not anew:
                raise NotReady(why)
            if self._kept is not None and not self._kept.pool.active:
                self._kept.stop()
                self._kept = None
            self._kept = self._kept or KeptPool(self._make_pool)
            return self._kept

    def _resting(self) -> str | None:
        return self._down if time.monotonic() < self._rests_until_s else None

    def _drop(self, kept: KeptPool) -> None:
        """End a pool of which no child came up, and which therefore has no tasks."""
        with self._lock:
            if self._kept is not kept:
                return
            self._kept = None
        kept.stop()


def _make_pool(
    news: Connection, *, count: int, tasks_a_child: int, confinement: child.Confinement, outfit: child.Outfit
) -> pebble.ProcessPool:
    return pebble.ProcessPool(
        max_workers=count,
        max_tasks=tasks_a_child,
        initializer=child.prepare,
        initargs=(confinement, outfit, news),
        context=SPAWN,
    )


def _kill_group(kept: KeptPool, token: int) -> None:
    """Kill what the task's child started: the child itself is dead and cannot."""
    group = kept.process_of(token)
    if group is not None:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
