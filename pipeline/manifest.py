"""The manifest: one proof a line, pictures as paths beside it.

In: a JSON-lines file. Out, a line at a time: a claim, or a fault with line number and remedy; one bad line
stops no other. It never reads outside the manifest's folder, whatever a path says.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.claims import ClaimForm, parse_claim
from pipeline.errors import ManifestError, UsageError
from pipeline.records import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestLine:
    """One line that names a proof."""

    line: int
    form: ClaimForm


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPicture:
    """One picture's bytes, or why there are none."""

    content: bytes | None
    problem: str | None = None


def read_manifest(path: Path) -> Iterator[ManifestLine | Fault]:
    """Yield each line of the manifest, good or faulty; blank lines are passed over.

    Raises:
        ManifestError: The file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), start=1):
                if raw.strip():
                    yield _parsed(raw, number, path)
    except OSError as error:
        raise ManifestError(
            f"{path}: cannot be read ({error.strerror}); check the path and its rights"
        ) from error


def _parsed(raw: bytes, number: int, path: Path) -> ManifestLine | Fault:
    if len(raw) > MAX_LINE_BYTES:
        return _fault(path, number, f"longer than {MAX_LINE_BYTES:,} bytes", "send long answers shortened")
    try:
        return ManifestLine(line=number, form=parse_claim(json.loads(raw.decode("utf-8-sig"))))
    except UnicodeDecodeError:
        return _fault(path, number, "not UTF-8", "save the manifest as UTF-8")
    except (json.JSONDecodeError, RecursionError) as error:
        return _fault(path, number, f"not JSON ({error})", "write one JSON object a line")
    except UsageError as error:
        return _fault(path, number, str(error), "mend the line and run again")


def _fault(path: Path, number: int, problem: str, remedy: str) -> Fault:
    return Fault(file=str(path), line=number, problem=problem, remedy=remedy)


def load_picture(manifest: Path, name: str, *, max_bytes: int) -> LoadedPicture:
    """Read one picture named by a manifest line, never following it out of the manifest's folder.

    At most `max_bytes` + 1 bytes are read: enough to see that the file is too large.
    """
    folder = manifest.parent.resolve()
    try:
        path = (folder / name).resolve(strict=True)
        if not path.is_relative_to(folder):
            return LoadedPicture(
                content=None, problem=f"{name!r} leaves the manifest's folder; copy it inside"
            )
        return LoadedPicture(content=_bounded(path, max_bytes))
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return LoadedPicture(
            content=None, problem=f"{name!r} cannot be read ({reason}); check path and rights"
        )


def _bounded(path: Path, max_bytes: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("not a regular file")
        return file.read(max_bytes + 1)
