"""What waits for a person, in the order in which it should be decided, and who has it open.

In: a moderator, a filter, a proof. Out: `QueueItem`s; a claim. Order: the platform's deadline, since silence
means paid, then age. A proof that is open again because of a moderator's own ruling, by an appeal or after a
second look, is not in that one's queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, func, or_, select

from pipeline.codec import decode
from pipeline.errors import NotNow
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.door_tables import appeals
from pipeline.ledger.look_tables import looks
from pipeline.ledger.review_tables import LEFT_TO_PEOPLE, claims, moderators, rulings
from pipeline.ledger.rows import job_from
from pipeline.ledger.tables import jobs, proofs, verdicts
from pipeline.ledger.upsert import upsert
from pipeline.records import QueueCount, QueueFilter, QueueItem, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Connection, Row

    from pipeline.records import Moderator

_HELD = claims.c.lease_until > now()
_ORDER = (proofs.c.deadline.is_(None), proofs.c.deadline, proofs.c.id)
_BACKWARDS = (proofs.c.deadline.is_(None).desc(), proofs.c.deadline.desc(), proofs.c.id.desc())


def in_sight(who: Moderator, wanted: QueueFilter) -> ColumnElement[bool]:
    """Return what the moderator may decide and asked for."""
    sides = [LEFT_TO_PEOPLE, proofs.c.erased_at.is_(None), ~_doubted(who)]
    for column, value in (
        (proofs.c.platform, who.platform),
        (proofs.c.platform, wanted.platform),
        (proofs.c.job_id, wanted.job_id),
        (proofs.c.submitter_id, wanted.submitter_id),
    ):
        if value is not None:
            sides.append(column == value)
    if wanted.proof_ids is not None:
        sides.append(proofs.c.proof_id.in_(wanted.proof_ids))
    if wanted.code is not None:
        said = verdicts.alias("said")
        named = said.c.body.contains(f'"code":"{wanted.code.value}"', autoescape=True)
        sides.append(exists().where(said.c.id == proofs.c.verdict, named))
    return and_(*sides)


def _doubted(who: Moderator) -> ColumnElement[bool]:
    """Return that a proof is open again because of a ruling of this very moderator."""
    own = rulings.c.moderator == who.id
    appealed = exists().where(appeals.c.proof == proofs.c.id, rulings.c.verdict == appeals.c.verdict, own)
    reopened = exists().where(looks.c.reopened == proofs.c.verdict, rulings.c.verdict == looks.c.verdict, own)
    return or_(appealed, reopened)


def is_doubted(connection: Connection, who: Moderator, proof: str) -> bool:
    """Tell whether the proof is open again because of a ruling of this very moderator."""
    return connection.scalar(select(proofs.c.id).where(proofs.c.id == proof, _doubted(who))) is not None


def page(
    connection: Connection, who: Moderator, wanted: QueueFilter, *, skip: int, limit: int
) -> tuple[QueueItem, ...]:
    """Return up to `limit` of what waits, those that another person has open among them."""
    query = (
        select(proofs, jobs.c.spec, verdicts.c.body, moderators.c.email, claims.c.moderator.label("holder"))
        .select_from(
            proofs.join(verdicts, verdicts.c.id == proofs.c.verdict)
            .outerjoin(jobs, jobs.c.id == proofs.c.job)
            .outerjoin(claims, (claims.c.proof == proofs.c.id) & _HELD)
            .outerjoin(moderators, moderators.c.id == claims.c.moderator)
        )
        .where(in_sight(who, wanted))
        .order_by(*_ORDER)
        .offset(skip)
        .limit(limit)
    )
    return tuple(_item(row, who) for row in connection.execute(query))


def count(connection: Connection, who: Moderator, wanted: QueueFilter) -> QueueCount:
    """Return how much waits, and the deadline that comes first."""
    query = select(func.count(), func.min(proofs.c.deadline)).where(in_sight(who, wanted))
    waiting, oldest = connection.execute(query).one()
    return QueueCount(waiting=waiting, oldest_deadline=oldest)


def choices(connection: Connection, who: Moderator, *, limit: int) -> dict[str, tuple[str, ...]]:
    """Return which platforms and jobs have something waiting, for the filters."""
    found = {}
    for name in ("platform", "job_id"):
        query = select(proofs.c[name]).where(in_sight(who, QueueFilter())).distinct()
        found[name] = tuple(connection.scalars(query.order_by(proofs.c[name]).limit(limit)))
    return found


def neighbour(
    connection: Connection, who: Moderator, wanted: QueueFilter, *, of: str, forward: bool
) -> str | None:
    """Return the proof after (or before) `of` in the queue that nobody else has open; None at the end."""
    free = ~exists().where(claims.c.proof == proofs.c.id, claims.c.moderator != who.id, _HELD)
    place = connection.execute(select(proofs.c.deadline, proofs.c.id).where(proofs.c.id == of)).one_or_none()
    query = select(proofs.c.id).where(in_sight(who, wanted), free)
    if place is not None:
        query = query.where(_beyond(place, forward=forward))
    return connection.scalar(query.order_by(*(_ORDER if forward else _BACKWARDS)).limit(1))


def _beyond(place: Row[Any, Any], *, forward: bool) -> ColumnElement[bool]:
    deadline, own = proofs.c.deadline, proofs.c.id
    later_id = own > place.id if forward else own < place.id
    if place.deadline is None:
        undated = and_(deadline.is_(None), later_id)
        return undated if forward else or_(undated, deadline.is_not(None))
    sooner = deadline > place.deadline if forward else deadline < place.deadline
    dated = or_(sooner, and_(deadline == place.deadline, later_id))
    return or_(dated, deadline.is_(None)) if forward else dated


def claim(connection: Connection, who: Moderator, proof: str, *, lease: timedelta) -> datetime:
    """Take a proof, or keep it longer; return until when nobody else can decide it.

    Raises:
        NotNow: Another moderator has it open; the message says who.
    """
    row = {"proof": proof, "moderator": who.id, "lease_until": now_plus(lease)}
    statement = upsert(connection, claims).values(row)
    mine_or_free = or_(claims.c.moderator == who.id, claims.c.lease_until <= now())
    taken = statement.on_conflict_do_update(
        index_elements=["proof"],
        set_={"moderator": who.id, "lease_until": now_plus(lease)},
        where=mine_or_free,
    ).returning(claims.c.lease_until)
    until: datetime | None = connection.scalar(taken)
    if until is None:
        raise NotNow(f"{holder(connection, proof) or 'another moderator'} has this proof open right now")
    return until


def holder(connection: Connection, proof: str) -> str | None:
    """Return the email of whoever has the proof open."""
    query = select(moderators.c.email).join(claims, claims.c.moderator == moderators.c.id)
    return connection.scalar(query.where(claims.c.proof == proof, _HELD))


def release(connection: Connection, who: Moderator, kept: Sequence[str]) -> None:
    """Give back what the moderator has open, but for `kept`."""
    mine = claims.c.moderator == who.id
    connection.execute(delete(claims).where(mine, claims.c.proof.not_in(kept)))


def renew(connection: Connection, who: Moderator, kept: Sequence[str], *, lease: timedelta) -> list[str]:
    """Keep these proofs for another lease, taking back what ran out; return those that nobody else has."""
    waiting = select(proofs.c.id).where(proofs.c.id.in_(kept), in_sight(who, QueueFilter()))
    return [one for one in connection.scalars(waiting).all() if _claimed(connection, who, one, lease=lease)]


def _claimed(connection: Connection, who: Moderator, proof: str, *, lease: timedelta) -> bool:
    try:
        return bool(claim(connection, who, proof, lease=lease))
    except NotNow:
        return False


def _item(row: Row[Any], who: Moderator) -> QueueItem:
    return QueueItem(
        proof=row.id,
        platform=row.platform,
        proof_id=row.proof_id,
        job_id=row.job_id,
        title=job_from(row.spec).title if row.spec else None,
        submitter_id=row.submitter_id,
        received_at=row.received_at,
        deadline=row.deadline,
        lang=row.lang,
        verdict=row.verdict,
        codes=tuple(reason.code for reason in decode(Verdict, row.body).reasons),
        held_by=row.email if row.holder not in {None, who.id} else None,
    )
