"""What the machine found in a proof's pictures: fingerprints and readings.

In: a `Claim` with what its step found. Out: rows, and the proof moved on; the same records when asked again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from pipeline.codec import decode, encode
from pipeline.ledger import similar
from pipeline.ledger.intake import lock_platform
from pipeline.ledger.rows import reason_from
from pipeline.ledger.steps import move
from pipeline.ledger.tables import fingerprints, pictures, readings
from pipeline.ledger.upsert import upsert
from pipeline.records import Fingerprint, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from pipeline.reasons import ReasonCode
    from pipeline.records import Claim, Step, StoredPicture


def finish_fingerprint(
    connection: Connection,
    held: Claim,
    found: Sequence[tuple[StoredPicture, Fingerprint | None, str | None]],
    faults: Sequence[tuple[StoredPicture, ReasonCode]],
    *,
    then: Step,
) -> None:
    """Record fingerprints and faults and move on; see `ports.Ledger.finish_fingerprint`.

    Under the platform's lock, so that a verdict sees either all of this proof's fingerprints or none.
    """
    lock_platform(connection, held.proof.platform)
    move(connection, held, then=then)
    for picture, fingerprint, sketch_key in found:
        if fingerprint is not None:
            similar.remember(connection, held.proof, picture, fingerprint=fingerprint, sketch_key=sketch_key)
    for picture, fault in faults:
        connection.execute(update(pictures).where(pictures.c.id == picture.id).values(fault=fault))


def fingerprints_of(connection: Connection, proof: str) -> tuple[tuple[int, Fingerprint, str | None], ...]:
    """Return (image, fingerprint, sketch key) of each fingerprinted picture, in picture order."""
    query = select(fingerprints).where(fingerprints.c.proof == proof).order_by(fingerprints.c.image)
    return tuple(
        (
            row.image,
            Fingerprint(
                version=row.version,
                bytes_sha256=row.bytes_sha256,
                pixels_sha256=row.pixels_sha256,
                width_px=row.width_px,
                height_px=row.height_px,
                hashes=similar.hashes_from(row.hashes),
                flat=row.flat,
                words=tuple(json.loads(row.words)),
                sketch=b"",
                fault=reason_from(row.fault),
            ),
            row.sketch_key,
        )
        for row in connection.execute(query)
    )


def finish_read(connection: Connection, held: Claim, found: Sequence[Reading], *, then: Step) -> None:
    """Record readings and move on; see `ports.Ledger.finish_read`."""
    move(connection, held, then=then)
    if not found:
        return
    statement = upsert(connection, readings)
    again = statement.on_conflict_do_update(
        index_elements=["proof", "image"], set_={"body": statement.excluded.body}
    )
    rows = [{"proof": held.proof.id, "image": one.image, "body": encode(one)} for one in found]
    connection.execute(again, rows)


def readings_of(connection: Connection, proof: str) -> tuple[Reading, ...]:
    """Return the readings of a proof in picture order."""
    query = select(readings.c.body).where(readings.c.proof == proof).order_by(readings.c.image)
    return tuple(decode(Reading, body) for body in connection.scalars(query))
