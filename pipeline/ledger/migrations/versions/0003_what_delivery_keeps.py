"""What delivery keeps: endpoints, attempts, leases on notices, a secret's overlap."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")
LEASED = sa.text("lease IS NOT NULL")


def upgrade() -> None:
    op.add_column("platforms", sa.Column("former_secret", sa.Text(), nullable=True))
    op.add_column("platforms", sa.Column("former_until", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_notices_due", "notices")
    op.add_column("notices", sa.Column("platform", sa.Text(), nullable=True))
    op.add_column("notices", sa.Column("lease", sa.Text(), nullable=True))
    op.add_column("notices", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE notices SET platform = (SELECT platform FROM verdicts WHERE verdicts.id = notices.verdict)"
    )
    with op.batch_alter_table("notices") as notices:
        notices.alter_column("platform", nullable=False)
    op.create_index(
        "ix_notices_unsent",
        "notices",
        ["platform", "target", "due_at"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "ix_notices_leased",
        "notices",
        ["lease_until"],
        unique=False,
        sqlite_where=LEASED,
        postgresql_where=LEASED,
    )
    op.create_index("ix_notices_listed", "notices", ["platform", "state", "id"], unique=False)
    op.create_index("ix_proofs_of_submitter", "proofs", ["platform", "submitter_id", "id"], unique=False)
    op.create_table(
        "endpoints",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rest_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_endpoints_platform")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoints")),
        sa.UniqueConstraint("platform", "target", name=op.f("uq_endpoints_platform_target")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("notice", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["notice"], ["notices.id"], name=op.f("fk_deliveries_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_notice"), "deliveries", ["notice"], unique=False)


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("endpoints")
    op.drop_index("ix_proofs_of_submitter", "proofs")
    for name in ("ix_notices_listed", "ix_notices_leased", "ix_notices_unsent"):
        op.drop_index(name, "notices")
    with op.batch_alter_table("notices") as notices:
        for name in ("platform", "lease", "lease_until"):
            notices.drop_column(name)
    op.create_index("ix_notices_due", "notices", ["state", "due_at"], unique=False)
    op.drop_column("platforms", "former_until")
    op.drop_column("platforms", "former_secret")
