"""Answers that a request gets again when it comes again.

In: a platform and a `Once`. Out: its row, in the transaction that does what the request asked. A request is
kept for a week; after that its key is free.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from pipeline.errors import AlreadyAnswered
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.door_tables import requests
from pipeline.ledger.upsert import upsert
from pipeline.records import Once

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEPT_FOR = timedelta(days=7)

_ANSWER = select(requests.c.digest, requests.c.status, requests.c.answer).where(
    requests.c.platform == bindparam("platform"), requests.c.key == bindparam("key")
)
_AGED = delete(requests).where(
    requests.c.platform == bindparam("of_platform"), requests.c.created_at < now_plus(-KEPT_FOR)
)


def keep(connection: Connection, platform: str, once: Once) -> None:
    """Keep the answer, first forgetting those that are a week old.

    Another process that keeps one under the same key is waited for, and then found.

    Raises:
        AlreadyAnswered: An answer is kept under this key.
    """
    connection.execute(_AGED, {"of_platform": platform})
    row = {"platform": platform, "key": once.key, "digest": once.digest, "status": once.status}
    statement = upsert(connection, requests).values(**row, answer=once.answer, created_at=now())
    kept = connection.scalar(statement.on_conflict_do_nothing().returning(requests.c.key))
    if kept is None:
        raise AlreadyAnswered(f"an answer is kept under the key {once.key!r}")


def kept_answer(connection: Connection, platform: str, key: str) -> Once | None:
    """Return what is kept under the key."""
    row = connection.execute(_ANSWER, {"platform": platform, "key": key}).one_or_none()
    return row and Once(key=key, digest=row.digest, status=row.status, answer=row.answer)
