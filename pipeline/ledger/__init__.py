"""The database: the one place of truth about proofs.

`SqlLedger` (ledger.py) fulfils `ports.Ledger`; `SqlQueries` (queries.py) answers what commands and pages ask.
Behind them, one job a file: `tables`, `engine` (a URL to connections), `transact` (one method, one
transaction), `clock` (the database's own time), `rows` (rows to records), `intake` (platforms, jobs, proofs),
`steps` (claims and leases), `sweeps` (what was lost), `findings` (fingerprints, readings), `similar` (the
fingerprint index), `verdicts` (verdicts and notices), `schema` and `migrations`.

Rows become records before they leave this room.
"""

from pipeline.ledger.engine import make_engine
from pipeline.ledger.ledger import SqlLedger
from pipeline.ledger.queries import SqlQueries
from pipeline.ledger.schema import SchemaState, lay_out, migrate, schema_state

__all__ = ["SchemaState", "SqlLedger", "SqlQueries", "lay_out", "make_engine", "migrate", "schema_state"]
