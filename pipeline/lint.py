"""Everything that can be said about a job file before anything runs.

In: a file and the catalogue. Out: faults (nothing may run), notices (it runs, but know this), and the jobs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.jobs import read_jobs
from pipeline.records import PolicyStance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.records import Fault, Job
    from pipeline.specs.job import WrittenJob
    from pipeline.specs.kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNotice:
    """A rule that the jobs of one kind touch; told once for each kind of a file.

    Attributes:
        line: Where the file names the kind first.
        jobs: Ids of all jobs of the kind, in file order.
    """

    file: str
    line: int
    kind: str
    stance: PolicyStance
    rule: str
    sentence: str
    url: str | None
    jobs: tuple[str, ...]

    def __str__(self) -> str:
        count = f"{len(self.jobs)} job{'s' if len(self.jobs) > 1 else ''}"
        return f"{self.file}:{self.line}: {self.kind} ({count}): {self.sentence} Rule: {self.rule}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """What was found; `jobs` is empty where there are faults."""

    faults: tuple[Fault, ...]
    notices: tuple[PolicyNotice, ...]
    jobs: tuple[Job, ...]

    @property
    def ok(self) -> bool:
        """Whether the file can be used."""
        return not self.faults


def lint(path: Path, *, kinds: Mapping[str, Kind]) -> Lint:
    """Return the faults, notices and jobs of a file; raises nothing for a bad one."""
    read = read_jobs(path, kinds=kinds)
    jobs = () if read.faults else tuple(written.job for written in read.jobs)
    return Lint(faults=read.faults, notices=_notices(str(path), read.jobs, kinds), jobs=jobs)


def _notices(file: str, jobs: tuple[WrittenJob, ...], kinds: Mapping[str, Kind]) -> tuple[PolicyNotice, ...]:
    by_kind: dict[str, list[WrittenJob]] = {}
    for written in jobs:
        if written.job.kind and written.job.stance is not PolicyStance.ALLOW:
            by_kind.setdefault(written.job.kind, []).append(written)
    return tuple(_notice(file, kinds[name], some) for name, some in by_kind.items())


def _notice(file: str, kind: Kind, jobs: list[WrittenJob]) -> PolicyNotice:
    return PolicyNotice(
        file=file,
        line=jobs[0].kind_line,
        kind=kind.name,
        stance=kind.policy.stance,
        rule=kind.policy.rule or "",
        sentence=kind.policy.sentence or "",
        url=kind.policy.url,
        jobs=tuple(written.job.id for written in jobs),
    )
