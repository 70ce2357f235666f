"""Platforms and the keys that open the API to them.

In: a name, digests of keys. Out: rows; who a digest belongs to. A key itself never comes here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, or_, select, update

from pipeline.errors import UsageError
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.door_tables import platform_keys
from pipeline.ledger.tables import platforms
from pipeline.ledger.tenants import SEPARATOR
from pipeline.ledger.upsert import upsert
from pipeline.records import KnownPlatform

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Connection

_OPENS = or_(platform_keys.c.expires_at.is_(None), platform_keys.c.expires_at > now())
_OWNER = select(platform_keys.c.platform).where(platform_keys.c.digest == bindparam("digest"), _OPENS)


def owner(connection: Connection, digest: str) -> str | None:
    """Return the platform whose key has this digest; None where no such key opens the door."""
    return connection.scalar(_OWNER, {"digest": digest})


def add_platform(
    connection: Connection, name: str, *, digest: str, secret: str, acknowledged_by: str | None
) -> None:
    """Make a platform with its first key.

    Raises:
        UsageError: There is one of that name with a key.
    """
    row = {"name": name, "created_at": now()}
    connection.execute(upsert(connection, platforms).values(row).on_conflict_do_nothing())
    if connection.scalar(select(platform_keys.c.digest).where(platform_keys.c.platform == name).limit(1)):
        raise UsageError(f"platform {name!r} exists; `praman platform rotate {name}` gives it a new key")
    change = update(platforms).where(platforms.c.name == name)
    connection.execute(change.values(webhook_secret=secret, policy_acknowledged_by=acknowledged_by))
    _add_key(connection, name, digest)


def rotate(connection: Connection, name: str, *, digest: str, overlap: timedelta) -> None:
    """Add a key and let the others end after `overlap`.

    Raises:
        UsageError: There is no such platform.
    """
    if connection.scalar(select(platforms.c.name).where(platforms.c.name == name)) is None:
        raise UsageError(f"platform {name!r} does not exist; `praman platform list` names those that do")
    ends = now_plus(overlap)
    later = or_(platform_keys.c.expires_at.is_(None), platform_keys.c.expires_at > ends)
    ours = update(platform_keys).where(platform_keys.c.platform == name, later)
    connection.execute(ours.values(expires_at=ends))
    _add_key(connection, name, digest)


def _add_key(connection: Connection, name: str, digest: str) -> None:
    connection.execute(insert(platform_keys).values(digest=digest, platform=name, created_at=now()))


def known_platforms(connection: Connection) -> tuple[KnownPlatform, ...]:
    """Return every platform, by name."""
    keys = select(func.count()).where(platform_keys.c.platform == platforms.c.name, _OPENS)
    query = select(platforms, keys.scalar_subquery().label("keys")).order_by(platforms.c.name)
    return tuple(
        KnownPlatform(
            name=row.name,
            created_at=row.created_at,
            targets=tuple(one for one in row.targets.split(SEPARATOR) if one),
            keys=row.keys,
            policy_acknowledged_by=row.policy_acknowledged_by,
            seen_elsewhere=row.elsewhere_salt is not None,
        )
        for row in connection.execute(query)
    )


def acknowledge(connection: Connection, name: str, *, by: str) -> None:
    """Keep who answers for the platform's flagged kinds of job, unless somebody does already."""
    open_ = (platforms.c.name == name) & platforms.c.policy_acknowledged_by.is_(None)
    connection.execute(update(platforms).where(open_).values(policy_acknowledged_by=by))


def acknowledged_by(connection: Connection, name: str) -> str | None:
    """Return who answers for the platform's flagged kinds of job."""
    return connection.scalar(select(platforms.c.policy_acknowledged_by).where(platforms.c.name == name))
