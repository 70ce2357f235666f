"""Platforms that opted in share a salt, and salted keys of their pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("platforms", sa.Column("elsewhere_salt", sa.Text(), nullable=True))
    op.create_table(
        "elsewhere",
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("picture", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "picture", name=op.f("pk_elsewhere")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_elsewhere_picture", "elsewhere", ["picture"])


def downgrade() -> None:
    op.drop_table("elsewhere")
    op.drop_column("platforms", "elsewhere_salt")
