"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy keeps in two places.

In: a connection, or its dialect's name, and a table. Out: the insert statement of its dialect.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, column, func, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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


def spread(table: Table) -> postgresql.Insert:
    """Return the insert of many rows that may be there already by one statement, for PostgreSQL alone.

    Each column of the table is given as an array (`arrays`). Bound row by row, a picture's 145 rows are as
    many messages to the server.
    """
    given = [bindparam(f"{table.name}_{one.name}", type_=postgresql.ARRAY(one.type)) for one in table.c]
    names = [one.name for one in table.c]
    rows = func.unnest(*given).table_valued(*(column(one.name, one.type) for one in table.c))
    rows = rows.render_derived(name="given")
    return postgresql.insert(table).from_select(names, select(*rows.c)).on_conflict_do_nothing()


def arrays(table: Table, rows: Iterable[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    """Return the rows as `spread` takes them."""
    kept = list(rows)
    return {f"{table.name}_{one.name}": [row[one.name] for row in kept] for one in table.c}
