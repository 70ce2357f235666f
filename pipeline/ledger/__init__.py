"""The database: the one place of truth about proofs.

`SqlLedger` (ledger.py) fulfils `ports.Ledger`; `SqlQueries` (queries.py) answers what commands and pages ask;
`SqlPlatforms` (platforms.py) is the platforms' own side; `SqlOutbox` (outbox.py) keeps what is to be
delivered; `SqlSites` (sites.py) knows which job platforms an adapter serves; `SqlReviews` (reviews.py) is
what moderators see and rule, `SqlLooks` (second_looks.py) what they look at once more, `SqlFigures`
(figures.py) how it all goes; `SqlDead` (graveyard.py and dead.py) shows what did not go through and has it
done afresh; `SqlAudit` (auditing.py, sealing.py, audit_tables.py) seals verdicts and shows tampering;
`SqlRetention` (expiring.py) forgets.

Behind them, one job a file: `tables` and `door_tables`, `engine` (a URL to connections), `transact` (one
method, one transaction), `clock` (the database's own time), `rows` (rows to records), `intake` (platforms,
jobs, proofs), `steps` (claims and leases), `sweeps` (what was lost), `findings` (fingerprints, readings),
`similar` (the fingerprint index), `verdicts` (verdicts and notices), `tenants` and `keys` (what a platform
is), `requests` (answers that are given again), `feeds` (what a platform sees), `superseding` (appeals),
`review_tables`, `moderators`, `queue`, `cases` and `rulings` (the console), `look_tables`, `looks`,
`drawing`, `measuring` and `checking` (how good decisions are), `erasing`,
`delivery_tables`, `endpoints`, `deliveries`, `notice_lines`, `pruning` (the outbox), `schema` and
`migrations`.

Rows become records before they leave this room.
"""

from pipeline.ledger.auditing import SqlAudit
from pipeline.ledger.engine import make_engine
from pipeline.ledger.expiring import SqlRetention
from pipeline.ledger.figures import SqlFigures
from pipeline.ledger.graveyard import SqlDead
from pipeline.ledger.ledger import SqlLedger
from pipeline.ledger.outbox import SqlOutbox
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.ledger.queries import SqlQueries
from pipeline.ledger.reviews import SqlReviews
from pipeline.ledger.schema import SchemaState, lay_out, migrate, schema_state
from pipeline.ledger.second_looks import SqlLooks
from pipeline.ledger.sites import SqlSites

__all__ = [
    "SchemaState",
    "SqlAudit",
    "SqlDead",
    "SqlFigures",
    "SqlLedger",
    "SqlLooks",
    "SqlOutbox",
    "SqlPlatforms",
    "SqlQueries",
    "SqlRetention",
    "SqlReviews",
    "SqlSites",
    "lay_out",
    "make_engine",
    "migrate",
    "schema_state",
]
