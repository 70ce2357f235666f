"""The command behind `steps.py`: loads the real actors with proofs whose reading is a timed wait.

In: how many proofs and processes. Out: a table of CPU, statements, transactions and messages a proof, and of
proofs a second from the first bell to the last notice. First embedded (SQLite, one process), then on private
Redis and PostgreSQL, all on loopback. PostgreSQL syncs every commit here, as it does at an operator's.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import psycopg
import typer
from rich.console import Console
from rich.table import Table

from bench.work import Counts, Load, Place, hand_in, left, work
from pipeline.ledger.engine import make_engine
from pipeline.ledger.ledger import SqlLedger
from tests.servers import Server, postgres_server, redis_server

SPAWN = multiprocessing.get_context("spawn")
LIMIT_S = 120.0
WIDTH = 100
LOOK_EVERY_S = 0.2


def steps(
    proofs: Annotated[int, typer.Option(min=10, help="Proofs a run.")] = 600,
    processes: Annotated[
        str, typer.Option(help="Worker processes to try on servers; empty for none.")
    ] = "1,2,4",
    wait_ms: Annotated[int, typer.Option(min=0, help="What reading one picture takes.")] = 50,
    children: Annotated[int, typer.Option(min=1, help="Pictures read at a time, a process.")] = 8,
) -> None:
    """Measure the steps on each kind of place."""
    load = Load(proofs=proofs, wait_ms=wait_ms, children=children)
    told = Table(
        "on", "workers", "proofs/s", "CPU ms", "servers' ms", "statements", "transactions", "messages"
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praman-steps-")))
        _tell(told, "SQLite", 1, load, _measured(_embedded(folder), load, workers=1))
        numbers = [int(one) for one in processes.split(",") if one.strip()]
        servers = _servers(stack) if numbers else ()
        for number in numbers:
            with _on_servers(servers, folder) as place:
                _tell(told, "PostgreSQL", number, load, _measured(place, load, workers=number))
    Console(width=WIDTH).print(told)


def _servers(stack: ExitStack) -> tuple[Server, Server]:
    return stack.enter_context(postgres_server(durable=True)), stack.enter_context(redis_server())


def _tell(told: Table, place: str, workers: int, load: Load, counts: Counts) -> None:
    each = (
        1000 * counts.cpu_s,
        1000 * counts.servers_cpu_s,
        counts.statements,
        counts.transactions,
        counts.messages,
    )
    rate = load.proofs / counts.seconds
    told.add_row(place, str(workers), f"{rate:.0f}", *(f"{one / load.proofs:.1f}" for one in each))


def _measured(place: Place, load: Load, *, workers: int) -> Counts:
    """Hand all proofs in, then let the workers go, and count until the last is done."""
    place.prepare()
    rings = hand_in(place, load)
    with ExitStack() as stack:
        team = [stack.enter_context(_worker(place, load, first=not number)) for number in range(workers)]
        for pipe in team:
            pipe.recv()
        started, served_s = time.monotonic(), place.served_s()
        for number, pipe in enumerate(team):
            pipe.send(rings[number::workers])
        _await(place, until=started + LIMIT_S)
        went = Counts(seconds=time.monotonic() - started, servers_cpu_s=place.served_s() - served_s)
        for pipe in team:
            pipe.send("stop")
        return sum((pipe.recv() for pipe in team), went)


def _await(place: Place, *, until: float) -> None:
    engine = make_engine(place.database)
    ledger = SqlLedger(engine)
    while waiting := left(ledger):
        if time.monotonic() > until:
            raise SystemExit(f"{waiting} proofs were not done after {LIMIT_S:.0f} s")
        time.sleep(LOOK_EVERY_S)
    engine.dispose()


@contextmanager
def _worker(place: Place, load: Load, *, first: bool) -> Iterator[Connection]:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=work, args=(place, load, theirs, first), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.join(10)
        process.kill()


def _embedded(folder: Path) -> Place:
    return Place(database=f"sqlite:///{folder}/ledger.db", broker=None, store=str(folder / "pictures"))


@contextmanager
def _on_servers(servers: tuple[Server, ...], folder: Path) -> Iterator[Place]:
    postgres, redis = servers
    name = f"steps_{uuid4().hex}"
    with psycopg.connect(postgres.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    url = postgres.url.removesuffix("postgres") + name
    yield Place(
        database=url,
        broker=redis.url,
        store=str(folder / "pictures"),
        servers=(postgres.process.pid, redis.process.pid),
    )


def main() -> None:
    """Run the command."""
    typer.run(steps)
