"""How the pipeline and its people do, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.records.values import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What was decided in one stretch of time.

    Attributes:
        accepted, rejected: By the machine, alone; `resubmit`: rejects that ask for another picture.
        left: Proofs that it left to people.
        ruled: Decisions of people that they did not take back.
    """

    begins: datetime
    accepted: int = 0
    rejected: int = 0
    resubmit: int = 0
    left: int = 0
    ruled: int = 0

    @property
    def decided(self) -> int:
        """How many proofs the machine came to the end of."""
        return self.automatic + self.left

    @property
    def automatic(self) -> int:
        """How many of them need nobody."""
        return self.accepted + self.rejected + self.resubmit


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How much waits, and how long.

    Attributes:
        steps: Of the machine's steps, how many proofs wait and since when the oldest is due.
        people: How many wait for a person, and since when the oldest.
        overdue: Of those, the ones whose deadline is over; `soon`: within an hour.
        ages: Of those, how many are younger than each age and not younger than the one before.
    """

    steps: tuple[tuple[Step, int, timedelta], ...]
    people: int
    oldest: timedelta
    overdue: int
    soon: int
    ages: tuple[tuple[timedelta | None, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHealth:
    """How one job's proofs fare.

    Attributes:
        left: Proofs that wait for people.
        failed: Proofs on which the machine gave up.
        braked: Rejects that were held because there were unusually many.
        overdue: Proofs that wait for people beyond their deadline.
        last_at: When its newest proof came.
        took_ms: How long the machine worked on one, on average.
    """

    platform: str
    job_id: str
    title: str | None
    accepted: int
    rejected: int
    left: int
    failed: int
    braked: int
    overdue: int
    last_at: datetime
    took_ms: int | None

    @property
    def decided(self) -> int:
        """How many of its proofs have a verdict."""
        return self.accepted + self.rejected + self.left
