"""`praman export`: the current verdicts as JSON lines, or as CSV that a spreadsheet opens inert.

The CSV is also how verdicts leave for platforms without an API: `paste` is the sentence for the submitter,
in their language, and `todo` what a person must still do.
"""

from __future__ import annotations

import csv
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from pipeline.cells import inert
from pipeline.commands.embedded import database_url
from pipeline.commands.whose import refuse_unknown_platform
from pipeline.errors import UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.ledger.queries import SqlQueries
from pipeline.ledger.schema import refuse_another_schema
from pipeline.platforms.ratings import Act, rating_of
from pipeline.publish import verdict_line
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.records import RecordedVerdict

COLUMNS = (
    "proof_id",
    "job_id",
    "submitter_id",
    "verdict",
    "codes",
    "message",
    "remedy",
    "duplicate_of",
    "deadline",
    "paste",
    "todo",
)
TODO = {
    Act.ACCEPT: "approve it",
    Act.REJECT: "reject it and paste the sentence",
    Act.REVISE: "ask for a new proof and paste the sentence",
    None: "look at it and decide",
}


def export(platform: str, *, job: str | None, out: Path | None, form: str, db: str | None) -> None:
    """Write the verdicts of a platform, oldest first.

    Raises:
        UsageError: The format or the platform is unknown, or the file cannot be written.
    """
    if form not in {"jsonl", "csv"}:
        raise UsageError(f"--format {form!r}: write jsonl or csv")
    url = load_settings(database_url=database_url(db)).database
    refuse_another_schema(url)
    engine = make_engine(url)
    refuse_unknown_platform(SqlPlatforms(engine), platform)
    queries = SqlQueries(engine)
    write = _write_csv if form == "csv" else _write_jsonl
    with _opened(out) as file:
        write(file, queries.export(platform, job_id=job))


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror}); check the folder") from error


def _write_jsonl(file: TextIO, verdicts: Iterable[RecordedVerdict]) -> None:
    file.writelines(json.dumps(verdict_line(recorded), ensure_ascii=False) + "\n" for recorded in verdicts)


def _write_csv(file: TextIO, verdicts: Iterable[RecordedVerdict]) -> None:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows(map(_row, verdicts))


def _row(recorded: RecordedVerdict) -> tuple[str, ...]:
    line = verdict_line(recorded)
    reasons, deadline = line["reasons"], recorded.proof.deadline
    rating = rating_of(line, job_id=recorded.proof.job_id)
    cells = (
        line["proof_id"],
        recorded.proof.job_id,
        recorded.proof.submitter_id,
        line["verdict"],
        " ".join(reason["code"] for reason in reasons),
        " ".join(reason["message"] for reason in reasons),
        " ".join(sorted({reason["remedy"] for reason in reasons})),
        line["duplicate_of"]["proof_id"] if line["duplicate_of"] else "",
        deadline.isoformat() if deadline else "",
        rating.comment if rating else "",
        TODO[rating.act if rating else None],
    )
    return tuple(inert(cell) for cell in cells)
