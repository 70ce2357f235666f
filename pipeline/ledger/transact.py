"""One method, one transaction: begin, run, commit; tell a database that is away from one that says no.

In: an engine and a function of a connection. Out: what the function returns, committed. A deadlock or a lost
serialisation is run again, since nothing of it was kept; silence of the database is `LedgerUnavailable`.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from pipeline.errors import LedgerUnavailable
from pipeline.ledger.engine import ALONE, WRITES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine

P = ParamSpec("P")
R = TypeVar("R")

AGAIN = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialisation failure and of a deadlock. Source: PostgreSQL manual, appendix A."""


class Transactions:
    """Runs functions of a connection, each in a transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self._turn = _turn(str(engine.url)) if engine.dialect.name == "sqlite" else nullcontext()
        self._writing = engine.execution_options(**{WRITES: True})
        # PostgreSQL reads each statement at its own moment either way (READ COMMITTED), so a transaction for
        # reads would only cost its BEGIN and COMMIT. On SQLite it is what makes them one moment.
        apart = {"isolation_level": "AUTOCOMMIT"} if engine.dialect.name == "postgresql" else {}
        self._reading = engine.execution_options(**{WRITES: False}, **apart)
        self._asking = self._reading.execution_options(**{ALONE: True})
        self._again = Retrying(
            retry=retry_if_exception(_nothing_kept),
            stop=stop_after_attempt(4),
            wait=wait_random(0.005, 0.05),
            reraise=True,
        )

    def write(self, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `work` in a transaction that may write.

        Raises:
            LedgerUnavailable: The database did not answer, or was locked for too long.
        """
        with _told(), self._turn:
            return self._run(self._writing, work, args, kwargs)

    def read(self, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `work`, which only reads.

        Raises:
            LedgerUnavailable: The database did not answer.
        """
        with _told():
            return self._run(self._reading, work, args, kwargs)

    def ask(self, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `work`, which reads by one statement and so needs no transaction around it.

        Raises:
            LedgerUnavailable: The database did not answer.
        """
        with _told():
            return self._run(self._asking, work, args, kwargs)

    def _run(self, engine: Engine, work: Callable[..., R], args: Any, kwargs: Any) -> R:
        try:
            return _once(engine, work, args, kwargs)
        except DBAPIError as error:
            if not _nothing_kept(error):
                raise
        again: R = self._again(_once, engine, work, args, kwargs)
        return again


def _once(engine: Engine, work: Callable[..., R], args: Any, kwargs: Any) -> R:
    with engine.connect() as connection, connection.begin():
        return work(connection, *args, **kwargs)


@cache
def _turn(url: str) -> AbstractContextManager[object]:
    """Return the lock under which this process writes to one SQLite file.

    SQLite has one writer and lets the others sleep up to 100 ms before they look again; among the threads of
    one process a lock hands over at once. Measured with twelve threads: 570 to 1,450 against 290 to 360
    writes/s.
    """
    del url
    return threading.Lock()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise LedgerUnavailable(f"the database does not answer: {_line(error)}") from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise LedgerUnavailable(f"the database closed the connection: {_line(error)}") from error


def _nothing_kept(error: BaseException) -> bool:
    """Tell whether the transaction can be run again: it lost a race, or its connection before its COMMIT.

    A connection that broke at COMMIT may have committed, so that one is for the caller to sort out.
    """
    if not isinstance(error, DBAPIError):
        return False
    lost_at_a_statement = error.connection_invalidated and error.statement is not None
    return lost_at_a_statement or getattr(error.orig, "sqlstate", None) in AGAIN


def _line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())[:200]
