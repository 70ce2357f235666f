"""Verdicts reach receivers that fail, hang, reset and lie, from a worker that is killed again and again."""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.records import NoticeState
from tests.console import PRAMAN, clean_environment
from tests.posts import SECRET, Posts
from tests.receivers import MISCHIEF, Receiver, dumped, receiving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERDICTS = 1000
SETTINGS = {
    "PRAMAN_WEBHOOK_RETRY_S": "0,0.1,0.3,0.5,1,1,2,2,3,3",
    "PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1",
    "PRAMAN_WEBHOOK_TIMEOUT_S": "0.25",
    "PRAMAN_SWEEP_EVERY_S": "0.3",
    "PRAMAN_LEASE_S": "5",
    "PRAMAN_CHILDREN": "1",
}


@contextmanager
def worker(folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker that sweeps for itself, and kill it with the block."""
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [*PRAMAN, "worker"],
            cwd=folder,
            env=clean_environment(PRAMAN_DATABASE_URL=url, **SETTINGS),
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_every_verdict_arrives_under_one_id_whatever_the_receiver_does(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    """1,000 verdicts, half of them answered badly, a worker killed half-way: all arrive, none contradicts."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    (tmp_path / "ledger.db").write_bytes(migrated_sqlite.read_bytes())
    receiver = Receiver(SECRET, bad_tries=1)
    with receiving(receiver) as address:
        posts = Posts(url, platforms=8, receiver=address)
        posts.send(VERDICTS)
        with worker(tmp_path, url):
            until(lambda: len(receiver.ids()), VERDICTS // 2, log=tmp_path / "log.txt")
        with worker(tmp_path, url):
            until(lambda: delivered(posts, receiver), VERDICTS, log=tmp_path / "log.txt")
    expected = {(f"/p{number % 8}", f"q{number}") for number in range(VERDICTS)}
    assert set(receiver.ids()) == expected
    assert {len(ids) for ids in receiver.ids().values()} == {1}
    assert {len(said) for said in receiver.verdicts().values()} == {1}
    assert receiver.unsigned == 0, dumped(receiver.arrivals)
    assert set(receiver.mischief) == set(MISCHIEF)
    repeated = len(receiver.arrivals) - VERDICTS - sum(receiver.mischief.values())
    assert 0 <= repeated < 0.05 * VERDICTS


def delivered(posts: Posts, receiver: Receiver) -> int:
    """Return how many notices the ledger calls delivered; asked only once all have arrived."""
    seen = len(receiver.ids())
    return seen if seen < VERDICTS else posts.states().get(NoticeState.DELIVERED, 0)


def until(count: Callable[[], int], wanted: int, *, log: Path, limit_s: float = 200) -> None:
    """Wait until `count` reaches `wanted`."""
    deadline = time.monotonic() + limit_s
    while count() < wanted:
        assert time.monotonic() < deadline, f"{count()} of {wanted}\n{log.read_text()[-3000:]}"
        time.sleep(0.2)
