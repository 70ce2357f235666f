"""How verdicts leave: `python bench/deliveries.py [--verdicts N] [--platforms N] [--good] [--hanging N]`.

Fills a ledger with verdicts, runs one embedded worker, and kills it half-way, while a receiver on loopback
answers half of the messages badly twice (500, hang, reset, slow-loris, a cut answer, no HTTP, 302, 429).
With `--good` it answers well and nothing is killed; with `--hanging N` the endpoints of N platforms never
answer. Prints what arrived, how often, and how fast. Needs the test tools; about a minute for a thousand.
"""

from __future__ import annotations

import socket
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
from tests.listeners import listening
from tests.posts import SECRET, Posts
from tests.receivers import Receiver, receiving

LISTENED_S = 120
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
    hanging: Annotated[int, typer.Option(min=0, help="So many platforms' endpoints never answer.")] = 0,
) -> None:
    """Deliver and print the figures; those of platforms whose endpoint hangs are left out."""
    with tempfile.TemporaryDirectory(prefix="praman-deliveries-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'ledger.db'}"
        migrate(url)
        receiver = Receiver(SECRET, bad_tries=0 if good else 2)
        with receiving(receiver) as address, listening(_never) as silent:
            posts = Posts(url, platforms=platforms, receiver=address)
            for platform in posts.platforms[:hanging]:
                posts.outbox.open_endpoint(platform, "webhook", address=silent.url)
            posts.send(verdicts)
            total = sum(number % platforms >= hanging for number in range(verdicts))
            took_s = _delivered(folder, url, receiver, total, timeout_s=timeout_s, kill=not good)
            waits_s = _waits_s(posts)
    _tell(receiver, total, took_s, waits_s)


def _never(_connection: socket.socket, _request: bytes) -> None:
    time.sleep(LISTENED_S)


def _delivered(
    folder: Path, url: str, receiver: Receiver, total: int, *, timeout_s: float, kill: bool
) -> float:
    """Run workers until so many verdicts have arrived and return how long that took."""
    began = time.monotonic()
    process = _start(folder, url, timeout_s)
    try:
        while len(receiver.ids()) < total:
            time.sleep(0.1)
            if kill and len(receiver.ids()) > total // 2:
                kill = False
                process.kill()
                process.wait()
                process = _start(folder, url, timeout_s)
        took_s = time.monotonic() - began
        while not receiver.quiet:
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    return took_s


def _start(folder: Path, url: str, timeout_s: float) -> subprocess.Popen[bytes]:
    own = {"PRAMAN_DATABASE_URL": url, "PRAMAN_WEBHOOK_TIMEOUT_S": str(timeout_s)}
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (ourselves)
            [*PRAMAN, "worker"], cwd=folder, env=clean_environment(**SETTINGS, **own), stdout=log, stderr=log
        )


def _waits_s(posts: Posts) -> list[float]:
    """Return how long each delivered notice took from its writing to its last attempt's end, in order."""
    lines = posts.outbox.listed(platform=None, state=NoticeState.DELIVERED, proof_id=None, limit=1_000_000)
    ends = ((line.created_at, line.last.ended_at) for line in lines if line.last)
    return sorted((ended - written).total_seconds() for written, ended in ends if ended)


def _tell(receiver: Receiver, verdicts: int, took_s: float, waits_s: list[float]) -> None:
    ids, arrivals, bad = receiver.ids(), len(receiver.arrivals), sum(receiver.mischief.values())
    p50, p95 = (waits_s[int(len(waits_s) * share)] for share in (0.5, 0.95))
    figures = {
        "verdicts sent": verdicts,
        "arrived at least once": len(ids),
        "under more than one id": sum(len(one) > 1 for one in ids.values()),
        "contradicted": sum(len(one) > 1 for one in receiver.verdicts().values()),
        "signature did not verify": receiver.unsigned,
        "answered badly": f"{bad} {dict(receiver.mischief)}",
        # An arrival beyond those that bad answers ask for is a repetition that nobody asked for.
        "arrivals": f"{arrivals}, {arrivals - verdicts - bad} more than bad answers explain",
        "delivered in the ledger": len(waits_s),
        "written to delivered": f"p50 {p50:.2f} s, p95 {p95:.2f} s",
        "start to last arrival": f"{took_s:.1f} s, {verdicts / took_s:.0f} verdicts/s judged and delivered",
    }
    for name, figure in figures.items():
        print(f"{name:26}{figure}")


if __name__ == "__main__":
    typer.run(bench)
