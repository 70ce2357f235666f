"""Deliverers on Redis and PostgreSQL, apart from the workers that judge: one is killed, Redis is wiped."""

from __future__ import annotations

import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from pipeline.ledger import migrate
from pipeline.records import NoticeState
from tests.console import PRAMAN, clean_environment
from tests.posts import SECRET, Posts
from tests.receivers import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator

VERDICTS = 120


@contextmanager
def running(folder: Path, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a `praman` process and kill it with the block."""
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [*PRAMAN, *arguments], cwd=folder, env=clean_environment(**settings), stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_killed_deliverer_and_a_wiped_redis_lose_no_verdict(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    """Two deliverers share the notices; SIGKILL and FLUSHALL in the middle: each arrives under one id."""
    migrate(postgres_url)
    settings = {
        "PRAMAN_DATABASE_URL": postgres_url,
        "PRAMAN_BROKER_URL": redis_url,
        "PRAMAN_STORE_URL": str(tmp_path / "evidence"),
        "PRAMAN_SWEEP_EVERY_S": "0.5",
        "PRAMAN_RING_AGAIN_S": "1",
        "PRAMAN_LEASE_S": "3",
        "PRAMAN_CHILDREN": "1",
        "PRAMAN_WEBHOOK_RETRY_S": "0,0.2,0.5,1,1,2,2,3,3,3",
        "PRAMAN_WEBHOOK_TIMEOUT_S": "0.5",
        "PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1",
    }
    receiver = Receiver(SECRET, bad_tries=1)
    with receiving(receiver) as address, ExitStack() as stack:
        posts = Posts(postgres_url, platforms=3, receiver=address)
        posts.send(VERDICTS)
        stack.enter_context(running(tmp_path, "sweep", **settings))
        doomed = stack.enter_context(running(tmp_path, "worker", "--queues", "deliver", **settings))
        stack.enter_context(running(tmp_path, "worker", "--queues", "light,deliver", **settings))
        deadline = time.monotonic() + 120
        wounded = False
        while posts.states() != {NoticeState.DELIVERED: VERDICTS}:
            assert time.monotonic() < deadline, (posts.states(), (tmp_path / "log.txt").read_text()[-3000:])
            if not wounded and len(receiver.ids()) > VERDICTS // 3:
                wounded = True
                started = Path(f"/proc/{doomed.pid}/task").glob("*/children")
                # It opens no picture, so it started no child.
                assert "".join(one.read_text(encoding="utf-8") for one in started) == ""
                doomed.kill()
                redis.Redis.from_url(redis_url).flushall()
            time.sleep(0.3)
        posts.engine.dispose()
    assert wounded
    assert set(receiver.ids()) == {(f"/p{number % 3}", f"q{number}") for number in range(VERDICTS)}
    assert {len(ids) for ids in receiver.ids().values()} == {1}
    assert {len(said) for said in receiver.verdicts().values()} == {1}
    assert receiver.unsigned == 0
