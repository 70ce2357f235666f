"""Where notices go, one attempt to bring one there, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pipeline.records.values import Outcome


class NoticeState(StrEnum):
    """What became of a notice. STOPPED is told, not kept: it waits for an endpoint that is stopped."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    STOPPED = "stopped"
    TAKEN_BACK = "taken_back"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where one target of a platform is.

    Attributes:
        id: ULID; what the queue `deliver` carries.
        target: The name that notices bear: a kind (`webhook`, `sqs`, `redis`), or `kind:label`.
        address: What the kind's courier understands.
        stopped: Why nothing is sent there until somebody says `replay`; None while it is open.
        failing_since: The first failure after the last success.
        rest_until: The endpoint asked for a pause until then.
    """

    id: str
    platform: str
    target: str
    address: str
    stopped: str | None = None
    failing_since: datetime | None = None
    rest_until: datetime | None = None

    @property
    def kind(self) -> str:
        """Which courier goes there."""
        return self.target.partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The right to make one attempt on one notice until the lease lapses.

    Attributes:
        notice: The notice's id: the same on every attempt, so that a receiver can tell a repetition.
        proof: ULID of the proof that it tells of.
        attempt: Counted before the work; 1 for the first.
        began_at: The attempt's time by the database's clock; what the signature bears.
        secrets: What signs: the current secret, and the former one while both are valid.
    """

    notice: str
    proof: str
    endpoint: Endpoint
    body: str
    attempt: int
    lease: str
    began_at: datetime
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice as it leaves: signed for this attempt.

    Attributes:
        headers: Standard Webhooks' three, and the content type; other couriers send them as attributes.
        attempt: 1 for the first; a later one may find that an earlier one arrived after all.
    """

    address: str
    headers: tuple[tuple[str, str], ...]
    body: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a receiver answered.

    Attributes:
        status: An HTTP status; couriers of other kinds say 200 for "taken". None without an answer.
        error: Why there was no answer, or what a failed one said; one line.
        retry_after: The header of that name, as sent.
        final: Whether trying again could only do harm: the notice has failed, and a person must look.
    """

    status: int | None = None
    error: str | None = None
    retry_after: str | None = None
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What an answer means for the notice and for its endpoint.

    Attributes:
        delay: Until the next attempt, where there is one.
        rest: The endpoint asked to be left alone for so long.
        stop: Why the endpoint is to be stopped.
    """

    state: NoticeState
    delay: timedelta = timedelta(0)
    rest: timedelta | None = None
    stop: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One attempt as operators see it.

    Attributes:
        ended_at: None while it runs, and for ever where the deliverer died.
    """

    number: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What did not go out, for operators' alarms.

    Attributes:
        due: Notices that could go out now, held by nobody.
        oldest_due: How long the oldest of them is overdue.
        failed: Notices that were given up.
        stopped: Endpoints to which nothing is sent.
    """

    due: int = 0
    oldest_due: timedelta = timedelta(0)
    failed: int = 0
    stopped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """A notice as operators see it.

    Attributes:
        due_at: When the next attempt is due; of a notice that is out or given up, when it was.
        last: The newest attempt, if any.
    """

    id: str
    platform: str
    target: str
    proof_id: str
    sequence: int
    outcome: Outcome
    state: NoticeState
    attempts: int
    created_at: datetime
    due_at: datetime
    last: Tried | None
