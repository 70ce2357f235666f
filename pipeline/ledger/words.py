"""The local index: which pictures share looks of key points, and which of a job came last.

In: a picture's words. Out: pictures that share rare ones, best first. Finds what hashes of a whole page miss:
crops, letterboxes, photos of a screen. A word counts by how few pictures of the job, or of the platform,
share it; a bucket that is full says nothing, so a popular page costs no more than a rare one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from hashlib import blake2b
from heapq import nsmallest
from math import log
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, text

from pipeline.ledger.tables import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, TextClause

WORD_BITS = 20
JOB_WORDS = 96
PLATFORM_WORDS = 32
BUCKET_LIMIT = 24
# Two words that half a bucket shares say less than this, one that nobody else has in job and platform more.
LEAST_SURPRISE = 4.0
_SCOPE_BITS = 63 - WORD_BITS

# A row for each bucket: "picture,picture,...", the newest; each inner query stops at its limit.
SHARING = {
    "sqlite": """
        SELECT b.value, (
            SELECT group_concat(picture) FROM (
                SELECT picture FROM {table} WHERE bucket = b.value ORDER BY picture DESC LIMIT :bucket_limit))
        FROM json_each(:{table}) AS b
    """,
    "postgresql": """
        SELECT b.value, (
            SELECT string_agg(picture, ',') FROM (
                SELECT picture FROM {table} WHERE bucket = b.value
                ORDER BY picture DESC LIMIT :bucket_limit) AS newest)
        FROM unnest(CAST(CAST(:{table} AS text) AS bigint[])) AS b(value)
    """,
}
LIST = {"sqlite": "[{}]", "postgresql": "{{{}}}"}


def places(
    picture: str, said: Sequence[int], *, version: str, platform: str, job_id: str
) -> list[dict[str, Any]]:
    """Return a picture's rows in the local index; one without words can be laid over nothing."""
    if not said:
        return []
    newest, buckets = _buckets(said, version=version, platform=platform, job_id=job_id)
    return [{"bucket": bucket, "picture": picture} for bucket in (newest, *buckets)]


def forget(
    connection: Connection, picture: str, kept: str, *, version: str, platform: str, job_id: str
) -> None:
    """Remove a picture's place; `kept` as in `sharing`."""
    said = json.loads(kept)
    if said:
        newest, buckets = _buckets(said, version=version, platform=platform, job_id=job_id)
        mine = words.c.bucket.in_((newest, *buckets)) & (words.c.picture == picture)
        connection.execute(delete(words).where(mine))


def asked(kept: str, *, version: str, platform: str, job_id: str) -> tuple[int, ...]:
    """Return the buckets to look into, the one of the job's newest first; none for a picture without words.

    Args:
        kept: The picture's words as a `fingerprints` row keeps them.
        version: Of its fingerprint.
        platform: Whose it is.
        job_id: What it was sent for.
    """
    said = json.loads(kept)
    if not said:
        return ()
    newest, buckets = _buckets(said, version=version, platform=platform, job_id=job_id)
    return (newest, *buckets)


def sharing(
    found: Mapping[int, Sequence[str]], buckets: Sequence[int], *, limit: int
) -> tuple[list[str], list[str]]:
    """Return pictures that share rare words, best first, and the newest of the job, newest first.

    Args:
        found: What lies in the buckets.
        buckets: As `asked` gave them.
        limit: How many of each.
    """
    surprise: defaultdict[str, float] = defaultdict(float)
    for bucket in buckets[1:]:
        sharing_it = found[bucket]
        for other in sharing_it:
            surprise[other] += log((BUCKET_LIMIT + 1) / (len(sharing_it) + 1))
    strong = [other for other, much in surprise.items() if much >= LEAST_SURPRISE]
    last = sorted(found[buckets[0]], reverse=True)[:limit] if buckets else []
    return nsmallest(limit, strong, key=lambda other: (-surprise[other], other)), last


def may_share(kept: str, other: str, *, same_job: bool) -> bool:
    """Tell whether two pictures of a platform and version lie in one bucket; words as rows keep them."""
    most = JOB_WORDS if same_job else PLATFORM_WORDS
    return not set(json.loads(kept)[:most]).isdisjoint(json.loads(other)[:most])


def others(
    connection: Connection, picture: str, buckets: Sequence[int], *, table: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield each bucket of one of our tables with the newest other pictures in it, `BUCKET_LIMIT` at most."""
    dialect = connection.dialect.name
    listed = LIST[dialect].format(",".join(map(str, buckets)))
    given: dict[str, Any] = {table: listed, "bucket_limit": BUCKET_LIMIT}
    for bucket, found in connection.execute(_statement(dialect, table), given):
        yield bucket, listed_in(found, but=picture)


def listed_in(found: str | None, *, but: str) -> list[str]:
    """Return the pictures that a row lists, without one of them."""
    return [one for one in (found or "").split(",") if one and one != but]


@cache
def _statement(dialect: str, table: str) -> TextClause:
    return text(SHARING[dialect].format(table=table))


def _buckets(said: Sequence[int], *, version: str, platform: str, job_id: str) -> tuple[int, tuple[int, ...]]:
    """Return the bucket of all pictures of the job, and those of the words in the job and the platform."""
    in_job, in_platform = _scope(version, platform, job_id), _scope(version, platform)
    ours = [in_job | one for one in said[:JOB_WORDS]] + [in_platform | one for one in said[:PLATFORM_WORDS]]
    return _scope(version, platform, job_id, "all"), tuple(ours)


def _scope(*parts: str) -> int:
    digest = blake2b(json.dumps(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> (64 - _SCOPE_BITS) << WORD_BITS
