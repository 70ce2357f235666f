"""What looks say of decisions: how often the machine was wrong, how far moderators agree.

In: an admin, a time to begin at. Out: a `Quality`. It writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, select

from pipeline.ledger.cases import theirs
from pipeline.ledger.look_tables import OPEN, known_answers, looks
from pipeline.ledger.review_tables import moderators, rulings
from pipeline.ledger.tables import proofs
from pipeline.quality import rate
from pipeline.records import Decision, Dissent, LookKind, Outcome, Quality, Work

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from pipeline.quality import Rate
    from pipeline.records import Moderator

MOST_DISSENTS = 50
_SAME = looks.c.decision == looks.c.expected
# An auditor's wish for a better picture refuses the proof, as a reject does.
_REFUSED = and_(looks.c.decision != Decision.ACCEPT, looks.c.expected != Decision.ACCEPT)
_AGREES = or_(_SAME, and_(looks.c.kind == LookKind.AUDIT, _REFUSED))
_FIRST = rulings.alias("first_ruling")
_RULER = moderators.alias("ruler")
_LOOKER = moderators.alias("looker")


def quality(connection: Connection, who: Moderator, *, since: datetime) -> Quality:
    """Return what looks answered since then say, on the moderator's platforms."""
    answered = and_(looks.c.answered_at >= since, *theirs(who))
    counted = _counted(connection, answered)
    audits = {one: counted.get((LookKind.AUDIT, one), (0, 0)) for one in (True, False)}
    return Quality(
        wrong=_wrong([*audits.values()]),
        wrong_of=((Outcome.ACCEPT, _wrong([audits[True]])), (Outcome.REJECT, _wrong([audits[False]]))),
        agreed=_agreed(counted, LookKind.SECOND),
        known=_agreed(counted, LookKind.KNOWN),
        waiting=_waiting(connection, who),
        answers=_known_count(connection, who),
        people=_people(connection, who, answered, since=since),
        dissents=_dissents(connection, answered),
    )


_OF_PROOF = looks.join(proofs, proofs.c.id == looks.c.proof)


def _counted(
    connection: Connection, answered: ColumnElement[bool]
) -> dict[tuple[LookKind, bool], tuple[int, int]]:
    """Return (agreeing, all) by kind and by whether an accept was looked at."""
    accepted = case((looks.c.expected == Decision.ACCEPT, 1), else_=0).label("accepted")
    query = select(looks.c.kind, accepted, _agreeing(), func.count().label("seen"))
    query = query.select_from(_OF_PROOF).where(answered).group_by(looks.c.kind, accepted)
    return {
        (LookKind(row.kind), bool(row.accepted)): (row.agreeing, row.seen)
        for row in connection.execute(query)
    }


def _agreeing() -> ColumnElement[int]:
    return func.sum(case((_AGREES, 1), else_=0)).label("agreeing")


def _wrong(some: list[tuple[int, int]]) -> Rate:
    agreeing, seen = map(sum, zip(*some, strict=True))
    return rate(seen - agreeing, seen)


def _agreed(counted: dict[tuple[LookKind, bool], tuple[int, int]], kind: LookKind) -> Rate:
    some = [found for (one, _), found in counted.items() if one is kind] or [(0, 0)]
    agreeing, seen = map(sum, zip(*some, strict=True))
    return rate(agreeing, seen)


def _waiting(connection: Connection, who: Moderator) -> tuple[tuple[LookKind, int], ...]:
    stands = proofs.c.verdict == looks.c.verdict
    query = select(looks.c.kind, func.count().label("many")).select_from(_OF_PROOF)
    query = query.where(OPEN, stands, looks.c.kind != LookKind.KNOWN, *theirs(who))
    query = query.where(proofs.c.expired_at.is_(None))
    return tuple((LookKind(row.kind), row.many) for row in connection.execute(query.group_by(looks.c.kind)))


def _known_count(connection: Connection, who: Moderator) -> int:
    usable = proofs.c.erased_at.is_(None) & proofs.c.expired_at.is_(None)
    query = select(func.count()).select_from(known_answers.join(proofs, proofs.c.id == known_answers.c.proof))
    return connection.scalar(query.where(usable, *theirs(who))) or 0


def _people(
    connection: Connection, who: Moderator, answered: ColumnElement[bool], *, since: datetime
) -> tuple[Work, ...]:
    undone = func.sum(case((rulings.c.undone.is_not(None), 1), else_=0)).label("undone")
    query = select(moderators.c.email, func.count().label("ruled"), undone)
    query = query.join(rulings, rulings.c.moderator == moderators.c.id)
    query = query.join(proofs, proofs.c.id == rulings.c.proof)
    query = query.where(rulings.c.ruled_at >= since, *theirs(who)).group_by(moderators.c.email)
    ruled = {row.email: (row.ruled, row.undone) for row in connection.execute(query)}
    known = _by_person(connection, answered & (looks.c.kind == LookKind.KNOWN), looks.c.moderator)
    agreed = _by_person(connection, answered & (looks.c.kind == LookKind.SECOND), _FIRST.c.moderator)
    return tuple(
        Work(
            email=email,
            ruled=ruled.get(email, (0, 0))[0],
            undone=ruled.get(email, (0, 0))[1],
            known=rate(*known.get(email, (0, 0))),
            agreed=rate(*agreed.get(email, (0, 0))),
        )
        for email in sorted({*ruled, *known, *agreed})
    )


def _by_person(
    connection: Connection, chosen: ColumnElement[bool], person: ColumnElement[str]
) -> dict[str, tuple[int, int]]:
    joined = _OF_PROOF.outerjoin(_FIRST, _FIRST.c.verdict == looks.c.verdict)
    query = select(moderators.c.email, _agreeing(), func.count().label("seen"))
    query = query.select_from(joined.join(moderators, moderators.c.id == person)).where(chosen)
    return {
        row.email: (row.agreeing, row.seen) for row in connection.execute(query.group_by(moderators.c.email))
    }


def _dissents(connection: Connection, answered: ColumnElement[bool]) -> tuple[Dissent, ...]:
    joined = _OF_PROOF.outerjoin(_FIRST, _FIRST.c.verdict == looks.c.verdict)
    joined = joined.outerjoin(_RULER, _RULER.c.id == _FIRST.c.moderator)
    joined = joined.join(_LOOKER, _LOOKER.c.id == looks.c.moderator)
    query = select(
        looks,
        proofs.c.proof_id,
        proofs.c.platform,
        (proofs.c.verdict == looks.c.verdict).label("stands"),
        _LOOKER.c.email.label("by"),
        _RULER.c.email.label("first"),
    ).select_from(joined)
    query = query.where(answered, ~_AGREES, looks.c.kind != LookKind.KNOWN)
    query = query.where(proofs.c.erased_at.is_(None))
    rows = connection.execute(query.order_by(looks.c.answered_at.desc()).limit(MOST_DISSENTS))
    return tuple(map(_dissent, rows))


def _dissent(row: Row[Any]) -> Dissent:
    return Dissent(
        look=row.id,
        kind=LookKind(row.kind),
        proof=row.proof,
        proof_id=row.proof_id,
        platform=row.platform,
        expected=Decision(row.expected),
        decision=Decision(row.decision),
        by=row.by,
        first=row.first,
        answered_at=row.answered_at,
        stands=bool(row.stands),
        reopened=row.reopened is not None,
    )
