"""A decision looked at once more: who has it open, what is laid before them, what they said.

In: a moderator, a look. Out: a `Case` as it was before the decision; an answer kept. It touches neither the
proof nor its verdicts: what an answer means is for `measuring`, and for an admin to act on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, insert, literal_column, or_, select, update
from ulid import ULID

from pipeline.errors import NotNow, UsageError
from pipeline.ledger import cases
from pipeline.ledger.cases import theirs
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.look_tables import OPEN, known_answers, looks
from pipeline.ledger.review_tables import rulings
from pipeline.ledger.rows import verdicts_from
from pipeline.ledger.tables import proofs, verdicts
from pipeline.records import Case, Decision, LookKind, Outcome, Undoable
from pipeline.review import CODES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from sqlalchemy import ColumnElement, Connection, Row

    from pipeline.records import Moderator, QueueFilter, RecordedVerdict, Ruling

_KEPT = proofs.c.erased_at.is_(None) & proofs.c.expired_at.is_(None)
_FOR_ALL = looks.c.kind.in_([LookKind.SECOND, LookKind.AUDIT])
# A decision that something took the place of meanwhile is nobody's any more.
_STANDS = or_(looks.c.kind == literal_column("'known'"), proofs.c.verdict == looks.c.verdict)


def add(
    connection: Connection, kind: LookKind, verdict: RecordedVerdict, *, shown: str, expected: Decision
) -> None:
    """Have a decision looked at again."""
    row = {"id": str(ULID()), "kind": kind, "proof": verdict.proof.id, "verdict": verdict.id}
    connection.execute(insert(looks).values(**row, shown=shown, expected=expected, created_at=now()))


def waiting(connection: Connection, who: Moderator) -> int:
    """Return how many looks the moderator could take; known answers are mixed in and not counted."""
    query = select(func.count()).select_from(looks.join(proofs, proofs.c.id == looks.c.proof))
    return connection.scalar(query.where(_free(who), _FOR_ALL)) or 0


def following(
    connection: Connection, who: Moderator, kinds: Sequence[LookKind], *, wanted: QueueFilter, but: str = ""
) -> str | None:
    """Return the oldest look of these kinds that the moderator may take, but for one; None without any."""
    query = select(looks.c.id).join(proofs, proofs.c.id == looks.c.proof)
    query = query.where(_free(who), looks.c.kind.in_(kinds), looks.c.id != but, *_narrowed(wanted))
    return connection.scalar(query.order_by(looks.c.id).limit(1))


def known(
    connection: Connection, who: Moderator, *, wanted: QueueFilter, lease: timedelta, but: str = ""
) -> str | None:
    """Return a look at a proof whose answer is known, one that the moderator did not decide or see before.

    The look `but` is open already.
    """
    over = looks.c.answered_at.is_not(None) | (looks.c.id == but)
    seen = exists().where(looks.c.proof == known_answers.c.proof, looks.c.moderator == who.id, over)
    ruled = rulings.alias("ruled")
    own = exists().where(ruled.c.proof == known_answers.c.proof, ruled.c.moderator == who.id)
    query = select(known_answers, rulings.c.against).join(proofs, proofs.c.id == known_answers.c.proof)
    query = query.join(rulings, rulings.c.verdict == known_answers.c.verdict)
    query = query.where(~seen, ~own, _KEPT, *theirs(who), *_narrowed(wanted))
    row = connection.execute(query.order_by(func.random()).limit(1)).one_or_none()
    if row is None:
        return None
    mine = (looks.c.kind == LookKind.KNOWN) & (looks.c.moderator == who.id) & OPEN
    again = connection.scalar(select(looks.c.id).where(mine, looks.c.proof == row.proof))
    return again or _known(connection, who, row, lease=lease)


def _known(connection: Connection, who: Moderator, row: Row[Any], *, lease: timedelta) -> str:
    look = str(ULID())
    said = {"proof": row.proof, "verdict": row.verdict, "shown": row.against, "expected": row.decision}
    made = insert(looks).values(id=look, kind=LookKind.KNOWN, moderator=who.id, **said)
    connection.execute(made.values(lease_until=now_plus(lease), created_at=now()))
    return look


def open_look(connection: Connection, who: Moderator, look: str, *, lease: timedelta) -> Case | None:
    """Take a look and return its case as it was before the decision; None where there is no such look.

    Raises:
        NotNow: Another moderator has it, or it waits for nobody.
    """
    row = _row(connection, who, look)
    if row is None:
        return None
    mine = update(looks).where(looks.c.id == look, *_holdable(who))
    held = connection.execute(mine.values(moderator=who.id, lease_until=now_plus(lease)))
    if held.rowcount == 0 or not row.standing:
        raise NotNow("this check waits for nobody: it is answered, open with somebody else, or out of date")
    return _case(connection, row)


def _case(connection: Connection, row: Row[Any]) -> Case:
    asked = select(verdicts).where(verdicts.c.id == row.shown)
    (shown,) = verdicts_from(connection, connection.execute(asked))
    is_audit = row.kind == LookKind.AUDIT
    past = cases.history(connection, row.proof)
    history = [one for one in past if one.recorded.sequence < shown.sequence + (not is_audit)]
    proof = replace(shown.proof, deadline=None) if row.kind == LookKind.KNOWN else shown.proof
    # Who audits is not told what was decided, or they would only agree.
    said = replace(shown.verdict, outcome=Outcome.MANUAL, reasons=()) if is_audit else shown.verdict
    current = replace(shown, proof=proof, verdict=said)
    present, until = connection.execute(select(now(), looks.c.lease_until).where(looks.c.id == row.id)).one()
    return Case(
        current=current,
        history=tuple(history),
        submitter=cases.submitter(connection, proof),
        twin=cases.twin(connection, shown),
        now=present,
        lease_until=until,
        look=row.id,
        kind=LookKind(row.kind),
    )


def answer(connection: Connection, who: Moderator, look: str, *, ruling: Ruling) -> str:
    """Keep what a moderator decides on a look; return the platform's own id of its proof.

    Raises:
        NotNow: It is answered, out of date, or open with somebody else.
        UsageError: The reason does not go with the decision.
    """
    if ruling.code not in CODES[ruling.decision]:
        raise UsageError(f"{ruling.code} does not go with {ruling.decision}")
    row = _row(connection, who, look)
    said = {"decision": ruling.decision, "code": ruling.code, "moderator": who.id, "lease_until": None}
    kept = update(looks).where(looks.c.id == look, *_holdable(who)).values(**said, answered_at=now())
    if row is None or not row.standing or connection.execute(kept).rowcount == 0:
        raise NotNow("this check was answered meanwhile")
    return str(row.proof_id)


def undoable(connection: Connection, who: Moderator, *, window: timedelta) -> Undoable | None:
    """Return the moderator's newest answer while it is younger than the window."""
    query = select(looks, proofs.c.proof_id).join(proofs, proofs.c.id == looks.c.proof)
    mine = (looks.c.moderator == who.id) & (looks.c.answered_at > now_plus(-window))
    query = query.where(mine, looks.c.reopened.is_(None))
    row = connection.execute(query.order_by(looks.c.answered_at.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    outcome = Outcome.ACCEPT if row.decision == Decision.ACCEPT else Outcome.REJECT
    until = row.answered_at + window
    return Undoable(proof=row.proof, proof_id=row.proof_id, outcome=outcome, until=until, look=row.id)


def take_back(connection: Connection, who: Moderator, *, window: timedelta) -> Undoable:
    """Forget the moderator's newest answer; the look is theirs to answer again.

    Raises:
        NotNow: There is none within the window.
    """
    newest = undoable(connection, who, window=window)
    if newest is None:
        raise NotNow("there is no decision of yours that can still be undone")
    blank = {"decision": None, "code": None, "answered_at": None, "lease_until": now()}
    connection.execute(update(looks).where(looks.c.id == newest.look).values(**blank))
    return newest


def release(connection: Connection, who: Moderator, kept: Sequence[str]) -> None:
    """Give back what the moderator has open, but for `kept`."""
    mine = (looks.c.moderator == who.id) & OPEN & (looks.c.lease_until > now()) & looks.c.id.not_in(kept)
    connection.execute(update(looks).where(mine).values(lease_until=now()))


def renew(connection: Connection, who: Moderator, kept: Sequence[str], *, lease: timedelta) -> list[str]:
    """Keep these looks for another lease; return those that nobody else has."""
    mine = update(looks).where(looks.c.id.in_(kept), *_holdable(who))
    mine = mine.values(moderator=who.id, lease_until=now_plus(lease))
    return list(connection.scalars(mine.returning(looks.c.id)))


def _holdable(who: Moderator) -> tuple[ColumnElement[bool], ...]:
    """Return that a look is open and nobody else's; a known answer is for whom it was mixed in."""
    lapsed = (looks.c.kind != LookKind.KNOWN) & (looks.c.lease_until <= now())
    return OPEN, or_(looks.c.moderator.is_(None), looks.c.moderator == who.id, lapsed)


def _free(who: Moderator) -> ColumnElement[bool]:
    own = exists().where(rulings.c.verdict == looks.c.verdict, rulings.c.moderator == who.id)
    return and_(*_holdable(who), ~own, _KEPT, _STANDS, *theirs(who))


def _row(connection: Connection, who: Moderator, look: str) -> Row[Any] | None:
    standing = (_KEPT & _STANDS).label("standing")
    query = select(looks, proofs.c.proof_id, standing).join(proofs, proofs.c.id == looks.c.proof)
    return connection.execute(query.where(looks.c.id == look, *theirs(who))).one_or_none()


def _narrowed(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    sides = {"platform": wanted.platform, "job_id": wanted.job_id, "submitter_id": wanted.submitter_id}
    return [proofs.c[name] == value for name, value in sides.items() if value is not None]
