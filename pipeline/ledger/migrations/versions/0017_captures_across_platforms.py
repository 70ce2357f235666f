"""Salted digests of pictures, for platforms that look across."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "salted",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("picture", sa.String(length=26), nullable=False),
        sa.Column("proof", sa.String(length=26), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_salted_proof")),
        sa.PrimaryKeyConstraint("digest", "picture", name=op.f("pk_salted")),
    )
    op.create_index(op.f("ix_salted_proof"), "salted", ["proof"])


def downgrade() -> None:
    op.drop_index(op.f("ix_salted_proof"), "salted")
    op.drop_table("salted")
