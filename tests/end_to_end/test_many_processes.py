"""Several worker processes on real Redis and PostgreSQL: the same verdicts, and nothing lost on a bad day."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
import redis
from sqlalchemy import create_engine, text

from tests.console import PRAMAN, Folder, clean_environment, praman
from tests.screens import channel_page, encoded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GRACE_S = 60


class Machines:
    """Worker processes that share one Redis, one PostgreSQL and one folder of pictures."""

    def __init__(self, folder: Path, *, postgres_url: str, redis_url: str) -> None:
        self.folder, self.postgres_url, self.redis_url = folder, postgres_url, redis_url
        self.settings = {
            "PRAMAN_DATABASE_URL": postgres_url,
            "PRAMAN_BROKER_URL": redis_url,
            "PRAMAN_STORE_URL": str(folder / "evidence"),
            "PRAMAN_SWEEP_EVERY_S": "0.5",
            "PRAMAN_RING_AGAIN_S": "1",
            "PRAMAN_LEASE_S": "10",
        }
        assert praman("migrate", cwd=folder, **self.settings).returncode == 0

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a `praman` process and end it with the block."""
        with (self.folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                [*PRAMAN, *arguments],
                cwd=self.folder,
                env=clean_environment(**self.settings),
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    def asking(self, folder: Folder) -> list[str]:
        """Return the arguments of a `verify` that leaves the work to the workers."""
        return [str(one) for one in folder.arguments("--db", self.postgres_url)]

    def decided(self) -> int:
        engine = create_engine(self.postgres_url)
        with engine.connect() as connection:
            count = connection.scalar(text("select count(*) from verdicts"))
        engine.dispose()
        return int(count or 0)

    def until(self, count: int, *, limit_s: float = 150) -> None:
        deadline = time.monotonic() + limit_s
        while self.decided() < count:
            assert time.monotonic() < deadline, (self.folder / "log.txt").read_text()[-3000:]
            time.sleep(0.1)


@pytest.fixture
def machines(tmp_path: Path, postgres_url: str, redis_url: str) -> Machines:
    return Machines(tmp_path, postgres_url=postgres_url, redis_url=redis_url)


def filled(path: Path, *, honest: int) -> Folder:
    folder = Folder(path)
    for person in range(honest):
        folder.add(encoded(channel_page(person=person)))
    folder.add(encoded(channel_page(button="Subscribe", person=77)))
    folder.add(encoded(channel_page(person=0)))
    folder.add(b"no picture")
    return folder


def test_workers_on_redis_and_postgresql_agree_with_one_process(machines: Machines, tmp_path: Path) -> None:
    """The same manifest gets the same verdicts, whoever does the work."""
    folder = filled(tmp_path, honest=4)
    alone = folder.verify()
    assert alone.returncode == 0, alone.stderr
    expected = [(one["proof_id"], one["verdict"], one["reasons"]) for one in folder.verdicts()]
    with machines.running("worker", "--workers", "1"), machines.running("worker", "--workers", "1"):
        ran = folder.verify("--db", machines.postgres_url, **machines.settings)
    assert ran.returncode == 0, ran.stderr
    assert [(one["proof_id"], one["verdict"], one["reasons"]) for one in folder.verdicts()] == expected
    assert machines.decided() == len(expected)


def test_racing_workers_accept_no_capture_twice(machines: Machines, tmp_path: Path) -> None:
    """Five processes judge captures and their copies at once: the earliest of each alone is accepted."""
    folder, captures, copies = Folder(tmp_path), 4, 3
    pages = [channel_page(person=person) for person in range(captures)]
    for turn in range(copies + 1):
        for page in pages:
            side = (page.width - 40 * turn, page.height - 40 * turn * page.height // page.width)
            folder.add(encoded(page.resize(side)), submitted_at=f"2026-11-01T08:{10 + turn}:00+00:00")
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(machines.running("worker", "--workers", "1"))
        ran = folder.verify("--db", machines.postgres_url, **machines.settings)
    assert ran.returncode == 0, ran.stderr
    verdicts = [one["verdict"] for one in folder.verdicts()]
    assert verdicts[:captures] == ["accept"] * captures
    assert "accept" not in verdicts[captures:]
    assert machines.decided() == captures * (copies + 1)


def test_a_wiped_redis_and_a_killed_worker_lose_nothing(machines: Machines, tmp_path: Path) -> None:
    """FLUSHALL and SIGKILL in the middle: every proof still gets one verdict, no honest one is rejected."""
    folder = filled(tmp_path, honest=10)
    with ExitStack() as stack:
        stack.enter_context(machines.running("sweep"))
        doomed = stack.enter_context(machines.running("worker", "--workers", "1"))
        asking = stack.enter_context(machines.running(*machines.asking(folder)))
        machines.until(2)
        doomed.kill()
        redis.Redis.from_url(machines.redis_url).flushall()
        stack.enter_context(machines.running("worker", "--workers", "2"))
        assert asking.wait(timeout=200) == 0
    verdicts = folder.verdicts()
    assert len(verdicts) == len(folder.lines) == machines.decided()
    assert [one["verdict"] for one in verdicts] == ["accept"] * 10 + ["reject"] * 3


def test_sigterm_finishes_or_hands_back(machines: Machines, tmp_path: Path) -> None:
    """A worker that is told to stop exits 0 and leaves no lease; the next one goes on at once."""
    folder = filled(tmp_path, honest=8)
    with ExitStack() as stack:
        first = stack.enter_context(machines.running("worker", "--workers", "1"))
        asking = stack.enter_context(machines.running(*machines.asking(folder)))
        machines.until(1)
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=GRACE_S) == 0
        assert held(machines) == 0
        stack.enter_context(machines.running("worker", "--workers", "2"))
        assert asking.wait(timeout=200) == 0
    assert [one["verdict"] for one in folder.verdicts()] == ["accept"] * 8 + ["reject"] * 3


def held(machines: Machines) -> int:
    engine = create_engine(machines.postgres_url)
    with engine.connect() as connection:
        count = connection.scalar(text("select count(*) from proofs where lease is not null"))
    engine.dispose()
    return int(count or 0)
