"""What was delivered long ago is forgotten: its notice and every attempt on it.

In: how long it is kept. Out: how many notices went. A notice that failed or waits is kept, for somebody may
send it again; so is the verdict itself. Notices' ids are ULIDs, so the oldest are the first of the primary
key, and no index is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from ulid import ULID

from pipeline.ledger.delivery_tables import deliveries
from pipeline.ledger.tables import notices
from pipeline.records import NoticeState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

OVER = notices.c.state.in_([NoticeState.DELIVERED, NoticeState.TAKEN_BACK, NoticeState.ERASED])


def old(connection: Connection, *, before: datetime, limit: int) -> tuple[str, ...]:
    """Return the oldest notices that are over and were written before then."""
    query = select(notices.c.id).where(_written(before), OVER)
    return tuple(connection.scalars(query.order_by(notices.c.id).limit(limit)))


def forget(connection: Connection, ids: Sequence[str]) -> int:
    """Delete those of the notices that are still over, with their attempts."""
    still = select(notices.c.id).where(notices.c.id.in_(ids), OVER).with_for_update(skip_locked=True)
    over = connection.scalars(still).all()
    connection.execute(delete(deliveries).where(deliveries.c.notice.in_(over)))
    return connection.execute(delete(notices).where(notices.c.id.in_(over))).rowcount


def _written(before: datetime) -> ColumnElement[bool]:
    return notices.c.id < str(ULID.from_datetime(before))
