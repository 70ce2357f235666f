"""`praman platform add|list|rotate`: who may send proofs, and with which key.

In: a name. Out: a key and a secret, shown once; the ledger keeps the key's digest only.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from pipeline.api_keys import digest_of, make_key, make_secret
from pipeline.commands.embedded import bring_to_schema
from pipeline.commands.show import table
from pipeline.errors import UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.records import KnownPlatform

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def add(name: str, *, acknowledged_by: str | None, as_json: bool) -> None:
    """Make a platform and print its key and its secret.

    Raises:
        UsageError: The name is taken or cannot be one.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a platform; use letters, digits, dots, _ and -")
    key, secret = make_key(), make_secret()
    SqlPlatforms(_engine()).add(name, digest=digest_of(key), secret=secret, acknowledged_by=acknowledged_by)
    _tell(name, key, secret, as_json=as_json)


def rotate(name: str, *, overlap_h: float, as_json: bool) -> None:
    """Print a new key; the old ones open the door for `overlap_h` hours more.

    Raises:
        UsageError: There is no such platform.
    """
    key = make_key()
    overlap = timedelta(hours=overlap_h)
    secret = SqlPlatforms(_engine()).rotate(name, digest=digest_of(key), overlap=overlap)
    _tell(name, key, secret, as_json=as_json)
    if not as_json:
        Console(stderr=True).print(f"the old key is refused from {overlap_h:g} h from now on")


def show(*, as_json: bool) -> None:
    """List the platforms; no key and no secret is in the ledger to be shown."""
    known = SqlPlatforms(_engine()).known()
    if as_json:
        print(json.dumps([_row(one) for one in known], ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    made = table("Platforms", "platform", "since", "keys", "notices to", "policy acknowledged by")
    for one in known:
        since, targets = f"{one.created_at:%Y-%m-%d %H:%M} UTC", ", ".join(one.targets)
        made.add_row(
            escape(one.name), since, str(one.keys), escape(targets), escape(one.policy_acknowledged_by or "")
        )
    Console().print(made)


def _engine() -> Engine:
    settings = load_settings()
    bring_to_schema(settings)
    return make_engine(settings.database)


def _tell(name: str, key: str, secret: str | None, *, as_json: bool) -> None:
    told = {"platform": name, "api_key": key, "webhook_secret": secret}
    if as_json:
        print(json.dumps(told))  # noqa: T201 (the command's output)
        return
    for field, value in told.items():
        print(f"{field:15} {value}")  # noqa: T201 (the command's output)
    Console(stderr=True).print("keep them now: neither the key nor the secret is shown again")


def _row(one: KnownPlatform) -> dict[str, object]:
    return {
        "platform": one.name,
        "created_at": one.created_at.isoformat(),
        "keys": one.keys,
        "targets": list(one.targets),
        "policy_acknowledged_by": one.policy_acknowledged_by,
    }
