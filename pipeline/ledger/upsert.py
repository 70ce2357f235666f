"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy keeps in two places.

In: a connection, or its dialect's name, and a table. Out: the insert statement of its dialect.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert into `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return upsert_on(connection.dialect.name, table)


def upsert_on(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return the same for a dialect's name, to be built once for each."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


@cache
def adding(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return the insert of rows that may be there already; built once, for it is used with every proof."""
    return upsert_on(dialect, table).on_conflict_do_nothing()
