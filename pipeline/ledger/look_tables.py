"""The tables of looks: decisions that a person looks at once more, and what they said.

In: nothing. Out: one `Table` each, in the ledger's `METADATA`. A change here needs a migration, as in
`tables`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from pipeline.ledger.clock import Moment
from pipeline.ledger.tables import METADATA, ULID, WORD

# A look never changes its proof. `verdict` is what it is compared with and `expected` what that decided;
# `shown` is the verdict whose evidence is laid before the moderator, who answers with `decision`.
# `moderator` holds it until `lease_until`, and is who answered once `answered_at` is set. `reopened` is the
# verdict by which an admin left the proof to people after all.
looks = Table(
    "looks",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("kind", WORD, nullable=False),
    Column("proof", ForeignKey("proofs.id"), nullable=False, index=True),
    Column("verdict", ForeignKey("verdicts.id"), nullable=False, index=True),
    Column("shown", ForeignKey("verdicts.id"), nullable=False),
    Column("expected", WORD, nullable=False),
    Column("moderator", ForeignKey("moderators.id")),
    Column("lease_until", Moment),
    Column("decision", WORD),
    Column("code", WORD),
    Column("created_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("reopened", ULID),
    Index("ix_looks_of_moderator", "moderator", "answered_at"),
)
OPEN = looks.c.answered_at.is_(None)
REOPENED = looks.c.reopened.is_not(None)
Index("ix_looks_open", looks.c.kind, looks.c.id, sqlite_where=OPEN, postgresql_where=OPEN)
Index("ix_looks_answered", looks.c.kind, looks.c.answered_at)
Index("ix_looks_reopened", looks.c.reopened, sqlite_where=REOPENED, postgresql_where=REOPENED)

# Proofs whose right answer is known: now and then one is mixed into a moderator's queue.
known_answers = Table(
    "known_answers",
    METADATA,
    Column("proof", ForeignKey("proofs.id"), primary_key=True),
    Column("verdict", ForeignKey("verdicts.id"), nullable=False),
    Column("decision", WORD, nullable=False),
    Column("moderator", ForeignKey("moderators.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
)

# How far into a platform's verdicts the draw for audits has come.
drawn_to = Table(
    "drawn_to",
    METADATA,
    Column("platform", ForeignKey("platforms.name"), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

# Which notices of a kind's policy a moderator has read, so that each is shown once.
policy_read = Table(
    "policy_read",
    METADATA,
    Column("moderator", ForeignKey("moderators.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("read_at", Moment, nullable=False),
    PrimaryKeyConstraint("moderator", "kind"),
)
