"""The table of job platforms that are served by an adapter.

In: nothing. Out: one `Table`, in the ledger's `METADATA`. A change here needs a migration, as in `tables`.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from pipeline.ledger.clock import Moment
from pipeline.ledger.tables import METADATA

# `due_at` is when to poll next; `free_at` when the next call may go out, whoever makes it.
# `hinted_at` is the time of the last hint that was taken: the one it was signed with, or ours.
sites = Table(
    "sites",
    METADATA,
    Column("platform", ForeignKey("platforms.name"), primary_key=True),
    Column("adapter", Text, nullable=False),
    Column("config", Text, nullable=False),
    Column("problem", Text),
    Column("due_at", Moment, nullable=False),
    Column("lease", Text),
    Column("lease_until", Moment),
    Column("free_at", Moment, nullable=False),
    Column("hinted_at", Moment),
    Column("created_at", Moment, nullable=False),
)
