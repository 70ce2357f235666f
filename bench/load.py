"""The command behind `steps.py`: loads the real actors with proofs whose reading is a timed wait.

In: how many proofs and processes; perhaps a sample whose pictures are read in earnest. Out: a table of CPU,
statements, transactions and messages a proof, of proofs a second from the first bell to the last notice, and
of what PostgreSQL's connections waited for.
First embedded (SQLite, one process), then on private Redis and PostgreSQL, all on loopback. PostgreSQL syncs
every commit here, as it does at an operator's.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import psycopg
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.work import MEASURED, MOST_WARMING, WARMING, Counts, Load, Place, hand_in, left, work
from pipeline.ledger.engine import make_engine
from pipeline.ledger.ledger import SqlLedger
from pipeline.records import Ring
from tests.servers import Server, postgres_server, redis_server

# Each worker is forked from a process that has all imported and nothing begun: 64 start in seconds.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["bench.work"])
WIDTH = 100
LOOK_EVERY_S = 0.2
WARM_UP = 10  # proofs a worker
SPARE = 8  # connections a worker beside those of its children
MOST_WAITS = 2
# A transaction that waits for another's end waits for a row that the other one changed.
WAITS = """
    SELECT coalesce(nullif(wait_event, 'transactionid'), 'row lock') FROM pg_stat_activity
    WHERE state = 'active' AND wait_event IS NOT NULL AND pid != pg_backend_pid()
    UNION ALL
    SELECT 'CPU' FROM pg_stat_activity
    WHERE state = 'active' AND wait_event IS NULL AND pid != pg_backend_pid()
"""


def steps(  # noqa: PLR0913 (options of a command)
    *,
    proofs: Annotated[int, typer.Option(min=10, help="Proofs a run.")] = 600,
    processes: Annotated[
        str, typer.Option(help="Worker processes to try on servers; empty for none.")
    ] = "1,2,4",
    wait_ms: Annotated[int, typer.Option(min=0, help="What reading one picture takes.")] = 50,
    children: Annotated[int, typer.Option(min=1, help="Pictures read at a time, a process.")] = 8,
    words: Annotated[int, typer.Option(min=0, help="Looks of key points a picture has.")] = 96,
    platforms: Annotated[int, typer.Option(min=1, help="Among how many platforms.")] = 1,
    sample: Annotated[
        Path | None, typer.Option(help="Read a sample's pictures (`fixtures/sample`) with real children.")
    ] = None,
    minutes: Annotated[
        float, typer.Option(min=0, help="For all of it; what is not done by then is told and left.")
    ] = 15.0,
    plot: Annotated[Path | None, typer.Option(help="Draw proofs a second against workers, as SVG.")] = None,
) -> None:
    """Measure the steps on each kind of place."""
    load = Load(
        proofs=proofs,
        wait_ms=wait_ms,
        children=children,
        words=words,
        platforms=platforms,
        sample=sample,
    )
    until_s = time.monotonic() + 60 * minutes
    told = Table("on", "workers", "proofs/s", "CPU ms", "servers", "stmts", "txs", "messages", "waits, load")
    drawn: dict[int, tuple[float, float]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praman-steps-")))
        if sample is None:
            counts = _measured(_embedded(folder), load, workers=1, until_s=until_s)
            _tell(told, "SQLite", 1, load, counts)
        numbers = [int(one) for one in processes.split(",") if one.strip()]
        servers = _servers(stack, max(numbers) * (children + SPARE)) if numbers else ()
        for number in numbers:
            try:
                with _on_servers(servers, folder) as place:
                    counts = _measured(place, load, workers=number, until_s=until_s)
            except NotDone as left_over:
                print(f"PostgreSQL {number}: {left_over}", file=sys.stderr, flush=True)
                break
            _tell(told, "PostgreSQL", number, load, counts)
            each_ms = 1000 * (counts.cpu_s + counts.servers_cpu_s) / proofs
            drawn[number] = (proofs / counts.seconds, each_ms)
    Console(width=WIDTH).print(told)
    if plot is not None:
        from bench.plots import rate_against_workers  # noqa: PLC0415 (Matplotlib is in the group `bench`)

        rate_against_workers(plot, drawn, title=f"OCR a wait of {wait_ms} ms, {children} at a time a worker")


def _servers(stack: ExitStack, connections: int) -> tuple[Server, Server]:
    postgres = postgres_server(durable=True, connections=connections + 20)
    return stack.enter_context(postgres), stack.enter_context(redis_server())


def _tell(told: Table, place: str, workers: int, load: Load, counts: Counts) -> None:
    each = (
        1000 * counts.cpu_s,
        1000 * counts.servers_cpu_s,
        counts.statements,
        counts.transactions,
        counts.messages,
    )
    rate = load.proofs / counts.seconds
    waits = ", ".join(f"{what} {share:.0%}" for what, share in counts.waits)
    waits = f"{waits}; {os.getloadavg()[0]:.0f}"
    row = (place, str(workers), f"{rate:.0f}", *(f"{one / load.proofs:.1f}" for one in each))
    print(*row, waits.lstrip("; "), file=sys.stderr, flush=True)  # should a later run not come to its end
    told.add_row(*row, waits.lstrip("; "))


class NotDone(Exception):
    """The time is over, and the work is not done."""


def _measured(place: Place, load: Load, *, workers: int, until_s: float) -> Counts:
    """Hand proofs in and let the workers go: some to warm up, then all, counting until the last is done.

    Raises:
        NotDone: It takes longer than until then.
    """
    place.prepare()
    lines = WARM_UP * workers if load.sample is None else MOST_WARMING
    warm = hand_in(place, replace(load, proofs=lines), seed=WARMING)
    with ExitStack() as stack:
        team = [stack.enter_context(_worker(place, load, first=not number)) for number in range(workers)]
        for number, pipe in enumerate(team):
            if not pipe.poll(max(0.0, until_s - time.monotonic())):
                raise NotDone(f"{workers - number} workers had not started when the time was over")
            pipe.recv()
        _ring(team, warm)
        _await(place, until_s)
        rings = hand_in(place, load, seed=MEASURED)
        started, served_s = time.monotonic(), place.served_s()
        _ring(team, rings)
        waits = _await(place, until_s)
        seconds = time.monotonic() - started
        went = Counts(seconds=seconds, servers_cpu_s=place.served_s() - served_s, waits=waits)
        for pipe in team:
            pipe.send("stop")
        return sum((pipe.recv() for pipe in team), went)


def _ring(team: Sequence[Connection], rings: Sequence[Ring]) -> None:
    for number, pipe in enumerate(team):
        pipe.send(rings[number :: len(team)])


def _await(place: Place, until_s: float) -> tuple[tuple[str, float], ...]:
    """Wait until all is done; return what PostgreSQL's busy connections were seen waiting for, as shares."""
    engine = make_engine(place.database)
    ledger, seen = SqlLedger(engine), Counter[str]()
    while waiting := left(ledger):
        if time.monotonic() > until_s:
            raise NotDone(f"{waiting} proofs were not done when the time was over")
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:
                seen.update(connection.scalars(text(WAITS)))
        time.sleep(LOOK_EVERY_S)
    engine.dispose()
    return tuple((what, count / seen.total()) for what, count in seen.most_common(MOST_WAITS))


@contextmanager
def _worker(place: Place, load: Load, *, first: bool) -> Iterator[Connection]:
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=work, args=(place, load, theirs, first), daemon=load.sample is None)
    process.start()
    theirs.close()
    try:
        yield ours
        process.join(10)
    finally:
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
