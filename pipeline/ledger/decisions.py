"""What people decided, in the order in which they did, for audits.

In: a moderator whose platforms are meant, a place to begin after. Out: `Decided`s. It writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from pipeline.codec import decode
from pipeline.ledger.review_tables import moderators, rulings
from pipeline.ledger.tables import proofs, verdicts
from pipeline.records import Decided, Decision, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from pipeline.records import Moderator

_BEFORE = verdicts.alias("before")


def decided(connection: Connection, who: Moderator, *, after: str, limit: int) -> tuple[Decided, ...]:
    """Return up to `limit` rulings whose verdict's ULID comes after `after`; ULIDs rise with time."""
    query = (
        select(
            rulings,
            moderators.c.email,
            proofs.c.platform,
            proofs.c.proof_id,
            proofs.c.job_id,
            proofs.c.submitter_id,
            verdicts.c.body,
            _BEFORE.c.body.label("body_before"),
        )
        .join(moderators, moderators.c.id == rulings.c.moderator)
        .join(proofs, proofs.c.id == rulings.c.proof)
        .join(verdicts, verdicts.c.id == rulings.c.verdict)
        .join(_BEFORE, _BEFORE.c.id == rulings.c.against)
        .where(rulings.c.verdict > after)
        .order_by(rulings.c.verdict)
        .limit(limit)
    )
    if who.platform is not None:
        query = query.where(proofs.c.platform == who.platform)
    return tuple(map(_decided, connection.execute(query)))


def _decided(row: Row[Any]) -> Decided:
    return Decided(
        verdict=row.verdict,
        against=row.against,
        platform=row.platform,
        proof_id=row.proof_id,
        job_id=row.job_id,
        submitter_id=row.submitter_id,
        moderator=row.email,
        ruled_at=row.ruled_at,
        decision=Decision(row.decision),
        undone=row.undone is not None,
        batch=row.batch,
        said=decode(Verdict, row.body),
        found=decode(Verdict, row.body_before),
    )
