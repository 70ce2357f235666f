"""What the platforms' doors keep: API keys, answers to repeat, appeals, erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("platforms", sa.Column("policy_acknowledged_by", sa.Text(), nullable=True))
    op.add_column("proofs", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_proofs_listed", "proofs", ["platform", "id"], unique=False)
    op.create_index("ix_proofs_of_job", "proofs", ["platform", "job_id", "id"], unique=False)
    op.create_table(
        "platform_keys",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_platform_keys_platform")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_platform_keys")),
    )
    op.create_index(op.f("ix_platform_keys_platform"), "platform_keys", ["platform"], unique=False)
    op.create_table(
        "requests",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_requests_platform")),
        sa.PrimaryKeyConstraint("platform", "key", name=op.f("pk_requests")),
    )
    op.create_index("ix_requests_aged", "requests", ["platform", "created_at"], unique=False)
    op.create_table(
        "appeals",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("proof", sa.String(length=26), nullable=False),
        sa.Column("verdict", sa.String(length=26), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_appeals_proof")),
        sa.ForeignKeyConstraint(["verdict"], ["verdicts.id"], name=op.f("fk_appeals_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("verdict", name=op.f("uq_appeals_verdict")),
    )
    op.create_index(op.f("ix_appeals_proof"), "appeals", ["proof"], unique=False)
    op.create_table(
        "doomed_objects",
        sa.Column("proof", sa.String(length=26), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("doomed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_doomed_objects_proof")),
        sa.PrimaryKeyConstraint("proof", "key", name=op.f("pk_doomed_objects")),
    )


def downgrade() -> None:
    op.drop_table("doomed_objects")
    op.drop_table("appeals")
    op.drop_table("requests")
    op.drop_table("platform_keys")
    op.drop_index("ix_proofs_of_job", "proofs")
    op.drop_index("ix_proofs_listed", "proofs")
    op.drop_column("proofs", "erased_at")
    op.drop_column("platforms", "policy_acknowledged_by")
