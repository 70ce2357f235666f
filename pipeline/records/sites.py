"""A job platform as we serve it: which adapter, with what configuration, and who polls it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A platform whose proofs an adapter fetches and whose verdicts it rates.

    Attributes:
        config: The adapter's own, as JSON. It holds secrets, so it shows in no representation.
        lease: The right to poll; None where nobody holds it for us.
        problem: What went wrong at the last poll.
        events_problem: What went wrong when its queue of events was last asked.
        due_at: When it was to be polled, as of when this was read.
    """

    platform: str
    adapter: str
    config: str = field(repr=False)
    lease: str | None = None
    problem: str | None = None
    events_problem: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQueue:
    """An Amazon SQS queue to which a job platform pushes its events; without keys, as boto3 finds them."""

    url: str
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedEvent:
    """One message of such a queue.

    Attributes:
        message_id: The queue's own, the same however often it delivers.
        receipt: With which this delivery is deleted.
    """

    message_id: str
    body: str
    receipt: str
