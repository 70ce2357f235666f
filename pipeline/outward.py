"""What delivery needs from outside, as roles: the outbox that keeps notices, the couriers that take them.

The ledger fulfils the one, adapters the other; `wiring` chooses which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from pipeline.records import (
        Backlog,
        Delivery,
        Endpoint,
        HeldReject,
        Message,
        NoticeLine,
        NoticeState,
        RecordedVerdict,
        Reply,
        Settlement,
        Tried,
    )


class Courier(Protocol):
    """Brings messages of one kind (`webhook`, `sqs`, `redis`) to their addresses."""

    def check(self, address: str) -> None:
        """Return where a message could be sent there, as far as can be told without sending one.

        Raises:
            UsageError: The address is wrong or forbidden; the message says what to write.
            NoAnswer: Its name does not resolve.
        """
        ...

    def send(self, message: Message) -> Reply:
        """Send one message and return the answer, whatever it is.

        Raises:
            UsageError: The address is wrong or forbidden; nothing was sent.
            NoAnswer: There was none in time; the message may have arrived all the same.
        """
        ...


class Outbox(Protocol):
    """Keeps notices until they are delivered, and every attempt on record.

    Times are the database's own. Every method is one transaction. All may raise LedgerUnavailable.
    """

    def open_endpoint(self, platform: str, target: str, *, address: str) -> Endpoint:
        """Send the platform's notices of `target` (`webhook`, `sqs`, `redis`, or `kind:label`) there.

        What waits for the target goes there too. Ask the courier to `check` the address before.

        Raises:
            UsageError: There is no such platform.
        """
        ...

    def close_endpoint(self, platform: str, target: str) -> bool:
        """Give no more notice to `target`; False where there is no such endpoint."""
        ...

    def rotate_secret(self, platform: str, *, secret: str, overlap: timedelta) -> None:
        """Sign with `secret` from now on, and with the former one too until `overlap` is over.

        Raises:
            UsageError: There is no such platform, or it is no Standard Webhooks secret.
        """
        ...

    def secrets(self, platform: str) -> tuple[str, ...]:
        """Return what signs the platform's messages now: the current secret, then a former one."""
        ...

    def endpoints(self, platform: str | None = None) -> tuple[Endpoint, ...]:
        """Return the endpoints of one platform or of all."""
        ...

    def take(
        self,
        endpoint: str,
        *,
        worker: str,
        lease: timedelta,
        at_once: int,
        at_once_unproven: int,
        proven: timedelta,
    ) -> Delivery | None:
        """Take the endpoint's oldest due notice, counting the attempt before the work.

        None where none is due, where the endpoint is stopped or rests, and where `at_once` of its notices are
        held already: `at_once_unproven` while it fails, and unless it took one within the last `proven`.
        """
        ...

    def close(
        self, delivery: Delivery, reply: Reply, said: Settlement, *, stop_after: timedelta
    ) -> str | None:
        """Record how the attempt ended; return why the endpoint was stopped by it, if it was.

        An endpoint that failed for `stop_after` without a success is stopped. A notice whose lease was lost
        is left to its new holder; the attempt is on record all the same.
        """
        ...

    def hand_back(self, delivery: Delivery, detail: str) -> None:
        """Release a notice that was not sent, without counting the attempt."""
        ...

    def due(self, limit: int) -> tuple[str, ...]:
        """Return the ids of open endpoints for which a notice is due that nobody holds."""
        ...

    def backlog(self) -> Backlog:
        """Return how much did not go out, and since when."""
        ...

    def prune(self, *, before: datetime, limit: int) -> int:
        """Forget notices that went out and were written before then; at most so many, oldest first.

        What failed or waits is kept. Returns how many went.
        """
        ...

    def release_dead(self, worker_prefix: str, alive: frozenset[str]) -> int:
        """Release notices of workers whose name starts with the prefix and is not among `alive`."""
        ...

    def replay(
        self, *, platform: str | None = None, target: str | None = None, notices: Sequence[str] = ()
    ) -> tuple[tuple[str, ...], int]:
        """Open stopped endpoints, make what failed or waits for a retry due now, and begin its schedule anew.

        With `notices` only those, delivered ones too. A notice that is held back or taken back is left
        alone. Returns the ids of the endpoints and how many notices go out again.
        """
        ...

    def listed(
        self, *, platform: str | None, state: NoticeState | None, proof_id: str | None, limit: int
    ) -> tuple[NoticeLine, ...]:
        """Return notices with their newest attempt, newest notice first."""
        ...

    def page(
        self, platform: str, *, after: str, limit: int, state: NoticeState | None, proof_id: str | None
    ) -> tuple[tuple[NoticeLine, tuple[Tried, ...]], ...]:
        """Return the platform's notices behind `after` in the order of their ids, each with every attempt."""
        ...

    def has(self, platform: str, notice: str) -> bool:
        """Tell whether the notice is the platform's."""
        ...

    def tried(self, notice: str) -> tuple[Tried, ...]:
        """Return every attempt on a notice, in order."""
        ...

    def held(
        self, *, platform: str | None, job_id: str | None, submitter_id: str | None, limit: int
    ) -> tuple[HeldReject, ...]:
        """Return rejects that can still be taken back, the soonest due first."""
        ...

    def take_back(self, platform: str, proof_id: str) -> RecordedVerdict:
        """Withdraw a held reject before it goes out; `manual` takes its place.

        Raises:
            NotNow: There is no such reject, or a notice of it is on its way or out.
        """
        ...
