"""CPU time: how much was spent, and how much reading one proof may take.

In: a limit. Out: whether it is spent. Wall time says nothing on a busy machine.
"""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """CPU time that reading one proof may take, from a moment on."""

    until_ms: float

    @classmethod
    def of(cls, limit_ms: int) -> Budget:
        """Return a budget that begins now."""
        return cls(until_ms=cpu_ms() + limit_ms)

    @property
    def spent(self) -> bool:
        """Whether nothing of it is left."""
        return cpu_ms() > self.until_ms


def cpu_ms() -> float:
    """Return CPU time of this process and of the programs it ran, in ms."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (time.process_time() + children.ru_utime + children.ru_stime) * 1000
