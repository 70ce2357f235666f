"""The ledger's tables.

In: nothing. Out: `METADATA` and one `Table` each. It says what is kept and what is unique; every change here
needs a migration (a test compares the two). Ids are ULIDs as text, times are UTC, records are the codec's
JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from pipeline.ledger.clock import Moment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ULID = String(26)
SHA256 = String(64)
WORD = String(64)  # a step, an outcome, a reason code

platforms = Table(
    "platforms",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("last_sequence", BigInteger, nullable=False, server_default="0"),
    Column("targets", Text, nullable=False, server_default=""),
    Column("webhook_secret", Text),
    Column("former_secret", Text),
    Column("former_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("policy_acknowledged_by", Text),
    Column("elsewhere_salt", Text),
)

# Append-only: a changed job is a new row, the newest is the current one, and a proof keeps its own.
jobs = Table(
    "jobs",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("platform", ForeignKey("platforms.name"), nullable=False),
    Column("job_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("spec", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("platform", "job_id", "version"),
)

# `verdict` and `outcome` repeat the newest verdict, so that counting and comparing need no search for it;
# `verdict` has no foreign key, for verdicts already point here.
proofs = Table(
    "proofs",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("platform", ForeignKey("platforms.name"), nullable=False),
    Column("proof_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("job", ForeignKey("jobs.id")),
    Column("submitter_id", Text, nullable=False),
    Column("submitted_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("answer", Text),
    Column("lang", Text, nullable=False),
    Column("deadline", Moment),
    Column("digest", SHA256, nullable=False),
    Column("step", WORD, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("rung_at", Moment),
    Column("lease", Text),
    Column("lease_until", Moment),
    Column("attempts_used", Integer, nullable=False, server_default="0"),
    Column("failure", WORD),
    Column("verdict", ULID),
    Column("outcome", WORD),
    Column("erased_at", Moment),
    Column("expired_at", Moment),
    UniqueConstraint("platform", "proof_id"),
    Index("ix_proofs_listed", "platform", "id"),
    Index("ix_proofs_of_job", "platform", "job_id", "id"),
    Index("ix_proofs_of_submitter", "platform", "submitter_id", "id"),
)

# Partial indexes: what waits is a few rows among many done ones. A query must state the same condition, with
# the value written out and not bound, or the planner cannot know that the index holds all it needs.
WORKING = proofs.c.step != literal_column("'done'")
LEASED = proofs.c.lease.is_not(None)
TRIED = proofs.c.attempts_used > literal_column("0")
UNSEEN = proofs.c.step == literal_column("'fingerprint'")
DEAD = proofs.c.failure.is_not(None)
DECIDED = proofs.c.outcome != literal_column("'manual'")
SETTLED = DECIDED & proofs.c.expired_at.is_(None) & proofs.c.erased_at.is_(None)


def _partial(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> None:
    Index(name, *columns, sqlite_where=where, postgresql_where=where)


_partial("ix_proofs_due", proofs.c.step, proofs.c.due_at, where=WORKING)
_partial("ix_proofs_leased", proofs.c.lease_until, where=LEASED)
_partial("ix_proofs_tried", proofs.c.attempts_used, where=TRIED)
_partial("ix_proofs_unseen", proofs.c.platform, proofs.c.job_id, proofs.c.submitted_at, where=UNSEEN)
_partial("ix_proofs_dead", proofs.c.id, where=DEAD)
_partial("ix_proofs_settled", proofs.c.verdict, where=SETTLED)
Index("ix_proofs_counted", proofs.c.platform, proofs.c.step, proofs.c.outcome)

pictures = Table(
    "pictures",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("proof", ForeignKey("proofs.id"), nullable=False),
    Column("image", Integer, nullable=False),
    Column("key", Text),
    Column("sha256", SHA256),
    Column("size_bytes", BigInteger, nullable=False),
    Column("fault", WORD),
    UniqueConstraint("proof", "image"),
)
_partial("ix_pictures_stored", pictures.c.key, where=pictures.c.key.is_not(None))

# Platform, job and time of the proof are repeated: a lookup by digest then reads one index, earliest first.
fingerprints = Table(
    "fingerprints",
    METADATA,
    Column("picture", ForeignKey("pictures.id"), primary_key=True),
    Column("proof", ForeignKey("proofs.id"), nullable=False, index=True),
    Column("platform", ForeignKey("platforms.name"), nullable=False),
    Column("submitted_at", Moment, nullable=False),
    Column("image", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("bytes_sha256", SHA256, nullable=False),
    Column("pixels_sha256", SHA256, nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("hashes", Text, nullable=False),
    Column("words", Text, nullable=False, server_default="[]"),
    Column("flat", Boolean, nullable=False),
    Column("fault", WORD),
    Column("sketch_key", Text),
    Index("ix_fingerprints_bytes", "platform", "bytes_sha256", "submitted_at"),
    Index("ix_fingerprints_pixels", "platform", "pixels_sha256", "submitted_at"),
)
_partial("ix_fingerprints_sketched", fingerprints.c.sketch_key, where=fingerprints.c.sketch_key.is_not(None))

# The index that `similar` searches: 16 bits of a 64-bit hash a row. `bucket` holds the hash's version and
# name, the place of the 16 bits and the bits; `bits` the whole hash. No foreign keys: it can be built anew at
# any time. PostgreSQL's key carries the hash too, so that a look-up reads no row of the table: at a million
# pictures 32 rows a bucket lie on as many pages (measured: 420 page reads a look-up, now 20).
chunks = Table(
    "chunks",
    METADATA,
    Column("platform", Text, nullable=False),
    Column("bucket", BigInteger, nullable=False, autoincrement=False),
    Column("picture", ULID, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("bits", BigInteger, nullable=False),
    PrimaryKeyConstraint("platform", "bucket", "picture", postgresql_include=["bits"]),
    Index("ix_chunks_job", "platform", "job_id", "bucket", "picture", "bits"),
    sqlite_with_rowid=False,
)

# The second index that `similar` searches: a look of one key point a row. `bucket` holds a digest of version,
# platform and, where it counts within a job, the job, and the look's bits. It can be built anew at any time.
words = Table(
    "words",
    METADATA,
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("picture", ULID, primary_key=True),
    sqlite_with_rowid=False,
)

# Salted keys of pictures whose platforms opted in: all of these share `platforms.elsewhere_salt`.
elsewhere = Table(
    "elsewhere",
    METADATA,
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("picture", ULID, primary_key=True, index=True),
    sqlite_with_rowid=False,
)

readings = Table(
    "readings",
    METADATA,
    Column("proof", ForeignKey("proofs.id"), primary_key=True),
    Column("image", Integer, primary_key=True),
    Column("body", Text, nullable=False),
)

# Appended, never edited. `sequence` is given out under the platform row's lock: it rises in the order in
# which verdicts become visible and has no gap, so a reader of the feed that saw N has seen all before N.
verdicts = Table(
    "verdicts",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("platform", ForeignKey("platforms.name"), nullable=False),
    Column("proof", ForeignKey("proofs.id"), nullable=False, index=True),
    Column("sequence", BigInteger, nullable=False),
    Column("supersedes", ForeignKey("verdicts.id"), unique=True),
    Column("outcome", WORD, nullable=False),
    Column("resubmit_asked", Boolean, nullable=False),
    Column("root_proof", ULID),
    Column("root_proof_id", Text),
    Column("body", Text, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("took_ms", Integer, nullable=False),
    UniqueConstraint("platform", "sequence"),
)

# What was named a copy of another, newest last: rings are found through it.
COPIES = verdicts.c.root_proof.is_not(None)
_partial("ix_verdicts_copies", verdicts.c.platform, verdicts.c.sequence, where=COPIES)

# The outbox. The platform is repeated: what one endpoint has waiting is then found in one index.
notices = Table(
    "notices",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("verdict", ForeignKey("verdicts.id"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", WORD, nullable=False, server_default="waiting"),
    Column("due_at", Moment, nullable=False),
    Column("lease", Text),
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("verdict", "target"),
)
UNSENT = notices.c.state == literal_column("'waiting'")
_partial("ix_notices_unsent", notices.c.platform, notices.c.target, notices.c.due_at, where=UNSENT)
GIVEN_UP = notices.c.state == literal_column("'failed'")
_partial("ix_notices_failed", notices.c.id, where=GIVEN_UP)
_partial("ix_notices_leased", notices.c.lease_until, where=notices.c.lease.is_not(None))
Index("ix_notices_listed", notices.c.platform, notices.c.state, notices.c.id)

attempts = Table(
    "attempts",
    METADATA,
    Column("id", ULID, primary_key=True),
    Column("proof", ForeignKey("proofs.id"), nullable=False, index=True),
    Column("step", WORD, nullable=False),
    Column("number", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("problem", WORD),
    Column("detail", Text),
    Column("died", Boolean),
)

# Pictures on whose account children died until we gave up; whoever loads one finds it faulty and opens it no
# more. `proof` is the last that it cost.
quarantine = Table(
    "quarantine",
    METADATA,
    Column("sha256", SHA256, primary_key=True),
    Column("proof", ForeignKey("proofs.id"), nullable=False),
    Column("deaths", Integer, nullable=False),
    Column("since", Moment, nullable=False),
)
