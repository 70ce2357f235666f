"""Decisions looked at once more, proofs whose answer is known, notices of policy that were read."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ULID = sa.String(length=26)
WORD = sa.String(length=64)
MOMENT = sa.DateTime(timezone=True)
OPEN, REOPENED = sa.text("answered_at IS NULL"), sa.text("reopened IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("id", ULID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("proof", ULID, nullable=False),
        sa.Column("verdict", ULID, nullable=False),
        sa.Column("shown", ULID, nullable=False),
        sa.Column("expected", WORD, nullable=False),
        sa.Column("moderator", ULID, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("decision", WORD, nullable=True),
        sa.Column("code", WORD, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("reopened", ULID, nullable=True),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_looks_proof")),
        sa.ForeignKeyConstraint(["verdict"], ["verdicts.id"], name=op.f("fk_looks_verdict")),
        sa.ForeignKeyConstraint(["shown"], ["verdicts.id"], name=op.f("fk_looks_shown")),
        sa.ForeignKeyConstraint(["moderator"], ["moderators.id"], name=op.f("fk_looks_moderator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looks")),
    )
    op.create_index(op.f("ix_looks_proof"), "looks", ["proof"])
    op.create_index(op.f("ix_looks_verdict"), "looks", ["verdict"])
    op.create_index("ix_looks_of_moderator", "looks", ["moderator", "answered_at"])
    op.create_index("ix_looks_answered", "looks", ["kind", "answered_at"])
    op.create_index("ix_looks_open", "looks", ["kind", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(
        "ix_looks_reopened", "looks", ["reopened"], sqlite_where=REOPENED, postgresql_where=REOPENED
    )
    op.create_table(
        "known_answers",
        sa.Column("proof", ULID, nullable=False),
        sa.Column("verdict", ULID, nullable=False),
        sa.Column("decision", WORD, nullable=False),
        sa.Column("moderator", ULID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_known_answers_proof")),
        sa.ForeignKeyConstraint(["verdict"], ["verdicts.id"], name=op.f("fk_known_answers_verdict")),
        sa.ForeignKeyConstraint(["moderator"], ["moderators.id"], name=op.f("fk_known_answers_moderator")),
        sa.PrimaryKeyConstraint("proof", name=op.f("pk_known_answers")),
    )
    op.create_table(
        "drawn_to",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_drawn_to_platform")),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_drawn_to")),
    )
    op.create_table(
        "policy_read",
        sa.Column("moderator", ULID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["moderator"], ["moderators.id"], name=op.f("fk_policy_read_moderator")),
        sa.PrimaryKeyConstraint("moderator", "kind", name=op.f("pk_policy_read")),
    )


def downgrade() -> None:
    for table in ("policy_read", "drawn_to", "known_answers", "looks"):
        op.drop_table(table)
