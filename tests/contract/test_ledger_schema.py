"""The schema: migrations reach what the tables say, from several processes at once, and a dead database is told."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from pipeline.errors import LedgerUnavailable, SettingsError
from pipeline.ledger import SqlLedger, make_engine, migrate, schema_state
from pipeline.ledger.tables import METADATA
from pipeline.records import Step
from tests.ledger_cases import add
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def empty_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an empty database of each kind."""
    yield request.getfixturevalue(request.param)


def test_an_empty_database_is_brought_to_the_newest_schema(empty_url: str) -> None:
    """Before, there is nothing; after, the newest revision; again, nothing is left to do."""
    assert schema_state(empty_url).current is None
    done = migrate(empty_url)
    assert done.is_current
    assert migrate(empty_url) == schema_state(empty_url) == done


def test_the_tables_are_what_the_migrations_make(engine: Engine) -> None:
    """Nobody changed a table and forgot its migration."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_many_processes_can_migrate_at_once(empty_url: str) -> None:
    """Three processes that start together all end with the newest schema."""
    program = "import sys; from pipeline.ledger import migrate; migrate(sys.argv[1])"
    started = [subprocess.Popen([sys.executable, "-c", program, empty_url]) for _ in range(3)]
    assert [process.wait(120) for process in started] == [0, 0, 0]
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
    with pytest.raises(SettingsError, match="sqlite:///path/file.db") as refused:
        make_engine(url)
    assert "secret" not in str(refused.value)


def test_a_database_that_is_away_is_told(sqlite_url: str) -> None:
    """Nothing listening, and a schema that was never made, are LedgerUnavailable."""
    away = SqlLedger(make_engine(f"postgresql+psycopg://praman@127.0.0.1:{free_port()}/none"))
    for ledger in (away, SqlLedger(make_engine(sqlite_url))):
        with pytest.raises(LedgerUnavailable, match="database"):
            ledger.waiting(Step.READ)


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
