"""How verdicts leave: `python bench/deliveries.py [--verdicts N] [--platforms N] [--good]`.

Fills a ledger with verdicts, runs one embedded worker, and kills it half-way, while a receiver on loopback
answers half of the messages badly twice (500, hang, reset, slow-loris, a cut answer, no HTTP, 302, 429).
Prints what arrived, how often, and how fast. Needs the test tools; about a minute for a thousand verdicts.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed

from pipeline.ledger import migrate
from pipeline.records import NoticeState
from tests.console import PRAMAN, clean_environment
from tests.posts import SECRET, Posts
from tests.receivers import Receiver, receiving

SETTINGS = {
    "PRAMAN_WEBHOOK_RETRY_S": "0,0.1,0.3,0.5,1,1,2,2,3,3",
    "PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1",
    "PRAMAN_SWEEP_EVERY_S": "0.3",
    "PRAMAN_LEASE_S": "5",
    "PRAMAN_CHILDREN": "1",
}


def bench(
    verdicts: Annotated[int, typer.Option(min=1)] = 1000,
    platforms: Annotated[int, typer.Option(min=1, help="Each with an endpoint of its own.")] = 8,
    timeout_s: Annotated[float, typer.Option(min=0.05, help="PRAMAN_WEBHOOK_TIMEOUT_S.")] = 0.5,
    *,
    good: Annotated[bool, typer.Option("--good", help="A receiver without mischief, no kill.")] = False,
) -> None:
    """Deliver and print the figures."""
    with tempfile.TemporaryDirectory(prefix="praman-deliveries-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'ledger.db'}"
        migrate(url)
        receiver = Receiver(SECRET, bad_tries=0 if good else 2)
        with receiving(receiver) as address:
            posts = Posts(url, platforms=platforms, receiver=address)
            posts.send(verdicts)
            took_s = _delivered(folder, url, posts, receiver, timeout_s=timeout_s, kill=not good)
    _tell(receiver, verdicts, took_s)


def _delivered(
    folder: Path, url: str, posts: Posts, receiver: Receiver, *, timeout_s: float, kill: bool
) -> float:
    """Run workers until every notice is delivered and return how long that took."""
    total = sum(posts.ledger.counted().by_step[0][1:])
    began = time.monotonic()
    process = _start(folder, url, timeout_s)
    try:
        while len(receiver.ids()) < total or posts.states() != {NoticeState.DELIVERED: total}:
            time.sleep(0.5)
            if kill and len(receiver.ids()) > total // 2:
                kill = False
                process.kill()
                process.wait()
                process = _start(folder, url, timeout_s)
    finally:
        process.kill()
        process.wait()
    return time.monotonic() - began


def _start(folder: Path, url: str, timeout_s: float) -> subprocess.Popen[bytes]:
    own = {"PRAMAN_DATABASE_URL": url, "PRAMAN_WEBHOOK_TIMEOUT_S": str(timeout_s)}
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (ourselves)
            [*PRAMAN, "worker"], cwd=folder, env=clean_environment(**SETTINGS, **own), stdout=log, stderr=log
        )


def _tell(receiver: Receiver, verdicts: int, took_s: float) -> None:
    ids, arrivals = receiver.ids(), len(receiver.arrivals)
    # An arrival beyond those that mischief asks for is a repetition that nobody asked for.
    asked = verdicts + sum(receiver.mischief.values())
    print(f"verdicts sent             {verdicts}")
    print(f"arrived at least once     {len(ids)}")
    print(f"under more than one id    {sum(len(one) > 1 for one in ids.values())}")
    print(f"contradicted              {sum(len(one) > 1 for one in receiver.verdicts().values())}")
    print(f"signature did not verify  {receiver.unsigned}")
    print(f"answered badly            {sum(receiver.mischief.values())} {dict(receiver.mischief)}")
    print(f"arrivals                  {arrivals}, {arrivals - asked} more than bad answers explain")
    print(
        f"time                      {took_s:.1f} s, {verdicts / took_s:.0f} verdicts/s judged and delivered"
    )


if __name__ == "__main__":
    typer.run(bench)
