"""What a job platform's adapter is: tasks come in, ratings go out, both through its own rate budget.

An adapter is made from its configuration for one piece of work and keeps nothing between two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a site sent to our door to say that there is something new; never more than a hint.

    Attributes:
        headers: By name in lower case.
        now: When it came, by our clock.
    """

    headers: Mapping[str, str]
    body: bytes
    now: datetime


class HintRefused(UsageError):
    """The hint is not the site's, or not of now; nothing is done."""


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

    def turn(self) -> None:
        """Wait for our turn; for an adapter whose client sends for itself.

        Raises:
            BudgetSpent: Our turn is too far away.
        """
        ...

    def rest(self) -> None:
        """Let nobody call the site for a while: it asked for it."""
        ...


class JobPlatform(Protocol):
    """How one platform's proofs come in and how a verdict goes out."""

    @property
    def rates(self) -> bool:
        """Whether the site can be told a verdict at all; where not, `praman export` tells its people."""
        ...

    @property
    def poll_every(self) -> timedelta:
        """How long to wait between two looks at the unrated tasks."""
        ...

    @property
    def call_every(self) -> timedelta:
        """How far apart two requests must be."""
        ...

    def tasks(self, calls: Calls, known: Callable[[str], bool]) -> Iterator[Task | str]:
        """Yield every unrated task, and for one that cannot be understood a sentence that says why.

        A task for whose proof id `known` says yes may be left out; it need not.

        Raises:
            TryLater: The platform does not answer, or asks to be left alone.
            UsageError: It refuses our key, or answers what it never documented.
        """
        ...

    def picture(self, link: str, calls: Calls) -> bytes | None:
        """Return a picture that the site keeps behind our key; None for a submitter's link.

        Raises:
            LinkRefused: It cannot be had.
            NoAnswer: It may be had later.
        """
        ...

    def signed_at(self, hint: Hint) -> datetime | None:
        """Return when the hint was signed; None where the site's signature, if any, carries no time.

        Raises:
            HintRefused: It is not the site's, or not of now.
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
