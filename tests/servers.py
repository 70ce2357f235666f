"""Starts private PostgreSQL and Redis servers for tests.

In: nothing but the programs of the machine. Out: a running server on a free loopback port, ended with its
block, and dead with the process that started it. It never touches a server that runs already.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import psycopg
import redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START_LIMIT_S = 60
STOP_LIMIT_S = 20
TRIES = 3  # a port can be taken between finding it free and using it


class ServiceMissing(Exception):
    """The program is not installed; its message says which."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def postgres_server(*, durable: bool = False, connections: int = 200) -> Iterator[Server]:
    """Run a fresh PostgreSQL cluster; its `url` names the database `postgres` and its superuser.

    A test's database need not outlive a power cut; with `durable` commits are synced as in production.
    """
    programs = postgres_programs()
    owner = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    with _folder("praman-postgres-", owner=owner) as folder:
        data = folder / "data"
        initdb = [programs / "initdb", "-D", data, "-U", "praman", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(_as(owner, *initdb, "--locale=C.UTF-8"), check=True, stdout=subprocess.DEVNULL)
        start = [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=127.0.0.1"]
        quick = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
        quick = [] if durable else quick

        def command(port: int) -> list[str]:
            return _as(
                owner, *start, *quick, "-c", f"max_connections={connections}", "-p", str(port), dying="QUIT"
            )

        url = "postgresql+psycopg://praman@127.0.0.1:{port}/postgres"
        with _running(
            command, url, log=folder / "log", ready=_postgres_answers, stop=signal.SIGINT
        ) as server:
            yield server


@contextmanager
def redis_server(*options: str) -> Iterator[Server]:
    """Run a Redis that keeps nothing on disk unless `options` (`--appendonly yes`) say so."""
    program = shutil.which("redis-server")
    if program is None:
        raise ServiceMissing("redis-server is not installed")
    with _folder("praman-redis-", owner=None) as folder:
        start = [program, "--bind", "127.0.0.1", "--save", "", "--dir", folder, *options]

        def command(port: int) -> list[str]:
            return _as(None, *start, "--port", str(port), dying="KILL")

        url = "redis://127.0.0.1:{port}/0"
        with _running(command, url, log=folder / "log", ready=_redis_answers, stop=signal.SIGTERM) as server:
            yield server


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def postgres_programs() -> Path:
    """Return the folder of PostgreSQL's programs, the newest installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("postgres")
    if found is None:
        raise ServiceMissing("PostgreSQL's server programs are not installed")
    return Path(found).parent


def _as(owner: str | None, *command: object, dying: str = "KILL") -> list[str]:
    """Return a command that runs as `owner` and gets the signal `dying` when its parent is gone."""
    person = [f"--reuid={owner}", f"--regid={owner}", "--clear-groups"] if owner else []
    return ["setpriv", f"--pdeathsig={dying}", *person, "--", *map(str, command)]


@contextmanager
def _folder(prefix: str, *, owner: str | None) -> Iterator[Path]:
    folder = Path(mkdtemp(prefix=prefix))
    if owner:
        shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(
    command: Callable[[int], list[str]],
    url: str,
    *,
    log: Path,
    ready: Callable[[str], bool],
    stop: signal.Signals,
) -> Iterator[Server]:
    server = _started(command, url, log=log, ready=ready)
    try:
        yield server
    finally:
        _end(server.process, stop)


def _started(
    command: Callable[[int], list[str]], url: str, *, log: Path, ready: Callable[[str], bool]
) -> Server:
    for _ in range(TRIES):
        port = free_port()
        at = url.format(port=port)
        with log.open("ab") as told:
            process = subprocess.Popen(command(port), stdout=told, stderr=told)
        if _wait_until(partial(ready, at), process):
            return Server(url=at, process=process)
        _end(process, signal.SIGKILL)
    raise AssertionError(f"the server did not start: {log.read_text()[-2000:]}")


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until and process.poll() is None:
        if ready():
            return True
        time.sleep(0.05)
    return False


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    process.send_signal(stop)
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url.replace("+psycopg", ""), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url, socket_timeout=2).ping())
    except redis.RedisError:
        return False
