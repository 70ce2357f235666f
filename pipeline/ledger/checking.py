"""What an admin does about looks: proofs whose answer is known, and a doubtful decision opened again.

In: an admin, a proof or a look. Out: rows. A decision that is opened again is left to people by a verdict of
its own, and ruled in the queue like any other, never here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from pipeline.errors import NotNow
from pipeline.ledger.cases import theirs
from pipeline.ledger.clock import now
from pipeline.ledger.intake import lock_platform
from pipeline.ledger.look_tables import known_answers, looks
from pipeline.ledger.review_tables import rulings
from pipeline.ledger.rows import current_verdict
from pipeline.ledger.superseding import supersede
from pipeline.ledger.tables import proofs
from pipeline.ledger.upsert import upsert
from pipeline.reasons import ReasonCode
from pipeline.records import Outcome, Reason

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipeline.records import Moderator, RecordedVerdict, Verdict


def know(connection: Connection, who: Moderator, proof: str) -> None:
    """Take the ruling that stands on a proof for its known answer.

    Raises:
        NotNow: No person's ruling stands on it, or its pictures are gone.
    """
    query = select(rulings.c.verdict, rulings.c.decision, rulings.c.proof).join(
        proofs, proofs.c.verdict == rulings.c.verdict
    )
    kept = proofs.c.erased_at.is_(None) & proofs.c.expired_at.is_(None)
    row = connection.execute(query.where(proofs.c.id == proof, kept, *theirs(who))).one_or_none()
    if row is None:
        raise NotNow("only a proof that a person decided, with its pictures kept, can have a known answer")
    said = {"verdict": row.verdict, "decision": row.decision, "moderator": who.id, "created_at": now()}
    adding = upsert(connection, known_answers).values(proof=proof, **said)
    connection.execute(adding.on_conflict_do_update(index_elements=["proof"], set_=said))


def forget(connection: Connection, who: Moderator, proof: str) -> None:
    """Mix the proof into queues no more; answers given stay counted."""
    ours = select(proofs.c.id).where(proofs.c.id == proof, *theirs(who))
    connection.execute(delete(known_answers).where(known_answers.c.proof.in_(ours)))


def is_known(connection: Connection, proof: str) -> bool:
    """Tell whether the proof's answer is known."""
    return connection.scalar(select(known_answers.c.proof).where(known_answers.c.proof == proof)) is not None


def reopen(connection: Connection, who: Moderator, look: str) -> RecordedVerdict:
    """Leave the proof of a look to people again; the decision that was doubted stays in its history.

    Raises:
        NotNow: Nobody answered the look, or another verdict stands by now.
        NotYet: The verdict's notices are being written right now.
    """
    query = select(looks, proofs.c.platform, proofs.c.expired_at).join(proofs, proofs.c.id == looks.c.proof)
    answered = looks.c.answered_at.is_not(None) & proofs.c.erased_at.is_(None)
    row = connection.execute(query.where(looks.c.id == look, answered, *theirs(who))).one_or_none()
    if row is None:
        raise NotNow("there is no such answered check")
    lock_platform(connection, row.platform)
    current = current_verdict(connection, row.proof)
    if current is None or current.id != row.verdict or row.expired_at is not None:
        raise NotNow("another decision stands by now, or its pictures are no longer kept")
    recorded = supersede(connection, current, _reopened(current.verdict))
    connection.execute(update(looks).where(looks.c.id == look).values(reopened=recorded.id))
    return recorded


def _reopened(verdict: Verdict) -> Verdict:
    doubted = Reason(code=ReasonCode.REOPENED)
    return replace(verdict, outcome=Outcome.MANUAL, reasons=(doubted, *verdict.reasons))
