"""What was lost is found again: leases that ran out, bells that nobody heard, proofs out of attempts.

In: how long is too long, how often is too often. Out: what to ring, or what to give up. It works on rows
only; whoever rings does so after the transaction.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, literal_column, or_, select, update

from pipeline.flow import FAILABLE
from pipeline.ledger import dead
from pipeline.ledger.clock import now, now_plus, now_plus_given
from pipeline.ledger.tables import LEASED, TRIED, WORKING, attempts, proofs
from pipeline.reasons import ReasonCode
from pipeline.records import Counted, Outcome, Ring, Standing, Step

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

RELEASED = {"lease": None, "lease_until": None}


def _look() -> Select[Any]:
    free, due = proofs.c.lease.is_(None), proofs.c.due_at <= now()
    quiet = or_(proofs.c.rung_at.is_(None), proofs.c.rung_at <= now_plus_given("quiet_s"))
    used = proofs.c.step.in_([literal_column(f"'{step.value}'") for step in FAILABLE])
    count = {
        "waiting": free & due,
        "unheard": free & due & quiet,
        "lapsed": LEASED & (proofs.c.lease_until < now()),
        "exhausted": free & used & (proofs.c.attempts_used >= bindparam("strikes")),
        "held": LEASED,
    }
    counted = (func.sum(case((which, 1), else_=0)).label(name) for name, which in count.items())
    oldest = func.min(case((free & due, proofs.c.due_at))).label("oldest")
    asked = select(proofs.c.step, *counted, oldest, now().label("present"))
    return asked.where(WORKING).group_by(proofs.c.step)


# Built once: building a statement costs more than SQLite takes to run it.
_LOOK = _look()


def look(connection: Connection, *, strikes: int, quiet: timedelta) -> tuple[Standing, ...]:
    """Return how the proofs at each step stand, in one look; a step without any is left out."""
    given = {"strikes": strikes, "quiet_s": -quiet.total_seconds()}
    return tuple(
        Standing(
            step=Step(row.step),
            waiting=row.waiting,
            unheard=row.unheard,
            lapsed=row.lapsed,
            exhausted=row.exhausted,
            held=row.held,
            oldest_due=row.present - row.oldest if row.oldest else timedelta(0),
        )
        for row in connection.execute(_LOOK, given)
    )


def release_lapsed(connection: Connection) -> tuple[Ring, ...]:
    """Release every lease that ran out; the attempt stays counted."""
    lapsed = update(proofs).where(LEASED, proofs.c.lease_until < now())
    lapsed = lapsed.values(**RELEASED, rung_at=now())
    rows = connection.execute(lapsed.returning(proofs.c.id, proofs.c.step))
    return tuple(Ring(proof=row.id, step=Step(row.step)) for row in rows)


def release_dead(connection: Connection, worker_prefix: str, alive: frozenset[str]) -> int:
    """Release leases of workers that are gone; their attempts stay counted: one may have killed them."""
    ours = proofs.c.lease.startswith(worker_prefix, autoescape=True)
    leases = connection.scalars(select(proofs.c.lease).where(LEASED, ours).distinct())
    dead = [lease for lease in leases if lease.rpartition("/")[0] not in alive]
    if not dead:
        return 0
    gone = update(proofs).where(LEASED, proofs.c.lease.in_(dead))
    return connection.execute(gone.values(**RELEASED, rung_at=None)).rowcount


def due(connection: Connection, step: Step, *, rung_before: timedelta, limit: int) -> tuple[Ring, ...]:
    """Return waiting, due steps not rung for a while, oldest first, and mark them rung."""
    quiet = or_(proofs.c.rung_at.is_(None), proofs.c.rung_at <= now_plus(-rung_before))
    waiting = select(proofs.c.id).where(_waits(step), quiet).order_by(proofs.c.due_at).limit(limit)
    # Two sweeps at once share the work instead of waiting for each other.
    waiting = waiting.with_for_update(skip_locked=True)
    marked = update(proofs).where(proofs.c.id.in_(waiting.scalar_subquery())).values(rung_at=now())
    rows = connection.execute(marked.returning(proofs.c.id, proofs.c.due_at)).all()
    oldest_first = sorted(rows, key=lambda row: (row.due_at, row.id))
    return tuple(Ring(proof=row.id, step=step) for row in oldest_first)


def waiting(connection: Connection, step: Step) -> int:
    """Return how many proofs wait at `step`, due and not held."""
    return connection.scalar(select(func.count()).select_from(proofs).where(_waits(step))) or 0


def _waits(step: Step) -> ColumnElement[bool]:
    return WORKING & (proofs.c.step == step) & proofs.c.lease.is_(None) & (proofs.c.due_at <= now())


def exhausted(connection: Connection, *, strikes: int, limit: int) -> tuple[str, ...]:
    """Return waiting proofs whose current step has used its attempts, oldest first."""
    query = select(proofs.c.id).where(_exhausted(strikes)).order_by(proofs.c.due_at).limit(limit)
    return tuple(connection.scalars(query))


def _exhausted(strikes: int) -> ColumnElement[bool]:
    used = TRIED & (proofs.c.attempts_used >= strikes)
    return used & proofs.c.step.in_(FAILABLE) & proofs.c.lease.is_(None)


def give_up(connection: Connection, proof: str, *, strikes: int) -> bool:
    """Send an exhausted proof to judgement; see `ports.Ledger.give_up`."""
    ours = (proofs.c.id == proof) & _exhausted(strikes)
    step = connection.scalar(select(proofs.c.step).where(ours).with_for_update(key_share=True))
    if step is None:
        return False
    problem = _last_problem(connection, proof, step)
    given = update(proofs).where(ours)
    given = given.values(step=Step.JUDGE, failure=problem, attempts_used=0, due_at=now(), rung_at=None)
    dead.quarantine_poison(connection, proof, Step(step), deaths=strikes)
    return connection.execute(given).rowcount == 1


def _last_problem(connection: Connection, proof: str, step: str) -> str:
    query = select(attempts.c.problem).where(attempts.c.proof == proof, attempts.c.step == step)
    newest = query.order_by(attempts.c.started_at.desc(), attempts.c.id.desc()).limit(1)
    return connection.scalar(newest) or ReasonCode.ENGINE_FAILED


def counted(connection: Connection, platform: str | None) -> Counted:
    """Return how many proofs stand at each step and what their current verdicts say."""
    query = select(proofs.c.step, proofs.c.outcome, func.count().label("proofs"))
    if platform is not None:
        query = query.where(proofs.c.platform == platform)
    rows = connection.execute(query.group_by(proofs.c.step, proofs.c.outcome)).all()
    by_step = ((step, sum(row.proofs for row in rows if row.step == step)) for step in Step)
    by_outcome = ((said, sum(row.proofs for row in rows if row.outcome == said)) for said in Outcome)
    return Counted(
        by_step=tuple((step, count) for step, count in by_step if count),
        by_outcome=tuple((said, count) for said, count in by_outcome if count),
    )
