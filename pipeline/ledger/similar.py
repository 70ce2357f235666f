"""The fingerprint index: which pictures of a platform may show the same capture.

In: a proof. Out: candidates, nearest first. Equal digests are found by index. For near ones every 64-bit hash
is cut into four chunks of 16 bits; two hashes that differ in at most three bits share a chunk for certain,
and farther ones often do. Busy chunks are read newest first up to a limit, the proof's own job apart from the
rest of the platform, so a popular screen costs no more than a rare one. What hashes of a whole page miss is
found by `words`, and where little is found, the newest of the job. It compares hashes only, never pictures.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlalchemy import bindparam, case, delete, select, text, union_all

from pipeline.ledger import words
from pipeline.ledger.tables import chunks, fingerprints, proofs, verdicts
from pipeline.ledger.unseen import unseen
from pipeline.ledger.upsert import adding
from pipeline.records import Candidate, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from pipeline.records import Fingerprint, Proof, StoredPicture

Hashes = tuple[tuple[str, int], ...]

HASH_BITS = 64
CHUNK_BITS = 16
EXACT_LIMIT = 32
JOB_LIMIT = 128
PLATFORM_LIMIT = 32
MOST_HINTED = 12  # by words, and of the newest
SPARE = 3  # pictures looked up for each one asked for: some are the proof's own or of another version

# A mirrored copy carries in `page` what its original carries in `mirrored`, and the other way round.
ALSO_WITH = {"page": ("mirrored",), "mirrored": ("page",)}

# A row for each bucket: "picture bits,picture bits,...". Each inner query stops at its limit, which a join or
# a window function over a busy bucket would not.
_NEAR = {
    "sqlite": text("""
        SELECT b.value, (
            SELECT group_concat(picture || ' ' || bits) FROM (
                SELECT picture, bits FROM chunks
                WHERE platform = :platform AND job_id = :job_id AND bucket = b.value
                ORDER BY picture DESC LIMIT :job_limit))
        FROM json_each(:buckets) AS b
        UNION ALL
        SELECT b.value, (
            SELECT group_concat(picture || ' ' || bits) FROM (
                SELECT picture, bits FROM chunks
                WHERE platform = :platform AND bucket = b.value
                ORDER BY picture DESC LIMIT :platform_limit))
        FROM json_each(:buckets) AS b
    """),
    "postgresql": text("""
        SELECT b.value, (
            SELECT string_agg(picture || ' ' || bits, ',') FROM (
                SELECT picture, bits FROM chunks
                WHERE platform = :platform AND job_id = :job_id AND bucket = b.value
                ORDER BY picture DESC LIMIT :job_limit) AS newest)
        FROM unnest(CAST(CAST(:buckets AS text) AS bigint[])) AS b(value)
        UNION ALL
        SELECT b.value, (
            SELECT string_agg(picture || ' ' || bits, ',') FROM (
                SELECT picture, bits FROM chunks
                WHERE platform = :platform AND bucket = b.value
                ORDER BY picture DESC LIMIT :platform_limit) AS newest)
        FROM unnest(CAST(CAST(:buckets AS text) AS bigint[])) AS b(value)
    """),
}
_LIST = {"sqlite": "[{}]", "postgresql": "{{{}}}"}


# Fingerprints with what a candidate tells about their proof and its current verdict. The statements are built
# once: building one costs more than SQLite takes to run it.
_DOUBTED = verdicts.c.body.like('%"relation":"same_screen"%')  # such an original may be another's capture
_FINGERPRINTED = select(
    fingerprints,
    proofs.c.proof_id,
    proofs.c.job_id,
    proofs.c.submitter_id,
    proofs.c.outcome,
    verdicts.c.resubmit_asked,
    case((_DOUBTED, None), else_=verdicts.c.root_proof).label("root_proof"),
    case((_DOUBTED, None), else_=verdicts.c.root_proof_id).label("root_proof_id"),
).select_from(
    fingerprints.join(proofs, proofs.c.id == fingerprints.c.proof).outerjoin(
        verdicts, verdicts.c.id == proofs.c.verdict
    )
)
_OF_PROOF = _FINGERPRINTED.add_columns(unseen().label("unseen")).where(
    fingerprints.c.proof == bindparam("proof")
)
_OF_PICTURES = _FINGERPRINTED.where(
    fingerprints.c.platform == bindparam("platform"),
    fingerprints.c.picture.in_(bindparam("pictures", expanding=True)),
)


def _equal(digest: str) -> Select[str]:
    """Select the pictures with the same digest, the earliest submitted first."""
    same = select(fingerprints.c.picture).where(
        fingerprints.c.platform == bindparam("platform"),
        fingerprints.c[digest] == bindparam(digest),
        fingerprints.c.proof != bindparam("proof"),
    )
    earliest = same.order_by(fingerprints.c.submitted_at).limit(EXACT_LIMIT).subquery()
    return select(earliest.c.picture)


_EQUAL = union_all(_equal("bytes_sha256"), _equal("pixels_sha256"))


def remember(
    connection: Connection,
    proof: Proof,
    picture: StoredPicture,
    *,
    fingerprint: Fingerprint,
    sketch_key: str | None,
) -> None:
    """Write a picture's fingerprint and, unless it is flat, its place in the index."""
    row = {
        "picture": picture.id,
        "proof": proof.id,
        "platform": proof.platform,
        "submitted_at": proof.submitted_at,
        "image": picture.index,
        "version": fingerprint.version,
        "bytes_sha256": fingerprint.bytes_sha256,
        "pixels_sha256": fingerprint.pixels_sha256,
        "width_px": fingerprint.width_px,
        "height_px": fingerprint.height_px,
        "hashes": json.dumps(fingerprint.hashes),
        "words": json.dumps(fingerprint.words),
        "flat": fingerprint.flat,
        "fault": fingerprint.fault,
        "sketch_key": sketch_key,
    }
    connection.execute(adding(connection.dialect.name, fingerprints), row)
    if fingerprint.flat:
        return
    if rows := list(_chunk_rows(proof, picture, fingerprint)):
        connection.execute(adding(connection.dialect.name, chunks), rows)
    scope = {"version": fingerprint.version, "platform": proof.platform, "job_id": proof.job_id}
    words.remember(connection, picture.id, fingerprint.words, **scope)


def forget(connection: Connection, proof: str) -> None:
    """Remove a proof's fingerprints and their places in the index."""
    leave(connection, proof)
    connection.execute(delete(fingerprints).where(fingerprints.c.proof == proof))


def leave(connection: Connection, proof: str) -> None:
    """Remove the places of a proof's fingerprints in the index, and leave their rows."""
    query = select(fingerprints, proofs.c.job_id).join(proofs, proofs.c.id == fingerprints.c.proof)
    for mine in connection.execute(query.where(fingerprints.c.proof == proof)).all():
        displace(connection, mine, job_id=mine.job_id)


def displace(connection: Connection, mine: Row[Any], *, job_id: str) -> None:
    """Remove the places in the index of one row of `fingerprints`, and leave the row."""
    buckets = [
        bucket for name, bits in hashes_from(mine.hashes) for bucket in _buckets(mine.version, name, bits)
    ]
    placed = (chunks.c.platform == mine.platform) & (chunks.c.picture == mine.picture)
    connection.execute(delete(chunks).where(placed, chunks.c.bucket.in_(buckets)))
    words.forget(
        connection, mine.picture, mine.words, version=mine.version, platform=mine.platform, job_id=job_id
    )


def _chunk_rows(proof: Proof, picture: StoredPicture, fingerprint: Fingerprint) -> Iterator[dict[str, Any]]:
    for name, bits in fingerprint.hashes:
        for bucket in _buckets(fingerprint.version, name, bits):
            yield {
                "platform": proof.platform,
                "bucket": bucket,
                "picture": picture.id,
                "job_id": proof.job_id,
                "bits": _signed(bits),
            }


def _buckets(version: str, name: str, bits: int) -> tuple[int, ...]:
    """Return the four buckets of a hash: a checksum of version and name, the chunk's place, the chunk."""
    named = crc32(f"{version} {name}".encode()) << (CHUNK_BITS + 2)
    mask = (1 << CHUNK_BITS) - 1
    places = range(HASH_BITS // CHUNK_BITS)
    return tuple(named | place << CHUNK_BITS | bits >> place * CHUNK_BITS & mask for place in places)


def _signed(bits: int) -> int:
    """Return the 64 bits as the signed number that a BIGINT holds."""
    bits &= (1 << HASH_BITS) - 1
    return bits - (1 << HASH_BITS) if bits >> (HASH_BITS - 1) else bits


def _distance(bits: int, other: int) -> int:
    return ((bits ^ other) & ((1 << HASH_BITS) - 1)).bit_count()


@lru_cache(maxsize=4096)
def hashes_from(kept: str) -> Hashes:
    """Return the hashes of a `fingerprints` row."""
    return tuple((name, bits) for name, bits in json.loads(kept))


@lru_cache(maxsize=1024)
def _words_from(kept: str) -> frozenset[int]:
    return frozenset(json.loads(kept))


def candidates(connection: Connection, proof: str, *, limit: int) -> tuple[Candidate, ...]:
    """Return pictures of other proofs that may show the same capture, the likeliest first."""
    return alike(connection, fingerprinted(connection, proof), limit=limit)


def fingerprinted(connection: Connection, proof: str) -> Sequence[Row[Any]]:
    """Return the proof's fingerprints, each told whether an earlier proof of the job is `unseen`."""
    return connection.execute(_OF_PROOF, {"proof": proof}).all()


def alike(connection: Connection, ours: Sequence[Row[Any]], *, limit: int) -> tuple[Candidate, ...]:
    """Return the candidates of a proof with these fingerprints.

    Those that can decide come first where `limit` cuts: a proof submitted earlier, or one that was accepted.
    """
    found: list[Candidate] = []
    for mine in ours:
        if mine.fault is not None:
            continue  # All blank pictures of one size are equal, and nobody's.
        digests = {"platform": mine.platform, "proof": mine.proof}
        digests |= {"bytes_sha256": mine.bytes_sha256, "pixels_sha256": mine.pixels_sha256}
        exact = set(connection.scalars(_EQUAL, digests))
        hints = _Hints() if mine.flat else _hints(connection, mine, limit=min(limit, MOST_HINTED))
        others = {"pictures": list(exact | hints.pictures), "platform": mine.platform}
        rows = connection.execute(_OF_PICTURES, others).all() if others["pictures"] else ()
        loaded = [
            one
            for other in rows
            if other.proof != mine.proof
            for one in _candidate(mine, other, exact=other.picture in exact)
        ]
        found += filter(hints.suggests, loaded)
    best = nsmallest(limit, found, key=lambda one: (not decides(one), *_likeliness(one)))
    return tuple(sorted(best, key=_likeliness))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hints:
    """Pictures that may show one's capture, and why: a near hash, rare words, the newest of the job."""

    near: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()

    @property
    def pictures(self) -> set[str]:
        return {*self.near, *self.alike, *self.newest}

    def suggests(self, one: Candidate) -> bool:
        """Tell whether to look at a picture: a hash or words say so, or it is of the same job.

        Of the latter only what was submitted earlier counts, or every accepted proof of a busy job would be
        news to each judge of it.
        """
        hinted = one.exact or one.picture in self.near or one.picture in self.alike
        return hinted or (one.earlier and one.same_job)


def decides(candidate: Candidate) -> bool:
    """Tell whether the other proof can change this one's verdict: it came earlier, or was accepted."""
    return candidate.earlier or candidate.outcome is Outcome.ACCEPT


def _likeliness(candidate: Candidate) -> tuple[bool, int, datetime, str]:
    """Sort exact copies first, then by likeness; of equals the earliest, which may be the original."""
    return (not candidate.exact, -candidate.likeness, candidate.submitted_at, candidate.picture)


def _hints(connection: Connection, mine: Row[Any], *, limit: int) -> _Hints:
    scope = {"version": mine.version, "platform": mine.platform, "job_id": mine.job_id}
    alike, newest = words.sharing(connection, mine.picture, mine.words, **scope, limit=limit)
    near = _near(connection, mine, limit=limit * SPARE)
    return _Hints(near=tuple(near), alike=tuple(alike), newest=tuple(newest))


def _near(connection: Connection, mine: Row[Any], *, limit: int) -> Iterable[str]:
    """Return pictures that share a chunk, those with the nearest hashes."""
    ours: defaultdict[int, list[int]] = defaultdict(list)
    for name, bits in hashes_from(mine.hashes):
        for theirs in (name, *ALSO_WITH.get(name, ())):
            for bucket in _buckets(mine.version, theirs, bits):
                ours[bucket].append(bits)
    nearest: dict[str, int] = {}
    for bucket, picture, bits in _sharing(connection, mine, list(ours)):
        distance = min(_distance(one, bits) for one in ours[bucket])
        nearest[picture] = min(distance, nearest.get(picture, HASH_BITS))
    nearest.pop(mine.picture, None)
    return nsmallest(limit, nearest, key=lambda picture: (nearest[picture], picture))


def _sharing(connection: Connection, mine: Row[Any], buckets: list[int]) -> Iterator[tuple[int, str, int]]:
    """Yield (bucket, picture, hash) of what lies in the buckets, a picture as often as it is found."""
    dialect = connection.dialect.name
    given = {
        "buckets": _LIST[dialect].format(",".join(map(str, buckets))),
        "platform": mine.platform,
        "job_id": mine.job_id,
        "job_limit": JOB_LIMIT,
        "platform_limit": PLATFORM_LIMIT,
    }
    for bucket, listed in connection.execute(_NEAR[dialect], given):
        for one in listed.split(",") if listed else ():
            picture, bits = one.split(" ")
            yield bucket, picture, int(bits)


def _candidate(mine: Row[Any], other: Row[Any], *, exact: bool) -> Iterator[Candidate]:
    distance = 0 if exact else _smallest_distance(mine, other)
    if distance is None:
        return
    yield Candidate(
        proof=other.proof,
        proof_id=other.proof_id,
        picture=other.picture,
        image=mine.image,
        other_image=other.image,
        sketch_key=other.sketch_key,
        submitted_at=other.submitted_at,
        distance_bits=distance,
        shared_words=len(_words_from(mine.words) & _words_from(other.words)),
        exact=exact,
        earlier=(other.submitted_at, other.proof) < (mine.submitted_at, mine.proof),
        same_submitter=other.submitter_id == mine.submitter_id,
        same_job=other.job_id == mine.job_id,
        outcome=None if other.outcome is None else Outcome(other.outcome),
        resubmit_asked=bool(other.resubmit_asked),
        root_proof=other.root_proof,
        root_proof_id=other.root_proof_id,
    )


def _smallest_distance(mine: Row[Any], other: Row[Any]) -> int | None:
    """Return the smallest distance among hashes that can be compared, None where none can."""
    if mine.version != other.version or mine.flat or other.flat:
        return None
    theirs = dict(hashes_from(other.hashes))
    distances = (
        _distance(bits, theirs[one])
        for name, bits in hashes_from(mine.hashes)
        for one in (name, *ALSO_WITH.get(name, ()))
        if one in theirs
    )
    return min(distances, default=None)
