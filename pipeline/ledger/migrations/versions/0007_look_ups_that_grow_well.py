"""The key of chunks carries the hash on PostgreSQL, so that a look-up reads the index alone; copies are listed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = "ALTER TABLE chunks DROP CONSTRAINT pk_chunks, ADD CONSTRAINT pk_chunks PRIMARY KEY (platform, bucket, picture)"
COPIES = sa.text("root_proof IS NOT NULL")


def upgrade() -> None:
    # On SQLite the table is its key already.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"{KEY} INCLUDE (bits)")
    columns = ["platform", "sequence"]
    op.create_index(
        "ix_verdicts_copies", "verdicts", columns, sqlite_where=COPIES, postgresql_where=COPIES
    )


def downgrade() -> None:
    op.drop_index("ix_verdicts_copies", "verdicts")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(KEY)
