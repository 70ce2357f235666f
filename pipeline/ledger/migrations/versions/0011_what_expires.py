"""What was decided long ago expires; objects that proofs share are found by their key."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
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


def downgrade() -> None:
    op.drop_index("ix_doomed_objects_doomed_at", "doomed_objects")
    op.drop_index("ix_fingerprints_sketched", "fingerprints")
    op.drop_index("ix_pictures_stored", "pictures")
    op.drop_index("ix_proofs_settled", "proofs")
    op.drop_column("proofs", "expired_at")
