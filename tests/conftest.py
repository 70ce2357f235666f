"""What any test may ask for: an SQLite file, a PostgreSQL database, a Redis, each empty and its own.

The servers are private, started at the first test that asks (once for each xdist worker) and ended with the
session. Where one is not installed the test is skipped at home and fails in CI.
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
import redis

from pipeline.ledger import SqlLedger, make_engine, migrate
from tests.servers import ServiceMissing, postgres_server, redis_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from tests.servers import Server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A private PostgreSQL for the session."""
    with ExitStack() as stack:
        yield _started(stack, postgres_server())


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """URL of an empty PostgreSQL database, dropped after the test."""
    with _database(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("schema") / "ledger.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Server) -> Iterator[str]:
    """Name of a PostgreSQL database at the newest schema, to be copied."""
    with _database(postgres) as url:
        migrate(url)
        yield url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database of each kind, at the newest schema and empty."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "ledger.db")
        yield f"sqlite:///{path}"
    else:
        server, template = map(request.getfixturevalue, ("postgres", "migrated_postgres"))
        with _database(server, template=template) as url:
            yield url


@pytest.fixture
def engine(ledger_url: str) -> Iterator[Engine]:
    """An engine on an empty ledger of each kind."""
    made = make_engine(ledger_url)
    yield made
    made.dispose()


@pytest.fixture
def ledger(engine: Engine) -> SqlLedger:
    """An empty ledger on each kind of database."""
    return SqlLedger(engine)


@contextmanager
def _database(server: Server, *, template: str = "template1") -> Iterator[str]:
    name = f"t_{uuid4().hex}"
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield server.url.removesuffix("postgres") + name
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def redis_for_session() -> Iterator[Server]:
    """A private Redis for the session; tests ask for `redis_url`."""
    with ExitStack() as stack:
        yield _started(stack, redis_server())


@pytest.fixture
def redis_url(redis_for_session: Server) -> str:
    """URL of a Redis that holds nothing."""
    with redis.Redis.from_url(redis_for_session.url) as client:
        client.flushall()
    return redis_for_session.url


def _started(stack: ExitStack, server: AbstractContextManager[Server]) -> Server:
    try:
        return stack.enter_context(server)
    except ServiceMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}; CI runs every test, so install it there")
        pytest.skip(f"{missing}; `make test` installs it")
