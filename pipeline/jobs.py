"""Job files, and single jobs that come over HTTP or from a command line, to `Job` records.

In: YAML or JSON text, or plain values, and the catalogue. Out: jobs, or every fault with its line and remedy.
Never guesses: a job that is not understood whole is not loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import JobFileError
from pipeline.specs import wording
from pipeline.specs.fields import Fields
from pipeline.specs.job import WrittenJob, read_job
from pipeline.specs.nodes import Entries, Node, Scalar, from_plain, parse, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.records import Fault, Job
    from pipeline.specs.kind import Kind

MAX_JOBS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFile:
    """What one file says: the jobs without fault, and every fault."""

    jobs: tuple[WrittenJob, ...]
    faults: tuple[Fault, ...]


def load_jobs(path: Path, *, kinds: Mapping[str, Kind]) -> tuple[Job, ...]:
    """Return the jobs of a file in the order written.

    Raises:
        JobFileError: The file has faults; it carries all of them.
    """
    read = read_jobs(path, kinds=kinds)
    if read.faults:
        raise JobFileError(read.faults)
    return tuple(written.job for written in read.jobs)


def parse_job(
    mapping: Mapping[str, object],
    *,
    kinds: Mapping[str, Kind],
    id: str | None = None,  # noqa: A002 (the job's own key, as in the file)
    source: str = "job",
) -> Job:
    """Return the job that plain values say, as in one item of a job file.

    Args:
        mapping: What JSON gave.
        id: The id the caller already knows (from an address); the mapping may then leave it out.
        source: What faults name as their file.

    Raises:
        JobFileError: The values have faults; it carries all of them.
    """
    fields = Fields(source)
    whole = mapping if id is None or "id" in mapping else {"id": id, **mapping}
    node = from_plain(whole, file=source)
    written = read_job(fields, node, kinds)
    if written and id is not None and written.job.id != id:
        fields.fault(
            node, f"has the id {wording.shown(written.job.id)}, not {wording.shown(id)}", "use one id"
        )
    if written is None or fields.faults:
        raise JobFileError(tuple(fields.faults))
    return written.job


def job_for_kind(
    kind: str,
    params: Mapping[str, str],
    *,
    id: str,  # noqa: A002 (the job's own key, as in the file)
    lang: str = "en",
    kinds: Mapping[str, Kind],
) -> Job:
    """Return a job of a kind with its parameters, for one proof without a job file.

    Raises:
        JobFileError: Unknown kind or language, or a parameter is unknown, missing or unusable.
    """
    return parse_job(
        {"id": id, "kind": kind, "params": dict(params), "lang": lang}, kinds=kinds, source="--kind"
    )


def read_jobs(path: Path, *, kinds: Mapping[str, Kind]) -> JobFile:
    """Return what a file says, its faults in the order of their lines. Raises nothing for a bad file."""
    try:
        node = parse(read_text(path), file=str(path))
    except JobFileError as error:
        return JobFile(jobs=(), faults=error.faults)
    fields = Fields(str(path))
    jobs = _jobs(fields, node, kinds)
    return JobFile(jobs=jobs, faults=tuple(sorted(fields.faults, key=lambda fault: fault.line)))


def _jobs(fields: Fields, node: Node, kinds: Mapping[str, Kind]) -> tuple[WrittenJob, ...]:
    if not isinstance(node, Entries):
        fields.fault(
            node, "does not start with `jobs:`", "put `jobs:` on the first line and each job below it"
        )
        return ()
    given = fields.entries(node, required=("jobs",)) or {}
    items = fields.items(given.get("jobs"), most=MAX_JOBS)
    if items == ():
        fields.fault(given["jobs"], "holds no job", "add one: `- id: ...`")
    read = tuple(written for item in items or () if (written := read_job(fields, item, kinds)))
    _refuse_double_ids(fields, read)
    return read


def _refuse_double_ids(fields: Fields, jobs: tuple[WrittenJob, ...]) -> None:
    first: dict[str, int] = {}
    for written in jobs:
        if written.job.id in first:
            here = Scalar(text=None, line=written.line, path="id")
            problem = f"is {wording.shown(written.job.id)}, used before on line {first[written.job.id]}"
            fields.fault(here, problem, "give each job its own id")
        elif written.job.id:
            first[written.job.id] = written.line
