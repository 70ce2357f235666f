"""Verdicts are appended, never edited; each may bring notices to be delivered.

In: a `Claim` with a `Verdict` or with `Notice`s. Out: the `RecordedVerdict`, its sequence number given out
under a lock of the platform, and the proof moved on. It does not decide: it refuses a decision that missed
something.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, insert, literal_column, select, tuple_, update
from ulid import ULID

from pipeline.codec import encode
from pipeline.errors import UsageError
from pipeline.ledger import similar
from pipeline.ledger.clock import now
from pipeline.ledger.intake import await_fingerprints
from pipeline.ledger.steps import move
from pipeline.ledger.tables import attempts, notices, platforms, proofs, verdicts
from pipeline.reasons import REASONS, Remedy
from pipeline.records import Outcome, RecordedVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from pipeline.records import Claim, Kept, Notice, Proof, Step, Verdict


def _earlier_unseen() -> ColumnElement[bool]:
    other = proofs.alias("other")
    return exists().where(
        other.c.platform == proofs.c.platform,
        other.c.job_id == proofs.c.job_id,
        other.c.step == literal_column("'fingerprint'"),
        other.c.submitted_at <= proofs.c.submitted_at,
        tuple_(other.c.submitted_at, other.c.id) < tuple_(proofs.c.submitted_at, proofs.c.id),
    )


# Built once: building a statement costs more than SQLite takes to run it.
_UNSEEN = select(_earlier_unseen()).select_from(proofs).where(proofs.c.id == bindparam("proof"))
_CURRENT = select(proofs.c.verdict).where(proofs.c.id == bindparam("proof")).with_for_update(key_share=True)
_NUMBER = (
    update(platforms)
    .where(platforms.c.name == bindparam("platform"))
    .values(last_sequence=platforms.c.last_sequence + 1)
    .returning(platforms.c.last_sequence)
)
_WORKED = select(attempts.c.started_at, attempts.c.ended_at).where(
    attempts.c.proof == bindparam("proof"), attempts.c.ended_at.is_not(None)
)
_APPEND = (
    insert(verdicts)
    .values({column.name: bindparam(column.name) for column in verdicts.c} | {"decided_at": now()})
    .returning(verdicts.c.decided_at)
)


def earlier_unseen(connection: Connection, proof: str) -> bool:
    """Tell whether an earlier proof of the same job still waits to be fingerprinted."""
    return bool(connection.scalar(_UNSEEN, {"proof": proof}))


class Missed(Exception):
    """Something turned up that the verdict should have seen; the transaction must not be kept."""


def finish_judge(
    connection: Connection,
    held: Claim,
    verdict: Verdict,
    *,
    seen: frozenset[str],
    limit: int,
    then: Step,
    kept: Kept | None,
) -> RecordedVerdict:
    """Append the verdict unless it missed something; see `ports.Ledger.finish_judge`.

    Two proofs of one capture cannot both be accepted: fingerprints and verdicts of a platform are committed
    apart. The earlier proof's fingerprints come either before the later one's verdict, which then
    must have seen them, or after it, and then the earlier one's judge finds the accepted verdict. What
    needs no lock is written before it is taken.

    A candidate submitted later and not accepted is no reason to judge again: it can only be a copy of this
    one, and its own judge sees this one. Without that, a popular job would be judged over and over.

    Raises:
        Missed: There is such a thing; roll back.
    """
    proof = held.proof.id
    ulid, supersedes = str(ULID()), connection.scalar(_CURRENT, {"proof": proof})
    move(connection, held, then=then, kept=kept, verdict=ulid, outcome=verdict.outcome)
    await_fingerprints(connection, held.proof.platform)
    if _missed(connection, proof, seen=seen, limit=limit):
        raise Missed
    return append(connection, replace(held.proof, step=then), verdict, supersedes=supersedes, ulid=ulid)


def append(
    connection: Connection,
    proof: Proof,
    verdict: Verdict,
    *,
    supersedes: str | None,
    ulid: str | None = None,
) -> RecordedVerdict:
    """Append a verdict with the platform's next number, whose row stays locked until this is committed."""
    row = _verdict_row(verdict) | {"id": ulid or str(ULID()), "supersedes": supersedes}
    row |= {"proof": proof.id, "platform": proof.platform, "took_ms": _worked_ms(connection, proof.id)}
    row["sequence"] = connection.scalar(_NUMBER, {"platform": proof.platform})
    return RecordedVerdict(
        id=row["id"],
        proof=proof,
        verdict=verdict,
        sequence=row["sequence"],
        supersedes=supersedes,
        decided_at=connection.execute(_APPEND, row).scalar_one(),
        took_ms=row["took_ms"],
    )


def _missed(connection: Connection, proof: str, *, seen: frozenset[str], limit: int) -> bool:
    if earlier_unseen(connection, proof):
        return True
    found = similar.candidates(connection, proof, limit=limit)
    return any(one.proof not in seen and similar.decides(one) for one in found)


def _verdict_row(verdict: Verdict) -> dict[str, Any]:
    root = verdict.duplicate_of
    remedies = {REASONS[reason.code].remedy for reason in verdict.reasons}
    return {
        "outcome": verdict.outcome,
        "resubmit_asked": verdict.outcome is Outcome.REJECT and Remedy.RESUBMIT in remedies,
        "root_proof": root and root.proof,
        "root_proof_id": root and root.proof_id,
        "body": encode(verdict),
    }


def _worked_ms(connection: Connection, proof: str) -> int:
    """Return how long the proof was worked on; an attempt that never ended tells nothing."""
    ended = connection.execute(_WORKED, {"proof": proof})
    worked = sum((row.ended_at - row.started_at for row in ended), timedelta())
    return max(0, round(worked / timedelta(milliseconds=1)))


def finish_publish(connection: Connection, held: Claim, written: Sequence[Notice], *, then: Step) -> None:
    """Write the notices of the current verdict and move on; see `ports.Ledger.finish_publish`."""
    move(connection, held, then=then)
    if not written:
        return
    verdict = connection.scalar(_CURRENT, {"proof": held.proof.id})
    if verdict is None:
        raise UsageError(f"proof {held.proof.id} has no verdict to give notice of; judge it first")
    for notice in written:
        row = {"id": str(ULID()), "verdict": verdict, "platform": held.proof.platform}
        row |= {"target": notice.target, "body": notice.body}
        due_at = now() if notice.due_at is None else notice.due_at
        connection.execute(insert(notices).values(**row, due_at=due_at, created_at=now()))
