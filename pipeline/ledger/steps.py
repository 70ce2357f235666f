"""One step of one proof: taken with a lease, and closed by compare-and-set on that lease.

In: a proof and a step, or a `Claim`. Out: a `Claim`, or the proof moved on. The attempt is counted when the
step is taken, so work that kills its worker has counted already. Nothing is written under a lease that is not
held.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, null, or_, update
from ulid import ULID

from pipeline.errors import LeaseLost
from pipeline.flow import FAILABLE
from pipeline.ledger.clock import now, now_plus, now_plus_given
from pipeline.ledger.rows import load_proof
from pipeline.ledger.tables import attempts, proofs
from pipeline.ledger.upsert import upsert_on
from pipeline.records import Claim, Kept, Step

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import BindParameter, ColumnElement, Connection, Update
    from sqlalchemy.dialects import postgresql, sqlite

    from pipeline.reasons import ReasonCode


DETAIL_LETTERS = 500


def _taking() -> Update:
    free = or_(proofs.c.lease.is_(None), proofs.c.lease_until < now())
    taking = update(proofs).where(proofs.c.id == bindparam("proof"), proofs.c.step == bindparam("at"), free)
    taking = taking.where(proofs.c.due_at <= now())
    return taking.values(
        lease=bindparam("token"),
        lease_until=now_plus_given("lease_s"),
        attempts_used=proofs.c.attempts_used + 1,
    )


# Built once: building a statement costs more than SQLite takes to run it.
_TAKE = _taking().returning(proofs.c.attempts_used)
_TAKE_WITH_STRIKES = _TAKE.where(proofs.c.attempts_used < bindparam("strikes"))
_ATTEMPT = ("id", "proof", "step", "number", "worker")
_BEGIN = insert(attempts).values({name: bindparam(name) for name in _ATTEMPT} | {"started_at": now()})
_END = (
    update(attempts)
    .where(attempts.c.id == bindparam("attempt"))
    .values(ended_at=now(), problem=bindparam("said"), detail=bindparam("told"), died=bindparam("killed"))
)


def claim(
    connection: Connection, proof: str, step: Step, *, worker: str, lease: timedelta, strikes: int
) -> Claim | None:
    """Take the step, counting the attempt; see `ports.Ledger.claim`.

    Strikes end the steps that `flow.FAILABLE` names. Past judgement there is no `manual` to fall back to, so
    publishing is tried for ever.
    """
    token = lease_of(worker)
    given = {"proof": proof, "at": step, "token": token, "lease_s": lease.total_seconds()}
    if step in FAILABLE:
        number = connection.scalar(_TAKE_WITH_STRIKES, given | {"strikes": strikes})
    else:
        number = connection.scalar(_TAKE, given)
    if number is None:
        return None
    held = load_proof(connection, proof)
    assert held is not None  # updated in this transaction
    taken = Claim(proof=held, step=step, lease=token, attempt=number)
    _begin_attempt(connection, taken)
    return taken


def onward(held: Claim, step: Step, *, lease: timedelta) -> Kept:
    """Return the claim on `step` with which the holder of `held` can go on."""
    worker = held.lease.rpartition("/")[0]
    moved = replace(held.proof, step=step)
    return Kept(claim=Claim(proof=moved, step=step, lease=lease_of(worker), attempt=1), lease=lease)


def lease_of(worker: str) -> str:
    """Return the token of a new lease: its holder's name and the id of the attempt that it covers."""
    return f"{worker}/{ULID()}"


def hand_back(
    connection: Connection,
    held: Claim,
    *,
    delay: timedelta,
    problem: ReasonCode | None,
    detail: str,
    strike: bool,
    died: bool,
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
        _end_attempt(connection, held, problem=problem, detail=_line(detail), died=died)


def _line(detail: str) -> str:
    """Return what a text column takes of any message: one line, no NUL, no half characters."""
    whole = detail.replace("\0", " ").encode(errors="replace").decode()
    return " ".join(whole.split())[:DETAIL_LETTERS]


def move(connection: Connection, held: Claim, *, then: Step, kept: Kept | None = None, **values: Any) -> None:
    """Close the step and move on to `then`, setting `values` on the proof.

    Args:
        kept: The claim on `then` that the same worker goes on with; its attempt is counted here.

    Raises:
        LeaseLost: Another worker holds the step.
    """
    given: dict[str, Any] = {"proof": held.proof.id, "at": held.step, "token": held.lease, "next": then}
    given |= {f"new_{name}": values[name] for name in values}
    if kept is not None:
        given |= {"taken": kept.claim.lease, "lease_s": kept.lease.total_seconds()}
    moved = connection.execute(_move(*sorted(values), kept=kept is not None), given)
    if not moved.rowcount:
        raise LeaseLost(
            f"{held.step} of proof {held.proof.id} is no longer held by {held.lease}; drop the work"
        )
    if kept is None:
        _end_attempt(connection, held, problem=None, detail=None)
    else:
        both = _begun(held, "held_") | _begun(kept.claim, "kept_")
        connection.execute(_turn_over(connection.dialect.name), both)


@cache
def _move(*names: str, kept: bool) -> Update:
    held = (proofs.c.step == bindparam("at")) & (proofs.c.lease == bindparam("token"))
    lease: dict[str, Any] = {"lease": None, "lease_until": None, "attempts_used": 0}
    if kept:
        until = now_plus_given("lease_s")
        lease = {"lease": bindparam("taken"), "lease_until": until, "attempts_used": 1}
    new: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in names}
    moving = update(proofs).where(proofs.c.id == bindparam("proof"), held)
    return moving.values(**lease, **new, step=bindparam("next"), due_at=now(), rung_at=now())


def _holds(held: Claim) -> ColumnElement[bool]:
    return (proofs.c.id == held.proof.id) & (proofs.c.step == held.step) & (proofs.c.lease == held.lease)


def attempt_of(held: Claim) -> str:
    """Return the id of the attempt that the claim's lease covers."""
    return held.lease.rpartition("/")[2]


def _begin_attempt(connection: Connection, taken: Claim) -> None:
    connection.execute(_BEGIN, _begun(taken))


def _begun(taken: Claim, prefix: str = "") -> dict[str, Any]:
    """Return the row of an attempt that begins, each name after `prefix`."""
    worker, _, attempt = taken.lease.rpartition("/")
    row = {"id": attempt, "proof": taken.proof.id, "step": taken.step, "number": taken.attempt}
    return {f"{prefix}{name}": value for name, value in (row | {"worker": worker}).items()}


@cache
def _turn_over(dialect: str) -> postgresql.Insert | sqlite.Insert:
    """Return what ends one attempt, whose row is there already, and begins the next, in one statement."""
    both: list[dict[str, Any]] = [
        {name: bindparam(f"{prefix}{name}") for name in _ATTEMPT} | {"started_at": now(), "ended_at": ended}
        for prefix, ended in (("held_", now()), ("kept_", null()))
    ]
    rows = upsert_on(dialect, attempts).values(both)
    return rows.on_conflict_do_update(index_elements=["id"], set_={"ended_at": rows.excluded.ended_at})


def _end_attempt(
    connection: Connection,
    held: Claim,
    *,
    problem: ReasonCode | None,
    detail: str | None,
    died: bool = False,
) -> None:
    connection.execute(_END, {"attempt": attempt_of(held), "said": problem, "told": detail, "killed": died})
