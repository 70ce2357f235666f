"""API keys and webhook secrets: made here, recognised here.

In: nothing, or a key that somebody sent. Out: a new secret, or the digest that the ledger keeps.

A key is 256 random bits, so its plain SHA-256 is as hard to turn back as the key is to guess: the slow hashes
that passwords need would protect nothing here and would cost each request a tenth of a second. The digest is
looked up by index; what the timing of that could tell is about the digest of a guess, not about a key.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

KEY_PREFIX = "praman_"
SECRET_PREFIX = "whsec_"  # noqa: S105 (the prefix that Standard Webhooks gives every secret)
SECRET_BYTES = 32

_SHAPE = re.compile(r"praman_[A-Za-z0-9_-]{43}")


def make_key() -> str:
    """Return a new API key; its prefix lets scanners find one that leaked."""
    return KEY_PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def make_secret() -> str:
    """Return a new webhook secret in the form of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def is_key(text: str) -> bool:
    """Tell whether the text has the shape of a key, before anything is looked up."""
    return _SHAPE.fullmatch(text) is not None


def digest_of(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()
