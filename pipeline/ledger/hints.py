"""The look-up in the index: what may show the capture that a fingerprint shows, and why.

In: a row of `fingerprints`. Out: pictures with an equal digest, and `Hints` at others, by one statement. For
near hashes every 64-bit hash is cut into four chunks of 16 bits; two hashes that differ in at most three bits
share a chunk for certain, and farther ones often do. It loads no picture's row and compares hashes only.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlalchemy import bindparam, text

from pipeline.ledger import words
from pipeline.ledger.clock import Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from pipeline.records import Candidate

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

# All that a look-up asks, in one statement: kind, bucket and what lies in it. For near hashes a row for each
# bucket, "picture bits,picture bits,...", twice; for words "picture,picture,..."; for equal digests one each,
# the earliest submitted; last an earlier proof of the job that nobody looked at yet, as in `unseen`. Inner
# queries stop at their limits, which a join or a window function over a busy bucket would not.
_LOOK_UP = """
    SELECT 'near', b.value, (
        SELECT {gather}(picture || ' ' || bits, ',') FROM (
            SELECT picture, bits FROM chunks
            WHERE platform = :platform AND job_id = :job_id AND bucket = b.value
            ORDER BY picture DESC LIMIT {job_limit}) AS newest)
    FROM {buckets}
    UNION ALL
    SELECT 'near', b.value, (
        SELECT {gather}(picture || ' ' || bits, ',') FROM (
            SELECT picture, bits FROM chunks
            WHERE platform = :platform AND bucket = b.value
            ORDER BY picture DESC LIMIT {platform_limit}) AS newest)
    FROM {buckets}
    UNION ALL
    SELECT 'words', b.value, (
        SELECT {gather}(picture, ',') FROM (
            SELECT picture FROM words WHERE bucket = b.value
            ORDER BY picture DESC LIMIT {bucket_limit}) AS newest)
    FROM {words}
    UNION ALL
    SELECT 'equal', 0, (
        SELECT {gather}(picture, ',') FROM (
            SELECT picture FROM fingerprints
            WHERE platform = :platform AND bytes_sha256 = :bytes_sha256 AND proof != :proof
            ORDER BY submitted_at LIMIT {exact_limit}) AS earliest)
    UNION ALL
    SELECT 'equal', 0, (
        SELECT {gather}(picture, ',') FROM (
            SELECT picture FROM fingerprints
            WHERE platform = :platform AND pixels_sha256 = :pixels_sha256 AND proof != :proof
            ORDER BY submitted_at LIMIT {exact_limit}) AS earliest)
    UNION ALL
    SELECT 'unseen', 0, (
        SELECT other.id FROM proofs AS other
        WHERE other.platform = :platform AND other.job_id = :job_id AND other.step = 'fingerprint'
            AND other.submitted_at <= :submitted_at
            AND (other.submitted_at, other.id) < (:submitted_at, :proof)
        LIMIT 1)
"""
_GATHER = {"sqlite": "group_concat", "postgresql": "string_agg"}
_EACH = {
    "sqlite": "json_each(:{}) AS b",
    "postgresql": "unnest(CAST(CAST(:{} AS text) AS bigint[])) AS b(value)",
}
_LOOK_UPS = {
    dialect: text(
        _LOOK_UP.format(
            gather=_GATHER[dialect],
            buckets=each.format("buckets"),
            words=each.format("words"),
            job_limit=JOB_LIMIT,
            platform_limit=PLATFORM_LIMIT,
            bucket_limit=words.BUCKET_LIMIT,
            exact_limit=EXACT_LIMIT,
        )
    ).bindparams(bindparam("submitted_at", type_=Moment()))
    for dialect, each in _EACH.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Pictures that may show one's capture, and why: a near hash, rare words, the newest of the job."""

    exact: frozenset[str] = frozenset()
    near: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()
    unseen: bool = False

    @property
    def pictures(self) -> set[str]:
        """All that is hinted at."""
        return {*self.exact, *self.near, *self.alike, *self.newest}

    def suggests(self, one: Candidate) -> bool:
        """Tell whether to look at a picture: a hash or words say so, or it is of the same job.

        Of the latter only what was submitted earlier counts, or every accepted proof of a busy job would be
        news to each judge of it.
        """
        hinted = one.exact or one.picture in self.near or one.picture in self.alike
        return hinted or (one.earlier and one.same_job)


def buckets_of(version: str, name: str, bits: int) -> tuple[int, ...]:
    """Return the four buckets of a hash: a checksum of version and name, the chunk's place, the chunk."""
    named = crc32(f"{version} {name}".encode()) << (CHUNK_BITS + 2)
    mask = (1 << CHUNK_BITS) - 1
    places = range(HASH_BITS // CHUNK_BITS)
    return tuple(named | place << CHUNK_BITS | bits >> place * CHUNK_BITS & mask for place in places)


def distance_bits(bits: int, other: int) -> int:
    """Return in how many of their bits two hashes differ."""
    return ((bits ^ other) & ((1 << HASH_BITS) - 1)).bit_count()


@lru_cache(maxsize=4096)
def hashes_from(kept: str) -> Hashes:
    """Return the hashes of a `fingerprints` row."""
    return tuple((name, bits) for name, bits in json.loads(kept))


def look_up(connection: Connection, mine: Row[Any], *, limit: int) -> Hints:
    """Return what the index hints at, by one statement."""
    scope = {"version": mine.version, "platform": mine.platform, "job_id": mine.job_id}
    ours = defaultdict[int, list[int]](list) if mine.flat else _hashes_by_bucket(mine)
    said = () if mine.flat else words.asked(mine.words, **scope)
    dialect = connection.dialect.name
    lists = {"buckets": ours, "words": said}
    given: dict[str, Any] = {
        name: words.LIST[dialect].format(",".join(map(str, some))) for name, some in lists.items()
    }
    columns = ("platform", "job_id", "proof", "bytes_sha256", "pixels_sha256", "submitted_at")
    given |= {name: getattr(mine, name) for name in columns}
    exact: set[str] = set()
    sharing: dict[int, list[str]] = {}
    nearest: dict[str, int] = {}
    unseen = False
    for kind, bucket, listed in connection.execute(_LOOK_UPS[dialect], given):
        if kind == "near":
            _note_near(nearest, ours[bucket], listed)
        elif kind == "words":
            sharing[bucket] = words.listed_in(listed, but=mine.picture)
        elif kind == "unseen":
            unseen = listed is not None
        else:
            exact.update(words.listed_in(listed, but=mine.picture))
    nearest.pop(mine.picture, None)
    near = nsmallest(limit * SPARE, nearest, key=lambda picture: (nearest[picture], picture))
    alike, newest = words.sharing(sharing, said, limit=limit)
    return Hints(
        exact=frozenset(exact), near=tuple(near), alike=tuple(alike), newest=tuple(newest), unseen=unseen
    )


def is_exact(mine: Row[Any], other: Row[Any]) -> bool:
    """Tell whether two rows are of equal files or of equal pixels."""
    return bool(mine.bytes_sha256 == other.bytes_sha256 or mine.pixels_sha256 == other.pixels_sha256)


def may_hint(mine: Row[Any], other: Row[Any]) -> bool:
    """Tell whether `look_up` for one could lead to the other's candidate; true where in doubt.

    The other's row tells its proof's `job_id` as well.
    """
    same_job = mine.job_id == other.job_id
    earlier = (other.submitted_at, other.proof) < (mine.submitted_at, mine.proof)
    if is_exact(mine, other) or (same_job and earlier):
        return True
    if mine.version != other.version or mine.flat or other.flat:
        return False
    theirs = (buckets_of(other.version, name, bits) for name, bits in hashes_from(other.hashes))
    ours = _hashes_by_bucket(mine)
    if any(bucket in ours for buckets in theirs for bucket in buckets):
        return True
    return words.may_share(mine.words, other.words, same_job=same_job)


def _hashes_by_bucket(mine: Row[Any]) -> defaultdict[int, list[int]]:
    ours: defaultdict[int, list[int]] = defaultdict(list)
    for name, bits in hashes_from(mine.hashes):
        for theirs in (name, *ALSO_WITH.get(name, ())):
            for bucket in buckets_of(mine.version, theirs, bits):
                ours[bucket].append(bits)
    return ours


def _note_near(nearest: dict[str, int], ours: Sequence[int], listed: str | None) -> None:
    """Note for each picture in a bucket how near it is to our hashes that lie there."""
    for one in listed.split(",") if listed else ():
        picture, bits = one.split(" ")
        theirs = int(bits)
        distance = min(distance_bits(own, theirs) for own in ours)
        nearest[picture] = min(distance, nearest.get(picture, HASH_BITS))
