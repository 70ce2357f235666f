"""One attempt to bring one notice to its endpoint: taken with a lease, closed by compare-and-set on it.

In: an endpoint, or a `Delivery`. Out: a `Delivery`, or the notice delivered, due again or given up. The
attempt is counted and on record before the work. How many of one endpoint's notices are out at a time is
bounded under the endpoint's lock, so that one that hangs keeps few deliverers busy.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, false, func, insert, or_, select, update
from ulid import ULID

from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.delivery_tables import deliveries, endpoints
from pipeline.ledger.endpoints import endpoint_from, secrets
from pipeline.ledger.steps import DETAIL_LETTERS
from pipeline.ledger.tables import GIVEN_UP, UNSENT, notices, verdicts
from pipeline.records import Backlog, Delivery, NoticeState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from pipeline.records import Endpoint, Reply, Settlement

NOTED_EVERY = timedelta(seconds=5)
"""How exact `last_success_at` is: it is not worth a write each time."""

_FREE = or_(notices.c.lease.is_(None), notices.c.lease_until < now())
_DUE = UNSENT & (notices.c.due_at <= now()) & _FREE
_OPEN = endpoints.c.stopped.is_(None) & or_(endpoints.c.rest_until.is_(None), endpoints.c.rest_until <= now())
_AWAITED = exists().where(
    notices.c.platform == endpoints.c.platform, notices.c.target == endpoints.c.target, _DUE
)
_PROOF = select(verdicts.c.proof).where(verdicts.c.id == notices.c.verdict).scalar_subquery().label("proof")
# Built once: sweep asks often.
_WAITED_FOR = select(endpoints.c.id).where(_OPEN, _AWAITED).limit(bindparam("most"))


def take(
    connection: Connection,
    endpoint: str,
    *,
    worker: str,
    lease: timedelta,
    at_once: int,
    at_once_unproven: int,
    proven: timedelta,
) -> Delivery | None:
    """Take the endpoint's oldest due notice; see `outward.Outbox.take`."""
    answers = endpoints.c.failing_since.is_(None) & (endpoints.c.last_success_at > now_plus(-proven))
    locked = (
        select(endpoints, func.coalesce(answers, false()).label("answers"))
        .where(endpoints.c.id == endpoint, _OPEN)
        .with_for_update()
    )
    row = connection.execute(locked).one_or_none()
    if row is None:
        return None
    to = endpoint_from(row)
    if _out(connection, to) >= (at_once if row.answers else at_once_unproven):
        return None
    attempt = str(ULID())
    token = f"{worker}/{attempt}"
    oldest = (
        select(notices.c.id).where(_bound_for(to), _DUE).order_by(notices.c.due_at, notices.c.id).limit(1)
    )
    taking = update(notices).where(notices.c.id == oldest.scalar_subquery())
    taking = taking.values(lease=token, lease_until=now_plus(lease), attempts=notices.c.attempts + 1)
    taken = connection.execute(
        taking.returning(notices.c.id, notices.c.body, notices.c.attempts, _PROOF)
    ).one_or_none()
    if taken is None:
        return None
    begun = {"id": attempt, "notice": taken.id, "number": taken.attempts, "worker": worker}
    beginning = insert(deliveries).values(**begun, started_at=now())
    return Delivery(
        notice=taken.id,
        proof=taken.proof,
        endpoint=to,
        body=taken.body,
        attempt=taken.attempts,
        lease=token,
        began_at=connection.execute(beginning.returning(deliveries.c.started_at)).scalar_one(),
        secrets=secrets(connection, to.platform),
    )


def _bound_for(to: Endpoint) -> ColumnElement[bool]:
    return (notices.c.platform == to.platform) & (notices.c.target == to.target)


def _out(connection: Connection, to: Endpoint) -> int:
    held = UNSENT & notices.c.lease.is_not(None) & (notices.c.lease_until >= now())
    return connection.scalar(select(func.count()).select_from(notices).where(_bound_for(to), held)) or 0


def close(
    connection: Connection, held: Delivery, reply: Reply, said: Settlement, *, stop_after: timedelta
) -> str | None:
    """Record how the attempt ended; see `outward.Outbox.close`."""
    _end_attempt(connection, held, reply)
    # The endpoint's row before the notice's, as `take` locks them.
    stopped = None
    if said.state is NoticeState.DELIVERED:
        _note_success(connection, held)
    else:
        stopped = _note_failure(connection, held, said, stop_after=stop_after)
    # A notice that was erased meanwhile stays so.
    released = update(notices).where(notices.c.id == held.notice, notices.c.lease == held.lease, UNSENT)
    due_at = notices.c.due_at if said.state is NoticeState.DELIVERED else now_plus(said.delay)
    connection.execute(released.values(state=said.state, lease=None, lease_until=None, due_at=due_at))
    return stopped


def _end_attempt(connection: Connection, held: Delivery, reply: Reply) -> None:
    ended = update(deliveries).where(deliveries.c.id == held.lease.rpartition("/")[2])
    error = None if reply.error is None else reply.error[:DETAIL_LETTERS]
    connection.execute(ended.values(ended_at=now(), status=reply.status, error=error))


def _note_success(connection: Connection, held: Delivery) -> None:
    news = or_(
        endpoints.c.failing_since.is_not(None),
        endpoints.c.last_success_at.is_(None),
        endpoints.c.last_success_at < now_plus(-NOTED_EVERY),
    )
    well = update(endpoints).where(endpoints.c.id == held.endpoint.id, news)
    connection.execute(well.values(failing_since=None, last_success_at=now()))


def _note_failure(
    connection: Connection, held: Delivery, said: Settlement, *, stop_after: timedelta
) -> str | None:
    """Keep since when the endpoint fails, let it rest if it asked, stop it if it is hopeless."""
    ours = endpoints.c.id == held.endpoint.id
    failing = update(endpoints).where(ours, endpoints.c.failing_since.is_(None))
    connection.execute(failing.values(failing_since=now()))
    if said.rest is not None:
        connection.execute(update(endpoints).where(ours).values(rest_until=now_plus(said.rest)))
    stop = update(endpoints).where(ours, endpoints.c.stopped.is_(None))
    why = said.stop
    if why is None:
        why = f"nothing was delivered for {stop_after.days} days"
        stop = stop.where(endpoints.c.failing_since <= now_plus(-stop_after))
    stopped: str | None = connection.scalar(stop.values(stopped=why).returning(endpoints.c.stopped))
    return stopped


def hand_back(connection: Connection, held: Delivery, detail: str) -> None:
    """Release a notice that was not sent; the attempt is not counted."""
    released = update(notices).where(notices.c.id == held.notice, notices.c.lease == held.lease)
    back = {"lease": None, "lease_until": None, "attempts": notices.c.attempts - 1}
    if connection.execute(released.values(**back)).rowcount:
        ended = update(deliveries).where(deliveries.c.id == held.lease.rpartition("/")[2])
        connection.execute(ended.values(ended_at=now(), error=detail[:DETAIL_LETTERS]))


def release_dead(connection: Connection, worker_prefix: str, alive: frozenset[str]) -> int:
    """Release notices held by workers that are gone; their attempts stay counted."""
    ours = notices.c.lease.startswith(worker_prefix, autoescape=True)
    held = connection.scalars(select(notices.c.lease).where(notices.c.lease.is_not(None), ours).distinct())
    dead = [lease for lease in held if lease.rpartition("/")[0] not in alive]
    if not dead:
        return 0
    gone = update(notices).where(notices.c.lease.in_(dead)).values(lease=None, lease_until=None)
    return connection.execute(gone).rowcount


def backlog(connection: Connection) -> Backlog:
    """Return how much did not go out, and since when."""
    due_from = (
        select(func.count(), func.min(notices.c.due_at), now())
        .select_from(notices)
        .join(
            endpoints, (endpoints.c.platform == notices.c.platform) & (endpoints.c.target == notices.c.target)
        )
    )
    count, oldest, present = connection.execute(due_from.where(_DUE, _OPEN)).one()
    failed = select(func.count()).select_from(notices).where(GIVEN_UP)
    stopped = select(func.count()).where(endpoints.c.stopped.is_not(None))
    return Backlog(
        due=count,
        oldest_due=present - oldest if oldest else timedelta(0),
        failed=connection.scalar(failed) or 0,
        stopped=connection.scalar(stopped) or 0,
    )


def due(connection: Connection, limit: int) -> tuple[str, ...]:
    """Return open endpoints for which a notice is due that nobody holds."""
    return tuple(connection.scalars(_WAITED_FOR, {"most": limit}))
