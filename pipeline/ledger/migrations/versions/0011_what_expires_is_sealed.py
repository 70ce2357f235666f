"""What was decided long ago expires; objects that proofs share are found by their key; verdicts are sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SETTLED = sa.text("outcome != 'manual' AND expired_at IS NULL AND erased_at IS NULL")
STORED, SKETCHED = sa.text('"key" IS NOT NULL'), sa.text("sketch_key IS NOT NULL")


def upgrade() -> None:
    op.add_column("proofs", sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True))
    for name, table, column, where in (
        ("ix_proofs_settled", "proofs", "verdict", SETTLED),
        ("ix_pictures_stored", "pictures", "key", STORED),
        ("ix_fingerprints_sketched", "fingerprints", "sketch_key", SKETCHED),
    ):
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
    op.create_index("ix_doomed_objects_doomed_at", "doomed_objects", ["doomed_at"])
    op.create_table(
        "seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=26), nullable=False),
        sa.Column("decision", sa.String(length=64), nullable=False),
        sa.Column("words", sa.String(length=64), nullable=False),
        sa.Column("ruling", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seals")),
        sa.UniqueConstraint("platform", "sequence", name=op.f("uq_seals_platform_sequence")),
    )


def downgrade() -> None:
    op.drop_table("seals")
    op.drop_index("ix_doomed_objects_doomed_at", "doomed_objects")
    op.drop_index("ix_fingerprints_sketched", "fingerprints")
    op.drop_index("ix_pictures_stored", "pictures")
    op.drop_index("ix_proofs_settled", "proofs")
    op.drop_column("proofs", "expired_at")
