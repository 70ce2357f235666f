"""The table of job platforms that are served by an adapter.

In: nothing. Out: one `Table`, in the ledger's `METADATA`. A change here needs a migration, as in `tables`.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from pipeline.ledger.clock import Moment
from pipeline.ledger.tables import METADATA, SHA256

# `due_at` is when to poll next; `free_at` when the next call may go out, whoever makes it.
# `hinted_at` is the time of the last hint that was taken: the one it was signed with, or ours. `heard_at` is
# when its queue of events was last asked, if it has one.
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
    Column("heard_at", Moment),
    Column("events_problem", Text),
)

# Events that came by a queue, by the digest of their ids: queues deliver twice.
site_events = Table(
    "site_events",
    METADATA,
    Column("platform", ForeignKey("sites.platform"), primary_key=True),
    Column("event", SHA256, primary_key=True),
    Column("heard_at", Moment, nullable=False),
)
