"""The schema: migrations reach what the tables say, from many processes at once; a dead database is told."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import DeadlockDetected
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from pipeline.errors import LedgerUnavailable, SettingsError
from pipeline.ledger import SqlLedger, lay_out, make_engine, migrate, schema, schema_state
from pipeline.ledger.tables import METADATA
from pipeline.ledger.transact import Transactions
from pipeline.records import Step
from tests.ledger_cases import add, take
from tests.servers import free_port

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database of each kind."""
    return str(request.getfixturevalue(request.param))


def test_an_empty_database_is_brought_to_the_newest_schema(empty_url: str) -> None:
    """Before, there is nothing; after, the newest revision; again, nothing is left to do."""
    assert schema_state(empty_url).current is None
    done = migrate(empty_url)
    assert done.is_current
    assert migrate(empty_url) == schema_state(empty_url) == done


def test_the_tables_are_what_the_migrations_make(engine: Engine) -> None:
    """Nobody changed a table and forgot its migration."""
    with engine.connect() as connection:
        # Alembic takes an empty text as a default on SQLite for a change of it.
        context = MigrationContext.configure(connection, opts={"compare_server_default": False})
        assert compare_metadata(context, METADATA) == []


def test_a_schema_laid_out_at_once_is_the_migrated_one(empty_url: str) -> None:
    """What a command makes for itself equals what migrations make, down to types, keys and indexes."""
    engine = make_engine(empty_url)
    lay_out(empty_url)
    assert schema_state(empty_url).is_current
    laid_out = drawn(engine)
    METADATA.drop_all(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    migrate(empty_url)
    assert drawn(engine) == laid_out
    engine.dispose()


def drawn(engine: Engine) -> dict[str, object]:
    """Return all that the database tells of its tables."""
    found = inspect(engine)
    return {
        f"{ask.__name__} {name}": plain(ask(name))
        for name in found.get_table_names()
        for ask in (
            found.get_columns,
            found.get_indexes,
            found.get_pk_constraint,
            found.get_foreign_keys,
            found.get_unique_constraints,
            found.get_table_options,
        )
    }


def plain(told: object) -> object:
    """Return types and conditions as the text they stand for."""
    if isinstance(told, dict):
        return {name: plain(one) for name, one in told.items()}
    return sorted((plain(one) for one in told), key=str) if isinstance(told, list) else str(told)


def test_the_newest_revision_is_the_one_that_alembic_finds() -> None:
    """The head is read from file names; each revision's number must agree with its file's."""
    config = Config()
    config.set_main_option("script_location", "pipeline:ledger/migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema._head()]  # noqa: SLF001 (the one place that knows it)
    for one in scripts.walk_revisions():
        assert Path(one.path).name.startswith(f"{one.revision}_")


def test_many_processes_can_migrate_at_once(empty_url: str) -> None:
    """Four processes that start together all end with the newest schema."""
    forked = get_context("fork")  # quick: a fork has imported all it needs
    started = [forked.Process(target=migrate, args=(empty_url,)) for _ in range(4)]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
    assert [process.exitcode for process in started] == [0, 0, 0, 0]
    assert schema_state(empty_url).is_current


def test_sqlite_is_durable_and_strict(tmp_path: Path) -> None:
    """The folder is made; the file is in WAL mode, synced in full, and knows foreign keys."""
    made = make_engine(f"sqlite:///{tmp_path / 'a' / 'b' / 'ledger.db'}")
    with made.connect() as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    made.dispose()
    assert found == ["wal", 2, 1, 20_000]


@pytest.mark.parametrize("url", ["mysql://root:secret@h/d", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_other_databases_are_refused(url: str) -> None:
    """A URL we keep no ledger in says what to write instead, and no password."""
    with pytest.raises(SettingsError, match=r"sqlite:///path/file\.db") as refused:
        make_engine(url)
    assert "secret" not in str(refused.value)


def test_a_database_that_is_away_is_told(sqlite_url: str) -> None:
    """Nothing listening, and a schema that was never made, are LedgerUnavailable."""
    away = SqlLedger(make_engine(f"postgresql+psycopg://praman@127.0.0.1:{free_port()}/none"))
    for ledger in (away, SqlLedger(make_engine(sqlite_url))):
        with pytest.raises(LedgerUnavailable, match="database"):
            ledger.waiting(Step.READ)


def test_a_file_locked_for_too_long_is_told_and_can_still_be_read(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that waits in vain may try later; readers do not wait at all."""
    monkeypatch.setattr("pipeline.ledger.engine.SQLITE_WAIT_S", 0.1)
    path = shutil.copy(migrated_sqlite, tmp_path / "ledger.db")
    engine = make_engine(f"sqlite:///{path}")
    ledger = SqlLedger(engine)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match="locked"):
            ledger.declare_platform("p")
        assert ledger.waiting(Step.READ) == 0
    ledger.declare_platform("p")
    engine.dispose()


def test_a_lost_race_is_run_again(engine: Engine) -> None:
    """A deadlock is nobody's fault: the transaction runs again, and in the end says that it cannot."""
    tries: list[int] = []

    def work(connection: Connection, *, losses: int) -> str:
        assert connection.scalar(text("SELECT 1")) == 1
        tries.append(1)
        if len(tries) <= losses:
            raise OperationalError("UPDATE", {}, DeadlockDetected())
        return "done"

    assert Transactions(engine).write(work, losses=2) == "done"
    assert len(tries) == 3
    with pytest.raises(LedgerUnavailable):
        Transactions(engine).write(work, losses=99)


def test_a_connection_lost_a_moment_ago_costs_nothing(postgres_url: str) -> None:
    """What runs into it runs again on a new one, reading or writing, before anyone hears of it."""
    migrate(postgres_url)
    engine = make_engine(postgres_url)
    ledger = SqlLedger(engine)
    proof = add(ledger)
    for again in (lambda: ledger.proof(proof.id) == proof, lambda: take(ledger, proof, Step.FINGERPRINT)):
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert again()
    engine.dispose()


def test_a_ledger_lives_through_lost_connections(engine: Engine, ledger: SqlLedger) -> None:
    """After the server dropped every connection, the next call works."""
    proof = add(ledger)
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
    else:
        engine.dispose()
    assert ledger.proof(proof.id) == proof
