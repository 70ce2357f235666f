"""`praman verify`: every proof of a manifest through the real actors, verdicts in manifest order.

All proofs are taken into the ledger before the first bell rings, so that the earlier `submitted_at` is the
original whatever order the manifest has. Killed and started again on the same database, it goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING

from actors.attempt import move_on
from actors.broker import make_broker
from actors.main import working
from pipeline.claims import submission_of
from pipeline.commands.catalogue import catalogue
from pipeline.commands.embedded import PLATFORM, embedded_settings
from pipeline.commands.outputs import refuse_unwritable
from pipeline.commands.waiting import until_decided
from pipeline.errors import ProofConflict
from pipeline.jobs import load_jobs
from pipeline.ledger.schema import lay_out, migrate
from pipeline.manifest import ManifestLine, load_picture, read_manifest
from pipeline.publish import verdict_line
from pipeline.records import Fault, Ring
from pipeline.submit import submit
from pipeline.wiring import WorkerServices
from pipeline.wiring import services as make_services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.commands.progress import Progress
    from pipeline.settings import Settings
    from pipeline.wiring import Services

CHUNK = 500


@dataclass(slots=True, kw_only=True)
class Report:
    """What one run did.

    Attributes:
        order: Proof ids in manifest order.
        faults: Lines that could only be reported.
        problems: What was wrong with pictures of lines that have a verdict all the same.
        waiting: Proofs for which nobody has rung yet, and when they were submitted.
    """

    order: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    problems: list[Fault] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    waiting: list[tuple[datetime, Ring]] = field(default_factory=list)
    new: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Return the summary for programs."""
        return {
            "proofs": len(self.order),
            "verdicts": dict(self.verdicts),
            "reasons": dict(self.reasons.most_common()),
            "new": self.new,
            "seconds": round(self.seconds, 2),
            "faults": [str(fault) for fault in self.faults],
            "problems": [str(fault) for fault in self.problems],
        }


def verify(
    manifest: Path,
    *,
    jobs: Path,
    out: Path,
    workers: int | None,
    db: str | None,
    kinds_dir: Path | None,
    progress: Progress,
) -> Report:
    """Verify a manifest and write its verdict lines to `out`.

    Args:
        workers: Children that open pictures here; None for one a core, or for none where the settings name a
            Redis broker whose workers do the work.
        db: Database to go on with; None for a fresh temporary one.

    Raises:
        UsageError: Job file, manifest or settings cannot be used; nothing ran.
        NotReady: No picture can be opened or read on this machine; what has no verdict waits.
    """
    declared = load_jobs(jobs, kinds=catalogue(kinds_dir))
    lines = tuple(read_manifest(manifest))
    refuse_unwritable("--out", out)
    started = time.monotonic()
    report = Report()
    with embedded_settings(db, workers=workers) as settings:
        (lay_out if db is None else migrate)(settings.database)
        working_here = settings.in_process or workers is not None
        with _services(settings, working_here=working_here) as services:
            services.ledger.declare_platform(PLATFORM)
            for job in declared:
                services.ledger.declare_job(PLATFORM, job)
            _take_in(services, manifest, lines, report=report, progress=progress)
            ids = tuple(dict.fromkeys(report.order))
            with progress.stage("verifying", total=len(ids)) as advance:
                _ring(services, report)
                until_decided(
                    services,
                    PLATFORM,
                    ids,
                    sweeping=not working_here,
                    advance=advance,
                    unready=_unready(services),
                )
            _write(services, out, report)
    report.seconds = time.monotonic() - started
    return report


def _services(settings: Settings, *, working_here: bool) -> AbstractContextManager[Services]:
    if working_here:
        return working(settings, sweeping=True)
    return nullcontext(make_services(settings, make_broker(settings, patient=False)))


def _unready(services: Services) -> Callable[[], str | None]:
    """Return what tells why nobody can do the work, where it is done here."""
    return services.children.unready if isinstance(services, WorkerServices) else lambda: None


def _take_in(
    services: Services,
    manifest: Path,
    lines: tuple[ManifestLine | Fault, ...],
    *,
    report: Report,
    progress: Progress,
) -> None:
    with progress.stage("taking in", total=len(lines)) as advance:
        for line in lines:
            if isinstance(line, Fault):
                report.faults.append(line)
            else:
                _submit(services, manifest, line, report)
            advance(1)


def _submit(services: Services, manifest: Path, line: ManifestLine, report: Report) -> None:
    pictures = []
    for name in line.form.images:
        loaded = load_picture(manifest, name, max_bytes=services.policy.max_bytes)
        pictures.append(loaded.content)
        if loaded.problem:
            report.problems.append(_fault(manifest, line, loaded.problem))
    form = line.form if line.form.proof_id else line.form.model_copy(update={"proof_id": _made_id(line)})
    submission = submission_of(form, platform=PLATFORM, pictures=pictures, now=_taken_at(manifest))
    try:
        proof, new = submit(submission, ledger=services.ledger, store=services.store, policy=services.policy)
    except ProofConflict:
        problem = f"proof_id {form.proof_id!r} was used before with other content"
        report.faults.append(_fault(manifest, line, problem, "give the proof an id of its own"))
        return
    report.order.append(proof.proof_id)
    report.waiting.append((proof.submitted_at, Ring(proof=proof.id, step=proof.step)))
    report.new += new


def _ring(services: Services, report: Report) -> None:
    """Ring for every proof at once, now that all are in the ledger; earlier ones first."""
    for _, ring in sorted(report.waiting, key=itemgetter(0)):
        move_on(services, ring.proof, ring.step)
    report.waiting.clear()


def _made_id(line: ManifestLine) -> str:
    """Return an id for a line without one: the same at each start, so that a resume finds its proof."""
    digest = hashlib.sha256(line.form.model_dump_json().encode()).hexdigest()[:10]
    return f"line-{line.line}-{digest}"


def _taken_at(manifest: Path) -> datetime:
    """Return when lines without a time were submitted: the file's own time, the same at each start."""
    return datetime.fromtimestamp(manifest.stat().st_mtime, tz=UTC)


def _fault(manifest: Path, line: ManifestLine, problem: str, remedy: str = "it goes to a person") -> Fault:
    return Fault(file=str(manifest), line=line.line, problem=problem, remedy=remedy)


def _write(services: Services, out: Path, report: Report) -> None:
    """Write the verdict lines to a file beside `out` and move it there whole."""
    partial = out.with_name(f".{out.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8") as file:
        for line in _verdict_lines(services, report):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    partial.replace(out)


def _verdict_lines(services: Services, report: Report) -> Iterator[dict[str, object]]:
    for start in range(0, len(report.order), CHUNK):
        chunk = report.order[start : start + CHUNK]
        found = services.queries.verdicts_for(PLATFORM, chunk)
        for proof_id in chunk:
            line = verdict_line(found[proof_id])
            report.verdicts[line["verdict"]] += 1
            codes = {reason["code"] for reason in line["reasons"]}
            report.reasons.update(codes)
            report.pairs.update((line["verdict"], code) for code in codes)
            yield line
