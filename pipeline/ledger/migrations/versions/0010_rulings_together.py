"""Rulings made together know of each other, so that one undo takes them all back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCHED = sa.text("batch IS NOT NULL")


def upgrade() -> None:
    op.add_column("rulings", sa.Column("batch", sa.String(length=26), nullable=True))
    op.create_index(
        "ix_rulings_batch",
        "rulings",
        ["batch"],
        unique=False,
        sqlite_where=BATCHED,
        postgresql_where=BATCHED,
    )


def downgrade() -> None:
    op.drop_index("ix_rulings_batch", "rulings")
    op.drop_column("rulings", "batch")
