"""The chain of seals is followed from its first link, and compared with what the ledger holds now.

In: a ledger, and a head that somebody noted earlier. Out: an `Audit`: every place at which something was
edited, removed or put in. It repairs nothing and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, select

from pipeline.ledger import sealing
from pipeline.ledger.audit_tables import seals
from pipeline.ledger.review_tables import rulings
from pipeline.ledger.sealing import FIRST, RULED, Head, last_sealed
from pipeline.ledger.tables import platforms, proofs, verdicts
from pipeline.ledger.transact import Transactions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine, Row

BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampered:
    """One place at which the ledger is not what was sealed.

    Attributes:
        sequence: The verdict's place in the platform's feed; None where a whole stretch is meant.
        number: The seal's place in the chain.
        proof_id: The platform's own id, where the proof is still known.
    """

    what: str
    platform: str | None = None
    sequence: int | None = None
    proof_id: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What following the chain found; `unsealed` verdicts wait for the next sweep."""

    sealed: int
    unsealed: int
    head: Head | None
    tampered: tuple[Tampered, ...]


class SqlAudit:
    """Seals and checks verdicts in a database; safe to share among threads, not across a fork."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def seal(self, *, limit: int) -> tuple[int, Head | None]:
        """Seal up to `limit` verdicts a platform; return how many, and the newest seal."""
        return self._do.write(sealing.seal, limit=limit)

    def unsealed(self) -> int:
        """Return how many verdicts wait to be sealed."""
        return self._do.read(_unsealed)

    def verify(self, *, noted: Head | None = None) -> Audit:
        """Follow the whole chain, a batch read at a time.

        Args:
            noted: A head that was written down earlier; the chain must still lead through it.
        """
        found: list[Tampered] = []
        head = None
        while rows := self._do.read(_batch, after=head.number if head else 0):
            for row in rows:
                found += _faults(row, head, noted)
                head = Head(number=row.number, digest=row.digest)
        if noted is not None and (head is None or head.number < noted.number):
            found.append(Tampered(what="the chain ends before the noted seal", number=noted.number))
        found += self._do.read(_missing)
        sealed = head.number if head else 0
        return Audit(sealed=sealed, unsealed=self.unsealed(), head=head, tampered=tuple(found))


def _batch(connection: Connection, *, after: int) -> Sequence[Row[Any]]:
    sealed = (seals.c[name].label(f"seal_{name}") for name in ("platform", "sequence", "decision", "words"))
    query: Select[Any] = select(
        seals.c.number,
        seals.c.digest,
        seals.c.verdict,
        seals.c.ruling,
        *sealed,
        verdicts,
        *RULED,
        proofs.c.proof_id,
        proofs.c.erased_at,
        proofs.c.expired_at,
    ).select_from(
        seals.outerjoin(verdicts, verdicts.c.id == seals.c.verdict)
        .outerjoin(rulings, rulings.c.verdict == seals.c.verdict)
        .outerjoin(proofs, proofs.c.id == verdicts.c.proof)
    )
    query = query.where(seals.c.number > after).order_by(seals.c.number).limit(BATCH)
    return connection.execute(query).all()


def _faults(row: Row[Any], head: Head | None, noted: Head | None) -> Iterator[Tampered]:
    """Yield what is wrong with one seal and with what it seals."""
    place = {"platform": row.seal_platform, "sequence": row.seal_sequence, "number": row.number}
    place["proof_id"] = row.proof_id
    before = head.number if head else 0
    if row.number != before + 1:
        yield Tampered(what=f"seals {before + 1} to {row.number - 1} were removed", number=row.number)
    elif row.digest != sealing.link(_of_seal(row), head.digest if head else FIRST):
        yield Tampered(what="the seal was edited", **place)
    if noted is not None and row.number == noted.number and row.digest != noted.digest:
        yield Tampered(what="the chain was written anew since its head was noted", **place)
    if row.id is None:
        yield Tampered(what="the verdict was removed", **place)
        return
    if row.seal_decision != sealing.decision_of(row):
        yield Tampered(what="the verdict was edited", **place)
    elif row.seal_words != sealing.words_of(row) and row.erased_at is None and row.expired_at is None:
        yield Tampered(what="the verdict's words were edited", **place)
    if row.ruling != sealing.ruling_of(row):
        yield Tampered(what=_of_ruling(row), **place)


def _of_seal(row: Row[Any]) -> dict[str, Any]:
    ours = {name: row._mapping[f"seal_{name}"] for name in ("platform", "sequence", "decision", "words")}  # noqa: SLF001 (SQLAlchemy's public name)
    return ours | {"number": row.number, "verdict": row.verdict, "ruling": row.ruling}


def _of_ruling(row: Row[Any]) -> str:
    if row.ruling is None:
        return "a ruling was put in"
    return "the ruling was removed" if row.ruling_verdict is None else "the ruling was edited"


def _unsealed(connection: Connection) -> int:
    left = func.coalesce(func.sum(platforms.c.last_sequence - last_sealed()), 0)
    return int(connection.scalar(select(left)) or 0)


def _missing(connection: Connection) -> list[Tampered]:
    """Return platforms whose feed has a hole: sequences are given out without one, and are never taken back.

    The last number is read in the statement that counts, so a verdict that is written meanwhile is either
    in both or in neither.
    """
    held = select(func.count()).select_from(verdicts)
    held = held.where(verdicts.c.platform == platforms.c.name)
    count = held.where(verdicts.c.sequence.between(1, platforms.c.last_sequence)).scalar_subquery()
    query = select(platforms.c.name, platforms.c.last_sequence, count.label("held"))
    query = query.where(platforms.c.last_sequence != count).order_by(platforms.c.name)
    return [
        Tampered(what=f"{row.last_sequence} verdicts were numbered, {row.held} are there", platform=row.name)
        for row in connection.execute(query)
    ]
