"""Redis, PostgreSQL, SQLite and S3 on their bad days, in the middle of the work; no worker is helped."""

from __future__ import annotations

import resource
import signal
import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from zlib import crc32

import psycopg
import pytest
import redis

from pipeline.ledger import SqlDead, make_engine
from tests.console import Folder, codes, praman
from tests.faults.day import PROOFS, SCALE, Day, again
from tests.screens import channel_page, encoded
from tests.servers import ServiceMissing, postgres_server, redis_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers import Server

OUT_S = 6.0 * max(1.0, SCALE)
# Honest pages take 440 to 560 MB of a child's address space, 40 megapixels with an alpha channel 950.
SMALL_CHILD_BYTES = 720_000_000
STORM = max(12, round(12 * SCALE))


@pytest.fixture
def own_redis() -> Iterator[Server]:
    """A Redis to be mistreated, with the append-only file that operators have."""
    try:
        with redis_server(
            "--appendonly", "yes", "--maxmemory", "64mb", "--maxmemory-policy", "noeviction"
        ) as one:
            yield one
    except ServiceMissing as missing:
        pytest.fail(f"{missing}; `make faults` installs it")


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A PostgreSQL to be mistreated."""
    try:
        with postgres_server() as one:
            yield one
    except ServiceMissing as missing:
        pytest.fail(f"{missing}; `make faults` installs it")


def client(server: Server) -> redis.Redis:
    return redis.Redis.from_url(server.url, socket_timeout=5)


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """Redis dies, and comes back with what its file held."""
    server.process.kill()
    server.process.wait()
    time.sleep(OUT_S)
    with again(server.process):
        yield


@contextmanager
def wiped(server: Server) -> Iterator[None]:
    """Redis forgets everything, three times."""
    for _ in range(3):
        client(server).flushall()
        time.sleep(1)
    yield


@contextmanager
def full(server: Server) -> Iterator[None]:
    """Redis refuses every write for lack of memory."""
    with client(server) as full_one:
        full_one.config_set("maxmemory", "1mb")
        with pytest.raises(redis.ResponseError, match="maxmemory"):
            full_one.set("one-more", "x" * 1_000_000)
        time.sleep(OUT_S)
        full_one.config_set("maxmemory", "64mb")
    yield


@contextmanager
def failed_over(server: Server) -> Iterator[None]:
    """Redis becomes the replica of a primary that is not there: it answers, and refuses every write."""
    with client(server) as replica:
        replica.replicaof("127.0.0.1", "1")
        with pytest.raises(redis.ReadOnlyError):
            replica.set("one-more", "x")
        time.sleep(OUT_S)
        replica.replicaof("NO", "ONE")
    yield


@pytest.mark.parametrize("trouble", [stopped, wiped, full, failed_over])
def test_redis_breaks_and_nothing_is_lost(
    tmp_path: Path, postgres_url: str, own_redis: Server, trouble: Callable[[Server], Any]
) -> None:
    """Proofs come in before, while and after; every bell that was lost is rung again."""
    with Day(tmp_path, postgres_url, PRAMAN_BROKER_URL=own_redis.url) as day:
        day.start("sweep")
        day.start("worker", wait_s=0.2)
        day.start("worker", wait_s=0.2)
        day.hand_in(PROOFS)
        day.until_decided(0.1)
        meanwhile = threading.Thread(target=day.hand_in, args=(PROOFS // 3,))
        meanwhile.start()
        with trouble(own_redis):
            meanwhile.join()
            day.hand_in(PROOFS // 3)
            day.settle()


def superuser(server: Server) -> psycopg.Connection[Any]:
    return psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_postgresql_restarts(
    tmp_path: Path, own_postgres: Server, redis_url: str, how: signal.Signals
) -> None:
    """Shut down, or as if its power went, in the middle: posts wait, and all is decided once."""
    with Day(tmp_path, own_postgres.url, PRAMAN_BROKER_URL=redis_url) as day:
        day.start("sweep")
        day.start("worker", wait_s=0.2)
        day.start("worker", wait_s=0.2)
        day.hand_in(PROOFS)
        day.until_decided(0.1)
        own_postgres.process.send_signal(how)
        own_postgres.process.wait(30)
        time.sleep(OUT_S / 2)
        with again(own_postgres.process):
            day.hand_in(PROOFS // 3)
            day.settle()
            day.engine.dispose()


def test_postgresql_ends_every_connection(tmp_path: Path, own_postgres: Server, redis_url: str) -> None:
    """A storm of pg_terminate_backend: whatever was cut off is done again, once."""
    ended = 0
    with Day(tmp_path, own_postgres.url, PRAMAN_BROKER_URL=redis_url) as day:
        day.start("sweep")
        day.start("worker", wait_s=0.1)
        day.start("worker", wait_s=0.1)
        day.hand_in(PROOFS)
        day.until_decided(0.1)
        ends_s = time.monotonic() + 5 * OUT_S
        with superuser(own_postgres) as connection:
            while ended < STORM and time.monotonic() < ends_s:
                ended += len(
                    connection.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where backend_type = 'client backend' and pid <> pg_backend_pid()"
                    ).fetchall()
                )
                time.sleep(0.2)
        day.settle()
    assert ended >= STORM


def test_postgresql_cannot_serialise(tmp_path: Path, own_postgres: Server, redis_url: str) -> None:
    """Every transaction SERIALIZABLE, so that many fail with 40001: they run again, and none counts twice."""
    with superuser(own_postgres) as connection:
        connection.execute("alter database postgres set default_transaction_isolation = 'serializable'")
    with Day(tmp_path, own_postgres.url, PRAMAN_BROKER_URL=redis_url, PRAMAN_STRIKES="9") as day:
        day.start("sweep")
        for _ in range(3):
            day.start("worker", wait_s=0.02)
        day.hand_in(PROOFS)
        day.settle()
    with superuser(own_postgres) as connection:
        undone = connection.execute("select sum(xact_rollback) from pg_stat_database").fetchone()
    assert undone is not None
    assert undone[0] > 0, "nothing ever failed"


def test_postgresql_finds_deadlocks(tmp_path: Path, own_postgres: Server, redis_url: str) -> None:
    """Somebody locks the platform, then proofs, against our order: whoever loses runs again."""
    over = threading.Event()

    def lock_backwards() -> None:
        while not over.wait(0.05):
            with suppress(psycopg.Error), psycopg.connect(own_postgres.url.replace("+psycopg", "")) as rival:
                rival.execute("set deadlock_timeout = '50ms'")
                rival.execute("select * from platforms for update")
                time.sleep(0.05)
                rival.execute("select * from proofs where step <> 'done' order by random() for update")

    with Day(tmp_path, own_postgres.url, PRAMAN_BROKER_URL=redis_url, PRAMAN_STRIKES="9") as day:
        day.start("sweep")
        day.start("worker", wait_s=0.05)
        day.start("worker", wait_s=0.05)
        thread = threading.Thread(target=lock_backwards, daemon=True)
        thread.start()
        day.hand_in(PROOFS)
        day.until_decided(0.8)
        over.set()
        thread.join()
        day.settle()
    with superuser(own_postgres) as connection:
        found = connection.execute("select sum(deadlocks) from pg_stat_database").fetchone()
    assert found is not None
    assert found[0] > 0, "there was no deadlock"


def embedded(folder: Path, **settings: str) -> Day:
    """Return a day on SQLite, in one process."""
    return Day(folder, f"sqlite:///{folder}/ledger.db", **settings)


def test_sqlite_is_locked(tmp_path: Path) -> None:
    """Another program holds the file for longer than anybody waits: later, not never."""
    with embedded(tmp_path) as day:
        day.start("worker", wait_s=0.1)
        day.hand_in(PROOFS)
        day.until_decided(0.1)
        with sqlite3.connect(tmp_path / "ledger.db", isolation_level=None) as rival:
            rival.execute("begin immediate")
            time.sleep(2 * OUT_S)
            rival.execute("rollback")
        day.hand_in(PROOFS // 3)
        day.settle()


def test_the_disk_is_full(tmp_path: Path) -> None:
    """No file of the worker may grow any more, for a while: nothing half written, all decided once."""
    with embedded(tmp_path) as day:
        worker = day.start("worker", wait_s=0.1)
        day.hand_in(PROOFS)
        day.until_decided(0.1)
        before = day.decided()
        pid, unlimited = worker.running.pid, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        time.sleep(OUT_S)
        stuck = day.decided()
        resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
        assert before < len(day.wanted), "it was over before the disk was full"
        assert stuck < len(day.wanted), "a full disk stopped nothing"
        day.settle()
        with sqlite3.connect(tmp_path / "ledger.db") as ledger:
            assert ledger.execute("pragma integrity_check").fetchone() == ("ok",)


class FaultyS3(BaseHTTPRequestHandler):
    """Keeps objects; slow, failing, or forgetful of what was just uploaded, by a hash of the key."""

    kept: dict[str, bytes]
    tries: dict[tuple[str, str], int]
    faults: dict[str, int]

    def _fault(self) -> str | None:
        name = (self.command, self.path)
        self.tries[name] = number = self.tries.get(name, 0) + 1
        kind = crc32(self.path.encode()) % 4
        if number > 1 or kind == 0:
            return None
        return {1: "500", 2: "slow", 3: "404" if self.command == "GET" else None}[kind]

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _serve(self, work: Callable[[], tuple[int, bytes]]) -> None:
        fault = self._fault()
        if fault is not None:
            self.faults[fault] = self.faults.get(fault, 0) + 1
        status, body = work()
        if fault == "slow":
            time.sleep(1.5)
        if fault == "500":
            status, body = 500, b"<Error><Code>InternalError</Code><Message>m</Message></Error>"
        if fault == "404":
            status, body = 404, b"<Error><Code>NoSuchKey</Code><Message>m</Message></Error>"
        self._answer(status, body)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.kept[self.path.partition("?")[0]] = body
        self._serve(lambda: (200, b""))

    def do_GET(self) -> None:
        found = self.kept.get(self.path.partition("?")[0])
        self._serve(
            lambda: (404, b"<Error><Code>NoSuchKey</Code></Error>") if found is None else (200, found)
        )

    do_HEAD = do_GET  # noqa: N815 (http.server's name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing."""


def test_s3_is_slow_fails_and_forgets(
    tmp_path: Path, postgres_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 after the upload happened, seconds of silence, 404 for what was stored: no reject for that."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    own: dict[str, Any] = {"kept": {}, "tries": {}, "faults": {}}
    with ThreadingHTTPServer(("127.0.0.1", 0), type("S3", (FaultyS3,), own)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        store = {
            "PRAMAN_STORE_URL": "s3://proofs/evidence",
            "PRAMAN_S3_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
        }
        with Day(tmp_path, postgres_url, PRAMAN_BROKER_URL=redis_url, **store) as day:
            day.start("sweep")
            day.start("worker")
            day.start("worker")
            day.hand_in(PROOFS)
            day.settle()
        server.shutdown()
    assert set(own["faults"]) == {"500", "slow", "404"}


def test_a_picture_that_eats_memory_costs_only_itself(tmp_path: Path) -> None:
    """Real children with too little memory for one huge picture: three deaths, manual; others are well."""
    folder = Folder(tmp_path)
    for person in range(3):
        folder.add(encoded(channel_page(person=person)))
    folder.add(encoded(channel_page(person=9).convert("RGBA").resize((6_300, 6_300))))
    ran = folder.verify("--db", "ledger.db", PRAMAN_CHILD_MEMORY_BYTES=str(SMALL_CHILD_BYTES))
    assert ran.returncode == 0, ran.stderr
    *honest, poison = folder.verdicts()
    assert [one["verdict"] for one in honest] == ["accept"] * 3
    assert (poison["verdict"], codes(poison)) == ("manual", ["engine.failed"])
    (dead,) = SqlDead(make_engine(f"sqlite:///{tmp_path}/ledger.db")).listed(limit=9)
    assert (dead.proof.proof_id, dead.deaths, len(dead.poison)) == ("p3", 3, 1)
    told = praman("dead", "show", "p3", "--db", "ledger.db", cwd=tmp_path)
    assert "quarantine" in told.stdout
