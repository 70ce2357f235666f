"""Notices and attempts as operators see them.

In: which ones. Out: `NoticeLine`s and `Tried`s. It writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from pipeline.ledger.delivery_tables import deliveries, endpoints
from pipeline.ledger.tables import UNSENT, notices, proofs, verdicts
from pipeline.records import NoticeLine, NoticeState, Outcome, Tried

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select

_LINES: Select[Any] = (
    select(notices, verdicts.c.sequence, verdicts.c.outcome, proofs.c.proof_id, endpoints.c.stopped)
    .join(verdicts, verdicts.c.id == notices.c.verdict)
    .join(proofs, proofs.c.id == verdicts.c.proof)
    .outerjoin(
        endpoints, (endpoints.c.platform == notices.c.platform) & (endpoints.c.target == notices.c.target)
    )
)


def listed(
    connection: Connection,
    *,
    platform: str | None,
    state: NoticeState | None,
    proof_id: str | None,
    limit: int,
) -> tuple[NoticeLine, ...]:
    """Return notices with their newest attempt, newest notice first."""
    query = _LINES.order_by(notices.c.id.desc()).limit(limit)
    if platform is not None:
        query = query.where(notices.c.platform == platform)
    if proof_id is not None:
        query = query.where(proofs.c.proof_id == proof_id)
    if state is NoticeState.STOPPED:
        query = query.where(UNSENT, endpoints.c.stopped.is_not(None))
    elif state is not None:
        query = query.where(notices.c.state == state)
    rows = connection.execute(query).all()
    newest = _newest(connection, [row.id for row in rows])
    return tuple(_line(row, newest.get(row.id)) for row in rows)


def _newest(connection: Connection, ids: list[str]) -> dict[str, Tried]:
    query = select(deliveries).where(deliveries.c.notice.in_(ids))
    rows = connection.execute(query.order_by(deliveries.c.started_at, deliveries.c.id))
    return {row.notice: _tried(row) for row in rows}


def _line(row: Row[Any], last: Tried | None) -> NoticeLine:
    state = NoticeState(row.state)
    stopped = state is NoticeState.WAITING and row.stopped is not None
    return NoticeLine(
        id=row.id,
        platform=row.platform,
        target=row.target,
        proof_id=row.proof_id,
        sequence=row.sequence,
        outcome=Outcome(row.outcome),
        state=NoticeState.STOPPED if stopped else state,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        last=last,
    )


def tried(connection: Connection, notice: str) -> tuple[Tried, ...]:
    """Return every attempt on a notice, in order."""
    query = select(deliveries).where(deliveries.c.notice == notice)
    rows = connection.execute(query.order_by(deliveries.c.started_at, deliveries.c.id))
    return tuple(map(_tried, rows))


def _tried(row: Row[Any]) -> Tried:
    return Tried(
        number=row.number,
        worker=row.worker,
        started_at=row.started_at,
        ended_at=row.ended_at,
        status=row.status,
        error=row.error,
    )
