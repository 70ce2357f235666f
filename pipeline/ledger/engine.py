"""From a database URL to an engine whose connections behave alike on SQLite and PostgreSQL.

In: a URL. Out: an `Engine`. SQLite gets WAL, full sync, foreign keys and real transactions; PostgreSQL gets
limits, so that no call waits for ever. It opens no connection itself.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, OperationalError

from pipeline.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

WRITES = "praman_writes"
"""Execution option of a connection whose transaction will write."""

ALONE = "praman_alone"
"""Execution option of a connection that will run one statement only."""

SQLITE_WAIT_S = 20
POSTGRES_CONNECT_S = 5
POSTGRES_LIMITS = "-c lock_timeout=20s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"

TRUSTED_S = 1.0
_USED = "praman_used"


def make_engine(url: str, *, synced: bool = True) -> Engine:
    """Return an engine for `sqlite:///path` or `postgresql+psycopg://...`.

    Args:
        url: Which database. The directory of an SQLite file is made if need be.
        synced: What is committed survives a power cut; PostgreSQL has its own setting for it.

    Raises:
        SettingsError: The URL names another kind of database, or cannot be read.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError("the database URL cannot be read; write sqlite:///path/file.db") from error
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"} and parsed.database not in {None, "", ":memory:"}:
        return _sqlite(parsed, synced=synced)
    if parsed.drivername == "postgresql+psycopg":
        return _postgresql(parsed)
    raise SettingsError(
        f"{parsed.render_as_string()} is no database we keep a ledger in; "
        "use sqlite:///path/file.db or postgresql+psycopg://user@host/name"
    )


def _sqlite(url: URL, *, synced: bool) -> Engine:
    folder = Path(url.database or "").absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)  # the ledger holds secrets that sign
    except OSError as error:
        raise SettingsError(f"{folder} cannot be made ({error.strerror}); choose another place") from error
    engine = create_engine(url, connect_args={"timeout": SQLITE_WAIT_S})
    event.listen(engine, "connect", lambda connection, _: _open_sqlite(connection, synced=synced))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_sqlite(connection: Any, *, synced: bool) -> None:
    # Python's sqlite3 would begin a transaction of its own kind before a write; ours are begun by hand below.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: with WAL and less, an accepted proof could be gone after a power cut.
    for pragma in ("journal_mode=WAL", f"synchronous={'FULL' if synced else 'OFF'}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can fail half-way when another wrote in between; one
    # that takes the write lock at once waits its turn instead.
    options = connection.get_execution_options()
    if options.get(ALONE, False):
        return  # one statement is one moment by itself
    begin = "BEGIN IMMEDIATE" if options.get(WRITES, False) else "BEGIN"
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(begin)  # past SQLAlchemy, whose way takes longer than SQLite's
    except sqlite3.OperationalError as error:
        raise OperationalError(begin, None, error) from error


def _postgresql(url: URL) -> Engine:
    arguments: dict[str, Any] = {
        "connect_timeout": POSTGRES_CONNECT_S,
        "application_name": "praman",
        "client_encoding": "utf8",  # a database made as SQL_ASCII would hand out bytes
    }
    if "options" not in url.query:
        arguments["options"] = POSTGRES_LIMITS
    engine = create_engine(url, connect_args=arguments, pool_size=15, max_overflow=0)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", lambda connection, record, _: _look_if_idle(engine, connection, record))
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = time.monotonic()


def _look_if_idle(engine: Engine, connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """Make sure that a connection which nobody used for a while still reaches the database.

    Asking each time costs every transaction a round trip. A connection in steady use tells by itself, once,
    and SQLAlchemy then drops all that are as old. Source: HikariCP's `aliveBypassWindowMs`.
    """
    now_s = time.monotonic()
    if now_s - record.info.get(_USED, now_s) < TRUSTED_S:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error
