"""What operators keep: deaths of children, pictures in quarantine, receipts of erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

DEAD = sa.text("failure IS NOT NULL")


def upgrade() -> None:
    op.add_column("attempts", sa.Column("died", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_proofs_dead", "proofs", ["id"], unique=False, sqlite_where=DEAD, postgresql_where=DEAD
    )
    op.create_table(
        "quarantine",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.String(length=26), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_quarantine_proof")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("proofs", sa.Integer(), nullable=False),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_erasures_platform")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("quarantine")
    op.drop_index("ix_proofs_dead", "proofs")
    op.drop_column("attempts", "died")
