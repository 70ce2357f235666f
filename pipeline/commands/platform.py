"""`praman platform add|list|rotate`: who may send proofs, and with which key.

In: a name. Out: a key and a secret, shown once; the ledger keeps the key's digest only.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console

from pipeline.adapters.couriers import open_couriers
from pipeline.api_keys import digest_of, make_key, make_secret
from pipeline.commands.embedded import bring_to_schema
from pipeline.commands.show import masked, table
from pipeline.commands.terminal import escape
from pipeline.errors import UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.outbox import SqlOutbox
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.ledger.sites import SqlSites
from pipeline.platforms.courier import RATING
from pipeline.platforms.registry import rates, read_config
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from pipeline.records import KnownPlatform, Site

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


WEBHOOK = "webhook"


def add(
    name: str,
    *,
    webhook: str | None,
    acknowledged_by: str | None,
    adapter: str | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Make a platform and print its key and its secret.

    With an adapter, the platform may be there already: its adapter is set anew, and nothing else changes.

    Raises:
        UsageError: The name is taken or cannot be one, the webhook may not be called, or the adapter's
            configuration is wrong.
        NoAnswer: The webhook's name does not resolve.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a platform; use letters, digits, dots, _ and -")
    if (adapter is None) != (config is None):
        raise UsageError("--adapter and --config go together: name the adapter and its configuration file")
    held = None if adapter is None or config is None else read_config(adapter, config)
    there = {one.name for one in SqlPlatforms(_engine()).known()} if adapter else set()
    if adapter is not None and held is not None and name in there:
        _serve(_engine(), name, adapter, held)
        _tell_adapter(name, adapter, as_json=as_json)
        return
    if webhook is not None:
        open_couriers(load_settings())[WEBHOOK].check(webhook)
    key, secret, engine = make_key(), make_secret(), _engine()
    SqlPlatforms(engine).add(name, digest=digest_of(key), secret=secret, acknowledged_by=acknowledged_by)
    if webhook is not None:
        SqlOutbox(engine).open_endpoint(name, WEBHOOK, address=webhook)
    if adapter is not None and held is not None:
        _serve(engine, name, adapter, held)
    _tell(name, key, secret, as_json=as_json)


def _serve(engine: Engine, name: str, adapter: str, held: str) -> None:
    """Let the adapter fetch the platform's proofs, and rate its verdicts where the site can be told."""
    SqlSites(engine).put(name, adapter=adapter, config=held)
    outbox = SqlOutbox(engine)
    if rates(adapter):
        outbox.open_endpoint(name, RATING, address=f"{adapter}:{name}")
    else:
        outbox.close_endpoint(name, RATING)


def _tell_adapter(name: str, adapter: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"platform": name, "adapter": adapter}))  # noqa: T201 (the command's output)
        return
    Console(stderr=True).print(f"{name} is served by {adapter} with its new configuration")


def rotate(name: str, *, overlap_h: float, as_json: bool) -> None:
    """Print a new key and a new secret; the old ones hold for `overlap_h` hours more.

    Meanwhile either key opens the door, and webhooks carry both signatures.

    Raises:
        UsageError: There is no such platform.
    """
    key, secret, engine = make_key(), make_secret(), _engine()
    overlap = timedelta(hours=overlap_h)
    SqlPlatforms(engine).rotate(name, digest=digest_of(key), overlap=overlap)
    SqlOutbox(engine).rotate_secret(name, secret=secret, overlap=overlap)
    _tell(name, key, secret, as_json=as_json)
    if not as_json:
        Console(stderr=True).print(f"the old ones hold for {overlap_h:g} h from now on")


def look_elsewhere(name: str, *, on: bool, as_json: bool) -> None:
    """Compare the platform's pictures with those of others that opted in, or compare them no more.

    Raises:
        UsageError: There is no such platform.
    """
    SqlPlatforms(_engine()).look_elsewhere(name, on=on)
    if as_json:
        print(json.dumps({"platform": name, "seen_elsewhere": on}))  # noqa: T201 (the command's output)
        return
    told = (
        "is compared with what other platforms that opted in receive, from now on"
        if on
        else "is compared with no other platform any more; the keys of its pictures are deleted"
    )
    Console(stderr=True).print(f"{name} {told}")


def show(*, as_json: bool) -> None:
    """List the platforms; no key and no secret is in the ledger to be shown."""
    engine = _engine()
    known = SqlPlatforms(engine).known()
    addresses = {(one.platform, one.target): one.address for one in SqlOutbox(engine).endpoints()}
    sites = SqlSites(engine).known_sites()
    if as_json:
        rows = [_row(one, addresses) | _served(sites.get(one.name)) for one in known]
        print(json.dumps(rows, ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    made = table(
        "Platforms", "platform", "since", "keys", "notices to", "policy acknowledged by", "last poll"
    )
    for one in known:
        since, targets = f"{one.created_at:%Y-%m-%d %H:%M} UTC", ", ".join(_targets(one, addresses).values())
        made.add_row(
            escape(one.name),
            since,
            str(one.keys),
            escape(targets),
            escape(one.policy_acknowledged_by or ""),
            escape(_last_poll(sites.get(one.name))),
        )
    Console().print(made)
    if shared := [one.name for one in known if one.seen_elsewhere]:
        Console().print(f'"seen elsewhere" is told among: {escape(", ".join(shared))}')


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


def _targets(one: KnownPlatform, addresses: dict[tuple[str, str], str]) -> dict[str, str]:
    return {target: masked(addresses.get((one.name, target), target)) or "" for target in one.targets}


def _last_poll(site: Site | None) -> str:
    if site is None:
        return ""
    deaf = f"; events: {site.events_problem}" if site.events_problem else ""
    return (site.problem or "well") + deaf


def _served(site: Site | None) -> dict[str, object]:
    """Return the adapter and what went wrong at its last poll; nothing of its configuration."""
    if site is None:
        return {}
    return {
        "adapter": site.adapter,
        "poll_problem": site.problem,
        "events_problem": site.events_problem,
    }


def _row(one: KnownPlatform, addresses: dict[tuple[str, str], str]) -> dict[str, object]:
    return {
        "platform": one.name,
        "created_at": one.created_at.isoformat(),
        "keys": one.keys,
        "targets": _targets(one, addresses),
        "policy_acknowledged_by": one.policy_acknowledged_by,
        "seen_elsewhere": one.seen_elsewhere,
    }
