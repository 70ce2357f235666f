"""`praman intake csv|folder`: proofs of a platform without an API go into its ledger, as over HTTP.

In: a file or a folder, and a platform that exists. Out: rows, pictures in the store, and a report. A row that
cannot be taken in is named with its number and nothing of it is kept, so that it can be mended and the same
command run again: what is there already is passed over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console

from actors.attempt import move_on
from actors.broker import make_broker
from pipeline.claims import submission_of
from pipeline.commands.catalogue import catalogue
from pipeline.commands.embedded import bring_to_schema
from pipeline.commands.terminal import escape
from pipeline.errors import LinkRefused, NoAnswer, ProofConflict, UsageError
from pipeline.jobs import load_jobs
from pipeline.ledger.engine import make_engine
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.manifest import load_picture
from pipeline.platforms.csv_file import read_csv
from pipeline.platforms.folder import read_folder
from pipeline.records import Fault, Ring
from pipeline.settings import load_settings
from pipeline.submit import submit
from pipeline.wiring import services as make_services

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.manifest import ManifestLine
    from pipeline.wiring import Services

LINKED = ("https://", "http://", "s3://", "data:")


class _NoPicture(Exception):
    """A picture cannot be had; the message says why."""


@dataclass(slots=True, kw_only=True)
class Taken:
    """What one run took in."""

    new: int = 0
    known: int = 0
    faults: list[Fault] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return the summary for programs."""
        return {"new": self.new, "known": self.known, "faults": [str(fault) for fault in self.faults]}


def intake_csv(path: Path, *, platform: str, jobs: Path | None, job: str | None, as_json: bool) -> bool:
    """Take in a CSV file; tell what became of it, and whether every row is in.

    Raises:
        UsageError: The platform, the file or the job file cannot be used; nothing was taken in.
    """
    return _intake(read_csv(path, job_id=job), beside=path, platform=platform, jobs=jobs, as_json=as_json)


def intake_folder(
    folder: Path, *, platform: str, pattern: str, jobs: Path | None, job: str | None, as_json: bool
) -> bool:
    """Take in a folder of pictures; tell what became of it, and whether every file is in.

    Raises:
        UsageError: The platform, the pattern, the folder or the job file cannot be used.
    """
    lines = read_folder(folder, pattern=pattern, job_id=job)
    beside = folder / "names"  # pictures are looked for in the folder of this name, and never outside it
    return _intake(lines, beside=beside, platform=platform, jobs=jobs, as_json=as_json)


def _intake(
    lines: Iterable[ManifestLine | Fault], *, beside: Path, platform: str, jobs: Path | None, as_json: bool
) -> bool:
    settings = load_settings()
    bring_to_schema(settings)
    _refuse_unknown(platform, settings.database)
    declared = load_jobs(jobs, kinds=catalogue(settings.kinds_dir)) if jobs else ()
    services = make_services(settings, make_broker(settings, patient=False))
    for job in declared:
        services.ledger.declare_job(platform, job)
    taken = Taken()
    for line in lines:
        fault = line if isinstance(line, Fault) else _take(services, line, beside, platform, taken)
        if fault is not None:
            taken.faults.append(fault)
    if not settings.in_process:  # a worker in another process finds the rows by its sweep
        for ring in taken.rings:
            move_on(services, ring.proof, ring.step)
    _tell(taken, as_json=as_json)
    return not taken.faults


def _refuse_unknown(platform: str, database: str) -> None:
    known = {one.name for one in SqlPlatforms(make_engine(database)).known()}
    if platform not in known:
        raise UsageError(f"platform {platform!r} does not exist; `praman platform add {platform}` makes it")


def _take(services: Services, line: ManifestLine, beside: Path, platform: str, taken: Taken) -> Fault | None:
    """Take one proof in, or return why not."""
    try:
        pictures = [_picture(services, beside, name, platform) for name in line.form.images]
        submission = submission_of(line.form, platform=platform, pictures=pictures, now=datetime.now(UTC))
        proof, new = submit(
            submission,
            ledger=services.ledger,
            store=services.store,
            policy=services.policy,
            known_job=True,
        )
    except ProofConflict:
        told = f"proof_id {line.form.proof_id!r} was used before with other content"
        return _fault(beside, line, told, "give the proof an id of its own")
    except (UsageError, _NoPicture) as error:
        return _fault(beside, line, str(error), "mend it and run again")
    taken.new += new
    taken.known += not new
    if new:
        taken.rings.append(Ring(proof=proof.id, step=proof.step))
    return None


def _picture(services: Services, beside: Path, name: str, platform: str) -> bytes:
    if name.startswith(LINKED):
        try:
            return services.links.fetch(name, platform=platform)
        except (LinkRefused, NoAnswer) as error:
            raise _NoPicture(str(error)) from error
    loaded = load_picture(beside, name, max_bytes=services.policy.max_bytes)
    if loaded.content is None:
        raise _NoPicture(loaded.problem or f"{name!r} cannot be read")
    return loaded.content


def _fault(beside: Path, line: ManifestLine, problem: str, remedy: str) -> Fault:
    return Fault(file=str(beside), line=line.line, problem=problem, remedy=remedy)


def _tell(taken: Taken, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(taken.as_json(), ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    console = Console(stderr=True, highlight=False)
    for fault in taken.faults:
        console.print(escape(str(fault)), soft_wrap=True)
    console.print(f"{taken.new} taken in, {taken.known} known already, {len(taken.faults)} refused")
