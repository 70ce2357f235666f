"""A proof is erased: what it showed, who sent it, what was read and said of it.

In: a platform and its proof's id. Out: what is left: that there was a proof, when, for which job, and what
was decided, without words; so counts stay true and the id is not taken twice. Objects in the evidence store
are noted here and deleted by the caller, for no transaction is open while the store works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, insert, select, union, update
from ulid import ULID

from pipeline.codec import encode
from pipeline.ledger import elsewhere, similar
from pipeline.ledger.clock import now
from pipeline.ledger.delivery_tables import deliveries
from pipeline.ledger.door_tables import appeals, doomed_objects, erasures
from pipeline.ledger.intake import lock_platform
from pipeline.ledger.look_tables import known_answers
from pipeline.ledger.review_tables import claims
from pipeline.ledger.rows import verdicts_from
from pipeline.ledger.tables import (
    attempts,
    fingerprints,
    notices,
    pictures,
    proofs,
    quarantine,
    readings,
    verdicts,
)
from pipeline.ledger.upsert import upsert
from pipeline.records import NoticeState, Reason, Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

SHARED = exists().where(pictures.c.key == doomed_objects.c.key) | exists().where(
    fingerprints.c.sketch_key == doomed_objects.c.key
)
"""That a proof still needs the object."""


def of_submitter(connection: Connection, platform: str, submitter_id: str) -> tuple[str, ...]:
    """Return the ids of the platform's proofs that this person submitted, oldest first."""
    theirs = (proofs.c.platform == platform) & (proofs.c.submitter_id == submitter_id)
    query = select(proofs.c.proof_id).where(theirs, proofs.c.erased_at.is_(None))
    return tuple(connection.scalars(query.order_by(proofs.c.id)))


def unfinished(connection: Connection, platform: str) -> tuple[str, ...]:
    """Return the ULIDs of the platform's erased or expired proofs whose objects are not all deleted."""
    query = select(doomed_objects.c.proof).join(proofs, proofs.c.id == doomed_objects.c.proof)
    return tuple(connection.scalars(query.where(proofs.c.platform == platform).distinct()))


def keep_receipt(
    connection: Connection,
    platform: str,
    subject: str,
    *,
    erased: Sequence[str],
    objects: int,
    finished: bool,
) -> str:
    """Note that a person's proofs were erased, and return the receipt's id."""
    receipt = str(ULID())
    row = {"id": receipt, "platform": platform, "subject": subject, "proofs": len(erased), "objects": objects}
    done = now() if finished else None
    connection.execute(insert(erasures).values(**row, asked_at=now(), finished_at=done))
    return receipt


def erase(connection: Connection, platform: str, proof_id: str) -> str | None:
    """Erase a proof and return its ULID; None where the platform has no such proof.

    Erasing again finds the same, so that what the store interrupted can be finished.
    """
    lock_platform(connection, platform)
    ours = (proofs.c.platform == platform) & (proofs.c.proof_id == proof_id)
    row = connection.execute(select(proofs.c.id, proofs.c.erased_at).where(ours)).one_or_none()
    if row is None:
        return None
    proof: str = row.id
    if row.erased_at is None:
        doom_objects(connection, proof)
        _forget_findings(connection, proof)
        _forget_words(connection, proof)
        _leave_a_stone(connection, proof)
    return proof


def doom_objects(connection: Connection, proof: str) -> None:
    """Note what the proof keeps in the evidence store, to be deleted where no other proof shares it."""
    stored = select(pictures.c.key).where(pictures.c.proof == proof, pictures.c.key.is_not(None))
    sketched = select(fingerprints.c.sketch_key.label("key"))
    sketched = sketched.where(fingerprints.c.proof == proof, fingerprints.c.sketch_key.is_not(None))
    for key in connection.scalars(union(stored, sketched)).all():
        row = {"proof": proof, "key": key, "doomed_at": now()}
        connection.execute(upsert(connection, doomed_objects).values(row).on_conflict_do_nothing())


def _forget_findings(connection: Connection, proof: str) -> None:
    elsewhere.forget(connection, proof)
    similar.forget(connection, proof)
    connection.execute(delete(readings).where(readings.c.proof == proof))
    connection.execute(delete(quarantine).where(quarantine.c.proof == proof))
    connection.execute(delete(pictures).where(pictures.c.proof == proof))
    connection.execute(delete(appeals).where(appeals.c.proof == proof))
    connection.execute(delete(claims).where(claims.c.proof == proof))
    connection.execute(delete(known_answers).where(known_answers.c.proof == proof))
    connection.execute(update(attempts).where(attempts.c.proof == proof).values(detail=None))


def _forget_words(connection: Connection, proof: str) -> None:
    """Leave each verdict its outcome and codes; what was read, and where, goes."""
    rows = connection.execute(select(verdicts).where(verdicts.c.proof == proof))
    for recorded in verdicts_from(connection, rows):
        said = recorded.verdict
        bare = Verdict(
            outcome=said.outcome,
            reasons=tuple(Reason(code=one.code) for one in said.reasons),
            versions=said.versions,
        )
        change = update(verdicts).where(verdicts.c.id == recorded.id)
        connection.execute(change.values(body=encode(bare), root_proof=None, root_proof_id=None))
        sent = update(notices).where(notices.c.verdict == recorded.id)
        ids = connection.scalars(sent.values(body="", state=NoticeState.ERASED).returning(notices.c.id)).all()
        # A receiver's answer may repeat what it was told.
        connection.execute(update(deliveries).where(deliveries.c.notice.in_(ids)).values(error=None))


def _leave_a_stone(connection: Connection, proof: str) -> None:
    """Close the proof; whoever works on it finds the lease gone and drops what it did."""
    change = update(proofs).where(proofs.c.id == proof)
    nobody = {"submitter_id": "", "answer": None, "digest": "", "deadline": None}
    free = {"lease": None, "lease_until": None, "attempts_used": 0}
    connection.execute(change.values(**nobody, **free, step=Step.DONE, erased_at=now()))


def doomed(connection: Connection, proof: str) -> tuple[str, ...]:
    """Return the keys that the erased proof still has in the evidence store and shares with no other proof.

    Keys are digests of what they hold, so two proofs of one file share an object, which goes with the last.
    """
    mine = select(doomed_objects.c.key).where(doomed_objects.c.proof == proof)
    connection.execute(delete(doomed_objects).where(doomed_objects.c.proof == proof, SHARED))
    return tuple(connection.scalars(mine.order_by(doomed_objects.c.key)))


def gone(connection: Connection, proof: str, key: str) -> None:
    """Note that an object is deleted."""
    done = (doomed_objects.c.proof == proof) & (doomed_objects.c.key == key)
    connection.execute(delete(doomed_objects).where(done))
