"""Proofs as a CSV file: for platforms without an API, one proof a row, pictures as paths or links.

In: a file whose first row names its columns. Out, a row at a time: a claim, or a fault with line number and
remedy; one bad row stops no other. It opens no picture.
"""

from __future__ import annotations

import csv
import hashlib
import json
from typing import TYPE_CHECKING

from pipeline.claims import parse_claim
from pipeline.errors import ManifestError, UsageError
from pipeline.manifest import ManifestLine
from pipeline.records import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.claims import ClaimForm

COLUMNS = ("proof_id", "job_id", "submitter_id", "submitted_at", "images", "answer", "lang", "deadline")
SEPARATOR = "|"


def read_csv(path: Path, *, job_id: str | None = None) -> Iterator[ManifestLine | Fault]:
    """Yield each row, good or faulty; blank rows and columns of other names are passed over.

    Args:
        path: UTF-8, with or without a byte order mark. Several pictures of a row stand in one cell, with
            `|` between them.
        job_id: The job of rows that name none.

    Raises:
        ManifestError: The file cannot be opened, or its first row does not name the columns needed.
    """
    try:
        # Bytes that are no UTF-8 are found in their own row and spoil no other.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield from _rows(csv.reader(file, strict=True), path, job_id)
    except OSError as error:
        raise ManifestError(
            f"{path}: cannot be read ({error.strerror}); check the path and its rights"
        ) from error


def _rows(reader: Iterator[list[str]], path: Path, job_id: str | None) -> Iterator[ManifestLine | Fault]:
    names = _columns(reader, path, job_id)
    while True:
        line = _line(reader) + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _fault(path, line, f"not CSV ({error})", "close its quotes and double those inside")
            continue
        if any(cell.strip() for cell in cells):
            yield _parsed(dict(zip(names, cells, strict=False)), len(cells) - len(names), path, line, job_id)


def _line(reader: Iterator[list[str]]) -> int:
    return int(getattr(reader, "line_num", 0))


def _columns(reader: Iterator[list[str]], path: Path, job_id: str | None) -> list[str]:
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
    except csv.Error as error:
        raise ManifestError(f"{path}:1: not CSV ({error}); write the columns' names there") from error
    needed = {"submitter_id", "images"} | (set() if job_id else {"job_id"})
    missing = sorted(needed - set(names))
    if missing:
        raise ManifestError(
            f"{path}:1: there is no column {missing[0]}; name the columns {', '.join(COLUMNS)}"
        )
    doubled = sorted({name for name in COLUMNS if names.count(name) > 1})
    if doubled:
        raise ManifestError(f"{path}:1: two columns are named {doubled[0]}; leave one")
    return names


def _parsed(
    row: dict[str, str], surplus: int, path: Path, line: int, job_id: str | None
) -> ManifestLine | Fault:
    if surplus:
        told = f"{abs(surplus)} cells {'more' if surplus > 0 else 'fewer'} than columns"
        return _fault(path, line, told, "quote cells that hold a comma")
    claim: dict[str, object] = {name: row[name].strip() for name in COLUMNS if row.get(name, "").strip()}
    claim["images"] = [one.strip() for one in row["images"].split(SEPARATOR) if one.strip()]
    if job_id is not None:
        claim.setdefault("job_id", job_id)
    try:
        json.dumps(claim, ensure_ascii=False).encode()
        return ManifestLine(line=line, form=named(parse_claim(claim)))
    except UnicodeEncodeError:
        return _fault(path, line, "not UTF-8", "save the file as CSV UTF-8")
    except UsageError as error:
        return _fault(path, line, str(error), "mend the row and run again")


def named(form: ClaimForm) -> ClaimForm:
    """Return the claim with an id: the same one whenever the same claim comes again."""
    if form.proof_id is not None:
        return form
    digest = hashlib.sha256(form.model_dump_json().encode()).hexdigest()[:16]
    return form.model_copy(update={"proof_id": f"row-{digest}"})


def _fault(path: Path, line: int, problem: str, remedy: str) -> Fault:
    return Fault(file=str(path), line=line, problem=problem, remedy=remedy)
