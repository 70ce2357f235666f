"""Events of job platforms that came by a queue, so that one that comes twice rings once."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sites", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sites", sa.Column("events_problem", sa.Text(), nullable=True))
    op.create_table(
        "site_events",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform"], ["sites.platform"], name=op.f("fk_site_events_platform")
        ),
        sa.PrimaryKeyConstraint("platform", "event", name=op.f("pk_site_events")),
    )


def downgrade() -> None:
    op.drop_table("site_events")
    op.drop_column("sites", "events_problem")
    op.drop_column("sites", "heard_at")
