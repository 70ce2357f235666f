"""The tables behind the platforms' doors: keys, kept answers, appeals, and objects still to be erased.

In: nothing. Out: one `Table` each, in the ledger's `METADATA`. A change here needs a migration, as in
`tables`.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from pipeline.ledger.clock import Moment
from pipeline.ledger.tables import METADATA, SHA256, ULID

# The key itself is nowhere: `digest` is its SHA-256. `expires_at` is set when another key takes over.
platform_keys = Table(
    "platform_keys",
    METADATA,
    Column("digest", SHA256, primary_key=True),
    Column("platform", ForeignKey("platforms.name"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
)

# Written in the transaction that adds the proof: both are there, or neither.
requests = Table(
    "requests",
    METADATA,
    Column("platform", ForeignKey("platforms.name"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", SHA256, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_requests_aged", "platform", "created_at"),
)

appeals = Table(
    "appeals",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("proof", ForeignKey("proofs.id"), nullable=False, index=True),
    Column("verdict", ForeignKey("verdicts.id"), nullable=False, unique=True),
    Column("note", Text),
    Column("created_at", Moment, nullable=False),
)

# What is left of an erasure: that it was asked for and done. `subject` is a digest of platform and submitter.
erasures = Table(
    "erasures",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("platform", ForeignKey("platforms.name"), nullable=False),
    Column("subject", SHA256, nullable=False),
    Column("proofs", Integer, nullable=False),
    Column("objects", Integer, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("finished_at", Moment),
)

# What an erased or expired proof kept in the evidence store. A row goes when its object is gone, so what the
# store interrupted is finished by asking again, or by a later sweep.
doomed_objects = Table(
    "doomed_objects",
    METADATA,
    Column("proof", ForeignKey("proofs.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("doomed_at", Moment, nullable=False, index=True),
)
