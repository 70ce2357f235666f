"""Proofs as a folder of pictures whose names say whose they are, for platforms without an API.

In: a folder and a pattern such as `{job_id}/{submitter_id}_{proof_id}`. Out, a proof at a time: a claim with
its pictures' names in order, or a fault that names the file. It opens no picture, and a name's ending means
nothing: the bytes decide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.claims import parse_claim
from pipeline.errors import ManifestError, UsageError
from pipeline.manifest import ManifestLine
from pipeline.records import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIELDS = ("job_id", "submitter_id", "proof_id", "image")
DEFAULT = "{job_id}__{submitter_id}__{proof_id}"
_PLACE = re.compile(r"\{([a-z_]*)\}")
_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One file: its place in the folder's order, its name there and what the name says."""

    number: int
    name: str
    said: dict[str, str]


def read_folder(
    folder: Path, *, pattern: str = DEFAULT, job_id: str | None = None
) -> Iterator[ManifestLine | Fault]:
    """Yield each proof of the folder, or why a file is none; hidden files are passed over.

    Files of one `{proof_id}` are the pictures of one proof, in the order of `{image}` or else of their names.
    Without `{proof_id}` in the pattern each file is a proof, and its name without the ending is the id.

    Args:
        folder: Searched to any depth.
        pattern: Told of the path below the folder, without the file's ending.
        job_id: The job, where the pattern says none.

    Raises:
        UsageError: The pattern cannot be used.
        ManifestError: The folder cannot be read.
    """
    said = _compiled(pattern, job_id)
    if not folder.is_dir():
        raise ManifestError(f"{folder}: is no folder; name the one that holds the pictures")
    proofs: dict[str, list[_Found]] = defaultdict(list)
    for number, name in enumerate(_names(folder), start=1):
        bare = re.sub(r"\.[^./]*$", "", name)
        match = said.fullmatch(bare)
        if match is None:
            yield _fault(folder, number, name, f"does not match {pattern}", "rename it, or say --pattern")
            continue
        found = _Found(number=number, name=name, said={"proof_id": bare} | match.groupdict())
        proofs[found.said["proof_id"]].append(found)
    for pictures in proofs.values():
        yield _proof(folder, pictures, job_id)


def _compiled(pattern: str, job_id: str | None) -> re.Pattern[str]:
    named = _PLACE.findall(pattern)
    wrong = [one for one in named if one not in FIELDS or named.count(one) > 1]
    if wrong:
        raise UsageError(f"--pattern {pattern!r}: use each of {', '.join(FIELDS)} once at most, in braces")
    for one in ("submitter_id", *(() if job_id else ("job_id",))):
        if one not in named:
            raise UsageError(f"--pattern {pattern!r}: say where {{{one}}} stands")
    parts = _PLACE.split(pattern)
    # As short as can be, so that the last place takes what is left, separators too; never across a folder.
    shown = [f"(?P<{one}>[^/]+?)" if place % 2 else re.escape(one) for place, one in enumerate(parts)]
    return re.compile("".join(shown))


def _names(folder: Path) -> list[str]:
    try:
        found = [path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()]
    except OSError as error:
        raise ManifestError(f"{folder}: cannot be read ({error.strerror}); check its rights") from error
    return sorted(str(one) for one in found if not any(part.startswith(".") for part in one.parts))


def _proof(folder: Path, pictures: list[_Found], job_id: str | None) -> ManifestLine | Fault:
    ordered = sorted(pictures, key=lambda one: _by_number(one.said.get("image", one.name)))
    first = ordered[0]
    whose = {(one.said.get("job_id", job_id), one.said["submitter_id"]) for one in ordered}
    if len(whose) > 1:
        told = f"shares the proof id {first.said['proof_id']!r} with another job's or submitter's picture"
        return _fault(folder, first.number, first.name, told, "give each proof an id of its own")
    claim = {name: first.said[name] for name in ("job_id", "submitter_id", "proof_id") if name in first.said}
    try:
        form = parse_claim({"job_id": job_id} | claim | {"images": [one.name for one in ordered]})
        form.model_dump_json()
        return ManifestLine(line=first.number, form=form)
    except UnicodeError:
        return _fault(folder, first.number, repr(first.name), "is not UTF-8", "rename it")
    except UsageError as error:
        return _fault(folder, first.number, first.name, str(error), "rename it and run again")


def _by_number(text: str) -> list[tuple[bool, int, str]]:
    """Sort 2 before 10."""
    return [(one.isdigit(), int(one) if one.isdigit() else 0, one) for one in _NUMBERS.split(text)]


def _fault(folder: Path, number: int, name: str, problem: str, remedy: str) -> Fault:
    return Fault(file=str(folder), line=number, problem=f"{name} {problem}", remedy=remedy)
