"""A pebble pool that was started, the thread that started it, and what its children told of themselves.

In: how to make the pool. Out: whether a child is up, or why none comes up; which process began which task.
"""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from pipeline.adapters import child
from pipeline.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    import pebble

SPAWN = multiprocessing.get_context("spawn")
# A child starts within 1 s of CPU; on a machine so busy that it takes longer than this, it could do no work.
START_LIMIT_S = 60.0
_LISTEN_EVERY_S = 0.02
_SILENT = (
    "children die as they start, without a word: raise PRAMAN_CHILD_MEMORY_BYTES, or look in this machine's "
    "log for what killed them"
)


class KeptPool:
    """A started pool, kept by the thread that started it.

    The kernel's parent-death signal follows the thread that started a child, so that thread must not be one
    of the callers'.

    Args:
        make: Returns the pool, whose children tell their news to the connection that it is given.

    Raises:
        NotReady: The system starts no process.
    """

    def __init__(self, make: Callable[[Connection], pebble.ProcessPool]) -> None:
        self._news, self._theirs = SPAWN.Pipe(duplex=False)
        self._lock = threading.Lock()
        self._begun: dict[int, int] = {}
        self._is_up = False
        self._why_down: str | None = None
        self._why_blind: str | None = None
        self._over = threading.Event()
        started: Future[pebble.ProcessPool] = Future()
        self._thread = threading.Thread(target=self._keep, args=(make, started), name="children", daemon=True)
        self._thread.start()
        try:
            self.pool = started.result()
        except Exception as error:
            told = f"{type(error.__cause__ or error).__name__}: {error.__cause__ or error}"
            raise NotReady(f"no process can be started here: {told}; raise this machine's limits") from error

    def await_up(self) -> None:
        """Wait until a child is up; return at once when one ever was.

        Raises:
            NotReady: None comes up; the message says why and what to do.
        """
        until_s = time.monotonic() + START_LIMIT_S
        while not self._heard_up():
            # Asked in this order: a pool that broke may still have news of why.
            broken, why = not self.pool.active, self._heard_why()
            if broken or why is not None:
                raise NotReady(f"no picture can be opened here: {why or _SILENT}")
            if time.monotonic() > until_s:
                told = f"no child came up within {START_LIMIT_S:g} s; run `praman doctor` here"
                raise NotReady(f"no picture can be opened here: {told}")
            time.sleep(_LISTEN_EVERY_S)

    @property
    def blind(self) -> str | None:
        """Why the children can read no text, as the last one that came up told; None while they can."""
        with self._lock:
            self._listen()
            return self._why_blind

    def sees(self, why_blind: str | None) -> None:
        """Note what a child found when it was asked to read anew."""
        with self._lock:
            self._listen()
            self._why_blind = _blind(why_blind)

    def process_of(self, token: int) -> int | None:
        """Return the process that began the task, None while none did."""
        with self._lock:
            self._listen()
            return self._begun.get(token)

    def forget(self, token: int) -> None:
        """Note that the task is over."""
        with self._lock:
            self._listen()
            self._begun.pop(token, None)

    def stop(self) -> None:
        """End the pool and its children now."""
        self.pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it bare
        self.pool.join()
        self._over.set()
        self._thread.join()
        with self._lock:
            self._listen()
            self._news.close()
            self._theirs.close()

    def _keep(
        self, make: Callable[[Connection], pebble.ProcessPool], started: Future[pebble.ProcessPool]
    ) -> None:
        try:
            pool = make(self._theirs)
            assert pool.active  # asking starts it, in this thread
        except BaseException as error:  # noqa: BLE001 (whoever waits for the pool gets it)
            started.set_exception(error)
            return
        started.set_result(pool)
        self._over.wait()

    def _heard_up(self) -> bool:
        with self._lock:
            self._listen()
            return self._is_up

    def _heard_why(self) -> str | None:
        with self._lock:
            self._listen()
            return None if self._is_up else self._why_down

    def _listen(self) -> None:
        while not self._news.closed and self._news.poll(0):
            kind, *told = json.loads(self._news.recv_bytes())
            if kind == child.BEGUN:
                self._begun[told[0]] = told[1]
            elif kind == child.UP:
                self._is_up, self._why_blind = True, _blind(told[0])
            else:
                self._why_down = told[0]


def _blind(why: str | None) -> str | None:
    return None if why is None else f"no text can be read here: {why}"
