"""One worker process of `steps.py`: the real actors with children that only wait.

In: a place and a load. Out: what the work cost, through a pipe. The pictures are no pictures: nothing here
opens them.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import redis
from sqlalchemy import Engine, event

from actors.broker import make_broker
from actors.main import working
from bench.cost import used_with_children_s
from bench.sample import hand_in_sample
from pipeline import wiring
from pipeline.adapters.dispatch import DramatiqBell
from pipeline.adapters.logs import start_logging
from pipeline.ledger.ledger import SqlLedger
from pipeline.ledger.schema import migrate
from pipeline.ledger.words import WORD_BITS
from pipeline.records import (
    Ask,
    Box,
    Fingerprint,
    Job,
    Likeness,
    Outcome,
    Pass,
    Proof,
    Reading,
    Resemblance,
    Ring,
    StateCheck,
    Step,
    Submission,
    TextCheck,
    Verdict,
    Word,
)
from pipeline.settings import Settings, load_settings
from pipeline.submit import submit

PLATFORM = "bench"
JOBS = 20
PICTURE_BYTES = 60_000
WARMING, MEASURED = 1, 2
MOST_WARMING = 4  # lines of a sample: each takes seconds
SKETCH_BYTES = 12_000
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
CHANNEL = "Nodi Tech Bangladesh"
SCREEN = f"{CHANNEL} 1.2M subscribers Subscribed Home Videos Shorts Live Playlists Community About".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked of the workers.

    Attributes:
        words: Looks of key points that each picture has; a real one has 96.
        platforms: Among how many platforms the proofs are spread.
        sample: Pictures to be read by real children; None to wait instead.
    """

    proofs: int
    wait_ms: int
    children: int
    words: int = 96
    platforms: int = 1
    sample: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the workers work; without a broker, all in one process.

    Attributes:
        servers: Process ids of database and broker.
    """

    database: str
    broker: str | None
    store: str
    servers: tuple[int, ...] = ()

    def settings(self, children: int = 1) -> Settings:
        """Return the settings of a process that works here."""
        return load_settings(
            database_url=self.database,
            broker_url=self.broker,
            store_url=self.store,
            children=children,
        )

    def prepare(self) -> None:
        """Make the tables, and leave nothing of an earlier run in Redis."""
        migrate(self.database)
        if self.broker:
            with redis.Redis.from_url(self.broker) as client:
                client.flushall()

    def served_s(self) -> float:
        """Return the CPU that the servers have used so far."""
        return sum(map(used_with_children_s, self.servers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What work cost; sums over processes.

    Attributes:
        waits: What the database's busy connections were seen doing most, with the share of looks.
    """

    seconds: float = 0.0
    cpu_s: float = 0.0
    servers_cpu_s: float = 0.0
    statements: int = 0
    transactions: int = 0
    messages: int = 0
    waits: tuple[tuple[str, float], ...] = ()

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            seconds=max(self.seconds, other.seconds),
            cpu_s=self.cpu_s + other.cpu_s,
            servers_cpu_s=self.servers_cpu_s + other.servers_cpu_s,
            statements=self.statements + other.statements,
            transactions=self.transactions + other.transactions,
            messages=self.messages + other.messages,
            waits=self.waits or other.waits,
        )


class WaitingChildren:
    """Waits as long as reading takes, and says that what was asked is there."""

    def __init__(self, load: Load) -> None:
        self._words = load.words
        self._wait_s = load.wait_ms / 1000
        self._free = threading.BoundedSemaphore(load.children)

    def unready(self) -> None:
        """Return that nothing is wrong."""

    def probe(self) -> None:
        """Return that nothing is wrong."""

    def fingerprint(self, content: bytes) -> Fingerprint:
        """Return hashes that resemble no others."""
        digest = hashlib.sha256(content).digest()
        parts = [int.from_bytes(digest[8 * part :][:8]) for part in range(4)]
        looks = random.Random(digest).choices(range(1 << WORD_BITS), k=self._words)
        return Fingerprint(
            version="bench",
            bytes_sha256=digest.hex(),
            pixels_sha256=digest.hex(),
            width_px=720,
            height_px=1600,
            hashes=tuple(zip(("page", "body", "trimmed", "mirrored"), parts, strict=True)),
            flat=False,
            words=tuple(looks),
            sketch=content[:SKETCH_BYTES],
        )

    def read(self, contents: Mapping[int, bytes], ask: Ask) -> tuple[Reading, ...]:
        """Wait for each picture, and return a screen's worth of words of it."""
        del ask
        return tuple(self._reading(image) for image in contents)

    def _reading(self, image: int) -> Reading:
        with self._free:
            time.sleep(self._wait_s)
        whole = Box(x=0, y=0, w=720, h=1600)
        words = tuple(
            Word(text=text, box=Box(x=20, y=60 + 70 * line, w=160, h=40), confidence=0.95, line=line)
            for line, text in enumerate(SCREEN)
        )
        look = Pass(
            name="bench",
            engine="none",
            languages="eng",
            page_mode=11,
            scale=1.0,
            region=whole,
            cpu_ms=1,
            words=len(words),
        )
        return Reading(
            image=image, width_px=720, height_px=1600, words=words, passes=(look,), engine_version="none"
        )

    def compare(self, *_sketches: bytes, **_told: object) -> Likeness:
        """Return that the two are not alike."""
        return Likeness(relation=None, score=0.0)

    def judge(
        self, proof: Proof, readings: Sequence[Reading], *, resemblances: Sequence[Resemblance]
    ) -> Verdict:
        """Return that the proof is accepted."""
        del proof, readings, resemblances
        return Verdict(outcome=Outcome.ACCEPT)

    def close(self) -> None:
        """Do nothing: there is no process to end."""


def hand_in(place: Place, load: Load, *, seed: int) -> list[Ring]:
    """Take all proofs into ledger and store, and return the bells to ring for them."""
    settings = place.settings()
    services = wiring.services(settings, make_broker(settings, patient=False))
    if load.sample is not None:
        first = 0 if seed == WARMING else MOST_WARMING
        return hand_in_sample(services, load.sample, platform=f"{PLATFORM}-0", first=first, count=load.proofs)
    checks = (TextCheck(value=CHANNEL), StateCheck(done=("Subscribed",), not_done=("Subscribe",)))
    for platform in range(load.platforms):
        services.ledger.declare_platform(f"{PLATFORM}-{platform}")
        for job in range(JOBS):
            services.ledger.declare_job(f"{PLATFORM}-{platform}", Job(id=f"job-{job}", checks=checks))
    bytes_of = random.Random(seed)
    rings = []
    for number in range(load.proofs):
        content = b"\x89PNG\r\n\x1a\n" + bytes_of.randbytes(PICTURE_BYTES)
        submission = Submission(
            platform=f"{PLATFORM}-{number % load.platforms}",
            job_id=f"job-{number % JOBS}",
            submitter_id=f"w{number % 50}",
            submitted_at=NOON + timedelta(hours=seed, seconds=number),
            pictures=(content,),
        )
        proof, _ = submit(submission, ledger=services.ledger, store=services.store, policy=services.policy)
        rings.append(Ring(proof=proof.id, step=proof.step))
    return rings


def left(ledger: SqlLedger) -> int:
    """Return how many proofs are not done."""
    return sum(count for step, count in ledger.counted().by_step if step is not Step.DONE)


def work(place: Place, load: Load, pipe: Connection, sweeping: bool) -> None:  # noqa: FBT001 (a process takes them so)
    """Ring what is sent, twice, and work until told to stop; then tell what the second part cost.

    The first part is warming up: a worker that has just started prepares its statements and connections.
    """
    start_logging("json", level="warning")
    seen: Counter[str] = Counter()
    _count(seen)
    if load.sample is None:
        wiring.open_children = lambda _settings, **_late: WaitingChildren(load)
    with working(place.settings(load.children), sweeping=sweeping) as services:
        pipe.send("ready")
        before = 0.0
        for _ in ("warm", "measured"):
            rings = pipe.recv()
            seen.clear()
            before = used_with_children_s(os.getpid())
            for ring in rings:
                services.bell.ring(ring)
        pipe.recv()
        cpu_s = used_with_children_s(os.getpid()) - before
        pipe.send(
            Counts(
                cpu_s=cpu_s,
                statements=seen["statement"],
                transactions=seen["begin"],
                messages=seen["message"],
            )
        )


def _count(seen: Counter[str]) -> None:
    event.listen(Engine, "before_cursor_execute", lambda *_: seen.update(["statement"]))
    event.listen(Engine, "begin", lambda *_: seen.update(["begin"]))
    ring = DramatiqBell.ring

    def counted(self: DramatiqBell, asked: object) -> bool:
        seen.update(["message"])
        return ring(self, asked)

    DramatiqBell.ring = counted
