"""Which adapters there are, and how one is made from what an operator wrote.

In: an adapter's name and its configuration. Out: a `JobPlatform`. What is wrong with a configuration is told
by field, never with its values: some are secrets.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import SecretStr, ValidationError

from pipeline.errors import UsageError
from pipeline.platforms import appen, clickworker, microworkers, mturk, remotasks, sproutgigs, toloka
from pipeline.platforms.serving import QueuedConfig

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.platforms.port import JobPlatform
    from pipeline.platforms.serving import Served, SiteConfig
    from pipeline.records import EventsQueue, QueuedEvent, Site

ADAPTERS: Mapping[str, tuple[type[SiteConfig], type[Served]]] = {
    "sproutgigs": (sproutgigs.Config, sproutgigs.SproutGigs),
    "microworkers": (microworkers.Config, microworkers.Microworkers),
    "mturk": (mturk.Config, mturk.MechanicalTurk),
    "toloka": (toloka.Config, toloka.Toloka),
    "appen": (appen.Config, appen.Appen),
    "remotasks": (remotasks.Config, remotasks.Remotasks),
    "clickworker": (clickworker.Config, clickworker.Clickworker),
}


def read_config(adapter: str, path: Path) -> str:
    """Return a configuration file, YAML or JSON, checked and as JSON to be stored.

    Raises:
        UsageError: There is no such adapter, the file cannot be read, or a field is wrong.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is neither YAML nor JSON; write one `name: value` a line") from error
    config = _checked(adapter, given)
    return json.dumps(dict(config), default=_plain)


def _plain(value: object) -> object:
    """Return what the ledger keeps of a value that JSON has no word for; secrets as they are."""
    return value.get_secret_value() if isinstance(value, SecretStr) else dict(value)  # type: ignore[call-overload]


def open_adapter(site: Site) -> JobPlatform:
    """Return the adapter that serves the site.

    Raises:
        UsageError: This version has no such adapter, or its configuration is another one's.
    """
    config = _checked(site.adapter, json.loads(site.config))
    made: Any = ADAPTERS[site.adapter][1](config)
    adapter: JobPlatform = made
    return adapter


def events_of(site: Site) -> EventsQueue | None:
    """Return the queue to which the site pushes its events, if there is one.

    Raises:
        UsageError: This version has no such adapter, or its configuration is another one's.
    """
    config = _checked(site.adapter, json.loads(site.config))
    return config.events if isinstance(config, QueuedConfig) else None


def event_id(adapter: str, event: QueuedEvent) -> str:
    """Return what tells an event of the adapter's site from others."""
    return ADAPTERS[adapter][1].event_id(event.body) or event.message_id


def rates(adapter: str) -> bool:
    """Tell whether the adapter's site can be told a verdict."""
    return ADAPTERS[adapter][1].rates


def _checked(adapter: str, given: object) -> SiteConfig:
    if adapter not in ADAPTERS:
        raise UsageError(f"--adapter {adapter!r}: write one of {', '.join(ADAPTERS)}")
    try:
        return ADAPTERS[adapter][0].model_validate(given)
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        )
        raise UsageError(f"the configuration for {adapter}: {told}") from None
