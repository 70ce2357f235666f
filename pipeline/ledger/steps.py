"""One step of one proof: taken with a lease, and closed by compare-and-set on that lease.

In: a proof and a step, or a `Claim`. Out: a `Claim`, or the proof moved on. The attempt is counted when the
step is taken, so work that kills its worker has counted already. Nothing is written under a lease that is not
held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, update
from ulid import ULID

from pipeline.errors import LeaseLost
from pipeline.flow import FAILABLE
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.rows import load_proof
from pipeline.ledger.tables import attempts, proofs
from pipeline.records import Claim, Step

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import ColumnElement, Connection

    from pipeline.reasons import ReasonCode


def claim(
    connection: Connection, proof: str, step: Step, *, worker: str, lease: timedelta, strikes: int
) -> Claim | None:
    """Take the step, counting the attempt; see `ports.Ledger.claim`.

    Strikes end the steps that `flow.FAILABLE` names. Past judgement there is no `manual` to fall back to, so
    publishing is tried for ever.
    """
    attempt = str(ULID())
    token = f"{worker}/{attempt}"
    free = or_(proofs.c.lease.is_(None), proofs.c.lease_until < now())
    taken = update(proofs).where(proofs.c.id == proof, proofs.c.step == step, proofs.c.due_at <= now(), free)
    if step in FAILABLE:
        taken = taken.where(proofs.c.attempts_used < strikes)
    taken = taken.values(lease=token, lease_until=now_plus(lease), attempts_used=proofs.c.attempts_used + 1)
    number = connection.scalar(taken.returning(proofs.c.attempts_used))
    if number is None:
        return None
    _begin_attempt(connection, attempt, {"proof": proof, "step": step, "number": number, "worker": worker})
    held = load_proof(connection, proof)
    assert held is not None  # updated in this transaction
    return Claim(proof=held, step=step, lease=token, attempt=number)


def _begin_attempt(connection: Connection, attempt: str, row: dict[str, Any]) -> None:
    connection.execute(insert(attempts).values(id=attempt, started_at=now(), **row))


def hand_back(
    connection: Connection,
    held: Claim,
    *,
    delay: timedelta,
    problem: ReasonCode | None,
    detail: str,
    strike: bool,
) -> None:
    """Release the step for a later attempt; see `ports.Ledger.hand_back`."""
    given_back = 0 if strike else 1
    released = connection.execute(
        update(proofs)
        .where(_holds(held))
        .values(
            lease=None,
            lease_until=None,
            due_at=now_plus(delay),
            rung_at=None,
            attempts_used=proofs.c.attempts_used - given_back,
        )
    )
    if released.rowcount:
        _end_attempt(connection, held, problem=problem, detail=detail)


def move(connection: Connection, held: Claim, *, then: Step, **values: Any) -> None:
    """Close the step and move on to `then`, setting `values` on the proof.

    Raises:
        LeaseLost: Another worker holds the step.
    """
    moved = connection.execute(
        update(proofs)
        .where(_holds(held))
        .values(
            step=then,
            lease=None,
            lease_until=None,
            attempts_used=0,
            due_at=now(),
            rung_at=now(),
            **values,
        )
    )
    if not moved.rowcount:
        raise LeaseLost(
            f"{held.step} of proof {held.proof.id} is no longer held by {held.lease}; drop the work"
        )
    _end_attempt(connection, held, problem=None, detail=None)


def _holds(held: Claim) -> ColumnElement[bool]:
    return (proofs.c.id == held.proof.id) & (proofs.c.step == held.step) & (proofs.c.lease == held.lease)


def _end_attempt(
    connection: Connection, held: Claim, *, problem: ReasonCode | None, detail: str | None
) -> None:
    attempt = held.lease.rpartition("/")[2]
    ended = update(attempts).where(attempts.c.id == attempt)
    connection.execute(ended.values(ended_at=now(), problem=problem, detail=detail))
