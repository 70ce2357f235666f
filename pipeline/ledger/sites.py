"""`SqlSites`: job platforms with an adapter: whose turn it is to poll, and when the next call may go out.

In: an engine from `make_engine`, on a database at its schema. Out: `Site`s, and waits. One process at a
time polls a site, by lease; all processes share its rate budget. Each method is one transaction.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, or_, select, update
from ulid import ULID

from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.intake import lock_platform
from pipeline.ledger.site_tables import site_events, sites
from pipeline.ledger.steps import DETAIL_LETTERS
from pipeline.ledger.tables import proofs
from pipeline.ledger.transact import Transactions
from pipeline.ledger.upsert import upsert
from pipeline.records import Site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

EVENTS_KEPT = timedelta(days=15)  # a queue keeps a message for fourteen at most
FREE = or_(sites.c.lease.is_(None), sites.c.lease_until < now())
# Built once: who polls asks often, and mostly in vain.
_DUE = select(sites.c.platform).where(sites.c.due_at <= now(), FREE).order_by(sites.c.due_at).limit(1)


class SqlSites:
    """Job platforms in a database; safe to share among threads. All may raise LedgerUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def put(self, platform: str, *, adapter: str, config: str) -> None:
        """Serve the platform by `adapter` from now on, polling at once.

        Raises:
            UsageError: There is no such platform.
        """
        self._do.write(_put, platform, adapter=adapter, config=config)

    def site(self, platform: str) -> Site | None:
        """Return how the platform is served; None where no adapter serves it."""
        return self._do.read(_site, platform)

    def known_sites(self) -> dict[str, Site]:
        """Return every site by its platform."""
        return self._do.read(_known_sites)

    def take(self, *, worker: str, lease: timedelta) -> Site | None:
        """Take the turn to poll the site that is longest due; None where none is, or others hold them."""
        return self._do.write(_take, worker=worker, lease=lease) if self._do.ask(_any_due) else None

    def close(self, site: Site, *, pause: timedelta, problem: str | None) -> None:
        """Give the turn back; a turn that was lost meanwhile is left to its new holder."""
        self._do.write(_close, site, pause=pause, problem=problem)

    def reserve(self, platform: str, *, interval: timedelta, most: timedelta) -> timedelta | None:
        """Book the next call, `interval` after the one booked before; return how long to wait for it.

        None where it would be longer than `most`; nothing is booked then.
        """
        return self._do.write(_reserve, platform, interval=interval, most=most)

    def rest(self, platform: str, pause: timedelta) -> None:
        """Let no call go out for so long: the site asked for it."""
        self._do.write(_rest, platform, pause)

    def hint(self, platform: str, *, signed_at: datetime | None, least: timedelta) -> bool:
        """Poll early; False where the hint is an old one, or comes within `least` of the one before.

        Args:
            platform: Which site.
            signed_at: What its signature says; one that is no newer than the last was sent before.
            least: How far apart hints without a signed time must be.
        """
        return self._do.write(_hint, platform, signed_at=signed_at, least=least)

    def hear(self, platform: str, *, every: timedelta) -> bool:
        """Take the turn to ask the platform's queue of events; False within `every` of the turn before."""
        return self._do.write(_hear, platform, every=every)

    def heard(self, platform: str, events: Sequence[str]) -> int:
        """Poll early where one of the events is new; return how many are."""
        return self._do.write(_heard, platform, events)

    def listened(self, platform: str, problem: str | None) -> None:
        """Note how asking the queue went."""
        self._do.write(_listened, platform, problem)

    def known(self, platform: str, proof_id: str) -> bool:
        """Tell whether the ledger has, or had, such a proof."""
        return self._do.read(_known, platform, proof_id)


def _put(connection: Connection, platform: str, *, adapter: str, config: str) -> None:
    lock_platform(connection, platform)
    given = {"adapter": adapter, "config": config, "problem": None, "due_at": now()}
    row = given | {"platform": platform, "free_at": now(), "created_at": now()}
    adding = upsert(connection, sites).values(row)
    connection.execute(adding.on_conflict_do_update(index_elements=[sites.c.platform], set_=given))


def _site(connection: Connection, platform: str) -> Site | None:
    row = connection.execute(select(sites).where(sites.c.platform == platform)).one_or_none()
    return None if row is None else _from(row)


def _known_sites(connection: Connection) -> dict[str, Site]:
    return {row.platform: _from(row) for row in connection.execute(select(sites))}


def _any_due(connection: Connection) -> bool:
    return connection.scalar(_DUE) is not None


def _take(connection: Connection, *, worker: str, lease: timedelta) -> Site | None:
    platform = connection.scalar(_DUE.with_for_update(skip_locked=True))
    if platform is None:
        return None
    token = f"{worker}/{ULID()}"
    taking = update(sites).where(sites.c.platform == platform)
    taking = taking.values(lease=token, lease_until=now_plus(lease))
    return _from(connection.execute(taking.returning(sites)).one())


def _close(connection: Connection, site: Site, *, pause: timedelta, problem: str | None) -> None:
    ours = update(sites).where(sites.c.platform == site.platform, sites.c.lease == site.lease)
    told = None if problem is None else problem[:DETAIL_LETTERS]
    # Who asked for a poll while this one ran has it: what was new may have come behind it.
    due_at = case((sites.c.due_at == site.due_at, now_plus(pause)), else_=sites.c.due_at)
    connection.execute(ours.values(lease=None, lease_until=None, due_at=due_at, problem=told))


def _reserve(
    connection: Connection, platform: str, *, interval: timedelta, most: timedelta
) -> timedelta | None:
    ours = sites.c.platform == platform
    query = select(now().label("present"), sites.c.free_at).where(ours).with_for_update()
    present, free_at = connection.execute(query).one()
    wait: timedelta = max(free_at - present, timedelta(0))
    if wait > most:
        return None
    connection.execute(update(sites).where(ours).values(free_at=present + wait + interval))
    return wait


def _rest(connection: Connection, platform: str, pause: timedelta) -> None:
    ours = update(sites).where(sites.c.platform == platform, sites.c.free_at < now_plus(pause))
    connection.execute(ours.values(free_at=now_plus(pause)))


def _hint(connection: Connection, platform: str, *, signed_at: datetime | None, least: timedelta) -> bool:
    before = sites.c.hinted_at < (now_plus(-least) if signed_at is None else signed_at)
    taking = update(sites).where(sites.c.platform == platform, or_(sites.c.hinted_at.is_(None), before))
    taken = taking.values(hinted_at=now() if signed_at is None else signed_at, due_at=now())
    return connection.execute(taken).rowcount == 1


def _hear(connection: Connection, platform: str, *, every: timedelta) -> bool:
    free = or_(sites.c.heard_at.is_(None), sites.c.heard_at <= now_plus(-every))
    taking = update(sites).where(sites.c.platform == platform, free).values(heard_at=now())
    return connection.execute(taking).rowcount == 1


def _heard(connection: Connection, platform: str, events: Sequence[str]) -> int:
    ours = site_events.c.platform == platform
    connection.execute(delete(site_events).where(ours, site_events.c.heard_at < now_plus(-EVENTS_KEPT)))
    digests = {hashlib.sha256(one.encode("utf-8", "surrogatepass")).hexdigest() for one in events}
    there = select(site_events.c.event).where(ours, site_events.c.event.in_(digests))
    new = digests - set(connection.scalars(there))
    for one in sorted(new):
        row = {"platform": platform, "event": one, "heard_at": now()}
        connection.execute(upsert(connection, site_events).values(row).on_conflict_do_nothing())
    if new:
        connection.execute(update(sites).where(sites.c.platform == platform).values(due_at=now()))
    return len(new)


def _listened(connection: Connection, platform: str, problem: str | None) -> None:
    told = None if problem is None else problem[:DETAIL_LETTERS]
    ours = update(sites).where(sites.c.platform == platform, sites.c.events_problem.is_distinct_from(told))
    connection.execute(ours.values(events_problem=told))


def _known(connection: Connection, platform: str, proof_id: str) -> bool:
    query = select(proofs.c.id).where(proofs.c.platform == platform, proofs.c.proof_id == proof_id)
    return connection.scalar(query) is not None


def _from(row: Row[Any]) -> Site:
    return Site(
        platform=row.platform,
        adapter=row.adapter,
        config=row.config,
        lease=row.lease,
        problem=row.problem,
        events_problem=row.events_problem,
        due_at=row.due_at,
    )
