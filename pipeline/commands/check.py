"""`praman check`: one proof through the real actors on a temporary database, explained.

In: pictures and what they should show. Out: the recorded verdict with its readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from actors.attempt import move_on
from actors.main import working
from pipeline.annotate import annotate, evidence
from pipeline.commands.catalogue import catalogue
from pipeline.commands.embedded import PLATFORM, embedded_settings
from pipeline.commands.outputs import refuse_unwritable
from pipeline.commands.waiting import until_decided
from pipeline.errors import BadPicture, JobFileError, UsageError
from pipeline.jobs import job_for_kind, load_jobs
from pipeline.ledger.schema import lay_out
from pipeline.picture import decode
from pipeline.policy import Policy
from pipeline.records import Submission
from pipeline.submit import submit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.records import Job, Reading, RecordedVerdict

PROOF_ID = "check"
JOB_ID = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the user asked."""

    images: tuple[Path, ...]
    kind: str | None
    params: tuple[str, ...]
    jobs: Path | None
    job: str | None
    answer: str | None
    lang: str
    kinds_dir: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The verdict and the readings that it rests on."""

    recorded: RecordedVerdict
    readings: tuple[Reading, ...]


def check_one(question: Question) -> Answered:
    """Verify the pictures as one proof.

    Raises:
        UsageError: A picture cannot be read, or the job cannot be told from the options.
        NotReady: No picture can be opened or read on this machine.
    """
    job = _job(question)
    submission = Submission(
        platform=PLATFORM,
        job_id=job.id,
        submitter_id="you",
        submitted_at=datetime.now(UTC),
        pictures=tuple(_content(path) for path in question.images),
        proof_id=PROOF_ID,
        answer=question.answer,
        lang=question.lang,
    )
    with embedded_settings(None, workers=1) as settings:
        lay_out(settings.database)
        with working(settings, sweeping=True) as services:
            services.ledger.declare_platform(PLATFORM)
            services.ledger.declare_job(PLATFORM, job)
            proof, _ = submit(
                submission, ledger=services.ledger, store=services.store, policy=services.policy
            )
            move_on(services, proof.id, proof.step)
            until_decided(services, PLATFORM, (PROOF_ID,), sweeping=False, unready=services.children.unready)
            recorded = services.queries.verdicts_for(PLATFORM, [PROOF_ID])[PROOF_ID]
            return Answered(recorded=recorded, readings=services.ledger.readings(proof.id))


def drawings(images: Sequence[Path], out: Path) -> tuple[Path, ...]:
    """Return where the evidence on each picture is drawn; several pictures get several files.

    Raises:
        UsageError: One of them cannot be written.
    """
    several = len(images) > 1
    targets = tuple(out.with_stem(f"{out.stem}-{index}") if several else out for index in range(len(images)))
    for target in targets:
        refuse_unwritable("--annotate", target)
    return targets


def draw(answered: Answered, images: Sequence[Path], targets: Sequence[Path]) -> tuple[Path, ...]:
    """Draw the evidence on each picture; return those that are no picture, for which nothing is written."""
    left = []
    for index, (path, target) in enumerate(zip(images, targets, strict=True)):
        try:
            picture = decode(path.read_bytes(), policy=Policy())
        except BadPicture:
            left.append(path)
            continue
        target.write_bytes(annotate(picture, evidence(answered.recorded.verdict, index)))
    return tuple(left)


def _job(question: Question) -> Job:
    known = catalogue(question.kinds_dir)
    if question.kind is not None:
        params = _params(question.params)
        try:
            return job_for_kind(question.kind, params, id=JOB_ID, lang=question.lang, kinds=known)
        except JobFileError as error:
            raise UsageError("; ".join(f"{one.problem}; {one.remedy}" for one in error.faults)) from error
    if question.jobs is None or question.job is None:
        raise UsageError("say what the picture should show: --kind with --param, or --jobs with --job")
    found = next((job for job in load_jobs(question.jobs, kinds=known) if job.id == question.job), None)
    if found is None:
        raise UsageError(f"--job {question.job!r} is not in {question.jobs}; look at the ids there")
    return found


def _params(texts: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    wrong = next((name for name, equals, _ in pairs if not equals or not name), None)
    if wrong is not None:
        raise UsageError(f'--param {wrong!r}: write name=value, like channel="Nodi Tech"')
    return {name: value for name, _, value in pairs}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the path") from error
