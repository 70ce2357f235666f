"""What people ruled: a verdict that supersedes, who said it, and taking it back in time.

In: a moderator, a proof, a `Ruling`. Out: the `RecordedVerdict` that stands now. The proof's row is locked
before its platform's, as judges do. Nobody decides what another person has open.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from pipeline.errors import NotNow, NotYet
from pipeline.ledger import looks
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.queue import claim, in_sight
from pipeline.ledger.review_tables import claims, rulings
from pipeline.ledger.rows import current_verdict, verdicts_from
from pipeline.ledger.tables import UNSENT, notices, proofs, verdicts
from pipeline.ledger.verdicts import append
from pipeline.quality import drawn
from pipeline.records import LookKind, NoticeState, Outcome, QueueFilter, Step, Undoable
from pipeline.review import rule as ruled
from pipeline.review import undo as undone

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipeline.records import Moderator, RecordedVerdict, Ruling, Verdict

_MOMENT = timedelta(seconds=30)  # the claim of a decision in its own transaction


def rule(
    connection: Connection,
    who: Moderator,
    proof: str,
    *,
    ruling: Ruling,
    against: str,
    batch: str | None = None,
    second: float = 0.0,
) -> RecordedVerdict:
    """Decide a proof, alone or in a batch; the moderator's claim ends with it.

    Of all rulings the share `second` is drawn for another moderator's look.

    Raises:
        NotNow: Another verdict stands by now, another moderator has it open, or it is not theirs to decide.
        NotYet: The verdict's notices are being written right now.
        UsageError: The reason does not go with the decision.
    """
    current = _locked(connection, proof)
    theirs = connection.scalar(select(proofs.c.id).where(proofs.c.id == proof, in_sight(who, QueueFilter())))
    if current is None or current.id != against or theirs is None:
        raise NotNow("this proof was decided meanwhile")
    claim(connection, who, proof, lease=_MOMENT)
    recorded = _superseded(connection, current, ruled(current.verdict, ruling), at=(Step.DONE,))
    row = {"verdict": recorded.id, "proof": proof, "against": current.id, "moderator": who.id}
    said = {"decision": ruling.decision, "batch": batch}
    connection.execute(insert(rulings).values(**row, **said, ruled_at=now()))
    connection.execute(delete(claims).where(claims.c.proof == proof))
    if drawn(recorded.id, second):
        looks.add(connection, LookKind.SECOND, recorded, shown=current.id, expected=ruling.decision)
    return recorded


def take_back(connection: Connection, proof: str) -> RecordedVerdict:
    """Take the ruling that stands on a proof back; it is left to people again.

    Raises:
        NotNow: Something else stands by now, or its notice is on its way or out.
        NotYet: Its notices are being written right now.
    """
    current = _locked(connection, proof)
    row = connection.execute(
        select(rulings)
        .where(rulings.c.proof == proof, rulings.c.undone.is_(None))
        .where(rulings.c.verdict == (current.id if current else ""))
    ).one_or_none()
    if current is None or row is None:
        raise NotNow("this decision was superseded meanwhile")
    _withdraw(connection, current.id)
    before = connection.execute(select(verdicts).where(verdicts.c.id == row.against))
    restored = undone(verdicts_from(connection, before)[0].verdict)
    recorded = _superseded(connection, current, restored, at=(Step.DONE, Step.PUBLISH))
    ours = update(rulings).where(rulings.c.verdict == current.id)
    connection.execute(ours.values(undone=recorded.id))
    return recorded


def undoable(connection: Connection, who: Moderator, *, window: timedelta) -> Undoable | None:
    """Return the moderator's newest ruling that stands and is younger than the window."""
    query = (
        select(rulings.c.proof, rulings.c.ruled_at, rulings.c.batch, proofs.c.proof_id, verdicts.c.outcome)
        .join(proofs, proofs.c.id == rulings.c.proof)
        .join(verdicts, verdicts.c.id == rulings.c.verdict)
        .where(rulings.c.moderator == who.id, rulings.c.undone.is_(None), proofs.c.erased_at.is_(None))
        .where(rulings.c.ruled_at > now_plus(-window), proofs.c.verdict == rulings.c.verdict)
        .order_by(rulings.c.ruled_at.desc(), rulings.c.verdict.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Undoable(
        proof=row.proof,
        proof_id=row.proof_id,
        outcome=Outcome(row.outcome),
        until=row.ruled_at + window,
        batch=row.batch,
        many=_standing(connection, row.batch) if row.batch else 1,
    )


def _standing(connection: Connection, batch: str) -> int:
    query = select(func.count()).select_from(rulings.join(proofs, proofs.c.verdict == rulings.c.verdict))
    return connection.scalar(query.where(rulings.c.batch == batch, rulings.c.undone.is_(None))) or 0


def _locked(connection: Connection, proof: str) -> RecordedVerdict | None:
    connection.execute(select(proofs.c.id).where(proofs.c.id == proof).with_for_update())
    return current_verdict(connection, proof)


def _withdraw(connection: Connection, verdict: str) -> None:
    ours = notices.c.verdict == verdict
    untouched = UNSENT & (notices.c.attempts == 0) & notices.c.lease.is_(None)
    withdrawn = update(notices).where(ours, untouched).values(state=NoticeState.TAKEN_BACK)
    taken = connection.execute(withdrawn).rowcount
    if taken != connection.scalar(select(func.count()).select_from(notices).where(ours)):
        raise NotNow("the platform was told already; it can be appealed, and not undone")


def _superseded(
    connection: Connection, current: RecordedVerdict, verdict: Verdict, *, at: tuple[Step, ...]
) -> RecordedVerdict:
    recorded = append(connection, current.proof, verdict, supersedes=current.id)
    stands = (proofs.c.id == current.proof.id) & proofs.c.step.in_(at) & proofs.c.lease.is_(None)
    change = update(proofs).where(stands)
    change = change.values(
        verdict=recorded.id, outcome=verdict.outcome, step=Step.PUBLISH, due_at=now(), rung_at=now()
    )
    if connection.execute(change).rowcount == 0:
        raise NotYet("the verdict is on its way out right now; ask again in a second")
    return recorded
