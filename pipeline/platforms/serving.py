"""What every adapter has: its configuration's common fields, its pace, and a hint that it cannot check.

In: a configuration. Out: what `port.JobPlatform` asks of all sites alike; an adapter says the rest.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from pipeline.records import EventsQueue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.adapters.guarded_http import Answer
    from pipeline.platforms.port import Calls, Hint

JSON_TYPE = {"Content-Type": "application/json"}
MOST_PAGES = 1000
SEPARATOR = ":"


class SiteConfig(BaseModel):
    """What `--config FILE` holds for every site."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = ""
    poll_every_s: Annotated[float, Field(gt=0)] = 60.0
    call_every_s: Annotated[float, Field(ge=0)] = 1.0
    auto_approve_days: Annotated[float, Field(gt=0, le=90)] = 7
    languages: dict[str, Literal["en", "bn"]] = {"BD": "bn", "BANGLADESH": "bn"}

    def lang_of(self, country: object) -> str | None:
        """Return the language of comments for a submitter there; None where the job's own is used."""
        return self.languages.get(str(country).upper())

    def deadline_of(self, finished: datetime | None) -> datetime | None:
        """Return when the site pays by itself for what was finished then."""
        return finished + timedelta(days=self.auto_approve_days) if finished else None


class QueuedConfig(SiteConfig):
    """What it holds for a site that pushes its events to an Amazon SQS queue of the operator's.

    Without keys they are found as boto3 finds them.
    """

    events_queue: Annotated[str, Field(pattern=r"^https?://[^/]+/.+/.+$")] | None = None
    access_key_id: str | None = None
    secret_access_key: SecretStr | None = None

    @property
    def events(self) -> EventsQueue | None:
        """The queue, if there is one."""
        if self.events_queue is None:
            return None
        secret = self.secret_access_key
        return EventsQueue(
            url=self.events_queue,
            access_key_id=self.access_key_id,
            secret_access_key=secret.get_secret_value() if secret else None,
        )


class Served:
    """The part of `port.JobPlatform` that is the same everywhere."""

    rates: ClassVar[bool] = True

    def __init__(self, config: SiteConfig) -> None:
        self._base = config.base_url.rstrip("/") + "/"
        self._pace = config
        self._headers: Mapping[str, str] = {}

    @property
    def poll_every(self) -> timedelta:
        """How long to wait between two looks at the unrated tasks."""
        return timedelta(seconds=self._pace.poll_every_s)

    @property
    def call_every(self) -> timedelta:
        """How far apart two requests must be."""
        return timedelta(seconds=self._pace.call_every_s)

    def signed_at(self, hint: Hint) -> datetime | None:
        """Take any hint: this site documents nothing by which one could be checked."""
        del hint
        return None

    @staticmethod
    def event_id(body: str) -> str | None:
        """Return what tells an event from others; None where the site documents nothing: the queue's id."""
        del body
        return None

    def picture(self, link: str, calls: Calls) -> bytes | None:
        """Fetch nothing: every picture is a submitter's link."""
        del link, calls
        return None

    def _get(self, calls: Calls, path: str) -> Answer:
        return calls.send("GET", self._base + path, headers=self._headers)

    def _send(self, calls: Calls, method: str, path: str, *, content: bytes) -> Answer:
        return calls.send(method, self._base + path, headers={**self._headers, **JSON_TYPE}, content=content)


def key_of(task: object, revision: object) -> str:
    """Return a proof's id: the task's, and its revision."""
    return f"{task}{SEPARATOR}{revision or 0}"


def task_of(proof_id: str) -> tuple[str, str]:
    """Return task and revision of a proof's id."""
    task, _, revision = proof_id.rpartition(SEPARATOR)
    return task, revision


def basic(user: str, secret: SecretStr) -> dict[str, str]:
    """Return the header of HTTP's Basic authentication."""
    pair = f"{user}:{secret.get_secret_value()}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def as_json(body: Mapping[str, Any]) -> bytes:
    """Return the body of a request."""
    return json.dumps(body, ensure_ascii=False).encode()
