"""What happens inside a child process: limits first, heavy imports second, tasks third.

In: a Confinement and an Outfit, once; then one task at a time. Out: word of how the start went; then the
task's result, or one of our errors and nothing else, so that no foreign exception has to survive the way
back. Imports nothing heavy itself: the limits and the environment must be in force before numpy, OpenCV and
Tesseract load.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import BadPicture, ChildDied, EngineFailed, StepFailed, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from pipeline.adapters.hands import Hands
    from pipeline.policy import Policy
    from pipeline.records import (
        Ask,
        Box,
        Contrast,
        Fingerprint,
        Likeness,
        Proof,
        Reading,
        Resemblance,
        Status,
        Verdict,
    )

T = TypeVar("T")

BEGUN, UP, DOWN = "begun", "up", "down"
"""What a child tells: it begins a task (its token, its pid); it is up (why it can read nothing, if so); it
cannot start (why)."""
_LONGEST_WHY = 600
EXIT_DOWN = 78  # EX_CONFIG of sysexits.h
_PR_SET_PDEATHSIG = 1
_LARGEST_FILE_BYTES = 256 * 1024 * 1024
# A task's CPU limit only backs up the pool's own clock, so it is looser.
_CPU_SLACK = 2
_OPENCV_NO_MEMORY = -4


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """The limits of a child.

    Attributes:
        parent: Pid of the process whose death ends the child.
        memory_bytes: Address space.
        limit_s: Time limit of one task, which the pool enforces.
    """

    parent: int
    memory_bytes: int
    limit_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """What a pair of hands is given, once.

    Attributes:
        engine: `auto`, `tesserocr` or `pytesseract`.
        tessdata_dir: Where the models lie; None lets the engine find them.
        languages: Tesseract's names joined by `+`.
        budget_ms: CPU that reading one proof may cost.
        limit_s: Time limit of one task.
    """

    policy: Policy
    engine: str
    tessdata_dir: Path | None
    languages: str
    budget_ms: int
    limit_s: float


class _Inside:
    """What this child was given; one per process."""

    hands: Hands | None = None
    news: Connection | None = None
    limit_s: float = 0.0


def prepare(confinement: Confinement, outfit: Outfit, news: Connection) -> None:
    """Confine this process, load what tasks need, tell how that went. The pool calls it once in each child.

    Args:
        confinement: The limits.
        outfit: What the hands work with.
        news: Where the parent listens.
    """
    _Inside.news = news
    try:
        _prepare(confinement, outfit)
    except BaseException as error:  # noqa: BLE001 (whatever it is, the parent hears of it, and nobody else)
        _tell(DOWN, _why_down(error)[:_LONGEST_WHY])
        os._exit(EXIT_DOWN)


def _prepare(confinement: Confinement, outfit: Outfit) -> None:
    _die_with(confinement.parent)
    # A group of its own: the parent kills it whole, and a terminal's Ctrl-C does not reach it. A supervisor
    # may send SIGTERM to everything it runs; the parent alone decides when a child ends.
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (confinement.memory_bytes, confinement.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE_BYTES, _LARGEST_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.update(_environment(outfit))
    _Inside.limit_s = confinement.limit_s
    # What a library prints is no part of a command's output, which may be JSON.
    os.dup2(2, 1)
    import_module("numpy")  # OpenCV, asked first, prints advice instead of raising what is wrong with it
    _Inside.hands = import_module("pipeline.adapters.hands").Hands(outfit)
    _Inside.hands.warm()
    _tell(UP, why_blind())


def _why_down(error: BaseException) -> str:
    """Return the error in one line, and what is to be done about it.

    numpy tells a page of advice and, in its last line, what happened.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = f"{type(error).__name__}: {lines[-1].removeprefix('Original error was: ')}" if lines else ""
    if isinstance(error, MemoryError) or "failed to map segment" in told or "allocate memory" in told:
        return f"{told or 'MemoryError'}; raise PRAMAN_CHILD_MEMORY_BYTES"
    if isinstance(error, ImportError):
        return f"{told}; install Praman and what it needs anew"
    return told or type(error).__name__


def _tell(*told: object) -> None:
    """Send one line to the parent, short enough (PIPE_BUF) to arrive whole among those of other children."""
    if _Inside.news is not None:
        _Inside.news.send_bytes(json.dumps(told).encode())


def perform(token: int, function: Callable[..., T], args: tuple[object, ...]) -> T:
    """Run one task.

    Raises:
        BadPicture: As the task raised it.
        StepFailed: As the task raised it; EngineFailed for any foreign error, ChildDied for lack of memory.
        TryLater: As the task raised it.
    """
    _tell(BEGUN, token, os.getpid())
    _allow_cpu(_Inside.limit_s)
    try:
        return function(*args)
    except (BadPicture, StepFailed, TryLater):
        raise
    except MemoryError:
        raise ChildDied("the task needed more memory than a child may have") from None
    except BaseException as error:  # noqa: BLE001 (a SystemExit would travel back and end the caller)
        if getattr(error, "code", None) == _OPENCV_NO_MEMORY:
            raise ChildDied("the task needed more memory than a child may have") from None
        raise EngineFailed(f"{type(error).__name__}: {error}") from None


def why_blind() -> str | None:
    """Return why no text can be read here, None where it can."""
    why = _hands().why_blind()
    return None if why is None else why[:_LONGEST_WHY]


def fingerprint(content: bytes) -> Fingerprint:
    """Decode and fingerprint one picture."""
    return _hands().fingerprint(content)


def read(contents: dict[int, bytes], ask: Ask) -> tuple[Reading, ...]:
    """Decode a proof's pictures and read what is asked."""
    return _hands().read(contents, ask)


def compare(sketch: bytes, other: bytes, width_px: int, mirrored: bool | None) -> Likeness:  # noqa: FBT001 (a task's arguments have no names)
    """Compare two sketches."""
    return _hands().compare(sketch, other, width_px=width_px, mirrored=mirrored)


def look_closer(first: bytes, second: bytes) -> bool:
    """Decode two pictures and tell whether the first was surely made of the second."""
    return _hands().look_closer(first, second)


def judge(proof: Proof, readings: tuple[Reading, ...], resemblances: tuple[Resemblance, ...]) -> Verdict:
    """Judge a proof by the words that were read of it."""
    return _hands().judge(proof, readings, resemblances=resemblances)


def draw(content: bytes, boxes: Sequence[tuple[Box, str, Status]]) -> bytes:
    """Decode one picture and draw its evidence on it."""
    return _hands().draw(content, boxes)


def contrast(first: bytes, second: bytes, names: tuple[str, str] | None) -> Contrast:
    """Decode two pictures and say what they say of each other."""
    return _hands().contrast(first, second, names=names)


def lay_over(first: bytes, second: bytes) -> bytes | None:
    """Decode two pictures and return the second as it lies over the first."""
    return _hands().lay_over(first, second)


def _hands() -> Hands:
    assert _Inside.hands is not None
    return _Inside.hands


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it ends.

    The signal follows that thread, not its process: `PebbleChildren` starts children from threads that live
    as long as the pool.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _environment(outfit: Outfit) -> dict[str, str]:
    # Tesseract issue 3109: threads that fight for one core made 9 s into 459 s.
    one = dict.fromkeys(("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    side, pixels = str(outfit.policy.max_side), str(outfit.policy.max_pixels)
    return one | {
        "OPENCV_IO_MAX_IMAGE_WIDTH": side,
        "OPENCV_IO_MAX_IMAGE_HEIGHT": side,
        "OPENCV_IO_MAX_IMAGE_PIXELS": pixels,
    }


def _allow_cpu(limit_s: float) -> None:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(spent.ru_utime + spent.ru_stime + _CPU_SLACK * limit_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))
