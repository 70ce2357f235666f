"""What was costly to find out is told again for a while, the longer the more it cost.

In: a name, and how to find out. Out: the answer, at most seconds old. So a page that asks every few seconds
takes no more than a twentieth of the database's time, however large the ledger.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
LEAST_S = 2.0
TIMES_THE_COST = 20
MOST_KEPT = 1_000


class Remembered:
    """Answers of a process; whoever asks while somebody finds out waits for their answer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._kept: dict[Hashable, tuple[Any, float]] = {}

    def __call__(self, name: Hashable, find: Callable[[], T]) -> T:
        """Return what `find` returned lately under this name, or finds now."""
        with self._turn:
            kept, until = self._kept.get(name, (None, float("-inf")))
            if self._clock() < until:
                return kept  # type: ignore[no-any-return]
            began = self._clock()
            found = find()
            ended = self._clock()
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[name] = (found, ended + max(LEAST_S, TIMES_THE_COST * (ended - began)))
            return found
