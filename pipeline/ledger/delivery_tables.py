"""The tables of delivery: where notices go, and every attempt to bring one there.

In: nothing. Out: one `Table` each, in the ledger's `METADATA`. A change here needs a migration, as in
`tables`.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, UniqueConstraint

from pipeline.ledger.clock import Moment
from pipeline.ledger.tables import METADATA, ULID

# `stopped` says why nothing is sent there any more; `failing_since` is the first failure after a success,
# `last_success_at` the last success, to within a few seconds.
endpoints = Table(
    "endpoints",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("platform", ForeignKey("platforms.name"), nullable=False),
    Column("target", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("stopped", Text),
    Column("failing_since", Moment),
    Column("last_success_at", Moment),
    Column("rest_until", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("platform", "target"),
)

# Written before the work: an attempt without an end is one whose deliverer died.
deliveries = Table(
    "deliveries",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("notice", ForeignKey("notices.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("status", Integer),
    Column("error", Text),
)
