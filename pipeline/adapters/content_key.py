"""The keys of evidence: what an object holds is what it is called, in every store.

In: bytes, or a key from a ledger row. Out: a key of the shape `ab/cd/<64 hex digits>`, or an error. Never
lets a key through that could name anything outside the store's own tree.
"""

from __future__ import annotations

import hashlib
import re

from pipeline.errors import EvidenceMissing

_SHAPE = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{60}")


def key_of(content: bytes) -> str:
    """Return the key of `content`: its SHA-256, fanned out so that no folder grows beyond 65,536 entries."""
    digest = hashlib.sha256(content).hexdigest()
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def is_key(key: str) -> bool:
    """Tell whether `key` has the one shape that `key_of` makes."""
    return _SHAPE.fullmatch(key) is not None


def require_key(key: str) -> None:
    """Refuse what no store can hold.

    Raises:
        EvidenceMissing: `key` is not of the shape that `key_of` makes.
    """
    if not is_key(key):
        raise EvidenceMissing(f"{key!r} is no evidence key; the ledger row that names it is damaged")


def require_match(key: str, content: bytes, *, place: str) -> None:
    """Refuse bytes that are not those stored under `key`.

    Raises:
        EvidenceMissing: The bytes were cut short or changed since; `place` says where they lie.
    """
    if key_of(content) != key:
        raise EvidenceMissing(f"{place} does not hold what was stored there; bring it back from a backup")
