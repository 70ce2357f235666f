"""What the review console keeps: moderators, sessions, claims, rulings."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ULID = sa.String(length=26)
WORD = sa.String(length=64)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "moderators",
        sa.Column("id", ULID, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_moderators_platform")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderators")),
        sa.UniqueConstraint("email", name=op.f("uq_moderators_email")),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("moderator", ULID, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["moderator"], ["moderators.id"], name=op.f("fk_sessions_moderator")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_moderator"), "sessions", ["moderator"], unique=False)
    op.create_table(
        "claims",
        sa.Column("proof", ULID, nullable=False),
        sa.Column("moderator", ULID, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_claims_proof")),
        sa.ForeignKeyConstraint(["moderator"], ["moderators.id"], name=op.f("fk_claims_moderator")),
        sa.PrimaryKeyConstraint("proof", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_moderator"), "claims", ["moderator"], unique=False)
    op.create_table(
        "rulings",
        sa.Column("verdict", ULID, nullable=False),
        sa.Column("proof", ULID, nullable=False),
        sa.Column("against", ULID, nullable=False),
        sa.Column("moderator", ULID, nullable=False),
        sa.Column("decision", WORD, nullable=False),
        sa.Column("undone", ULID, nullable=True),
        sa.Column("ruled_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["verdict"], ["verdicts.id"], name=op.f("fk_rulings_verdict")),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_rulings_proof")),
        sa.ForeignKeyConstraint(["against"], ["verdicts.id"], name=op.f("fk_rulings_against")),
        sa.ForeignKeyConstraint(["moderator"], ["moderators.id"], name=op.f("fk_rulings_moderator")),
        sa.ForeignKeyConstraint(["undone"], ["verdicts.id"], name=op.f("fk_rulings_undone")),
        sa.PrimaryKeyConstraint("verdict", name=op.f("pk_rulings")),
        sa.UniqueConstraint("against", name=op.f("uq_rulings_against")),
    )
    op.create_index(op.f("ix_rulings_proof"), "rulings", ["proof"], unique=False)
    op.create_index("ix_rulings_newest", "rulings", ["moderator", "ruled_at"], unique=False)
    op.create_index(
        "ix_proofs_for_people",
        "proofs",
        ["deadline", "id"],
        unique=False,
        sqlite_where=sa.text("outcome = 'manual'"),
        postgresql_where=sa.text("outcome = 'manual'"),
    )


def downgrade() -> None:
    op.drop_index("ix_proofs_for_people", "proofs")
    for table in ("rulings", "claims", "sessions", "moderators"):
        op.drop_table(table)
