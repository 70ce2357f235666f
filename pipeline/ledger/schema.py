"""Brings a database to its schema, and tells where it stands.

In: a database URL. Out: the newest schema, with nothing lost. Several processes may start at once: one
migrates, the others wait and find it done. Alembic is run from here; there is no alembic.ini.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, inspect, select, text

from pipeline.errors import UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.tables import METADATA
from pipeline.ledger.transact import Transactions

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

LOCK = 7_702_616  # any number that is ours alone within a database
FOLDER = Path(__file__).parent / "migrations" / "versions"

# Alembic's own table, read without Alembic: its import costs 0.15 s of CPU, which only who migrates must pay.
_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """Which revision a database is at, and which it should be at; None for an empty one."""

    current: str | None
    head: str | None

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to do."""
        return self.current == self.head


def migrate(url: str) -> SchemaState:
    """Bring the database to the newest schema and return where it stands.

    Raises:
        LedgerUnavailable: The database does not answer, or another process holds it for too long.
        SettingsError: The URL names no database of ours.
    """
    found = schema_state(url)
    if found.is_current:
        return found
    engine = make_engine(url)
    try:
        Transactions(engine).write(_upgrade)
    finally:
        engine.dispose()
    return schema_state(url)


def lay_out(url: str) -> None:
    """Make the newest schema in a new database at once, from the tables themselves.

    Quicker than migrating; for databases that go with their command, since nobody waits for them to be
    migrated later.
    """
    engine = make_engine(url)
    try:
        Transactions(engine).write(_lay_out)
    finally:
        engine.dispose()


def schema_state(url: str) -> SchemaState:
    """Return where the database stands, changing nothing.

    Raises:
        LedgerUnavailable: The database does not answer.
        SettingsError: The URL names no database of ours.
    """
    engine = make_engine(url)
    try:
        current = Transactions(engine).read(_current)
    finally:
        engine.dispose()
    return SchemaState(current=current, head=_head())


def refuse_another_schema(url: str) -> None:
    """Return where the database is at this version's schema.

    Raises:
        UsageError: It is not; the message says what to run.
        LedgerUnavailable: The database does not answer.
    """
    state = schema_state(url)
    if not state.is_current:
        found = f"schema {state.current}" if state.current else "no ledger"
        raise UsageError(f"the database holds {found}, this version needs {state.head}; run `praman migrate`")


def _upgrade(connection: Connection) -> None:
    # On SQLite the transaction began with the write lock; PostgreSQL needs one that is not a table's.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    from alembic import command  # noqa: PLC0415 (see `_VERSION`)

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 (see `_VERSION`)

    config = Config()
    config.set_main_option("script_location", "pipeline:ledger/migrations")
    return config


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


def _lay_out(connection: Connection) -> None:
    METADATA.create_all(connection)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=_head()))


def _head() -> str:
    """Return the newest revision: the highest number that a migration's file name begins with."""
    return max(path.name.partition("_")[0] for path in FOLDER.glob("[0-9]*_*.py"))
