"""Fakes of the ports, simple enough to be believed."""

from __future__ import annotations

import hashlib
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from actors.doors import DOORS
from pipeline.errors import ChildDied
from pipeline.flow import QUEUE_OF
from pipeline.judge import judge
from pipeline.policy import Policy
from pipeline.records import Box, Fingerprint, Likeness, Pass, Reading, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.records import Ask, Proof, Resemblance, Ring, Status, Step, Verdict
    from pipeline.wiring import WorkerServices

PNG = b"\x89PNG\r\n\x1a\n"


def fake_picture(text: str) -> bytes:
    """Return bytes that `submit` takes for a PNG and `FakeChildren` reads as `text`."""
    return PNG + text.encode()


class FakeChildren:
    """Reads what `fake_picture` wrote; `trouble` is raised, call by call, by pictures that hold its key.

    Attributes:
        dying: Calls in which every child dies.
        why_unready: Why no child can start; None while they can.
    """

    def __init__(self) -> None:
        self.trouble: dict[str, Callable[[], Exception]] = {}
        self.dying: set[str] = set()
        self.calls: list[str] = []
        self.why_unready: str | None = None

    def unready(self) -> str | None:
        return self.why_unready

    def probe(self) -> str | None:
        return self.why_unready

    def fingerprint(self, content: bytes) -> Fingerprint:
        text = self._text("fingerprint", content)
        digest = hashlib.sha256(content).hexdigest()
        return Fingerprint(
            version="fake 1",
            bytes_sha256=digest,
            pixels_sha256=digest,
            width_px=720,
            height_px=1600,
            hashes=(("page", int(digest[:15], 16)),),
            flat=False,
            sketch=text.encode(),
        )

    def read(self, contents: Mapping[int, bytes], ask: Ask) -> tuple[Reading, ...]:
        return tuple(self._reading(image, content) for image, content in contents.items())

    def _reading(self, image: int, content: bytes) -> Reading:
        text = self._text("read", content)
        box = Box(x=0, y=0, w=720, h=1600)
        words = tuple(
            Word(text=word, box=Box(x=40 + 90 * place, y=300, w=80, h=40), confidence=0.96, line=0)
            for place, word in enumerate(text.split())
        )
        look = Pass(
            name="fake",
            engine="fake",
            languages="eng",
            page_mode=11,
            scale=1.0,
            region=box,
            cpu_ms=1,
            words=len(words),
        )
        return Reading(
            image=image, width_px=720, height_px=1600, words=words, passes=(look,), engine_version="fake 1"
        )

    def compare(
        self, sketch: bytes, other: bytes, *, width_px: int, mirrored: bool | None = None
    ) -> Likeness:
        return Likeness(relation=None, score=0.0)

    def look_closer(self, first: bytes, second: bytes) -> bool:
        return False

    def judge(
        self, proof: Proof, readings: Sequence[Reading], *, resemblances: Sequence[Resemblance]
    ) -> Verdict:
        for reading in readings:
            self._text("judge", PNG + " ".join(word.text for word in reading.words).encode())
        return judge(proof, readings, resemblances=resemblances, policy=Policy())

    def draw(self, content: bytes, boxes: Sequence[tuple[Box, str, Status]]) -> bytes:
        self._text("draw", content)
        return PNG + f"drawn with {len(boxes)} boxes".encode()

    def lay_over(self, first: bytes, second: bytes) -> bytes | None:
        one, other = self._text("lay_over", first), self._text("lay_over", second)
        return None if "apart" in one + other else PNG + b"laid"

    def close(self) -> None:
        self.calls.append("close")

    def _text(self, call: str, content: bytes) -> str:
        self.calls.append(call)
        if call in self.dying:
            raise ChildDied(call)
        text = content.removeprefix(PNG).decode()
        for key, error in self.trouble.items():
            if key in text:
                raise error()
        return text


class FakeBell:
    """Keeps rings in memory; `wipe` is what happens to a Redis without its file."""

    def __init__(self) -> None:
        self.rings: deque[Ring] = deque()

    def ring(self, ring: Ring) -> bool:
        self.rings.append(ring)
        return True

    def depth(self, queue: str) -> int | None:
        return sum(QUEUE_OF[ring.step] == queue for ring in self.rings)

    def oldest(self, queue: str) -> timedelta:
        return timedelta(0)

    def wipe(self) -> None:
        self.rings.clear()


def answer_next(services: WorkerServices, bell: FakeBell) -> bool:
    """Open the door of the oldest ring, as a worker would; False where none rings."""
    if not bell.rings:
        return False
    ring: Ring = bell.rings.popleft()
    doors = {door.name: door.run for door in DOORS}
    doors[ring.step.value](services, ring.proof)
    return True


def answer_bells(services: WorkerServices, bell: FakeBell, *, at_most: int = 1000) -> None:
    """Answer until nothing rings."""
    for _ in range(at_most):
        if not answer_next(services, bell):
            return
    raise AssertionError(f"still ringing after {at_most} doors: {list(bell.rings)[:5]}")


def steps_of(bell: FakeBell) -> list[Step]:
    return [ring.step for ring in bell.rings]
