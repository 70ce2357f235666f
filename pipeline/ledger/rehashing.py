"""Fingerprints of an older version are made anew, a few at a time, while workers go on.

In: which version is the present one; then a new fingerprint for each old one. Out: what is old, in batches;
the row and its places in the index replaced at once. Until its turn an old row is found by equal bytes or
pixels alone: bits of two versions are not comparable. Each replacement looks at the version first, so several
may run, and one that was killed goes on with what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, delete, func, select

from pipeline.ledger import elsewhere, similar
from pipeline.ledger.clock import now
from pipeline.ledger.door_tables import doomed_objects
from pipeline.ledger.intake import lock_platform
from pipeline.ledger.rows import load_proof
from pipeline.ledger.tables import fingerprints, pictures, proofs
from pipeline.ledger.transact import Transactions
from pipeline.ledger.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from pipeline.records import Fingerprint

_HERE = proofs.c.expired_at.is_(None)  # an expired picture is compared by its digests alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """A picture whose fingerprint is of an older version.

    Attributes:
        picture, proof: ULIDs; `proof_id` is the platform's own id.
        key: Where the evidence store keeps the picture.
    """

    picture: str
    proof: str
    platform: str
    proof_id: str
    image: int
    key: str | None


class SqlRehashing:
    """Finds and replaces outdated fingerprints; safe to share among threads, not across a fork."""

    def __init__(self, engine: Engine, *, version: str) -> None:
        self._do = Transactions(engine)
        self._version = version

    def left(self, platform: str | None = None) -> int:
        """Return how many fingerprints are outdated."""
        return self._do.read(_left, self._version, platform)

    def outdated(self, *, after: str, limit: int, platform: str | None = None) -> tuple[Outdated, ...]:
        """Return up to `limit` outdated pictures whose id comes after `after`, in the order of their ids."""
        return self._do.read(_outdated, self._version, platform, after=after, limit=limit)

    def renew(self, one: Outdated, found: Fingerprint, *, sketch_key: str | None) -> bool:
        """Put a new fingerprint in the place of an outdated one; False where that is gone or renewed.

        The old sketch is noted as an object of the proof: a judge may be reading it now, and it goes when the
        proof is erased.
        """
        return self._do.write(_renew, one, found, sketch_key=sketch_key)


def _left(connection: Connection, version: str, platform: str | None) -> int:
    query = select(func.count()).select_from(fingerprints.join(proofs, proofs.c.id == fingerprints.c.proof))
    query = query.where(fingerprints.c.version != version, _HERE)
    return connection.scalar(_of(query, platform)) or 0


def _outdated(
    connection: Connection, version: str, platform: str | None, *, after: str, limit: int
) -> tuple[Outdated, ...]:
    query = (
        select(
            fingerprints.c.picture,
            fingerprints.c.proof,
            fingerprints.c.platform,
            fingerprints.c.image,
            proofs.c.proof_id,
            pictures.c.key,
        )
        .join(proofs, proofs.c.id == fingerprints.c.proof)
        .join(pictures, pictures.c.id == fingerprints.c.picture)
        .where(fingerprints.c.picture > after, fingerprints.c.version != version, _HERE)
        .order_by(fingerprints.c.picture)
        .limit(limit)
    )
    return tuple(Outdated(**row._mapping) for row in connection.execute(_of(query, platform)))  # noqa: SLF001 (SQLAlchemy's public name)


def _of(query: Select[Any], platform: str | None) -> Select[Any]:
    return query if platform is None else query.where(fingerprints.c.platform == platform)


def _renew(connection: Connection, one: Outdated, found: Fingerprint, *, sketch_key: str | None) -> bool:
    """Replace a row and its places; committed before or after any verdict of the platform, not beside."""
    mine = fingerprints.c.picture == one.picture
    old = connection.execute(select(fingerprints).where(mine).with_for_update()).one_or_none()
    proof = load_proof(connection, one.proof)
    if old is None or proof is None or old.version == found.version:
        return False
    picture = next(kept for kept in proof.pictures if kept.id == one.picture)
    similar.displace(connection, old, job_id=proof.job_id)
    connection.execute(delete(fingerprints).where(mine))
    similar.remember(connection, proof, picture, fingerprint=found, sketch_key=sketch_key)
    elsewhere.replace(connection, one.platform, one.picture, found)
    if old.sketch_key is not None and old.sketch_key != sketch_key:
        row = {"proof": one.proof, "key": old.sketch_key, "doomed_at": now()}
        connection.execute(upsert(connection, doomed_objects).values(row).on_conflict_do_nothing())
    lock_platform(connection, one.platform)  # last: it keeps the platform's judges waiting
    return True
