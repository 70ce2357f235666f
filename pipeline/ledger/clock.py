"""The database's own time, and how times are kept.

In: nothing, or a shift. Out: SQL that is "now" on the database's clock, shifted. No lease, due time or bell
uses a process's clock: two machines may disagree, the database does not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Float, TypeDecorator, bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC; refuses a naive one, which could mean any hour."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone; give the ledger aware times")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back UTC, on SQLite too, which keeps no zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Now(FunctionElement[datetime]):
    """Now plus its one argument, a number of seconds."""

    name = "praman_now"
    inherit_cache = True
    type = Moment()


def now() -> FunctionElement[datetime]:
    """Return the database's present time."""
    return _Now(literal(0.0, Float()))


def now_plus(shift: timedelta) -> FunctionElement[datetime]:
    """Return the database's present time plus `shift`, which may be negative."""
    return _Now(literal(shift.total_seconds(), Float()))


def now_plus_given(name: str) -> FunctionElement[datetime]:
    """Return the database's present time plus the seconds that the parameter `name` will hold."""
    return _Now(bindparam(name, type_=Float()))


@compiles(_Now, "sqlite")
def _on_sqlite(element: _Now, compiler: SQLCompiler, **kwargs: Any) -> str:
    # Six decimals, as SQLAlchemy writes times there: texts of one length compare as the times they mean.
    shift_s = compiler.process(element.clauses, **kwargs)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {shift_s} || ' seconds')"


@compiles(_Now, "postgresql")
def _on_postgresql(element: _Now, compiler: SQLCompiler, **kwargs: Any) -> str:
    # Not clock_timestamp(): that one is volatile, and no index is used to compare with it.
    shift_s = compiler.process(element.clauses, **kwargs)
    return f"(statement_timestamp() + make_interval(secs => {shift_s}))"
