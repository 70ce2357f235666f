"""`praman moderator add|list`: who may rule in the review console.

In: an email. Out: a password, shown once; the ledger keeps its argon2 hash only.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from pipeline.commands.embedded import bring_to_schema, database_url
from pipeline.commands.show import table
from pipeline.errors import UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.reviews import SqlReviews
from pipeline.passwords import hashed, make_password
from pipeline.records import Role
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.records import Moderator

_EMAIL = re.compile(r"[^@\s<>\"'\x00-\x1f]{1,64}@[^@\s<>\"'\x00-\x1f]{1,190}")


def add(email: str, *, platform: str | None, admin: bool, db: str | None, as_json: bool) -> None:
    """Make a moderator and print their password.

    Raises:
        UsageError: It is no address, it is taken, or there is no such platform.
    """
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise UsageError(f"{email!r} is no email address; write it as name@example.com")
    password, role = make_password(), Role.ADMIN if admin else Role.MODERATOR
    _reviews(db).add(address, password=hashed(password), role=role, platform=platform)
    if as_json:
        print(json.dumps({"email": address, "password": password}))  # noqa: T201 (the command's output)
        return
    print(f"email     {address}\npassword  {password}")  # noqa: T201 (the command's output)
    Console(stderr=True).print("keep it now: the password is not shown again. Sign in at /login")


def show(*, db: str | None, as_json: bool) -> None:
    """List the moderators."""
    known = _reviews(db).listed()
    if as_json:
        print(json.dumps([_row(one) for one in known], ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    made = table("Moderators", "email", "role", "platform")
    for one in known:
        made.add_row(escape(one.email), one.role.value, escape(one.platform or "every one"))
    Console().print(made)


def _row(one: Moderator) -> dict[str, str | None]:
    return {"email": one.email, "role": one.role.value, "platform": one.platform}


def _reviews(db: str | None) -> SqlReviews:
    settings = load_settings(database_url=database_url(db))
    bring_to_schema(settings)
    return SqlReviews(make_engine(settings.database))
