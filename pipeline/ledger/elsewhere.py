"""The same file or pixels at another platform, for platforms that agreed to be told.

In: fingerprints of such a platform's proofs. Out: yes or no. Only digests keyed with the operator's salt are
kept, so that the table alone tells nobody what was sent where; which proof, and of which platform, is never
told. It knows no likeness: captures that were altered are found within a platform only.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, tuple_

from pipeline.ledger.tables import salted
from pipeline.ledger.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipeline.records import Fingerprint, Proof, StoredPicture

_MINE = salted.alias("mine")
_EARLIER = tuple_(salted.c.submitted_at, salted.c.proof) < tuple_(_MINE.c.submitted_at, _MINE.c.proof)
_ELSEWHERE = select(
    select(salted.c.picture)
    .join(_MINE, salted.c.digest == _MINE.c.digest)
    .where(_MINE.c.proof == bindparam("proof"), salted.c.platform != _MINE.c.platform, _EARLIER)
    .exists()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Which platforms look across, and the salt of what they share."""

    platforms: frozenset[str]
    salt: bytes = field(repr=False)


def remember(
    connection: Connection, proof: Proof, picture: StoredPicture, *, found: Fingerprint, sharing: Sharing
) -> None:
    """Keep the salted digests of a picture, if its platform shares; all blank pictures are alike."""
    if proof.platform not in sharing.platforms or found.fault is not None:
        return
    row = {"picture": picture.id, "proof": proof.id, "platform": proof.platform}
    digests = {_salted(kind, sharing.salt) for kind in (found.bytes_sha256, found.pixels_sha256)}
    rows = [row | {"submitted_at": proof.submitted_at, "digest": one} for one in digests]
    connection.execute(upsert(connection, salted).on_conflict_do_nothing(), rows)


def forget(connection: Connection, proof: str) -> None:
    """Remove what is kept of a proof's pictures."""
    connection.execute(delete(salted).where(salted.c.proof == proof))


def sent_elsewhere(connection: Connection, proof: str) -> bool:
    """Tell whether an earlier proof of another platform that shares has a picture of this one."""
    return bool(connection.scalar(_ELSEWHERE, {"proof": proof}))


def _salted(digest: str, salt: bytes) -> str:
    return hmac.new(salt, digest.encode(), hashlib.sha256).hexdigest()
