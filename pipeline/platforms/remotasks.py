"""Remotasks, by Scale AI's requester API: completed tasks in, audits out. This is annotation work.

In: its configuration and paced calls. Out: `Task`s; what came of a `Rating`. The callback bears a secret that
never changes and no time: a hint, after which the tasks are fetched with our own key. An audit is accepted or
not; there is no revise. What the site does not tell is who did the work: unless the response names them,
each task stands for a submitter of its own.

Source: scaleapi's client, `tasks`, `task/{id}`, `task/{id}/audit`; callback header `scale-callback-auth`.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlencode

from pydantic import Field, SecretStr

from pipeline.errors import UsageError
from pipeline.platforms.answers import OK, REDIRECT, Refused, Standing, heard, rate_once, said_in, told_by
from pipeline.platforms.port import HintRefused, Task
from pipeline.platforms.ratings import Act
from pipeline.platforms.serving import MOST_PAGES, Served, SiteConfig, as_json, basic, key_of, task_of
from pipeline.platforms.shapes import fields_of, first_of, listed, moment, named, proofs_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pipeline.platforms.port import Calls, Hint
    from pipeline.platforms.ratings import Rating
    from pipeline.records import Reply

SITE = "Remotasks"
PAGE = 100


class Config(SiteConfig):
    """What `--config FILE` holds."""

    api_key: SecretStr
    projects: Annotated[tuple[str, ...], Field(min_length=1)]
    callback_secret: SecretStr | None = None
    base_url: str = "https://api.scale.com/v1"


class Remotasks(Served):
    """Fulfils `port.JobPlatform`."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._config = config
        self._headers = basic(config.api_key.get_secret_value(), SecretStr(""))

    def tasks(self, calls: Calls, known: Callable[[str], bool]) -> Iterator[Task | str]:
        """Yield every completed task of the configured projects; see `port.JobPlatform`."""
        del known  # a page tells all of a task
        for project in self._config.projects:
            for found in self._completed(calls, project):
                yield self._task(found, project)

    def rate(self, rating: Rating, calls: Calls, *, sent_before: bool, superseding: bool) -> Reply:
        """Audit one task once; see `port.JobPlatform`."""
        path = f"task/{quote(task_of(rating.proof_id)[0], safe='')}"
        said = rating.act is Act.ACCEPT

        def standing() -> Standing:
            told = told_by(self._get(calls, path), SITE)
            audit = first_of(told, "audit")
            accepted = audit.get("accepted") if isinstance(audit, dict) else None
            if accepted is None:
                return Standing.OPEN
            return Standing.OURS if accepted is said else Standing.OTHERWISE

        def put() -> Reply | Refused:
            body = {"accepted": said, "comments": rating.comment}
            answer = self._send(calls, "POST", f"{path}/audit", content=as_json(body))
            return heard(answer, taken=OK <= answer.status < REDIRECT)

        return rate_once(SITE, standing=standing, put=put, sent_before=sent_before, look_first=superseding)

    def signed_at(self, hint: Hint) -> datetime | None:
        """Compare `scale-callback-auth` with the secret, in constant time; see `port.JobPlatform`."""
        if self._config.callback_secret is not None:
            ours = self._config.callback_secret.get_secret_value().encode()
            if not hmac.compare_digest(ours, hint.headers.get("scale-callback-auth", "").encode()):
                raise HintRefused("scale-callback-auth is not our secret")
        return None

    def _completed(self, calls: Calls, project: str) -> Iterator[object]:
        asked = {"status": "completed", "project": project, "limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            told = told_by(self._get(calls, f"tasks?{urlencode(asked)}"), SITE)
            found = listed(told, "docs", "tasks")
            if found is None:
                raise UsageError(f"{SITE} answered no list of tasks: {said_in(told)[:200]}")
            yield from found
            token = first_of(told, "next_token")
            if token is None or str(token) == asked.get("next_token"):
                return
            asked["next_token"] = str(token)

    def _task(self, found: object, project: str) -> Task | str:
        if not isinstance(found, dict) or not named(found.get("task_id")):
            return f"project {project}: a task without task_id: {str(found)[:200]}"
        response = found.get("response")
        links, answer = proofs_among(fields_of(first_of(response, "annotations") or response))
        finished = moment(found.get("completed_at"))
        who = first_of(response, "worker_id", "tasker_id") or f"task:{found['task_id']}"
        return Task(
            proof_id=key_of(found["task_id"], None),
            job_id=project,
            submitter_id=str(who),
            links=links,
            submitted_at=finished,
            answer=answer,
            deadline=self._config.deadline_of(finished),
        )
