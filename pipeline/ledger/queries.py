"""What commands and pages ask of the ledger, beside the steps' own needs.

In: an engine, a platform, ids. Out: records, many at a time; long answers are streamed. It never writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from pipeline.ledger import rates, rings
from pipeline.ledger.clock import now
from pipeline.ledger.rows import load_proofs, reason_from, verdicts_from
from pipeline.ledger.tables import attempts, platforms, proofs, verdicts
from pipeline.ledger.transact import Transactions
from pipeline.records import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from pipeline.reasons import ReasonCode
    from pipeline.records import History, Proof, RecordedVerdict, SharingRings

# Built once: building a statement costs more than SQLite takes to run it.
_UNDECIDED = (
    select(func.count())
    .select_from(proofs)
    .where(
        proofs.c.verdict.is_(None),
        proofs.c.platform == bindparam("platform"),
        proofs.c.proof_id.in_(bindparam("proof_ids", expanding=True)),
    )
)

BATCH = 500  # SQLite allows at least 999 values in a statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One claim of one step: who tried, when, and what came of it.

    Attributes:
        ended_at: None while it runs, and for ever where its worker died.
        problem: Why it was handed back; None where the step was finished.
        died: A child died of it.
    """

    step: Step
    number: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    problem: ReasonCode | None
    detail: str | None
    died: bool = False


class SqlQueries:
    """Reads across proofs; safe to share among threads, not across a fork."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def verdicts_for(self, platform: str, proof_ids: Iterable[str]) -> dict[str, RecordedVerdict]:
        """Return the current verdict of each of the platform's proof ids that has one."""
        found: dict[str, RecordedVerdict] = {}
        for some in _in_batches(proof_ids):
            found |= self._do.read(_verdicts_for, platform, some)
        return found

    def named(self, proof_id: str, *, platform: str | None = None) -> tuple[Proof, ...]:
        """Return the proofs that platforms call `proof_id`, of one platform or of each that has one."""
        return self._do.read(_named, proof_id, platform)

    def rings(
        self, *, platform: str | None = None, job_id: str | None = None, limit: int = 100
    ) -> SharingRings:
        """Return who shares captures, the largest rings first; for people to see, never to decide by."""
        return self._do.read(rings.rings, platform=platform, job_id=job_id, limit=limit)

    def undecided(self, platform: str, proof_ids: Iterable[str]) -> int:
        """Return how many of the platform's proof ids are known and have no verdict yet."""
        return sum(self._do.ask(_undecided, platform, some) for some in _in_batches(proof_ids))

    def export(
        self, platform: str, *, job_id: str | None = None, after: int | None = None
    ) -> Iterator[RecordedVerdict]:
        """Yield current verdicts in the order of their sequence, beginning after `after`.

        A verdict that is superseded while this runs, or later, comes again with a higher number.
        """
        cursor = after or 0
        while some := self._do.read(_page, platform, job_id, after=cursor):
            yield from some
            cursor = some[-1].sequence

    def now(self) -> datetime:
        """Return the database's present time."""
        return self._do.read(_now)

    def histories(self, proof: Proof, *, recent: int, usual: int) -> tuple[History, History]:
        """Return how often the proof's job and its submitter were rejected: newest ones, and those before."""
        return self._do.read(rates.histories, proof, recent=recent, usual=usual)

    def attempts(self, proof: str) -> tuple[Attempt, ...]:
        """Return every attempt on the proof with this ULID, in order."""
        return self._do.read(attempts_on, proof)


def _now(connection: Connection) -> datetime:
    return connection.execute(select(now())).scalar_one()


def _in_batches(ids: Iterable[str]) -> Iterator[list[str]]:
    distinct = list(dict.fromkeys(ids))
    for start in range(0, len(distinct), BATCH):
        yield distinct[start : start + BATCH]


def _verdicts_for(connection: Connection, platform: str, proof_ids: list[str]) -> dict[str, RecordedVerdict]:
    query = select(verdicts).join(proofs, proofs.c.verdict == verdicts.c.id)
    query = query.where(proofs.c.platform == platform, proofs.c.proof_id.in_(proof_ids))
    found = verdicts_from(connection, connection.execute(query))
    return {one.proof.proof_id: one for one in found}


def _named(connection: Connection, proof_id: str, platform: str | None) -> tuple[Proof, ...]:
    # From the platforms, which are few: the index of proofs begins with them.
    query = select(proofs.c.id).join(platforms, platforms.c.name == proofs.c.platform)
    query = query.where(proofs.c.proof_id == proof_id, proofs.c.erased_at.is_(None))
    if platform is not None:
        query = query.where(platforms.c.name == platform)
    found = load_proofs(connection, list(connection.scalars(query)))
    return tuple(sorted(found.values(), key=lambda one: one.platform))


def _undecided(connection: Connection, platform: str, proof_ids: list[str]) -> int:
    return connection.scalar(_UNDECIDED, {"platform": platform, "proof_ids": proof_ids}) or 0


def _page(connection: Connection, platform: str, job_id: str | None, *, after: int) -> list[RecordedVerdict]:
    query = select(verdicts).join(proofs, proofs.c.verdict == verdicts.c.id)
    query = query.where(verdicts.c.platform == platform, verdicts.c.sequence > after)
    query = query.where(proofs.c.erased_at.is_(None))
    if job_id is not None:
        query = query.where(proofs.c.job_id == job_id)
    return verdicts_from(connection, connection.execute(query.order_by(verdicts.c.sequence).limit(BATCH)))


def attempts_on(connection: Connection, proof: str) -> tuple[Attempt, ...]:
    """Return every attempt on the proof with this ULID, in order."""
    query = select(attempts).where(attempts.c.proof == proof)
    return tuple(
        Attempt(
            step=Step(row.step),
            number=row.number,
            worker=row.worker,
            started_at=row.started_at,
            ended_at=row.ended_at,
            problem=reason_from(row.problem),
            detail=row.detail,
            died=bool(row.died),
        )
        for row in connection.execute(query.order_by(attempts.c.started_at, attempts.c.id))
    )
