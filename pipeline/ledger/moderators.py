"""People who may rule, and their sessions.

In: emails, hashes of passwords, digests of cookies. Out: `Moderator`s. Neither a password nor a cookie comes
here as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from ulid import ULID

from pipeline.errors import UsageError
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.look_tables import policy_read
from pipeline.ledger.review_tables import claims, moderators, sessions
from pipeline.ledger.tables import platforms
from pipeline.ledger.upsert import upsert
from pipeline.records import Moderator, Role

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Connection, Row

_SIGNED_IN = (
    select(moderators)
    .join(sessions, sessions.c.moderator == moderators.c.id)
    .where(sessions.c.digest == bindparam("digest"), sessions.c.expires_at > now())
)


def add(connection: Connection, email: str, *, password: str, role: Role, platform: str | None) -> Moderator:
    """Make a moderator.

    Raises:
        UsageError: There is one of that email, or no such platform.
    """
    if connection.scalar(select(moderators.c.id).where(moderators.c.email == email)) is not None:
        raise UsageError(f"moderator {email} exists; choose another address")
    if platform is not None and not connection.scalar(
        select(platforms.c.name).where(platforms.c.name == platform)
    ):
        raise UsageError(f"platform {platform!r} does not exist; `praman platform list` names those that do")
    row = {"id": str(ULID()), "email": email, "password": password, "role": role, "platform": platform}
    connection.execute(insert(moderators).values(**row, created_at=now()))
    return Moderator(id=row["id"] or "", email=email, role=role, platform=platform)


def known(connection: Connection, email: str) -> tuple[Moderator, str] | None:
    """Return the moderator of that email, and the hash of their password."""
    row = connection.execute(select(moderators).where(moderators.c.email == email)).one_or_none()
    return None if row is None else (_moderator(row), row.password)


def listed(connection: Connection) -> tuple[Moderator, ...]:
    """Return every moderator, by email."""
    return tuple(map(_moderator, connection.execute(select(moderators).order_by(moderators.c.email))))


def rehash(connection: Connection, moderator: str, password: str) -> None:
    """Keep another hash of the same password."""
    connection.execute(update(moderators).where(moderators.c.id == moderator).values(password=password))


def sign_in(connection: Connection, moderator: str, digest: str, *, lasts: timedelta) -> None:
    """Open a session, forgetting those that ended."""
    connection.execute(delete(sessions).where(sessions.c.expires_at < now()))
    row = {"digest": digest, "moderator": moderator}
    connection.execute(insert(sessions).values(**row, expires_at=now_plus(lasts)))


def signed_in(connection: Connection, digest: str) -> Moderator | None:
    """Return whose session has this digest; None where it ended."""
    row = connection.execute(_SIGNED_IN, {"digest": digest}).one_or_none()
    return None if row is None else _moderator(row)


def sign_out(connection: Connection, moderator: str, digest: str) -> None:
    """End a session and give back what its moderator has open."""
    connection.execute(delete(sessions).where(sessions.c.digest == digest))
    connection.execute(delete(claims).where(claims.c.moderator == moderator))


def has_read(connection: Connection, moderator: str, kind: str) -> bool:
    """Tell whether a moderator has read the notice of a kind's policy."""
    query = select(policy_read.c.kind).where(policy_read.c.moderator == moderator, policy_read.c.kind == kind)
    return connection.scalar(query) is not None


def note_read(connection: Connection, moderator: str, kind: str) -> None:
    """Note that a moderator has read the notice of a kind's policy."""
    row = {"moderator": moderator, "kind": kind, "read_at": now()}
    connection.execute(upsert(connection, policy_read).values(row).on_conflict_do_nothing())


def _moderator(row: Row[Any]) -> Moderator:
    return Moderator(id=row.id, email=row.email, role=Role(row.role), platform=row.platform)
