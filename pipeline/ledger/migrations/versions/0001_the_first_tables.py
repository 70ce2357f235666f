"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chunks",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("bucket", sa.BigInteger(), nullable=False),
        sa.Column("picture", sa.String(length=26), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("bits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "bucket", "picture", name=op.f("pk_chunks")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_chunks_job", "chunks", ["platform", "job_id", "bucket", "picture", "bits"], unique=False)
    op.create_table(
        "platforms",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("targets", sa.Text(), server_default="", nullable=False),
        sa.Column("webhook_secret", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_platforms")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_jobs_platform")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("platform", "job_id", "version", name=op.f("uq_jobs_platform_job_id_version")),
    )
    op.create_table(
        "proofs",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("proof_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("job", sa.String(length=26), nullable=True),
        sa.Column("submitter_id", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts_used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("verdict", sa.String(length=26), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name=op.f("fk_proofs_job")),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_proofs_platform")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofs")),
        sa.UniqueConstraint("platform", "proof_id", name=op.f("uq_proofs_platform_proof_id")),
    )
    op.create_index("ix_proofs_counted", "proofs", ["platform", "step", "outcome"], unique=False)
    op.create_index(
        "ix_proofs_due",
        "proofs",
        ["step", "due_at"],
        unique=False,
        sqlite_where=sa.text("step != 'done'"),
        postgresql_where=sa.text("step != 'done'"),
    )
    op.create_index(
        "ix_proofs_leased",
        "proofs",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease IS NOT NULL"),
        postgresql_where=sa.text("lease IS NOT NULL"),
    )
    op.create_index(
        "ix_proofs_tried",
        "proofs",
        ["attempts_used"],
        unique=False,
        sqlite_where=sa.text("attempts_used > 0"),
        postgresql_where=sa.text("attempts_used > 0"),
    )
    op.create_index(
        "ix_proofs_unseen",
        "proofs",
        ["platform", "job_id", "submitted_at"],
        unique=False,
        sqlite_where=sa.text("step = 'fingerprint'"),
        postgresql_where=sa.text("step = 'fingerprint'"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("proof", sa.String(length=26), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_attempts_proof")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_proof"), "attempts", ["proof"], unique=False)
    op.create_table(
        "pictures",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("proof", sa.String(length=26), nullable=False),
        sa.Column("image", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_pictures_proof")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint("proof", "image", name=op.f("uq_pictures_proof_image")),
    )
    op.create_table(
        "readings",
        sa.Column("proof", sa.String(length=26), nullable=False),
        sa.Column("image", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_readings_proof")),
        sa.PrimaryKeyConstraint("proof", "image", name=op.f("pk_readings")),
    )
    op.create_table(
        "verdicts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("proof", sa.String(length=26), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("supersedes", sa.String(length=26), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("resubmit_asked", sa.Boolean(), nullable=False),
        sa.Column("root_proof", sa.String(length=26), nullable=True),
        sa.Column("root_proof_id", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_verdicts_platform")),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_verdicts_proof")),
        sa.ForeignKeyConstraint(["supersedes"], ["verdicts.id"], name=op.f("fk_verdicts_supersedes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        sa.UniqueConstraint("platform", "sequence", name=op.f("uq_verdicts_platform_sequence")),
        sa.UniqueConstraint("supersedes", name=op.f("uq_verdicts_supersedes")),
    )
    op.create_index(op.f("ix_verdicts_proof"), "verdicts", ["proof"], unique=False)
    op.create_table(
        "fingerprints",
        sa.Column("picture", sa.String(length=26), nullable=False),
        sa.Column("proof", sa.String(length=26), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("image", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("bytes_sha256", sa.String(length=64), nullable=False),
        sa.Column("pixels_sha256", sa.String(length=64), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("hashes", sa.Text(), nullable=False),
        sa.Column("flat", sa.Boolean(), nullable=False),
        sa.Column("fault", sa.String(length=64), nullable=True),
        sa.Column("sketch_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["picture"], ["pictures.id"], name=op.f("fk_fingerprints_picture")),
        sa.ForeignKeyConstraint(["platform"], ["platforms.name"], name=op.f("fk_fingerprints_platform")),
        sa.ForeignKeyConstraint(["proof"], ["proofs.id"], name=op.f("fk_fingerprints_proof")),
        sa.PrimaryKeyConstraint("picture", name=op.f("pk_fingerprints")),
    )
    op.create_index(
        "ix_fingerprints_bytes", "fingerprints", ["platform", "bytes_sha256", "submitted_at"], unique=False
    )
    op.create_index(
        "ix_fingerprints_pixels", "fingerprints", ["platform", "pixels_sha256", "submitted_at"], unique=False
    )
    op.create_index(op.f("ix_fingerprints_proof"), "fingerprints", ["proof"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("verdict", sa.String(length=26), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=64), server_default="waiting", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["verdict"], ["verdicts.id"], name=op.f("fk_notices_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("verdict", "target", name=op.f("uq_notices_verdict_target")),
    )
    op.create_index("ix_notices_due", "notices", ["state", "due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_table("fingerprints")
    op.drop_table("verdicts")
    op.drop_table("readings")
    op.drop_table("pictures")
    op.drop_table("attempts")
    op.drop_table("proofs")
    op.drop_table("jobs")
    op.drop_table("platforms")
    op.drop_table("chunks")
