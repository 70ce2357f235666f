"""Where a platform's notices go, and what signs them: opened, closed, stopped, open again.

In: a platform and a target's name. Out: rows; `Endpoint`s. It sends nothing; whether an address may be
contacted is the courier's to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, insert, or_, select, tuple_, update
from ulid import ULID

from pipeline.errors import UsageError
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.delivery_tables import endpoints
from pipeline.ledger.intake import lock_platform
from pipeline.ledger.tables import UNSENT, notices, platforms
from pipeline.ledger.tenants import SEPARATOR, targets
from pipeline.records import Endpoint, NoticeState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from sqlalchemy import ColumnElement, Connection, Row, Table

OPEN = {"stopped": None, "failing_since": None, "rest_until": None, "last_success_at": None}


def open_endpoint(connection: Connection, platform: str, target: str, *, address: str) -> Endpoint:
    """Send the platform's notices of `target` to `address` from now on; what waits goes there too.

    Raises:
        UsageError: There is no such platform.
    """
    lock_platform(connection, platform)
    named = targets(connection, platform)
    if target not in named:
        _name(connection, platform, (*named, target))
    ours = (endpoints.c.platform == platform) & (endpoints.c.target == target)
    changed = update(endpoints).where(ours).values(address=address, **OPEN)
    if connection.execute(changed).rowcount == 0:
        row = {"id": str(ULID()), "platform": platform, "target": target, "address": address}
        connection.execute(insert(endpoints).values(**row, created_at=now()))
    return endpoint_from(connection.execute(select(endpoints).where(ours)).one())


def close_endpoint(connection: Connection, platform: str, target: str) -> bool:
    """Give no more notice to `target`; what waits for it waits until it is opened again."""
    lock_platform(connection, platform)
    _name(connection, platform, tuple(one for one in targets(connection, platform) if one != target))
    gone = delete(endpoints).where(endpoints.c.platform == platform, endpoints.c.target == target)
    return connection.execute(gone).rowcount == 1


def _name(connection: Connection, platform: str, named: tuple[str, ...]) -> None:
    change = update(platforms).where(platforms.c.name == platform)
    connection.execute(change.values(targets=SEPARATOR.join(named)))


def rotate_secret(connection: Connection, platform: str, *, secret: str, overlap: timedelta) -> None:
    """Sign with `secret` from now on, and with the former one too until `overlap` is over.

    Raises:
        UsageError: There is no such platform.
    """
    change = update(platforms).where(platforms.c.name == platform)
    # An overlap keeps one former secret: of two rotations within it, the newer one's.
    former = {"former_secret": platforms.c.webhook_secret, "former_until": now_plus(overlap)}
    if connection.execute(change.values(**former, webhook_secret=secret)).rowcount == 0:
        raise UsageError(f"platform {platform!r} does not exist; `praman platform list` names those that do")


def secrets(connection: Connection, platform: str) -> tuple[str, ...]:
    """Return what signs the platform's messages now: the current secret first."""
    former = case((platforms.c.former_until > now(), platforms.c.former_secret))
    query = select(platforms.c.webhook_secret, former).where(platforms.c.name == platform)
    found = connection.execute(query).one_or_none()
    return tuple(one for one in found or () if one)


def known_endpoints(connection: Connection, platform: str | None) -> tuple[Endpoint, ...]:
    """Return the endpoints of one platform or of all, by platform and target."""
    query = select(endpoints).order_by(endpoints.c.platform, endpoints.c.target)
    if platform is not None:
        query = query.where(endpoints.c.platform == platform)
    return tuple(map(endpoint_from, connection.execute(query)))


def replay(
    connection: Connection, *, platform: str | None, target: str | None, ids: Sequence[str]
) -> tuple[tuple[str, ...], int]:
    """Open stopped endpoints and make what did not go out due now; see `outward.Outbox.replay`."""
    stuck = (notices.c.state == NoticeState.FAILED) | (UNSENT & (notices.c.attempts > 0))
    chosen = stuck
    if ids:
        chosen = notices.c.id.in_(ids) & (stuck | (notices.c.state == NoticeState.DELIVERED))
    free = or_(notices.c.lease.is_(None), notices.c.lease_until < now())
    again = update(notices).where(chosen, free, *_narrowed(notices, platform, target))
    again = again.values(state=NoticeState.WAITING, due_at=now(), attempts=0)
    replayed = connection.execute(again.returning(notices.c.platform, notices.c.target)).all()
    opening = update(endpoints).where(*_narrowed(endpoints, platform, target))
    if ids:
        reached = [tuple(row) for row in set(replayed)]
        opening = opening.where(tuple_(endpoints.c.platform, endpoints.c.target).in_(reached))
    opened = connection.scalars(opening.values(OPEN).returning(endpoints.c.id)).all()
    return tuple(opened), len(replayed)


def _narrowed(table: Table, platform: str | None, target: str | None) -> list[ColumnElement[bool]]:
    given = {"platform": platform, "target": target}
    return [table.c[name] == value for name, value in given.items() if value is not None]


def endpoint_from(row: Row[Any]) -> Endpoint:
    """Return the endpoint of one row of `endpoints`."""
    return Endpoint(
        id=row.id,
        platform=row.platform,
        target=row.target,
        address=row.address,
        stopped=row.stopped,
        failing_since=row.failing_since,
        rest_until=row.rest_until,
    )
