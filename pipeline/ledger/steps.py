"""One step of one proof: taken with a lease, and closed by compare-and-set on that lease.

In: a proof and a step, or a `Claim`. Out: a `Claim`, or the proof moved on. The attempt is counted when the
step is taken, so work that kills its worker has counted already. Nothing is written under a lease that is not
held.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, null, or_, select, true, union_all, update
from ulid import ULID

from pipeline.errors import LeaseLost
from pipeline.flow import FAILABLE
from pipeline.ledger.clock import now, now_plus, now_plus_given
from pipeline.ledger.rows import PROOF, load_proof, proof_of
from pipeline.ledger.tables import attempts, proofs
from pipeline.ledger.upsert import upsert_on
from pipeline.records import Claim, Kept, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from sqlalchemy import BindParameter, ColumnElement, Connection, Insert, Select, Update

    from pipeline.reasons import ReasonCode


DETAIL_LETTERS = 500


def _taking() -> Update:
    free = or_(proofs.c.lease.is_(None), proofs.c.lease_until < now())
    taking = update(proofs).where(proofs.c.id == bindparam("of"), proofs.c.step == bindparam("at"), free)
    taking = taking.where(proofs.c.due_at <= now())
    return taking.values(
        lease=bindparam("token"),
        lease_until=now_plus_given("lease_s"),
        attempts_used=proofs.c.attempts_used + 1,
    )


# Built once: building a statement costs more than SQLite takes to run it. On PostgreSQL what follows from a
# compare-and-set travels with it: each statement costs worker and server more than what it does. No parameter
# may have a column's name there: SQLAlchemy would set that column.
_TAKE = _taking().returning(proofs.c.attempts_used, proofs.c.id)
_TAKE_WITHIN_STRIKES = _TAKE.where(proofs.c.attempts_used < bindparam("strikes"))
_ATTEMPT = ("id", "proof", "step", "number", "worker")
_BEGIN = insert(attempts).values({name: bindparam(name) for name in _ATTEMPT} | {"started_at": now()})
_END = (
    update(attempts)
    .where(attempts.c.id == bindparam("attempt"))
    .values(ended_at=now(), problem=bindparam("said"), detail=bindparam("told"), died=bindparam("killed"))
)
_ENDED = {"said": None, "told": None, "killed": False}


@cache
def _take_whole(*, limited: bool) -> Select[Any]:
    """Return what takes a step, begins its attempt and loads its proof, for PostgreSQL."""
    taken = (_TAKE_WITHIN_STRIKES if limited else _TAKE).cte("taken")
    word, ulid = attempts.c.step.type, attempts.c.id.type
    own = (bindparam("attempt", type_=ulid), bindparam("of", type_=ulid), bindparam("at", type_=word))
    row = select(*own, taken.c.attempts_used, bindparam("by", type_=attempts.c.worker.type), now())
    begun = insert(attempts).from_select([*_ATTEMPT, "started_at"], row).cte("begun")
    loaded = PROOF.add_columns(taken.c.attempts_used.label("number")).where(proofs.c.id == taken.c.id)
    return loaded.add_cte(begun)


def claim(
    connection: Connection, proof: str, step: Step, *, worker: str, lease: timedelta, strikes: int
) -> Claim | None:
    """Take the step, counting the attempt; see `ports.Ledger.claim`.

    Strikes end the steps that `flow.FAILABLE` names. Past judgement there is no `manual` to fall back to, so
    publishing is tried for ever.
    """
    token = lease_of(worker)
    given = {"of": proof, "at": step, "token": token, "lease_s": lease.total_seconds()}
    limited = step in FAILABLE
    if limited:
        given["strikes"] = strikes
    if connection.dialect.name == "postgresql":
        given |= {"attempt": token.rpartition("/")[2], "by": worker}
        found = connection.execute(_take_whole(limited=limited), given).all()
        proof_there = proof_of(found)
        if proof_there is None:
            return None
        return Claim(proof=proof_there, step=step, lease=token, attempt=found[0].number)
    number = connection.scalar(_TAKE_WITHIN_STRIKES if limited else _TAKE, given)
    if number is None:
        return None
    held = load_proof(connection, proof)
    assert held is not None  # updated in this transaction
    taken = Claim(proof=held, step=step, lease=token, attempt=number)
    connection.execute(_BEGIN, _begun(taken))
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


def move(
    connection: Connection,
    held: Claim,
    *,
    then: Step,
    kept: Kept | None = None,
    **values: Any,
) -> None:
    """Close the step and move on to `then`, setting `values` on the proof.

    Args:
        connection: In a transaction.
        held: What is closed.
        then: What follows.
        kept: The claim on `then` that the same worker goes on with; its attempt is counted here.
        values: By column.

    Raises:
        LeaseLost: Another worker holds the step.
    """
    names, goes_on = tuple(sorted(values)), kept is not None
    given = _given(held, then, kept, values) | _ends(held, kept.claim if kept else None)
    moved: int | None
    if connection.dialect.name == "postgresql":
        moved = connection.scalar(_move_whole(names, kept=goes_on), given)
    else:
        moved = connection.execute(_move(names, kept=goes_on), given).rowcount
        if moved:
            connection.execute(_ending("sqlite", both=goes_on), given)
    if not moved:
        raise lost(held)


def close(
    connection: Connection, held: Claim, *, then: Step, also: Claim | None = None, **values: Any
) -> Sequence[Any]:
    """Do as `move` does and return what stood before: the verdict, and each attempt that took time so far.

    Args:
        connection: In a transaction.
        held: What is closed.
        then: What follows.
        also: A later step that was worked on under the same lease and ends with it.
        values: By column.

    Raises:
        LeaseLost: Another worker holds the step.
    """
    names = tuple(sorted(values))
    given = _given(held, then, None, values) | _ends(held, also)
    given["attempt"] = attempt_of(held)
    if connection.dialect.name == "postgresql":
        rows = connection.execute(_close_whole(names, both=also is not None), given).all()
        moved = rows[0].moved if rows else 0
    else:
        rows = connection.execute(SO_FAR, given).all()
        moved = connection.execute(_move(names, kept=False), given).rowcount
        if moved:
            connection.execute(_ending("sqlite", both=also is not None, over=True), given)
    if not moved:
        raise lost(held)
    return rows


def lost(held: Claim) -> LeaseLost:
    """Return the error of a step that another worker holds by now."""
    return LeaseLost(f"{held.step} of proof {held.proof.id} is no longer held by {held.lease}; drop the work")


def _given(held: Claim, then: Step, kept: Kept | None, values: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"of": held.proof.id, "at": held.step, "token": held.lease, "next": then}
    given |= {f"new_{name}": value for name, value in values.items()}
    if kept is not None:
        given |= {"taken": kept.claim.lease, "lease_s": kept.lease.total_seconds()}
    return given


def _ends(held: Claim, other: Claim | None) -> dict[str, Any]:
    if other is None:
        return {"attempt": attempt_of(held)} | _ENDED
    return _begun(held, "held_") | _begun(other, "kept_")


# What stands now, with the attempts that took time so far; the one in hand has until now. Whoever holds the
# lease is the only one who may change the verdict, so no row is locked for it.
SO_FAR = (
    select(proofs.c.verdict, attempts.c.started_at, func.coalesce(attempts.c.ended_at, now()).label("until"))
    .select_from(
        proofs.outerjoin(
            attempts,
            (attempts.c.proof == proofs.c.id)
            & (attempts.c.ended_at.is_not(None) | (attempts.c.id == bindparam("attempt"))),
        )
    )
    .where(proofs.c.id == bindparam("of"))
)


@cache
def _move(names: tuple[str, ...], *, kept: bool) -> Update:
    held = (proofs.c.step == bindparam("at")) & (proofs.c.lease == bindparam("token"))
    lease: dict[str, Any] = {"lease": None, "lease_until": None, "attempts_used": 0}
    if kept:
        until = now_plus_given("lease_s")
        lease = {"lease": bindparam("taken"), "lease_until": until, "attempts_used": 1}
    new: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in names}
    moving = update(proofs).where(proofs.c.id == bindparam("of"), held)
    return moving.values(**lease, **new, step=bindparam("next"), due_at=now(), rung_at=now())


@cache
def _move_whole(names: tuple[str, ...], *, kept: bool) -> Select[Any]:
    moved = _move(names, kept=kept).returning(proofs.c.id).cte("moved")
    ended = _ending("postgresql", both=kept).cte("ended")
    return select(func.count()).select_from(moved).add_cte(ended)


@cache
def _close_whole(names: tuple[str, ...], *, both: bool) -> Select[Any]:
    moved = _move(names, kept=False).returning(proofs.c.id).cte("moved")
    count = select(func.count()).select_from(moved).scalar_subquery()
    ended = _ending("postgresql", both=both, over=True).cte("ended")
    return SO_FAR.add_columns(count.label("moved")).add_cte(ended)


def _holds(held: Claim) -> ColumnElement[bool]:
    return (proofs.c.id == held.proof.id) & (proofs.c.step == held.step) & (proofs.c.lease == held.lease)


def attempt_of(held: Claim) -> str:
    """Return the id of the attempt that the claim's lease covers."""
    return held.lease.rpartition("/")[2]


def _begun(taken: Claim, prefix: str = "") -> dict[str, Any]:
    """Return the row of an attempt that begins, each name after `prefix`."""
    worker, _, attempt = taken.lease.rpartition("/")
    row = {"id": attempt, "proof": taken.proof.id, "step": taken.step, "number": taken.attempt}
    return {f"{prefix}{name}": value for name, value in (row | {"worker": worker}).items()}


@cache
def _ending(dialect: str, *, both: bool, over: bool = False) -> Insert | Update:
    """Return what ends an attempt; with `both`, what begins the next too, which ends as well if `over`."""
    if not both:
        return _END
    # Not two rows of VALUES, which SQLAlchemy compiles anew each time; SQLite wants the WHERE.
    rows = union_all(
        *(
            select(
                *(bindparam(f"{which}_{name}", type_=attempts.c[name].type) for name in _ATTEMPT), *times
            ).where(true())
            for which, times in (("held", (now(), now())), ("kept", (now(), now() if over else null())))
        )
    )
    adding = upsert_on(dialect, attempts).from_select([*_ATTEMPT, "started_at", "ended_at"], rows)
    return adding.on_conflict_do_update(index_elements=["id"], set_={"ended_at": adding.excluded.ended_at})


def _end_attempt(
    connection: Connection,
    held: Claim,
    *,
    problem: ReasonCode | None,
    detail: str | None,
    died: bool = False,
) -> None:
    connection.execute(_END, {"attempt": attempt_of(held), "said": problem, "told": detail, "killed": died})
