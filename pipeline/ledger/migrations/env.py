"""What Alembic runs for each command: the connection that `schema` opened, and the tables to reach.

In: `config.attributes["connection"]`, inside a transaction. Out: the revisions run on it; nothing is
committed here.
"""
# ruff: noqa: INP001 (Alembic loads this file by its path; the folder is no package)

from alembic import context

from pipeline.ledger.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
