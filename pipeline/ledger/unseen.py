"""Proofs that nobody looked at yet: a later one of the same job is not decided before them.

In: a proof, as the row of `proofs` that a statement is about. Out: the condition, as SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, literal_column, tuple_

from pipeline.ledger.tables import proofs

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def unseen(*, taken: bool = True) -> ColumnElement[bool]:
    """Return whether an earlier proof of the job is not fingerprinted; without `taken`, nor in hand."""
    other = proofs.alias("other")
    earlier = exists().where(
        other.c.platform == proofs.c.platform,
        other.c.job_id == proofs.c.job_id,
        other.c.step == literal_column("'fingerprint'"),
        other.c.submitted_at <= proofs.c.submitted_at,
        tuple_(other.c.submitted_at, other.c.id) < tuple_(proofs.c.submitted_at, proofs.c.id),
    )
    return earlier if taken else earlier.where(other.c.lease.is_(None))
