"""What a job platform's adapter is: tasks come in, ratings go out, both through its own rate budget.

An adapter is made from its configuration for one piece of work and keeps nothing between two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from pipeline.adapters.guarded_http import Answer
    from pipeline.platforms.ratings import Rating
    from pipeline.records import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One unrated task as its platform shows it.

    Attributes:
        proof_id: Task id and revision: what is sent again after a revise is another proof.
        links: Pictures that the submitter gave; hostile. Empty where none could be found.
        deadline: When the platform approves by itself; silence means paid.
    """

    proof_id: str
    job_id: str
    submitter_id: str
    links: tuple[str, ...]
    submitted_at: datetime | None = None
    answer: str | None = None
    lang: str | None = None
    deadline: datetime | None = None


class Calls(Protocol):
    """Sends requests to the platform within its rate budget."""

    def send(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """Wait for our turn and send once.

        Raises:
            BudgetSpent: Our turn is too far away; nothing was sent.
            NoAnswer: There was none in time; the request may have arrived all the same.
            LinkRefused: The address must not be contacted.
        """
        ...


class JobPlatform(Protocol):
    """How one platform's proofs come in and how a verdict goes out."""

    @property
    def poll_every(self) -> timedelta:
        """How long to wait between two looks at the unrated tasks."""
        ...

    @property
    def call_every(self) -> timedelta:
        """How far apart two requests must be."""
        ...

    def tasks(self, calls: Calls) -> Iterator[Task | str]:
        """Yield every unrated task, and for one that cannot be understood a sentence that says why.

        Raises:
            TryLater: The platform does not answer, or asks to be left alone.
            UsageError: It refuses our key, or answers what it never documented.
        """
        ...

    def rate(self, rating: Rating, calls: Calls, *, sent_before: bool, superseding: bool) -> Reply:
        """Rate one task once and say what came of it.

        Args:
            rating: What to say.
            calls: Within which budget.
            sent_before: An earlier attempt may have arrived without our knowing: read back first, and what is
                rated already counts as delivered.
            superseding: An earlier verdict may have been rated: read back first.
        """
        ...
