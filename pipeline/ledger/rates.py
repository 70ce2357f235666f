"""How often proofs of a job and of a submitter were rejected, lately and before.

In: a proof. Out: the `History` of its job and of its submitter, itself left out. It decides nothing.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from pipeline.ledger.tables import proofs, verdicts
from pipeline.records import History, Outcome, Rate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection, Row

    from pipeline.records import Proof

_BRAKED = verdicts.c.body.like('%"brake.%')
_FOR_EVIDENCE = verdicts.c.body.like('%"evidence.%') & verdicts.c.root_proof.is_(None)


def histories(connection: Connection, proof: Proof, *, recent: int, usual: int) -> tuple[History, History]:
    """Return the histories of the proof's job and of its submitter: so many newest ones, so many before."""
    ours = (proofs.c.platform == proof.platform) & (proofs.c.id != proof.id)
    job, submitter = proofs.c.job_id == proof.job_id, proofs.c.submitter_id == proof.submitter_id
    return (
        _history(connection, ours & job, recent=recent, usual=usual),
        _history(connection, ours & submitter, recent=recent, usual=usual),
    )


def _history(connection: Connection, whose: ColumnElement[bool], *, recent: int, usual: int) -> History:
    # Newest by arrival: an index holds that order, and none holds the verdicts'.
    query = (
        select(verdicts.c.outcome, _BRAKED.label("braked"), _FOR_EVIDENCE.label("for_evidence"))
        .join(proofs, proofs.c.verdict == verdicts.c.id)
        .where(whose)
        .order_by(proofs.c.id.desc())
        .limit(recent + usual)
    )
    rows = iter(connection.execute(query).all())
    return History(recent=_rate(islice(rows, recent)), usual=_rate(rows))


def _rate(rows: Iterable[Row[Any]]) -> Rate:
    """Count rows; what a brake held counts as rejected, or the brake would release itself."""
    kept = list(rows)
    rejected = [row for row in kept if row.outcome == Outcome.REJECT or row.braked]
    return Rate(
        decided=len(kept),
        rejected=len(rejected),
        for_evidence=sum(bool(row.for_evidence) for row in rejected),
    )
