"""What a platform asks about its own proofs: one, a page of them, and every verdict in order.

In: the platform's name first, always. Out: records. Erased proofs are not there. It writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from pipeline.ledger.rows import load_proofs, verdicts_from
from pipeline.ledger.tables import proofs, verdicts
from pipeline.records import Shown, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row, Select

    from pipeline.records import Outcome, RecordedVerdict


def shown(connection: Connection, platform: str, proof_id: str) -> Shown | None:
    """Return one proof of the platform by the platform's own id."""
    found = _shown(connection, _of(platform).where(proofs.c.proof_id == proof_id))
    return found[0] if found else None


def page(
    connection: Connection,
    platform: str,
    *,
    after: str,
    limit: int,
    outcome: Outcome | None,
    job_id: str | None,
) -> list[Shown]:
    """Return up to `limit` proofs whose ULID comes after `after`, in that order."""
    query = _of(platform).where(proofs.c.id > after).order_by(proofs.c.id).limit(limit)
    if outcome is not None:
        query = query.where(proofs.c.outcome == outcome)
    if job_id is not None:
        query = query.where(proofs.c.job_id == job_id)
    return _shown(connection, query)


def feed(connection: Connection, platform: str, *, after: int, limit: int) -> list[RecordedVerdict]:
    """Return up to `limit` verdicts whose sequence comes after `after`, superseded ones too.

    Sequences are given out under the platform's lock, in the order in which verdicts become visible: whoever
    saw one has seen all before it.
    """
    query = select(verdicts).join(proofs, proofs.c.id == verdicts.c.proof)
    query = query.where(verdicts.c.platform == platform, verdicts.c.sequence > after)
    query = query.where(proofs.c.erased_at.is_(None)).order_by(verdicts.c.sequence).limit(limit)
    return verdicts_from(connection, connection.execute(query))


def _of(platform: str) -> Select[Any]:
    query = select(proofs.c.id, proofs.c.verdict, proofs.c.step, proofs.c.attempts_used, proofs.c.lease)
    return query.where(proofs.c.platform == platform, proofs.c.erased_at.is_(None))


def _shown(connection: Connection, query: Select[Any]) -> list[Shown]:
    rows = connection.execute(query).all()
    if not rows:
        return []
    by_id = load_proofs(connection, [row.id for row in rows])
    decided = _verdicts(connection, [row.verdict for row in rows if row.verdict])
    return [Shown(proof=by_id[row.id], begun=_begun(row), recorded=decided.get(row.verdict)) for row in rows]


def _verdicts(connection: Connection, ids: Sequence[str]) -> dict[str, RecordedVerdict]:
    if not ids:
        return {}
    found = verdicts_from(connection, connection.execute(select(verdicts).where(verdicts.c.id.in_(ids))))
    return {one.id: one for one in found}


def _begun(row: Row[Any]) -> bool:
    return bool(row.step != Step.FINGERPRINT or row.lease is not None or row.attempts_used)
