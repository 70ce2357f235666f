"""Automatic decisions are drawn at random for audit.

In: a share. Out: looks, each at one decision; how far the draw has come is kept, so no decision is drawn
twice. Only decisions of the last day: turning the draw on asks nobody to audit years. It changes no verdict.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, insert, literal, select, update
from ulid import ULID

from pipeline.ledger.clock import now
from pipeline.ledger.look_tables import drawn_to, looks
from pipeline.ledger.review_tables import rulings
from pipeline.ledger.tables import platforms, verdicts
from pipeline.ledger.upsert import upsert
from pipeline.quality import drawn
from pipeline.records import Decision, LookKind, Outcome

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

FRESH = timedelta(days=1)


def draw(connection: Connection, *, share: float, limit: int) -> tuple[int, bool]:
    """Draw from up to `limit` new verdicts a platform; return how many were drawn, and whether more wait."""
    known = exists().where(drawn_to.c.platform == platforms.c.name)
    unknown = select(platforms.c.name, literal(0)).where(~known)
    begun = upsert(connection, drawn_to).from_select(["platform", "sequence"], unknown)
    connection.execute(begun.on_conflict_do_nothing())
    behind = select(drawn_to).join(platforms, platforms.c.name == drawn_to.c.platform)
    behind = behind.where(platforms.c.last_sequence > drawn_to.c.sequence)
    rows = connection.execute(behind.with_for_update(of=drawn_to, skip_locked=True)).all()
    found = [_draw(connection, row.platform, row.sequence, share=share, limit=limit) for row in rows]
    return sum(made for made, _ in found), any(more for _, more in found)


def _draw(connection: Connection, platform: str, after: int, *, share: float, limit: int) -> tuple[int, bool]:
    ours = verdicts.c.platform == platform
    fresh = str(ULID.from_datetime(datetime.now(UTC) - FRESH))
    stale = select(func.max(verdicts.c.sequence)).where(ours, verdicts.c.id < fresh)
    begin = max(after, connection.scalar(stale.where(verdicts.c.sequence > after)) or 0)
    automatic = ~exists().where(rulings.c.verdict == verdicts.c.id)
    query = select(verdicts, automatic.label("automatic")).where(ours, verdicts.c.sequence > begin)
    rows = connection.execute(query.order_by(verdicts.c.sequence).limit(limit)).all()
    made = [_look(row) for row in rows if _is_decision(row) and drawn(row.id, share)]
    if made:
        connection.execute(insert(looks).values(created_at=now()), made)
    come = rows[-1].sequence if rows else begin
    connection.execute(update(drawn_to).where(drawn_to.c.platform == platform).values(sequence=come))
    return len(made), len(rows) == limit


def _is_decision(row: Row[Any]) -> bool:
    return bool(row.automatic) and row.outcome != Outcome.MANUAL


def _look(row: Row[Any]) -> dict[str, Any]:
    said = {"proof": row.proof, "verdict": row.id, "shown": row.id, "expected": said_by(row)}
    return {"id": str(ULID()), "kind": LookKind.AUDIT, **said}


def said_by(row: Row[Any]) -> Decision:
    """Return the decision that a verdict's row tells."""
    if row.outcome == Outcome.ACCEPT:
        return Decision.ACCEPT
    return Decision.RESUBMIT if row.resubmit_asked else Decision.REJECT
