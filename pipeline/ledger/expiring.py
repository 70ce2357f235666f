"""What was decided long ago loses its pictures and words; that it was decided, and why, stays.

In: how long is long enough. Out: proofs without pictures, sketches, answers, read words or notes of appeals,
a few in a transaction, and the keys of objects to be deleted. What stays: verdicts with their reasons,
digests (an exact copy is found for ever), who submitted. Near likeness is no longer searched: an expired
picture leaves the index together with its sketch, or every later look-alike would be left to people for want
of it. Never touched: what waits for a person, and what a platform has not been told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, literal_column, select, update
from ulid import ULID

from pipeline.codec import encode
from pipeline.ledger import elsewhere, erasing, similar
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.door_tables import appeals, doomed_objects
from pipeline.ledger.rows import verdicts_from
from pipeline.ledger.tables import (
    SETTLED,
    attempts,
    fingerprints,
    notices,
    pictures,
    proofs,
    readings,
    verdicts,
)
from pipeline.ledger.transact import Transactions
from pipeline.records import NoticeState, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine

    from pipeline.records import Verdict

GRACE = timedelta(hours=1)
"""How long an object outlives its rows: a judge may have found its key just before."""

READ = "found"
"""The detail of a reason that holds what was read; the others are the job's words and a moderator's."""


class SqlRetention:
    """Forgets in a database; safe to share among threads, not across a fork. All may raise TryLater."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def settled(self, *, after: str, before: datetime, limit: int) -> tuple[tuple[str, str], ...]:
        """Return (verdict, proof) of what was accepted or rejected before then, oldest first.

        Args:
            after: The verdict to go on behind; empty for the first.
            before: About when the verdict was made.
            limit: At most so many.
        """
        return self._do.read(_settled, after=after, before=before, limit=limit)

    def expire(self, ids: Sequence[str], *, kept: timedelta) -> int:
        """Forget those of the proofs that nothing keeps and whose verdict is older than `kept`."""
        return self._do.write(_expire, ids, kept=kept)

    def doomed(self, *, grace: timedelta = GRACE, limit: int) -> tuple[tuple[str, str], ...]:
        """Return (proof, key) of objects that no proof needs since `grace` or longer."""
        return self._do.write(_doomed, grace=grace, limit=limit)

    def gone(self, proof: str, key: str) -> None:
        """Note that an object is deleted."""
        self._do.write(erasing.gone, proof, key)


def _settled(
    connection: Connection, *, after: str, before: datetime, limit: int
) -> tuple[tuple[str, str], ...]:
    query = select(proofs.c.verdict, proofs.c.id).where(SETTLED, proofs.c.verdict > after)
    query = query.where(proofs.c.verdict < str(ULID.from_datetime(before)))
    return tuple((row.verdict, row.id) for row in connection.execute(query.order_by("verdict").limit(limit)))


def _expire(connection: Connection, ids: Sequence[str], *, kept: timedelta) -> int:
    free = select(proofs.c.id).where(proofs.c.id.in_(ids), SETTLED, _nothing_keeps(kept))
    ours = connection.scalars(free.order_by(proofs.c.id).with_for_update(skip_locked=True)).all()
    if ours:
        _forget_pictures(connection, ours)
        _forget_words(connection, ours)
        over = {"answer": None, "expired_at": now()}
        connection.execute(update(proofs).where(proofs.c.id.in_(ours)).values(**over))
    return len(ours)


def _nothing_keeps(kept: timedelta) -> ColumnElement[bool]:
    """Return that a proof is done, its verdict old by the database's clock, and told to whom it concerns."""
    old = exists().where(verdicts.c.id == proofs.c.verdict, verdicts.c.decided_at < now_plus(-kept))
    unsent = notices.c.state.in_([NoticeState.WAITING, NoticeState.FAILED])
    untold = exists().where(verdicts.c.proof == proofs.c.id, notices.c.verdict == verdicts.c.id, unsent)
    done = proofs.c.step == literal_column(f"'{Step.DONE.value}'")
    return done & proofs.c.lease.is_(None) & old & ~untold


def _forget_pictures(connection: Connection, ours: Sequence[str]) -> None:
    for proof in ours:
        erasing.doom_objects(connection, proof)
        elsewhere.forget(connection, proof)
        similar.leave(connection, proof)
    bare = {"sketch_key": None, "hashes": "[]", "words": "[]"}
    connection.execute(update(fingerprints).where(fingerprints.c.proof.in_(ours)).values(**bare))
    connection.execute(update(pictures).where(pictures.c.proof.in_(ours)).values(key=None))


def _forget_words(connection: Connection, ours: Sequence[str]) -> None:
    connection.execute(delete(readings).where(readings.c.proof.in_(ours)))
    connection.execute(update(attempts).where(attempts.c.proof.in_(ours)).values(detail=None))
    connection.execute(update(appeals).where(appeals.c.proof.in_(ours)).values(note=None))
    rows = connection.execute(select(verdicts).where(verdicts.c.proof.in_(ours)))
    for recorded in verdicts_from(connection, rows):
        change = update(verdicts).where(verdicts.c.id == recorded.id)
        connection.execute(change.values(body=encode(_without_read(recorded.verdict))))


def _without_read(said: Verdict) -> Verdict:
    """Return the verdict without what was read in the picture."""
    reasons = (
        replace(one, details=tuple((name, value) for name, value in one.details if name != READ))
        for one in said.reasons
    )
    return replace(
        said, reasons=tuple(reasons), checks=tuple(replace(one, found=None) for one in said.checks)
    )


def _doomed(connection: Connection, *, grace: timedelta, limit: int) -> tuple[tuple[str, str], ...]:
    aged = doomed_objects.c.doomed_at < now_plus(-grace)
    oldest = select(doomed_objects).where(aged).order_by(doomed_objects.c.doomed_at).limit(limit)
    found = connection.execute(oldest).all()
    keys = [row.key for row in found]
    connection.execute(delete(doomed_objects).where(doomed_objects.c.key.in_(keys), erasing.SHARED))
    left = select(doomed_objects.c.proof, doomed_objects.c.key).where(aged, doomed_objects.c.key.in_(keys))
    return tuple((row.proof, row.key) for row in connection.execute(left))
