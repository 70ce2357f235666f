"""What the machine found in a proof's pictures: fingerprints and readings.

In: a `Claim` with what its step found. Out: rows, and the proof moved on; the same records when asked again.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from pipeline.codec import decode, encode
from pipeline.ledger import copies, elsewhere, similar
from pipeline.ledger.hints import hashes_from
from pipeline.ledger.rows import reason_from
from pipeline.ledger.steps import move
from pipeline.ledger.tables import fingerprints, pictures, platforms, proofs, readings
from pipeline.ledger.unseen import unseen
from pipeline.ledger.upsert import upsert_on
from pipeline.records import Fingerprint, Fingerprinted, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from sqlalchemy.dialects import postgresql, sqlite

    from pipeline.reasons import ReasonCode
    from pipeline.records import Claim, Kept, Step, StoredPicture

# Built once: building a statement costs more than SQLite takes to run it.
_READINGS = select(readings.c.body).where(readings.c.proof == bindparam("proof")).order_by(readings.c.image)
_FINGERPRINTS = (
    select(fingerprints).where(fingerprints.c.proof == bindparam("proof")).order_by(fingerprints.c.image)
)
_MARK_FAULTY = update(pictures).where(pictures.c.id == bindparam("faulty")).values(fault=bindparam("said"))
_STANDS = (
    select(unseen(taken=False).label("unseen"), copies.COPIED.label("copied"), platforms.c.elsewhere_salt)
    .select_from(proofs.join(platforms, platforms.c.name == proofs.c.platform))
    .where(proofs.c.id == bindparam("proof"))
)


def finish_fingerprint(
    connection: Connection,
    held: Claim,
    found: Sequence[tuple[StoredPicture, Fingerprint | None, str | None]],
    faults: Sequence[tuple[StoredPicture, ReasonCode]],
    *,
    then: Step,
    kept: Kept | None = None,
) -> Fingerprinted | None:
    """Record fingerprints and faults and move on; see `ports.Ledger.finish_fingerprint`."""
    for picture, fingerprint, sketch_key in found:
        if fingerprint is not None:
            similar.remember(connection, held.proof, picture, fingerprint=fingerprint, sketch_key=sketch_key)
    stands = connection.execute(_STANDS, {"proof": held.proof.id}).one()
    for picture, fingerprint, _ in found:
        if fingerprint is not None:
            elsewhere.remember(connection, stands.elsewhere_salt, picture.id, fingerprint)
    if faults:
        connection.execute(_MARK_FAULTY, [{"faulty": one.id, "said": fault} for one, fault in faults])
    # An earlier proof of the job that somebody looks at right now will be seen by the time this one is read.
    goes_on = kept is not None and not stands.unseen
    move(connection, held, then=then, kept=kept if goes_on else None)
    shared = stands.elsewhere_salt is not None
    return Fingerprinted(copied=bool(stands.copied), shared=shared) if goes_on else None


def fingerprints_of(connection: Connection, proof: str) -> tuple[tuple[int, Fingerprint, str | None], ...]:
    """Return (image, fingerprint, sketch key) of each fingerprinted picture, in picture order."""
    return tuple(
        (
            row.image,
            Fingerprint(
                version=row.version,
                bytes_sha256=row.bytes_sha256,
                pixels_sha256=row.pixels_sha256,
                width_px=row.width_px,
                height_px=row.height_px,
                hashes=hashes_from(row.hashes),
                flat=row.flat,
                words=tuple(json.loads(row.words)),
                sketch=b"",
                fault=reason_from(row.fault),
            ),
            row.sketch_key,
        )
        for row in connection.execute(_FINGERPRINTS, {"proof": proof})
    )


def finish_read(
    connection: Connection, held: Claim, found: Sequence[Reading], *, then: Step, kept: Kept | None
) -> None:
    """Record readings and move on; see `ports.Ledger.finish_read`."""
    move(connection, held, then=then, kept=kept)
    keep_readings(connection, held.proof.id, found)


def keep_readings(connection: Connection, proof: str, found: Sequence[Reading]) -> None:
    """Write what was read of a proof in the place of what was read before."""
    if found:
        rows = [{"proof": proof, "image": one.image, "body": encode(one)} for one in found]
        connection.execute(_keep_readings(connection.dialect.name), rows if len(rows) > 1 else rows[0])


@cache
def _keep_readings(dialect: str) -> postgresql.Insert | sqlite.Insert:
    statement = upsert_on(dialect, readings)
    return statement.on_conflict_do_update(
        index_elements=["proof", "image"], set_={"body": statement.excluded.body}
    )


def readings_of(connection: Connection, proof: str) -> tuple[Reading, ...]:
    """Return the readings of a proof in picture order."""
    return tuple(decode(Reading, body) for body in connection.scalars(_READINGS, {"proof": proof}))
