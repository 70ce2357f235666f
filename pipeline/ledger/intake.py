"""Platforms, jobs and proofs come in.

In: a name, a `Job`, a `Submission`. Out: their rows, each made once however often it is sent. It never
changes a job or a proof that is there.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select
from ulid import ULID

from pipeline import flow
from pipeline.codec import encode
from pipeline.errors import ProofConflict, UsageError
from pipeline.ledger import requests
from pipeline.ledger.clock import now
from pipeline.ledger.rows import job_from, load_proof
from pipeline.ledger.tables import jobs, pictures, platforms, proofs
from pipeline.ledger.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from pipeline.records import Job, Once, Proof, Step, StoredPicture, Submission


# Built once: building a statement costs more than SQLite takes to run it.
_LOCK = (
    select(platforms.c.name).where(platforms.c.name == bindparam("platform")).with_for_update(key_share=True)
)
_NEWEST = (
    select(platforms.c.name, jobs.c.id, jobs.c.version, jobs.c.spec)
    .select_from(
        platforms.outerjoin(
            jobs, (jobs.c.platform == platforms.c.name) & (jobs.c.job_id == bindparam("job_id"))
        )
    )
    .where(platforms.c.name == bindparam("platform"))
    .order_by(func.coalesce(jobs.c.version, 0).desc())
    .limit(1)
)


def declare_platform(connection: Connection, name: str) -> None:
    """Make the platform if it is not there."""
    row = {"name": name, "created_at": now()}
    connection.execute(upsert(connection, platforms).values(row).on_conflict_do_nothing())


def declare_job(connection: Connection, platform: str, job: Job) -> None:
    """Append `job` as the current version unless it equals the current one."""
    lock_platform(connection, platform)
    row = _newest(connection, platform, job.id)
    if row.spec is not None and job_from(row.spec) == job:
        return
    version = 1 if row.version is None else row.version + 1
    connection.execute(
        insert(jobs).values(
            id=str(ULID()),
            platform=platform,
            job_id=job.id,
            version=version,
            spec=encode(job),
            created_at=now(),
        )
    )


def current_job(connection: Connection, platform: str, job_id: str) -> Job | None:
    """Return the newest version of the job; None also where the platform is unknown."""
    query = select(jobs.c.spec).where(jobs.c.platform == platform, jobs.c.job_id == job_id)
    spec = connection.scalar(query.order_by(jobs.c.version.desc()).limit(1))
    return None if spec is None else job_from(spec)


def lock_platform(connection: Connection, platform: str) -> None:
    """Hold the platform's row until the transaction ends.

    FOR NO KEY UPDATE, so that proofs may come in meanwhile; SQLite has the whole file locked already.

    Raises:
        UsageError: There is no such platform.
    """
    if connection.scalar(_LOCK, {"platform": platform}) is None:
        raise _unknown(platform)


def _newest(connection: Connection, platform: str, job_id: str) -> Any:
    """Return id, version and spec of the job's newest version, each None where there is none."""
    row = connection.execute(_NEWEST, {"platform": platform, "job_id": job_id}).one_or_none()
    if row is None:
        raise _unknown(platform)
    return row


def _unknown(platform: str) -> UsageError:
    return UsageError(f"platform {platform!r} is not known; make it first with `praman platform add`")


def add_proof(
    connection: Connection,
    submission: Submission,
    stored: Sequence[StoredPicture],
    *,
    step: Step | None = None,
    once: Once | None = None,
) -> tuple[Proof, bool]:
    """Insert a proof with its pictures, once; see `ports.Ledger.add_proof`."""
    if once is not None:
        requests.keep(connection, submission.platform, once)
    job = _newest(connection, submission.platform, submission.job_id)
    row = _proof_row(submission, stored, job)
    if step is None:
        # By the job of the same moment: one that is declared meanwhile would be judged without being read.
        step = flow.first(None if job.spec is None else job_from(job.spec), stored)
    statement = upsert(connection, proofs).values(
        **row, received_at=now(), step=step, due_at=now(), rung_at=now()
    )
    statement = statement.on_conflict_do_nothing(index_elements=["platform", "proof_id"])
    if connection.scalar(statement.returning(proofs.c.id)) is None:
        return _there_already(connection, row), False
    if stored:
        connection.execute(insert(pictures), [_picture_row(row["id"], picture) for picture in stored])
    return _loaded(connection, row["id"]), True


def _proof_row(submission: Submission, stored: Sequence[StoredPicture], job: Any) -> dict[str, Any]:
    ulid = str(ULID())
    return {
        "id": ulid,
        "platform": submission.platform,
        "proof_id": submission.proof_id or ulid,
        "job_id": submission.job_id,
        "job": job.id,
        "submitter_id": submission.submitter_id,
        "submitted_at": submission.submitted_at,
        "answer": submission.answer,
        "lang": submission.lang or ("en" if job.spec is None else job_from(job.spec).lang),
        "deadline": submission.deadline,
        "digest": _digest(submission, stored),
    }


def _picture_row(proof: str, picture: StoredPicture) -> dict[str, Any]:
    return {
        "id": picture.id,
        "proof": proof,
        "image": picture.index,
        "key": picture.key,
        "sha256": picture.sha256,
        "size_bytes": picture.size_bytes,
        "fault": picture.fault,
    }


def _digest(submission: Submission, stored: Sequence[StoredPicture]) -> str:
    """Return a digest of all that makes two submissions the same proof."""
    content = [
        submission.job_id,
        submission.submitter_id,
        submission.submitted_at.astimezone(UTC).isoformat() if submission.timed else None,
        [picture.sha256 for picture in stored],
        submission.answer,
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _there_already(connection: Connection, row: dict[str, Any]) -> Proof:
    query = select(proofs.c.id, proofs.c.digest)
    query = query.where(proofs.c.platform == row["platform"], proofs.c.proof_id == row["proof_id"])
    there = connection.execute(query).one()
    if there.digest != row["digest"]:
        raise ProofConflict(
            f"proof id {row['proof_id']!r} was used before with other content; send this one under a new id"
        )
    return _loaded(connection, there.id)


def _loaded(connection: Connection, proof: str) -> Proof:
    found = load_proof(connection, proof)
    assert found is not None  # written, or found by its unique key, in this transaction
    return found
