"""The table of the audit chain: one seal a verdict, each holding the digest of the one before.

In: nothing. Out: a `Table` in the ledger's `METADATA`. A change here needs a migration, as in `tables`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from pipeline.ledger.clock import Moment
from pipeline.ledger.tables import METADATA, SHA256, ULID

# No foreign keys: a seal outlives what it seals, or nobody would see that it is gone. `decision` is the
# digest of what never changes, `words` of what erasing and expiring take away, `ruling` of the person's
# ruling that made the verdict, if one did.
seals = Table(
    "seals",
    METADATA,
    Column("number", BigInteger, nullable=False, autoincrement=False),
    Column("platform", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("verdict", ULID, nullable=False),
    Column("decision", SHA256, nullable=False),
    Column("words", SHA256, nullable=False),
    Column("ruling", SHA256),
    Column("digest", SHA256, nullable=False),
    Column("sealed_at", Moment, nullable=False),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("platform", "sequence"),
)
