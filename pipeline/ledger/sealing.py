"""Verdicts and rulings are sealed into one chain, so that whoever edits or removes one leaves a trace.

In: verdicts in the order of their sequence, with the ruling that made one. Out: a seal each, made off the hot
path. A digest needs no secret: whoever may write to the database can write the chain anew, but not to the
head that was logged or written down elsewhere. What erasing takes away has a digest of its own.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, text

from pipeline.ledger.audit_tables import seals
from pipeline.ledger.clock import now
from pipeline.ledger.review_tables import rulings
from pipeline.ledger.tables import platforms, verdicts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

LOCK = 7_702_617  # any number that is ours alone within a database
FIRST = "0" * 64
"""What the first seal follows."""

_FIXED = ("id", "platform", "proof", "sequence", "supersedes", "outcome", "resubmit_asked", "took_ms")
_RULED = ("proof", "against", "moderator", "decision")
_SEALED = ("number", "platform", "sequence", "verdict", "decision", "words", "ruling")

RULED = tuple(rulings.c[name].label(f"ruling_{name}") for name in ("verdict", *_RULED, "ruled_at"))
"""Columns of the ruling that made a verdict, beside the verdict's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest seal: note it elsewhere, and nobody can write the chain before it anew unseen."""

    number: int
    digest: str


def seal(connection: Connection, *, limit: int) -> tuple[int, Head | None]:
    """Seal up to `limit` verdicts a platform; return how many, and the newest seal.

    None are sealed while another process seals.
    """
    head = head_of(connection)
    if connection.dialect.name == "postgresql":
        if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
            return 0, head
        head = head_of(connection)
    rows = [row for name, after in _behind(connection) for row in _unsealed(connection, name, after, limit)]
    made: list[dict[str, Any]] = []
    for row in rows:
        made.append(_sealed(row, head))
        head = Head(number=made[-1]["number"], digest=made[-1]["digest"])
    if made:
        connection.execute(insert(seals).values(sealed_at=now()), made)
    return len(made), head


def head_of(connection: Connection) -> Head | None:
    """Return the newest seal."""
    newest = select(seals.c.number, seals.c.digest).order_by(seals.c.number.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return None if row is None else Head(number=row.number, digest=row.digest)


def last_sealed() -> Any:
    """Return the SQL of the newest sequence of a platform that is sealed; 0 for none."""
    newest = select(func.max(seals.c.sequence)).where(seals.c.platform == platforms.c.name)
    return func.coalesce(newest.scalar_subquery(), 0)


def _behind(connection: Connection) -> list[tuple[str, int]]:
    query = select(platforms.c.name, last_sealed().label("sealed"))
    query = query.where(platforms.c.last_sequence > last_sealed()).order_by(platforms.c.name)
    return [(row.name, row.sealed) for row in connection.execute(query)]


def _unsealed(connection: Connection, platform: str, after: int, limit: int) -> list[Row[Any]]:
    query = select(verdicts, *RULED).select_from(
        verdicts.outerjoin(rulings, rulings.c.verdict == verdicts.c.id)
    )
    query = query.where(verdicts.c.platform == platform, verdicts.c.sequence > after)
    return list(connection.execute(query.order_by(verdicts.c.sequence).limit(limit)).all())


def _sealed(row: Row[Any], head: Head | None) -> dict[str, Any]:
    made = {
        "number": head.number + 1 if head else 1,
        "platform": row.platform,
        "sequence": row.sequence,
        "verdict": row.id,
        "decision": decision_of(row),
        "words": words_of(row),
        "ruling": ruling_of(row),
    }
    return made | {"digest": link(made, head.digest if head else FIRST)}


def decision_of(row: Row[Any]) -> str:
    """Return the digest of what a verdict decided: never changed, not by erasing either."""
    fixed = {name: row._mapping[name] for name in _FIXED}  # noqa: SLF001 (SQLAlchemy's public name)
    return _digest(fixed | {"codes": _codes(row.body), "decided_at": row.decided_at.isoformat()})


def _codes(body: str) -> list[str] | None:
    """Return the codes of a verdict's reasons; None for a body that somebody damaged."""
    try:
        return [str(reason["code"]) for reason in json.loads(body).get("reasons", ())]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def words_of(row: Row[Any]) -> str:
    """Return the digest of all that a verdict says, as it stands."""
    return _digest({name: row._mapping[name] for name in ("body", "root_proof", "root_proof_id")})  # noqa: SLF001 (see above)


def ruling_of(row: Row[Any]) -> str | None:
    """Return the digest of the ruling that made a verdict; None where the machine did.

    That it was undone is left out: the verdict which took its place has a seal of its own.
    """
    if row.ruling_verdict is None:
        return None
    said = {name: row._mapping[f"ruling_{name}"] for name in _RULED}  # noqa: SLF001 (see above)
    return _digest(said | {"ruled_at": row.ruling_ruled_at.isoformat()})


def link(made: dict[str, Any], previous: str) -> str:
    """Return the digest of a seal that follows the one with digest `previous`."""
    return _digest({name: made[name] for name in _SEALED} | {"previous": previous})


def _digest(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
