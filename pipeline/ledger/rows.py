"""Rows become records here, before they leave the room.

In: a connection and ids, or rows. Out: `Proof`, `RecordedVerdict` and their parts. It writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, literal_column, select

from pipeline.codec import decode
from pipeline.ledger.tables import jobs, pictures, proofs, quarantine, verdicts
from pipeline.reasons import ReasonCode
from pipeline.records import Job, Proof, RecordedVerdict, Step, StoredPicture, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Row, Select

PROOFS: Select[Any] = select(proofs, jobs.c.spec).select_from(
    proofs.outerjoin(jobs, jobs.c.id == proofs.c.job)
)
"""Proofs with the job each was submitted under."""

# Statements of the common path are built once: building one costs more than SQLite takes to run it.
# A picture in quarantine is nobody's fault but ours, for as long as it stays there.
_POISON = case((quarantine.c.sha256.is_not(None), literal_column(f"'{ReasonCode.ENGINE_FAILED.value}'")))
_PICTURE = (
    *(pictures.c[name].label(f"picture_{name}") for name in ("id", "image", "key", "sha256", "size_bytes")),
    func.coalesce(pictures.c.fault, _POISON).label("picture_fault"),
)
_IN_QUARANTINE = quarantine.c.sha256 == pictures.c.sha256
PROOF: Select[Any] = (
    select(proofs, jobs.c.spec, *_PICTURE)
    .select_from(
        proofs.outerjoin(jobs, jobs.c.id == proofs.c.job)
        .outerjoin(pictures, pictures.c.proof == proofs.c.id)
        .outerjoin(quarantine, _IN_QUARANTINE)
    )
    .where(proofs.c.id == bindparam("of"))
    .order_by(pictures.c.image)
)
"""One proof with its job, a row for each picture; `proof_of` reads it."""


@lru_cache(maxsize=1024)
def job_from(spec: str) -> Job:
    """Return the job that `spec` tells; thousands of proofs share one."""
    return decode(Job, spec)


def reason_from(value: str | None) -> ReasonCode | None:
    """Return the reason code of a column that may be empty."""
    return None if value is None else ReasonCode(value)


def load_proof(connection: Connection, proof: str) -> Proof | None:
    """Return the proof with this ULID."""
    return proof_of(connection.execute(PROOF, {"of": proof}).all())


def proof_of(found: Sequence[Row[Any]]) -> Proof | None:
    """Return the proof of the rows of `PROOF`; None where there is no row."""
    if not found:
        return None
    return proof_from(found[0], tuple(_picture_from(row) for row in found if row.picture_id is not None))


def pictures_of(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[StoredPicture, ...]]:
    """Return the pictures of each proof, in order."""
    found: defaultdict[str, list[StoredPicture]] = defaultdict(list)
    query = select(pictures.c.proof, *_PICTURE).where(pictures.c.proof.in_(ids))
    query = query.select_from(pictures.outerjoin(quarantine, _IN_QUARANTINE))
    for row in connection.execute(query.order_by(pictures.c.proof, pictures.c.image)):
        found[row.proof].append(_picture_from(row))
    return {proof: tuple(found[proof]) for proof in ids}


def _picture_from(row: Row[Any]) -> StoredPicture:
    return StoredPicture(
        id=row.picture_id,
        index=row.picture_image,
        key=row.picture_key,
        sha256=row.picture_sha256,
        size_bytes=row.picture_size_bytes,
        fault=reason_from(row.picture_fault),
    )


def proof_from(row: Row[Any], stored: tuple[StoredPicture, ...]) -> Proof:
    """Return the proof of one row of `PROOFS`."""
    return Proof(
        id=row.id,
        platform=row.platform,
        proof_id=row.proof_id,
        job_id=row.job_id,
        job=None if row.spec is None else job_from(row.spec),
        submitter_id=row.submitter_id,
        submitted_at=row.submitted_at,
        received_at=row.received_at,
        answer=row.answer,
        lang=row.lang,
        deadline=row.deadline,
        step=Step(row.step),
        pictures=stored,
        failure=reason_from(row.failure),
    )


def load_proofs(connection: Connection, ids: Sequence[str]) -> dict[str, Proof]:
    """Return the proofs with these ULIDs, by ULID."""
    stored = pictures_of(connection, ids)
    return {
        row.id: proof_from(row, stored[row.id])
        for row in connection.execute(PROOFS.where(proofs.c.id.in_(ids)))
    }


def current_verdict(connection: Connection, proof: str) -> RecordedVerdict | None:
    """Return the newest verdict of a proof."""
    query = select(verdicts).join(proofs, proofs.c.verdict == verdicts.c.id).where(proofs.c.id == proof)
    found = verdicts_from(connection, connection.execute(query))
    return found[0] if found else None


def verdicts_from(connection: Connection, rows: Iterable[Row[Any]]) -> list[RecordedVerdict]:
    """Return the verdicts of rows of `verdicts`, with their proofs, in the rows' order."""
    kept = list(rows)
    proofs_by_id = load_proofs(connection, [row.proof for row in kept]) if kept else {}
    return [_verdict_from(row, proofs_by_id[row.proof]) for row in kept]


def _verdict_from(row: Row[Any], proof: Proof) -> RecordedVerdict:
    return RecordedVerdict(
        id=row.id,
        proof=proof,
        verdict=decode(Verdict, row.body),
        sequence=row.sequence,
        supersedes=row.supersedes,
        decided_at=row.decided_at,
        took_ms=row.took_ms,
    )
