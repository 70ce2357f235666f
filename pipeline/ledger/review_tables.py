"""The tables of the review console: people, their sessions, what they have open, what they ruled.

In: nothing. Out: one `Table` each, in the ledger's `METADATA`. A change here needs a migration, as in
`tables`.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, literal_column

from pipeline.ledger.clock import Moment
from pipeline.ledger.tables import METADATA, SHA256, ULID, WORD, proofs

moderators = Table(
    "moderators",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("role", WORD, nullable=False),
    Column("platform", ForeignKey("platforms.name")),
    Column("created_at", Moment, nullable=False),
)

# `digest` is the SHA-256 of the cookie: who reads the database cannot sign in with it.
sessions = Table(
    "sessions",
    METADATA,
    Column("digest", SHA256, primary_key=True),
    Column("moderator", ForeignKey("moderators.id"), nullable=False, index=True),
    Column("expires_at", Moment, nullable=False),
)

# One row a proof: whoever holds it alone may decide it, until the lease ends.
claims = Table(
    "claims",
    METADATA,
    Column("proof", ForeignKey("proofs.id"), primary_key=True),
    Column("moderator", ForeignKey("moderators.id"), nullable=False, index=True),
    Column("lease_until", Moment, nullable=False),
)

# `verdict` is what the ruling made, `against` what it took the place of, `undone` what took its own.
# `batch` is shared by rulings that were made together.
rulings = Table(
    "rulings",
    METADATA,
    Column("verdict", ForeignKey("verdicts.id"), primary_key=True),
    Column("proof", ForeignKey("proofs.id"), nullable=False, index=True),
    Column("against", ForeignKey("verdicts.id"), nullable=False, unique=True),
    Column("moderator", ForeignKey("moderators.id"), nullable=False),
    Column("decision", WORD, nullable=False),
    Column("undone", ForeignKey("verdicts.id")),
    Column("ruled_at", Moment, nullable=False),
    Column("batch", ULID),
    Index("ix_rulings_newest", "moderator", "ruled_at"),
)
_BATCHED = rulings.c.batch.is_not(None)
Index("ix_rulings_batch", rulings.c.batch, sqlite_where=_BATCHED, postgresql_where=_BATCHED)

# The value is written out, or the planner cannot know that the partial index holds all it needs.
LEFT_TO_PEOPLE = proofs.c.outcome == literal_column("'manual'")
Index(
    "ix_proofs_for_people",
    proofs.c.deadline,
    proofs.c.id,
    sqlite_where=LEFT_TO_PEOPLE,
    postgresql_where=LEFT_TO_PEOPLE,
)
