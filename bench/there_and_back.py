"""In by HTTP and back by webhook: `python bench/there_and_back.py [--submissions 1000] [--apart]`.

Posts small pictures to a real `praman serve` (with `--apart` to `praman api`, two workers and a sweep on
Redis and PostgreSQL), each through the Python client, while the receiver on loopback answers half of the
messages badly twice (500, hang, reset, slow-loris, a cut answer, no HTTP, 302, 429). A server is killed and
started again while proofs come in, and once more while verdicts go out. Then every submission is accounted
for: by the 202, the feed, what arrived, and the ledger. Exit 1 where one is lost, contradicted or under two
ids.
Needs the test tools; minutes.
"""

from __future__ import annotations

import io
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from PIL import Image

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed

from pipeline.client import Praman
from pipeline.ledger import SqlOutbox, make_engine
from pipeline.records import NoticeState
from tests.console import PRAMAN, clean_environment, praman
from tests.receivers import Receiver, receiving
from tests.servers import free_port, postgres_server, redis_server

LIMIT_S = 900.0
TRIES = 40
JOBS: dict[str, Any] = {
    "any": {"checks": []},
    "people": {"checks": [], "decide": {"auto_reject": False}},
    "two": {"checks": [], "images": {"min": 2, "max": 4}},
}
SETTINGS = {
    "PRAMAN_WEBHOOK_RETRY_S": "0,0.1,0.3,0.5,1,1,2,2,3,3",
    "PRAMAN_WEBHOOK_TIMEOUT_S": "0.5",
    "PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1",
    "PRAMAN_REJECT_BRAKE": "0",  # a tenth of the submissions is rejected on purpose
    "PRAMAN_SWEEP_EVERY_S": "0.3",
    "PRAMAN_LEASE_S": "10",
}


def bench(
    submissions: Annotated[int, typer.Option(min=10)] = 1000,
    platforms: Annotated[int, typer.Option(min=1, help="Each with an endpoint of its own.")] = 8,
    clients: Annotated[int, typer.Option(min=1, help="Posting at a time.")] = 8,
    *,
    apart: Annotated[bool, typer.Option("--apart", help="API, workers and sweep as processes.")] = False,
    good: Annotated[bool, typer.Option("--good", help="A receiver without mischief, no kill.")] = False,
) -> None:
    """Post, deliver, account, and print the figures."""
    secrets: dict[str, str] = {}
    receiver = Receiver(secrets, bad_tries=0 if good else 2)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praman-there-and-back-")))
        address = stack.enter_context(receiving(receiver))
        house = stack.enter_context(_house(folder, apart=apart))
        keys = {f"p{number}": house.add(f"p{number}", address, secrets) for number in range(platforms)}
        house.start()
        run = Run(house=house, receiver=receiver, keys=keys, total=submissions)
        run.go(clients, kill=not good)
        run.tell()
        for problem in (found := run.problems()):
            print(f"BROKEN: {problem}")
    raise typer.Exit(bool(found))


@dataclass
class House:
    """Praman's processes, on one ledger."""

    folder: Path
    environment: dict[str, str]
    commands: dict[str, tuple[str, ...]]
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def command(self, *arguments: str) -> str:
        """Run a command to its end and return what it printed."""
        ran = praman(*arguments, cwd=self.folder, **self.environment)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def add(self, name: str, address: str, secrets: dict[str, str]) -> str:
        """Make a platform, keep its secret for the receiver, and return its key."""
        told = json.loads(self.command("platform", "add", name, "--webhook", f"{address}/{name}", "--json"))
        secrets[f"/{name}"] = told["webhook_secret"]
        return str(told["api_key"])

    def start(self) -> None:
        """Start what does not run, and wait until the door answers."""
        for name, command in self.commands.items():
            if name not in self.running or self.running[name].poll() is not None:
                with (self.folder / f"{name}.log").open("ab") as log:
                    self.running[name] = subprocess.Popen(  # noqa: S603 (ourselves)
                        [*PRAMAN, *command],
                        cwd=self.folder,
                        env=clean_environment(**self.environment),
                        stdout=log,
                        stderr=log,
                    )
        until = time.monotonic() + 60
        while not self._ready():
            assert time.monotonic() < until, "the door did not open"
            time.sleep(0.1)

    def kill(self, names: tuple[str, ...]) -> None:
        """SIGKILL some and start them again."""
        for name in names:
            self.running[name].kill()
            self.running[name].wait()
        self.start()

    def stop(self) -> None:
        """End all."""
        for process in self.running.values():
            process.kill()
            process.wait()

    @property
    def url(self) -> str:
        """Where the door is."""
        return f"http://127.0.0.1:{self.port}"

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz").is_success
        except httpx.TransportError:
            return False


@contextmanager
def _house(folder: Path, *, apart: bool) -> Iterator[House]:
    port, environment = free_port(), {**SETTINGS, "PRAMAN_DATA_DIR": str(folder / "data")}
    at = ("--port", str(port))
    with ExitStack() as stack:
        if not apart:
            made = House(folder, environment, {"serve": ("serve", *at)}, port)
        else:
            environment |= {
                "PRAMAN_DATABASE_URL": stack.enter_context(postgres_server(durable=True)).url,
                "PRAMAN_BROKER_URL": stack.enter_context(redis_server()).url,
            }
            commands = {
                "api": ("api", *at),
                "worker-1": ("worker", "--workers", "1"),
                "worker-2": ("worker", "--workers", "1"),
                "sweep": ("sweep",),
            }
            made = House(folder, environment, commands, port)
            made.command("migrate")
        try:
            yield made
        finally:
            made.stop()


@dataclass
class Run:
    """One run: what was sent, and what came of it."""

    house: House
    receiver: Receiver
    keys: dict[str, str]
    total: int
    accepted: dict[tuple[str, str], float] = field(default_factory=dict)
    feeds: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    states: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    posted_s: float = 0.0
    took_s: float = 0.0

    def go(self, clients: int, *, kill: bool) -> None:
        """Post all, wait until all is told, and read the feeds."""
        doors = {
            name: Praman(self.house.url, key=key, tries=TRIES, timeout_s=30)
            for name, key in self.keys.items()
        }
        for door in doors.values():
            for job_id, job in JOBS.items():
                door.put_job(job_id, job)
        began = time.monotonic()
        killer = threading.Thread(target=self._killings, daemon=True)
        if kill:
            killer.start()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda number: self._post(doors, number), range(self.total)))
        self.posted_s = time.monotonic() - began
        self._until(lambda: len(self.receiver.ids()) >= self.total)
        self.took_s = time.monotonic() - began
        if kill:
            killer.join()
        self._until(lambda: self.receiver.quiet and not self._waiting())
        for name, door in doors.items():
            for _, one in door.verdicts():
                self.feeds.setdefault((name, one["proof_id"]), []).append(dict(one))

    def _killings(self) -> None:
        """Kill who takes proofs in when a third is in, and who delivers when half is out."""
        names = tuple(self.house.commands)
        self._until(lambda: len(self.accepted) > self.total // 3)
        self.house.kill(names[:2])
        self.kills += 1
        self._until(lambda: len(self.receiver.ids()) > self.total // 2)
        self.house.kill(names[-2:])
        self.kills += 1

    def _post(self, doors: dict[str, Praman], number: int) -> None:
        name = f"p{number % len(doors)}"
        job, picture = _submission(number, len(doors))
        proof_id = doors[name].submit(job, f"w{number}", [picture], proof_id=f"q{number}")
        self.accepted[name, proof_id] = time.monotonic()

    @staticmethod
    def _until(holds: Any) -> None:
        until = time.monotonic() + LIMIT_S
        while not holds():
            if time.monotonic() > until:
                return  # what is missing is told by name
            time.sleep(0.2)

    def _waiting(self) -> int:
        url = self.house.environment.get(
            "PRAMAN_DATABASE_URL", f"sqlite:///{self.house.folder}/data/praman.db"
        )
        engine = make_engine(url)
        lines = SqlOutbox(engine).listed(platform=None, state=None, proof_id=None, limit=1_000_000)
        engine.dispose()
        self.states = Counter(line.state.value for line in lines)
        return self.states[NoticeState.WAITING.value]

    def problems(self) -> list[str]:
        """Return every broken promise, in words."""
        told = defaultdict(set)
        under = defaultdict(set)
        for one in self.receiver.arrivals:
            told[one.path[1:], one.proof_id].add((one.sequence, one.verdict))
            under[one.path[1:], one.proof_id].add(one.webhook_id)
        feed = {
            key: {(one["sequence"], one["verdict"]) for one in lines} for key, lines in self.feeds.items()
        }
        return [
            *(f"{key} was accepted and has no verdict" for key in self.accepted if key not in feed),
            *(f"{key} has a verdict and was never accepted" for key in feed if key not in self.accepted),
            *(f"{key} has {len(said)} verdicts" for key, said in feed.items() if len(said) != 1),
            *(
                f"{key}: the feed says {said}, {told[key]} arrived"
                for key, said in feed.items()
                if said != told[key]
            ),
            *(f"{key} arrived under {ids}" for key, ids in under.items() if len(ids) != 1),
            *([f"{self.receiver.unsigned} signatures did not verify"] if self.receiver.unsigned else []),
            *(
                [f"the ledger says {dict(self.states)}"]
                if self.states != {NoticeState.DELIVERED.value: len(feed)}
                else []
            ),
        ]

    def tell(self) -> None:
        """Print the figures."""
        arrivals, bad = len(self.receiver.arrivals), sum(self.receiver.mischief.values())
        verdicts = Counter(lines[-1]["verdict"] for lines in self.feeds.values())
        figures = {
            "posted and answered 202": len(self.accepted),
            "decided": f"{len(self.feeds)} {dict(verdicts)}",
            "arrived at least once": len(self.receiver.ids()),
            "under more than one id": sum(len(one) > 1 for one in self.receiver.ids().values()),
            "contradicted": sum(len(one) > 1 for one in self.receiver.verdicts().values()),
            "signature did not verify": self.receiver.unsigned,
            "cut short by a kill": self.receiver.cut_short,
            "answered badly": f"{bad} {dict(self.receiver.mischief)}",
            "arrivals": f"{arrivals}, {arrivals - len(self.feeds) - bad} more than bad answers explain",
            "notices in the ledger": dict(self.states),
            "killed with SIGKILL": f"{self.kills} times",
            "first post to last 202": f"{self.posted_s:.1f} s",
            "first post to last arrival": f"{self.took_s:.1f} s",
            "working time a proof": f"{statistics.median(_worked_ms(self.feeds)):.0f} ms (median)",
        }
        for name, figure in figures.items():
            print(f"{name:28}{figure}")


def _worked_ms(feeds: dict[tuple[str, str], list[dict[str, Any]]]) -> list[int]:
    return [lines[-1]["took_ms"] for lines in feeds.values()]


def _submission(number: int, platforms: int) -> tuple[str, bytes]:
    """Return job and picture: most are new and accepted; of each platform's ten, three are not.

    One copies the platform's proof before it, one does for a job whose rejects go to people, and one sends a
    picture where two are asked for.
    """
    place = number // platforms % 10
    if place in {4, 5} and number >= platforms:
        return ("any" if place == 4 else "people"), _picture(number - platforms * (place - 3))  # noqa: PLR2004
    return ("two" if place == 7 else "any"), _picture(number)  # noqa: PLR2004


def _picture(number: int) -> bytes:
    """Return a small screen of coloured tiles, each number's its own."""
    own = random.Random(number)
    tiles = Image.frombytes("RGB", (12, 20), own.randbytes(720)).resize((360, 600), Image.Resampling.NEAREST)
    out = io.BytesIO()
    tiles.save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    typer.run(bench)
