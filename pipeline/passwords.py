"""Passwords and sessions of moderators: made here, kept as what cannot be turned back.

In: nothing, or a password. Out: an argon2id hash; a random cookie. It keeps nothing.
"""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 (an alphabet without lookalikes)
GROUPS, GROUP_LETTERS = 5, 4  # 20 letters of 31: 99 bits
COOKIE_BYTES = 32


def make_password() -> str:
    """Return a random password that a person can read off a screen."""
    groups = ("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(GROUP_LETTERS)) for _ in range(GROUPS))
    return "-".join(groups)


def make_cookie() -> str:
    """Return the value of a new session's cookie."""
    return secrets.token_urlsafe(COOKIE_BYTES)


def hashed(password: str) -> str:
    """Return the argon2id hash to keep.

    Source: RFC 9106, section 4, the second recommended option; argon2-cffi's default.
    """
    return _hasher().hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Tell whether `password` is the one behind `kept`; None costs the same time and never is."""
    try:
        return _hasher().verify(kept or _nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Tell whether the hash was made at another cost than today's."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return hashed(make_password())
