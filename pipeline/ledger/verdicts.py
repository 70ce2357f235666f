"""Verdicts are appended, never edited; each may bring notices to be delivered.

In: a `Claim` with a `Verdict` or with `Notice`s. Out: the `RecordedVerdict`, its sequence number given out
under a lock of the platform, and the proof moved on. It does not decide: it refuses a decision that missed
something.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update
from ulid import ULID

from pipeline.codec import encode
from pipeline.errors import UsageError
from pipeline.ledger import similar
from pipeline.ledger.clock import now
from pipeline.ledger.findings import keep_readings
from pipeline.ledger.steps import SO_FAR, close, move
from pipeline.ledger.tables import notices, platforms, proofs, verdicts
from pipeline.ledger.tenants import targets_from
from pipeline.ledger.unseen import unseen
from pipeline.reasons import REASONS, Remedy
from pipeline.records import Outcome, RecordedVerdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from pipeline.ledger.similar import Pair
    from pipeline.ports import Tell
    from pipeline.records import Candidate, Claim, Notice, Proof, Step, Unclosed, Verdict


# Built once: building a statement costs more than SQLite takes to run it.
_UNSEEN = select(unseen()).select_from(proofs).where(proofs.c.id == bindparam("proof"))
_CURRENT = select(proofs.c.verdict).where(proofs.c.id == bindparam("proof")).with_for_update(key_share=True)
_NUMBER = (
    update(platforms)
    .where(platforms.c.name == bindparam("platform"))
    .values(last_sequence=platforms.c.last_sequence + 1)
    .returning(platforms.c.last_sequence, platforms.c.targets)
)
_GIVE_NOTICE = insert(notices).values(
    {name: bindparam(name) for name in ("id", "verdict", "platform", "target", "body")}
    | {"due_at": func.coalesce(bindparam("due", type_=notices.c.due_at.type), now()), "created_at": now()}
)
_APPEND = (
    insert(verdicts)
    .values({column.name: bindparam(column.name) for column in verdicts.c} | {"decided_at": now()})
    .returning(verdicts.c.decided_at)
)


@cache
def _append_whole() -> Select[Any]:
    """Return what takes the platform's next number and appends a verdict under it, for PostgreSQL.

    The platform's row is held from then on, so what follows is done by one statement less. It may have waited
    for the row, so it asks the clock when it has it: verdicts are decided in the order of their numbers.
    """
    numbered = _NUMBER.cte("numbered")
    given = [column for column in verdicts.c if column.name not in {"sequence", "decided_at"}]
    row = select(
        *(bindparam(f"new_{column.name}", type_=column.type) for column in given),
        numbered.c.last_sequence,
        func.clock_timestamp(type_=verdicts.c.decided_at.type),
    )
    names = [*(column.name for column in given), "sequence", "decided_at"]
    appended = insert(verdicts).from_select(names, row).returning(verdicts.c.decided_at).cte("appended")
    decided_at = select(appended.c.decided_at).scalar_subquery()
    return select(numbered.c.last_sequence, numbered.c.targets, decided_at.label("decided_at"))


def earlier_unseen(connection: Connection, proof: str) -> bool:
    """Tell whether an earlier proof of the same job still waits to be fingerprinted."""
    return bool(connection.scalar(_UNSEEN, {"proof": proof}))


def rivals(connection: Connection, proof: str, *, limit: int) -> tuple[Candidate, ...] | None:
    """Return the proof's candidates; None while an earlier proof of its job waits to be fingerprinted.

    A proof without a fingerprint waits for nobody: it can be no copy.
    """
    found, waits = similar.alike(connection, similar.fingerprinted(connection, proof), limit=limit)
    return None if waits else found


class Missed(Exception):
    """Something turned up that the verdict should have seen; the transaction must not be kept."""


def finish_judge(
    connection: Connection,
    held: Claim,
    verdict: Verdict,
    *,
    seen: Sequence[Candidate],
    limit: int,
    then: Step,
    tell: Tell | None,
    read: Unclosed | None,
) -> RecordedVerdict:
    """Append the verdict, with its notices, unless it missed something; see `ports.Ledger.finish_judge`.

    Two proofs of one capture cannot both be accepted. A verdict looks for what it missed, then takes its
    platform's next number, whose row stays locked until all is committed. What was decided between its look
    and its number it looks at too, for by then that is committed: so of two verdicts the second sees the
    first. The first one's fingerprints were committed before it: it came earlier, or it was accepted.
    Fingerprints need no lock. The platform's other verdicts wait from the number on, so all that needs no
    lock is done before.

    A candidate submitted later and not accepted is no reason to judge again: it can only be a copy of this
    one, and its own judge sees this one. Without that, a popular job would be judged over and over.

    Raises:
        Missed: There is such a thing; roll back.
    """
    proof, ulid = held.proof.id, str(ULID())
    ending: dict[str, Any] = {"then": then, "verdict": ulid, "outcome": verdict.outcome}
    if read is None:
        before = close(connection, held, **ending)
    else:
        before = close(connection, read.claim, also=held, **ending)
        keep_readings(connection, proof, read.readings)
    mine = similar.fingerprinted(connection, proof)
    known = {(one.image, one.picture): one for one in seen if one.decides}
    if _missed(connection, mine, known=known, limit=limit):
        raise Missed
    moved = replace(held.proof, step=then)
    row = _verdict_row(verdict) | {"id": ulid, "supersedes": before[0].verdict, "took_ms": _took_ms(before)}
    recorded, targets = _appended(connection, moved, verdict, row)
    if similar.decided_since(connection, mine, before=recorded.sequence, known=known) and _missed(
        connection, mine, known=known, limit=limit
    ):
        raise Missed
    if tell is not None and targets:
        _give_notice(connection, ulid, moved.platform, tell(recorded, targets))
    return recorded


def append(
    connection: Connection, proof: Proof, verdict: Verdict, *, supersedes: str | None
) -> RecordedVerdict:
    """Append a verdict with the platform's next number, whose row stays locked until this is committed."""
    before = connection.execute(SO_FAR, {"of": proof.id, "attempt": None}).all()
    row = _verdict_row(verdict) | {"id": str(ULID()), "supersedes": supersedes, "took_ms": _took_ms(before)}
    return _appended(connection, proof, verdict, row)[0]


def _appended(
    connection: Connection, proof: Proof, verdict: Verdict, row: dict[str, Any]
) -> tuple[RecordedVerdict, tuple[str, ...]]:
    """Give out the platform's next number and append under it; return where the platform's notices go, too.

    The platform's row stays locked until the transaction ends.
    """
    row |= {"proof": proof.id, "platform": proof.platform}
    number, decided_at = _numbered(connection, row)
    recorded = RecordedVerdict(
        id=row["id"],
        proof=proof,
        verdict=verdict,
        sequence=number.last_sequence,
        supersedes=row["supersedes"],
        decided_at=decided_at,
        took_ms=row["took_ms"],
    )
    return recorded, targets_from(number.targets)


def _numbered(connection: Connection, row: dict[str, Any]) -> tuple[Row[Any], datetime]:
    ours = {"platform": row["platform"]}
    if connection.dialect.name == "postgresql":
        given = {f"new_{name}": value for name, value in row.items()}
        number = connection.execute(_append_whole(), given | ours).one()
        return number, number.decided_at
    number = connection.execute(_NUMBER, ours).one()
    appended = connection.execute(_APPEND, row | {"sequence": number.last_sequence})
    return number, appended.scalar_one()


def _missed(
    connection: Connection, mine: Sequence[Row[Any]], *, known: Mapping[Pair, Candidate], limit: int
) -> bool:
    found, waits = similar.alike(connection, mine, limit=limit, known=known)
    return waits or any(one.decides and (one.image, one.picture) not in known for one in found)


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


def _took_ms(before: Sequence[Any]) -> int:
    """Return how many ms the proof was worked on; an attempt that never ended tells nothing."""
    worked = sum((row.until - row.started_at for row in before if row.started_at), timedelta())
    return max(0, round(worked / timedelta(milliseconds=1)))


def finish_publish(connection: Connection, held: Claim, written: Sequence[Notice], *, then: Step) -> None:
    """Write the notices of the current verdict and move on; see `ports.Ledger.finish_publish`."""
    move(connection, held, then=then)
    if not written:
        return
    verdict = connection.scalar(_CURRENT, {"proof": held.proof.id})
    if verdict is None:
        raise UsageError(f"proof {held.proof.id} has no verdict to give notice of; judge it first")
    _give_notice(connection, verdict, held.proof.platform, written)


def _give_notice(connection: Connection, verdict: str, platform: str, written: Sequence[Notice]) -> None:
    rows: list[dict[str, Any]] = [
        {"id": str(ULID()), "verdict": verdict, "platform": platform}
        | {"target": notice.target, "body": notice.body, "due": notice.due_at}
        for notice in written
    ]
    connection.execute(_GIVE_NOTICE, rows)
