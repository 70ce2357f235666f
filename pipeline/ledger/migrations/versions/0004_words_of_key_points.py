"""Words of key points: the index that finds crops and photos."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "words",
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("picture", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "picture", name=op.f("pk_words")),
        sqlite_with_rowid=False,
    )
    op.add_column("fingerprints", sa.Column("words", sa.Text(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("fingerprints", "words")
    op.drop_table("words")
