"""A bad day: proofs come in, workers work, something breaks, and afterwards everything is accounted for.

In: a database, a broker, a store. Out: a `Day` that hands proofs in, runs wounded or healthy processes (and
brings dead ones back, as a supervisor does), and at the end counts: every proof one verdict, the right one,
each delivered under one id, nothing accepted twice, nothing held for ever. Sizes scale with `FAULTS_SCALE`.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from actors.broker import make_broker
from pipeline import wiring
from pipeline.errors import TryLater
from pipeline.ledger import SqlLedger, SqlOutbox, make_engine, migrate
from pipeline.records import Job, NoticeState, Ring, Submission, TextCheck
from pipeline.settings import load_settings
from pipeline.submit import submit
from tests.console import clean_environment
from tests.fakes import fake_picture
from tests.posts import SECRET
from tests.receivers import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCALE = float(os.environ.get("FAULTS_SCALE", "1"))
PROOFS = max(12, round(60 * SCALE))
COPIED_EVERY = 5
SETTLED_S = 150.0
LEASE_S = 3.0
FIGURES: list[str] = []
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
WORDS = "Nodi Tech Bangladesh"
PLATFORM = "shop"
SETTINGS = {
    "PRAMAN_SWEEP_EVERY_S": "0.3",
    "PRAMAN_RING_AGAIN_S": "1",
    "PRAMAN_LEASE_S": str(LEASE_S),
    "PRAMAN_CHILDREN": "2",
    "PRAMAN_CHILD_LIMIT_S": "1",
    "PRAMAN_WEBHOOK_RETRY_S": "0,0.2,0.5,1,1,2,2,3,3,3,5,5,5,5",
    "PRAMAN_WEBHOOK_TIMEOUT_S": "0.5",
    "PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1",
    "PRAMAN_REJECT_BRAKE": "0",
}


class Day:
    """One platform whose proofs must all come through."""

    def __init__(self, folder: Path, database: str, **settings: str) -> None:
        self.folder, self.database = folder, database
        self.settings = SETTINGS | {"PRAMAN_DATABASE_URL": database, "PRAMAN_STORE_URL": f"{folder}/evidence"}
        self.settings |= settings
        self.receiver = Receiver(SECRET, bad_tries=1)
        self.wanted: dict[str, str] = {}
        self._stack = ExitStack()
        self._made: list[Process] = []

    def __enter__(self) -> Self:
        migrate(self.database)
        address = self._stack.enter_context(receiving(self.receiver))
        self.engine = make_engine(self.database)
        self._stack.callback(self.engine.dispose)
        self.ledger, outbox = SqlLedger(self.engine), SqlOutbox(self.engine)
        self.ledger.declare_platform(PLATFORM)
        self.ledger.declare_job(PLATFORM, Job(id="job-1", checks=(TextCheck(value=WORDS),)))
        outbox.rotate_secret(PLATFORM, secret=SECRET, overlap=timedelta(0))
        outbox.open_endpoint(PLATFORM, "webhook", address=f"{address}/{PLATFORM}")
        chosen = {name.removeprefix("PRAMAN_").lower(): value for name, value in self.settings.items()}
        given = load_settings(**chosen)
        self._services = wiring.services(given, make_broker(given, patient=False))
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._made:
            process.end()
        self._stack.close()

    def hand_in(self, count: int) -> None:
        """Have proofs accepted, every fifth a copy of the one before; what is refused now is sent again."""
        for number in range(len(self.wanted), len(self.wanted) + count):
            copy = number % COPIED_EVERY == COPIED_EVERY - 1
            content = fake_picture(f"{WORDS} {number - 1 if copy else number}")
            claim = Submission(
                platform=PLATFORM,
                job_id="job-1",
                submitter_id=f"w{number}",
                submitted_at=NOON + timedelta(seconds=number),
                pictures=(content,),
                proof_id=f"p{number}",
            )
            self._accepted(claim)
            self.wanted[f"p{number}"] = "reject" if copy else "accept"

    def _accepted(self, claim: Submission) -> None:
        parts, ends_s = self._services, time.monotonic() + 60
        while True:
            try:
                proof, _ = submit(claim, ledger=parts.ledger, store=parts.store, policy=parts.policy)
            except TryLater:
                assert time.monotonic() < ends_s, "nothing is taken in any more"
                time.sleep(0.3)
            else:
                parts.bell.ring(Ring(proof=proof.id, step=proof.step))
                return

    def start(self, role: str, *, kept: bool = True, **wound: object) -> Process:
        """Start a worker or sweep; `kept` ones are started again, healthy, when they die."""
        process = Process(self, role, wound, kept=kept)
        self._made.append(process)
        return process

    def log(self) -> str:
        return (self.folder / "log.txt").read_text(encoding="utf-8", errors="replace")

    def decided(self) -> int:
        return int(self.ask("select count(*) from proofs where verdict is not null")[0][0])

    def ask(self, query: str) -> list[Any]:
        """Return rows of a query, waiting for a database that is away."""
        ends_s = time.monotonic() + 60
        while True:
            try:
                with self.engine.connect() as connection:
                    return list(connection.execute(text(query)))
            except DBAPIError:
                assert time.monotonic() < ends_s, "the database stays away"
                time.sleep(0.3)

    def until_decided(self, share: float) -> None:
        """Wait until that share of the proofs is decided."""
        self.until(lambda: self.decided() >= share * len(self.wanted), f"{share:.0%} decided")

    def until(self, true: Any, what: str) -> None:
        ends_s = time.monotonic() + SETTLED_S
        while not true():
            assert time.monotonic() < ends_s, f"not within {SETTLED_S:.0f} s: {what}\n{self.log()[-4000:]}"
            time.sleep(0.2)

    def settle(self, *, manual: frozenset[str] = frozenset()) -> float:
        """Wait for the end of the day, account for everything, and return how long the rest took.

        Args:
            manual: Proofs that a person may have to look at: what hit them was our failure.
        """
        began_s = time.monotonic()
        self.until(self._done, "every proof done and delivered")
        took_s = time.monotonic() - began_s
        self.account(manual)
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition("::")[2].partition(" ")[0]
        heard = len(self.receiver.arrivals)
        FIGURES.append(
            f"{test}: {len(self.wanted)} proofs, the last {took_s:.0f} s later, {heard} deliveries"
        )
        return took_s

    def _done(self) -> bool:
        waiting = "select count(*) from proofs where step <> 'done' or lease is not null"
        unsent = f"select count(*) from notices where state <> '{NoticeState.DELIVERED.value}'"
        return self.decided() == len(self.wanted) and not (self.ask(waiting)[0][0] or self.ask(unsent)[0][0])

    def account(self, manual: frozenset[str]) -> None:
        """Hold the ledger and the receiver to the promises."""
        rows = self.ask(
            "select p.proof_id, p.outcome, count(v.id), max(v.id) = max(p.verdict)"
            " from proofs p join verdicts v on v.proof = p.id group by p.proof_id, p.outcome"
        )
        said = {row[0]: row[1] for row in rows}
        assert {row[0]: row[2] for row in rows} == dict.fromkeys(self.wanted, 1), "lost, or judged twice"
        assert all(row[3] for row in rows), "a verdict that is not the current one"
        wrong = {name: (said[name], want) for name, want in self.wanted.items() if said[name] != want}
        assert all(got == "manual" and name in manual for name, (got, _) in wrong.items()), wrong
        count, last = self.ask("select count(*), max(sequence) from verdicts")[0]
        assert count == last == len(self.wanted), "the feed has a gap"
        heard = {proof: ids for (_, proof), ids in self.receiver.ids().items()}
        assert set(heard) == set(self.wanted), "a verdict that nobody was told"
        assert {len(ids) for ids in heard.values()} == {1}, "one verdict under two ids"
        told = {
            proof: {one[0] for one in verdicts} for (_, proof), verdicts in self.receiver.verdicts().items()
        }
        assert told == {proof: {verdict} for proof, verdict in said.items()}, "told otherwise than decided"
        assert self.receiver.unsigned == 0


class Process:
    """A process of the day; a thread brings a kept one back when it dies."""

    def __init__(self, day: Day, role: str, wound: dict[str, object], *, kept: bool) -> None:
        self._day, self._role, self._over = day, role, threading.Event()
        self._starts = itertools.count()
        self.running = self._start(wound)
        self.deaths: list[int] = []
        self._thread = threading.Thread(target=self._keep, args=(wound,), daemon=True) if kept else None
        if self._thread is not None:
            self._thread.start()

    def _start(self, wound: dict[str, object]) -> subprocess.Popen[bytes]:
        with (self._day.folder / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.faults.wounded", self._role, json.dumps(wound)],
                cwd=self._day.folder,
                env=clean_environment(**self._day.settings),
                stdout=log,
                stderr=log,
            )

    def _keep(self, wound: dict[str, object]) -> None:
        lasting = {name: value for name, value in wound.items() if name != "dies"}
        while not self._over.wait(0.1):
            code = self.running.poll()
            if code is not None:
                self.deaths.append(code)
                self.running = self._start(lasting)

    def end(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self.running.kill()
        self.running.wait()


@contextmanager
def again(server: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server that was stopped once more, as it was started, and end it with the block."""
    started = subprocess.Popen(server.args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGINT)  # to PostgreSQL: end the connections, do not wait for them
        started.wait(30)
