"""Was a picture seen on another platform? Only for platforms that opted in, and with nothing else told.

In: a platform's choice, a proof's fingerprints. Out: `Stranger`s, which name neither platform nor proof. The
platforms that opted in share a salt, and the index holds keys that it went into: of digests, of whole hashes
and of the rarest words. So a row cannot be compared with what anybody else knows of a picture, nor with
another installation's; and without its salt a platform is in no look-up. Only what we received earlier
counts, by our own clock: nobody can be made a latecomer by a date that somebody else claims.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections import defaultdict
from heapq import nsmallest
from math import log
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update

from pipeline.errors import UsageError
from pipeline.ledger import words
from pipeline.ledger.hints import ALSO_WITH, hashes_from
from pipeline.ledger.tables import elsewhere, fingerprints, pictures, platforms
from pipeline.ledger.upsert import upsert
from pipeline.records import Stranger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Row

    from pipeline.records import Fingerprint

SALT_BYTES = 32
KEY_BITS = 63  # what a signed BIGINT holds
_EXACT, _WHOLE = 2 * words.LEAST_SURPRISE, words.LEAST_SURPRISE  # a digest, a whole hash: enough alone

_SALT = select(platforms.c.elsewhere_salt).where(platforms.c.name == bindparam("platform"))
_MINE = select(fingerprints, platforms.c.elsewhere_salt).join(
    platforms, platforms.c.name == fingerprints.c.platform
)
_MINE = _MINE.where(fingerprints.c.proof == bindparam("proof"), platforms.c.elsewhere_salt.is_not(None))
_THEIRS = select(fingerprints).join(platforms, platforms.c.name == fingerprints.c.platform)
_THEIRS = _THEIRS.where(
    fingerprints.c.picture.in_(bindparam("pictures", expanding=True)),
    fingerprints.c.platform != bindparam("platform"),
    fingerprints.c.proof < bindparam("proof"),
    platforms.c.elsewhere_salt == bindparam("salt"),
)


def join(connection: Connection, platform: str) -> None:
    """Let the platform's pictures be found by the others from now on, and theirs by it.

    Raises:
        UsageError: There is no such platform.
    """
    rows = select(platforms.c.name, platforms.c.elsewhere_salt).order_by(platforms.c.name).with_for_update()
    salts = {row.name: row.elsewhere_salt for row in connection.execute(rows)}
    _require(platform, salts)
    shared = next((salt for salt in salts.values() if salt), None) or secrets.token_hex(SALT_BYTES)
    joining = update(platforms).where(platforms.c.name == platform, platforms.c.elsewhere_salt.is_(None))
    connection.execute(joining.values(elsewhere_salt=shared))


def leave(connection: Connection, platform: str) -> None:
    """Take the platform's pictures out; from now on nobody finds them, and it finds nobody.

    Raises:
        UsageError: There is no such platform.
    """
    leaving = update(platforms).where(platforms.c.name == platform).values(elsewhere_salt=None)
    _require(platform, connection.scalars(leaving.returning(platforms.c.name)).all())
    theirs = select(fingerprints.c.picture).where(fingerprints.c.platform == platform)
    connection.execute(delete(elsewhere).where(elsewhere.c.picture.in_(theirs)))


def remember(connection: Connection, salt: str | None, picture: str, found: Fingerprint) -> None:
    """Write the keys of a picture whose platform opted in; none of one that is flat or cannot be judged.

    Args:
        connection: In a transaction.
        salt: The platform's; None where it did not opt in.
        picture: Which.
        found: What its keys are made of.
    """
    if salt is None or found.flat or found.fault is not None:
        return
    digests = (found.bytes_sha256, found.pixels_sha256)
    keys = _keys(salt, found.version, digests=digests, hashes=found.hashes, said=found.words)
    rows = [{"bucket": key, "picture": picture} for key in keys]
    connection.execute(upsert(connection, elsewhere).on_conflict_do_nothing(), rows)


def replace(connection: Connection, platform: str, picture: str, found: Fingerprint) -> None:
    """Put a picture's new keys in the place of its old ones."""
    connection.execute(delete(elsewhere).where(elsewhere.c.picture == picture))
    remember(connection, connection.scalar(_SALT, {"platform": platform}), picture, found)


def forget(connection: Connection, proof: str) -> None:
    """Remove the keys of a proof's pictures, if they have any."""
    ours = select(pictures.c.id).where(pictures.c.proof == proof)
    connection.execute(delete(elsewhere).where(elsewhere.c.picture.in_(ours)))


def strangers(connection: Connection, proof: str, *, limit: int) -> tuple[Stranger, ...]:
    """Return up to `limit` pictures of other platforms that may show the same capture, likeliest first."""
    found: list[tuple[float, str, Stranger]] = []
    for mine in connection.execute(_MINE, {"proof": proof}).all():
        if mine.flat or mine.fault is not None:
            continue
        likely = _likely(connection, mine)
        given = {"pictures": list(likely), "platform": mine.platform, "proof": proof}
        rows = connection.execute(_THEIRS, given | {"salt": mine.elsewhere_salt}) if likely else ()
        found += [(-likely[one.picture], one.picture, _stranger(mine, one)) for one in rows]
    return tuple(one for *_, one in nsmallest(limit, found, key=lambda each: each[:2]))


def _require(platform: str, known: Iterable[str]) -> None:
    if platform not in known:
        raise UsageError(f"platform {platform!r} does not exist; `praman platform list` names those that do")


def _stranger(mine: Row[Any], other: Row[Any]) -> Stranger:
    exact = mine.bytes_sha256 == other.bytes_sha256 or mine.pixels_sha256 == other.pixels_sha256
    return Stranger(image=mine.image, sketch_key=other.sketch_key, exact=exact)


def _likely(connection: Connection, mine: Row[Any]) -> dict[str, float]:
    """Return the pictures with which this one shares enough, and how much that says."""
    hashes, said = hashes_from(mine.hashes), json.loads(mine.words)
    digests = (mine.bytes_sha256, mine.pixels_sha256)
    mirrored = tuple((also, bits) for name, bits in hashes for also in ALSO_WITH.get(name, ()))
    keys = _keys(mine.elsewhere_salt, mine.version, digests=digests, hashes=(*hashes, *mirrored), said=said)
    surprise: defaultdict[str, float] = defaultdict(float)
    for key, others in words.others(connection, mine.picture, list(keys), table=elsewhere.name):
        rare = log((words.BUCKET_LIMIT + 1) / (len(others) + 1))
        for other in others:
            surprise[other] += max(keys[key], rare)
    return {other: much for other, much in surprise.items() if much >= words.LEAST_SURPRISE}


def _keys(
    salt: str,
    version: str,
    *,
    digests: Sequence[str],
    hashes: Iterable[tuple[str, int]],
    said: Sequence[int],
) -> dict[int, float]:
    """Return each key with what it says at least, however many share it."""
    return {
        **{_key(salt, "digest", one): _EXACT for one in digests},
        **{_key(salt, version, name, str(bits)): _WHOLE for name, bits in hashes},
        **dict.fromkeys(_of_words(salt, version, said), 0.0),
    }


def _of_words(salt: str, version: str, said: Sequence[int]) -> Iterator[int]:
    for one in said[: words.PLATFORM_WORDS]:
        yield _key(salt, version, "word", str(one))


def _key(salt: str, *parts: str) -> int:
    digest = hmac.digest(salt.encode(), json.dumps(parts).encode(), "sha256")
    return int.from_bytes(digest[:8]) >> (64 - KEY_BITS)
