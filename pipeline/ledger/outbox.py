"""`SqlOutbox`: the port `Outbox` on SQLite and PostgreSQL, method by method.

In: an engine from `make_engine`, on a database at its schema. Out: what the port promises. Each method is one
transaction; what it does stands in the module it calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.deliver import checked_secret
from pipeline.ledger import deliveries, endpoints, holds, notice_lines, pruning
from pipeline.ledger.transact import Transactions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Engine

    from pipeline.records import (
        Backlog,
        Delivery,
        Endpoint,
        HeldReject,
        NoticeLine,
        NoticeState,
        RecordedVerdict,
        Reply,
        Settlement,
        Tried,
    )


class SqlOutbox:
    """The outbox in a database; safe to share among threads, not across a fork."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def open_endpoint(self, platform: str, target: str, *, address: str) -> Endpoint:
        """Send the platform's notices of `target` to `address` from now on.

        Raises:
            UsageError: There is no such platform.
        """
        return self._do.write(endpoints.open_endpoint, platform, target, address=address)

    def close_endpoint(self, platform: str, target: str) -> bool:
        """Give no more notice to `target`; False where there is no such endpoint."""
        return self._do.write(endpoints.close_endpoint, platform, target)

    def rotate_secret(self, platform: str, *, secret: str, overlap: timedelta) -> None:
        """Sign with `secret` from now on, and with the former one too until `overlap` is over.

        Raises:
            UsageError: There is no such platform, or it is no Standard Webhooks secret.
        """
        self._do.write(endpoints.rotate_secret, platform, secret=checked_secret(secret), overlap=overlap)

    def secrets(self, platform: str) -> tuple[str, ...]:
        """Return what signs the platform's messages now: the current secret, then a former one."""
        return self._do.read(endpoints.secrets, platform)

    def endpoints(self, platform: str | None = None) -> tuple[Endpoint, ...]:
        """Return the endpoints of one platform or of all."""
        return self._do.ask(endpoints.known_endpoints, platform)

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
        """Take the endpoint's oldest due notice, counting the attempt before the work."""
        return self._do.write(
            deliveries.take,
            endpoint,
            worker=worker,
            lease=lease,
            at_once=at_once,
            at_once_unproven=at_once_unproven,
            proven=proven,
        )

    def close(
        self, delivery: Delivery, reply: Reply, said: Settlement, *, stop_after: timedelta
    ) -> str | None:
        """Record how the attempt ended; return why the endpoint was stopped by it, if it was."""
        return self._do.write(deliveries.close, delivery, reply, said, stop_after=stop_after)

    def hand_back(self, delivery: Delivery, detail: str) -> None:
        """Release a notice that was not sent, without counting the attempt."""
        self._do.write(deliveries.hand_back, delivery, detail)

    def due(self, limit: int) -> tuple[str, ...]:
        """Return the ids of open endpoints for which a notice is due that nobody holds."""
        return self._do.ask(deliveries.due, limit)

    def backlog(self) -> Backlog:
        """Return how much did not go out, and since when."""
        return self._do.read(deliveries.backlog)

    def prune(self, *, before: datetime, limit: int) -> int:
        """Forget notices that went out and were written before then; at most so many, oldest first."""
        ids = self._do.ask(pruning.old, before=before, limit=limit)
        return self._do.write(pruning.forget, ids) if ids else 0

    def release_dead(self, worker_prefix: str, alive: frozenset[str]) -> int:
        """Release notices of workers whose name starts with the prefix and is not among `alive`."""
        return self._do.write(deliveries.release_dead, worker_prefix, alive)

    def replay(
        self, *, platform: str | None = None, target: str | None = None, notices: Sequence[str] = ()
    ) -> tuple[tuple[str, ...], int]:
        """Open stopped endpoints and make what did not go out due now."""
        return self._do.write(endpoints.replay, platform=platform, target=target, ids=notices)

    def listed(
        self, *, platform: str | None, state: NoticeState | None, proof_id: str | None, limit: int
    ) -> tuple[NoticeLine, ...]:
        """Return notices with their newest attempt, newest notice first."""
        return self._do.read(
            notice_lines.listed, platform=platform, state=state, proof_id=proof_id, limit=limit
        )

    def page(
        self, platform: str, *, after: str, limit: int, state: NoticeState | None, proof_id: str | None
    ) -> tuple[tuple[NoticeLine, tuple[Tried, ...]], ...]:
        """Return the platform's notices behind `after` in the order of their ids, each with every attempt."""
        return self._do.read(
            notice_lines.page, platform, after=after, limit=limit, state=state, proof_id=proof_id
        )

    def has(self, platform: str, notice: str) -> bool:
        """Tell whether the notice is the platform's."""
        return self._do.read(notice_lines.has, platform, notice)

    def tried(self, notice: str) -> tuple[Tried, ...]:
        """Return every attempt on a notice, in order."""
        return self._do.read(notice_lines.tried, notice)

    def held(
        self, *, platform: str | None, job_id: str | None, submitter_id: str | None, limit: int
    ) -> tuple[HeldReject, ...]:
        """Return rejects that can still be taken back, the soonest due first."""
        return self._do.read(
            holds.held, platform=platform, job_id=job_id, submitter_id=submitter_id, limit=limit
        )

    def take_back(self, platform: str, proof_id: str) -> RecordedVerdict:
        """Withdraw a held reject before it goes out; `manual` takes its place.

        Raises:
            NotNow: There is no such reject, or a notice of it is on its way or out.
        """
        return self._do.write(holds.take_back, platform, proof_id)
