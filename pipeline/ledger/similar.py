"""The fingerprint index: which pictures of a platform may show the same capture.

In: a proof. Out: candidates, nearest first. Equal digests are found by index. For near ones every 64-bit hash
is cut into four chunks of 16 bits; two hashes that differ in at most three bits share a chunk for certain,
and farther ones often do. Busy chunks are read newest first up to a limit, the proof's own job apart from the
rest of the platform, so a popular screen costs no more than a rare one. What hashes of a whole page miss is
found by `words`, and where little is found, the newest of the job. It compares hashes only, never pictures.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from heapq import nsmallest
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.dialects import postgresql

from pipeline.ledger import words
from pipeline.ledger.hints import (
    ALSO_WITH,
    HASH_BITS,
    MOST_HINTED,
    buckets_of,
    distance_bits,
    hashes_from,
    is_exact,
    look_up,
    may_hint,
)
from pipeline.ledger.tables import chunks, fingerprints, platforms, proofs, verdicts
from pipeline.ledger.tables import words as words_table
from pipeline.ledger.upsert import adding, arrays, spread
from pipeline.records import Candidate, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from pipeline.records import Fingerprint, Proof, StoredPicture
Pair = tuple[int, str]
"""A picture of the proof by its place, and another's by its id."""

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
# With the platform's last number: what is decided by then, a later statement of this transaction sees.
_OF_PROOF = (
    _FINGERPRINTED.join(platforms, platforms.c.name == fingerprints.c.platform)
    .add_columns(platforms.c.last_sequence)
    .where(fingerprints.c.proof == bindparam("proof"))
)
_DECIDED = select(verdicts.c.proof).where(
    verdicts.c.platform == bindparam("platform"),
    verdicts.c.sequence > bindparam("after"),
    verdicts.c.sequence < bindparam("before"),
)
_OF_DECIDED = _FINGERPRINTED.where(fingerprints.c.proof.in_(_DECIDED))
_OF_PICTURES = _FINGERPRINTED.where(
    fingerprints.c.platform == bindparam("platform"),
    fingerprints.c.picture.in_(bindparam("pictures", expanding=True)),
)


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
    in_chunks = () if fingerprint.flat else _chunk_rows(proof, picture, fingerprint)
    scope = {"version": fingerprint.version, "platform": proof.platform, "job_id": proof.job_id}
    in_words = [] if fingerprint.flat else words.places(picture.id, fingerprint.words, **scope)
    _add(connection, row, in_chunks=list(in_chunks), in_words=in_words)


def _add(
    connection: Connection,
    row: dict[str, Any],
    *,
    in_chunks: Sequence[dict[str, Any]],
    in_words: Sequence[dict[str, Any]],
) -> None:
    if connection.dialect.name == "postgresql":
        places = arrays(chunks, in_chunks) | arrays(words_table, in_words)
        connection.execute(_adding_whole(), {f"new_{name}": value for name, value in row.items()} | places)
        return
    for table, rows in ((fingerprints, [row]), (chunks, in_chunks), (words_table, in_words)):
        if rows:
            connection.execute(adding(connection.dialect.name, table), rows)


@cache
def _adding_whole() -> postgresql.Insert:
    """Return what adds a picture with its places by one statement, for PostgreSQL."""
    given = {one.name: bindparam(f"new_{one.name}", type_=one.type) for one in fingerprints.c}
    placed, said = spread(chunks).cte("placed"), spread(words_table).cte("said")
    return postgresql.insert(fingerprints).values(given).on_conflict_do_nothing().add_cte(placed, said)


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
        bucket for name, bits in hashes_from(mine.hashes) for bucket in buckets_of(mine.version, name, bits)
    ]
    placed = (chunks.c.platform == mine.platform) & (chunks.c.picture == mine.picture)
    connection.execute(delete(chunks).where(placed, chunks.c.bucket.in_(buckets)))
    words.forget(
        connection, mine.picture, mine.words, version=mine.version, platform=mine.platform, job_id=job_id
    )


def _chunk_rows(proof: Proof, picture: StoredPicture, fingerprint: Fingerprint) -> Iterator[dict[str, Any]]:
    for name, bits in fingerprint.hashes:
        for bucket in buckets_of(fingerprint.version, name, bits):
            yield {
                "platform": proof.platform,
                "bucket": bucket,
                "picture": picture.id,
                "job_id": proof.job_id,
                "bits": _signed(bits),
            }


def _signed(bits: int) -> int:
    """Return the 64 bits as the signed number that a BIGINT holds."""
    bits &= (1 << HASH_BITS) - 1
    return bits - (1 << HASH_BITS) if bits >> (HASH_BITS - 1) else bits


@lru_cache(maxsize=1024)
def _words_from(kept: str) -> frozenset[int]:
    return frozenset(json.loads(kept))


def candidates(connection: Connection, proof: str, *, limit: int) -> tuple[Candidate, ...]:
    """Return pictures of other proofs that may show the same capture, the likeliest first."""
    return alike(connection, fingerprinted(connection, proof), limit=limit)[0]


def fingerprinted(connection: Connection, proof: str) -> Sequence[Row[Any]]:
    """Return the proof's fingerprints."""
    return connection.execute(_OF_PROOF, {"proof": proof}).all()


def alike(
    connection: Connection,
    ours: Sequence[Row[Any]],
    *,
    limit: int,
    known: Mapping[Pair, Candidate] = MappingProxyType({}),
) -> tuple[tuple[Candidate, ...], bool]:
    """Return the candidates of a proof with these fingerprints, and whether an earlier one is unseen.

    Those that can decide come first where `limit` cuts: a proof submitted earlier, or one that was accepted.

    Args:
        connection: Where to look.
        ours: Rows as `fingerprinted` returns them.
        limit: How many at most.
        known: Candidates that are taken as they are, and not loaded again, where they are found again.
    """
    found: list[Candidate] = []
    unseen = False
    for mine in ours:
        hints = look_up(connection, mine, limit=min(limit, MOST_HINTED))
        unseen |= hints.unseen
        if mine.fault is not None:
            continue  # All blank pictures of one size are equal, and nobody's.
        again = [one for pair, one in known.items() if pair[0] == mine.image and pair[1] in hints.pictures]
        new = hints.pictures - {one.picture for one in again}
        others = {"pictures": list(new), "platform": mine.platform}
        rows = connection.execute(_OF_PICTURES, others).all() if others["pictures"] else ()
        loaded = [
            one
            for other in rows
            if other.proof != mine.proof
            for one in _candidate(mine, other, exact=other.picture in hints.exact)
        ]
        found += filter(hints.suggests, (*again, *loaded))
    best = nsmallest(limit, found, key=lambda one: (not one.decides, *_likeliness(one)))
    return tuple(sorted(best, key=_likeliness)), unseen


def decided_since(
    connection: Connection, ours: Sequence[Row[Any]], *, before: int, known: Mapping[Pair, Candidate]
) -> bool:
    """Tell whether a verdict since `fingerprinted` was asked may make a candidate that decides.

    It never misses one that `alike` would find, and may take for one what that would not find.

    Args:
        connection: Holds the platform's row.
        ours: Rows as `fingerprinted` returned them.
        before: Number of the verdict that is being written.
        known: Candidates that decide, and were seen.
    """
    if not ours or before == ours[0].last_sequence + 1:
        return False
    given = {"platform": ours[0].platform, "after": ours[0].last_sequence, "before": before}
    return any(
        one.decides and (mine.image, one.picture) not in known
        for other in connection.execute(_OF_DECIDED, given)
        for mine in ours
        if other.proof != mine.proof and may_hint(mine, other)
        for one in _candidate(mine, other, exact=is_exact(mine, other))
    )


def _likeliness(candidate: Candidate) -> tuple[bool, int, datetime, str]:
    """Sort exact copies first, then by likeness; of equals the earliest, which may be the original."""
    return (not candidate.exact, -candidate.likeness, candidate.submitted_at, candidate.picture)


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
        distance_bits(bits, theirs[one])
        for name, bits in hashes_from(mine.hashes)
        for one in (name, *ALSO_WITH.get(name, ()))
        if one in theirs
    )
    return min(distances, default=None)
