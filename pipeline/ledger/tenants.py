"""What the ledger knows of a platform itself: where its notices go and what signs its messages.

Each function takes the connection of a transaction that somebody else opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from pipeline.errors import UsageError
from pipeline.ledger.tables import platforms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

SEPARATOR = ","


def targets(connection: Connection, platform: str) -> tuple[str, ...]:
    """Return where the platform's notices go, in the order in which they were named."""
    found = connection.scalar(select(platforms.c.targets).where(platforms.c.name == platform))
    return targets_from(found or "")


def targets_from(kept: str) -> tuple[str, ...]:
    """Return the targets of a `platforms` row."""
    return tuple(name for name in kept.split(SEPARATOR) if name)


def webhook_secret(connection: Connection, platform: str) -> str | None:
    """Return the secret that signs the platform's messages; None where there is none."""
    return connection.scalar(select(platforms.c.webhook_secret).where(platforms.c.name == platform))


def configure(connection: Connection, platform: str, *, targets: Sequence[str], secret: str | None) -> None:
    """Set where the platform's notices go and what signs its messages.

    Raises:
        UsageError: There is no such platform.
    """
    change = update(platforms).where(platforms.c.name == platform)
    values = {"targets": SEPARATOR.join(targets), "webhook_secret": secret}
    if connection.execute(change.values(values)).rowcount == 0:
        raise UsageError(f"platform {platform!r} does not exist; declare it first")
