"""One proof as a moderator sees it: its verdicts in order, its twin, its submitter.

In: a proof's ULID. Out: records. It writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from pipeline.ledger.door_tables import appeals
from pipeline.ledger.review_tables import moderators, rulings
from pipeline.ledger.rows import verdicts_from
from pipeline.ledger.tables import pictures, proofs, verdicts
from pipeline.records import Event, Outcome, Record

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from pipeline.records import Moderator, Proof, RecordedVerdict

_NEWEST = 8


def theirs(who: Moderator) -> list[ColumnElement[bool]]:
    """Return what keeps a query of proofs to the moderator's platforms."""
    return [] if who.platform is None else [proofs.c.platform == who.platform]


def is_theirs(connection: Connection, who: Moderator, proof: str) -> bool:
    """Tell whether the proof is there and its platform the moderator's."""
    row = connection.execute(
        select(proofs.c.platform).where(proofs.c.id == proof, proofs.c.erased_at.is_(None))
    ).one_or_none()
    return row is not None and who.platform in {None, row.platform}


def history(connection: Connection, proof: str) -> tuple[Event, ...]:
    """Return every verdict of the proof, oldest first, with who ruled so and whether it was appealed."""
    ruled_or_undone = (rulings.c.verdict == verdicts.c.id) | (rulings.c.undone == verdicts.c.id)
    told = connection.execute(
        select(verdicts.c.id, moderators.c.email, appeals.c.id.label("appeal"), appeals.c.note)
        .select_from(
            verdicts.outerjoin(rulings, (rulings.c.proof == verdicts.c.proof) & ruled_or_undone)
            .outerjoin(moderators, moderators.c.id == rulings.c.moderator)
            .outerjoin(appeals, appeals.c.verdict == verdicts.c.id)
        )
        .where(verdicts.c.proof == proof)
    )
    beside = {row.id: row for row in told}
    rows = connection.execute(select(verdicts).where(verdicts.c.proof == proof).order_by(verdicts.c.sequence))
    return tuple(
        Event(
            recorded=one,
            moderator=beside[one.id].email,
            appealed=beside[one.id].appeal is not None,
            note=beside[one.id].note,
        )
        for one in verdicts_from(connection, rows)
    )


def submitter(connection: Connection, proof: Proof) -> Record:
    """Return how the submitter's other proofs ended, and the newest of them."""
    ours = (proofs.c.platform == proof.platform) & (proofs.c.submitter_id == proof.submitter_id)
    ours &= (proofs.c.id != proof.id) & proofs.c.verdict.is_not(None)
    counted = connection.execute(
        select(proofs.c.outcome, func.count().label("many")).where(ours).group_by(proofs.c.outcome)
    )
    newest = select(proofs.c.id, proofs.c.proof_id, proofs.c.outcome).where(ours)
    newest = newest.order_by(proofs.c.id.desc()).limit(_NEWEST)
    return Record(
        by_outcome=tuple((Outcome(row.outcome), row.many) for row in counted),
        newest=tuple((row.id, row.proof_id, Outcome(row.outcome)) for row in connection.execute(newest)),
    )


def twin(connection: Connection, current: RecordedVerdict) -> tuple[str, str, int] | None:
    """Return the original that the verdict names: its ULID, its own id, how many pictures are kept."""
    of = current.verdict.duplicate_of
    if of is None or of.proof is None:
        return None
    kept = select(func.count()).select_from(pictures)
    many = connection.scalar(kept.where(pictures.c.proof == of.proof, pictures.c.key.is_not(None)))
    return (of.proof, of.proof_id, many or 0) if many else None
