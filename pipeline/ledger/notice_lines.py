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
    query = _chosen(platform=platform, state=state, proof_id=proof_id)
    rows = connection.execute(query.order_by(notices.c.id.desc()).limit(limit)).all()
    tries = _tries(connection, [row.id for row in rows])
    return tuple(_line(row, tries.get(row.id, ())) for row in rows)


def page(
    connection: Connection,
    platform: str,
    *,
    after: str,
    limit: int,
    state: NoticeState | None,
    proof_id: str | None,
) -> tuple[tuple[NoticeLine, tuple[Tried, ...]], ...]:
    """Return notices in order with every attempt; see `outward.Outbox.page`."""
    query = _chosen(platform=platform, state=state, proof_id=proof_id).where(notices.c.id > after)
    rows = connection.execute(query.order_by(notices.c.id).limit(limit)).all()
    tries = _tries(connection, [row.id for row in rows])
    return tuple((_line(row, tries.get(row.id, ())), tries.get(row.id, ())) for row in rows)


def has(connection: Connection, platform: str, notice: str) -> bool:
    """Tell whether the notice is the platform's."""
    query = select(notices.c.id).where(notices.c.id == notice, notices.c.platform == platform)
    return connection.scalar(query) is not None


def _chosen(*, platform: str | None, state: NoticeState | None, proof_id: str | None) -> Select[Any]:
    query = _LINES if platform is None else _LINES.where(notices.c.platform == platform)
    if proof_id is not None:
        query = query.where(proofs.c.proof_id == proof_id)
    if state is NoticeState.STOPPED:
        query = query.where(UNSENT, endpoints.c.stopped.is_not(None))
    elif state is not None:
        query = query.where(notices.c.state == state)
    return query


def _tries(connection: Connection, ids: list[str]) -> dict[str, tuple[Tried, ...]]:
    query = select(deliveries).where(deliveries.c.notice.in_(ids))
    found: dict[str, tuple[Tried, ...]] = {}
    for row in connection.execute(query.order_by(deliveries.c.started_at, deliveries.c.id)):
        found[row.notice] = (*found.get(row.notice, ()), _tried(row))
    return found


def _line(row: Row[Any], tries: tuple[Tried, ...]) -> NoticeLine:
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
        last=tries[-1] if tries else None,
    )


def tried(connection: Connection, notice: str) -> tuple[Tried, ...]:
    """Return every attempt on a notice, in order."""
    return _tries(connection, [notice]).get(notice, ())


def _tried(row: Row[Any]) -> Tried:
    return Tried(
        number=row.number,
        worker=row.worker,
        started_at=row.started_at,
        ended_at=row.ended_at,
        status=row.status,
        error=row.error,
    )
