"""Exact copies: settled by their digests, so that nobody reads them.

In: a proof whose pictures are fingerprinted. Out: yes or no. It knows no likeness; `similar` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, tuple_

from pipeline.ledger.tables import fingerprints, proofs

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

_MINE, _ITS = fingerprints.alias("mine"), proofs.alias("its")


def _same(digest: str) -> Select[str]:
    same: ColumnElement[bool] = fingerprints.c[digest] == _MINE.c[digest]
    its, mine = (tuple_(one.c.submitted_at, one.c.proof) for one in (fingerprints, _MINE))
    return (
        select(fingerprints.c.picture)
        .join(_MINE, (fingerprints.c.platform == _MINE.c.platform) & same)
        .join(proofs, proofs.c.id == fingerprints.c.proof)
        .join(_ITS, _ITS.c.id == _MINE.c.proof)
        .where(_MINE.c.proof == bindparam("proof"), _MINE.c.fault.is_(None))
        .where(its < mine, proofs.c.submitter_id != _ITS.c.submitter_id)
        .limit(1)
    )


COPIED = _same("bytes_sha256").exists() | _same("pixels_sha256").exists()
# Built once: building a statement costs more than SQLite takes to run it.
_COPIED = select(COPIED)


def copied(connection: Connection, proof: str) -> bool:
    """Tell whether a picture of the proof has the same bytes or pixels as another person's earlier one."""
    return bool(connection.scalar(_COPIED, {"proof": proof}))
