"""Clickworker, API v2: tasks that wait for feedback in, sign-offs out.

In: its configuration and paced calls. Out: `Task`s; what came of a `Rating`. A task names its job by a link;
a link is followed only to the host that we call anyway, for our key goes along. What a sign-off is called is
defined by each customer's own form, so the settings must say it, and nothing is guessed: without words for a
revise, what can be mended is a reject. Its callback is unsigned and holds links only: a hint, refused where
they lead elsewhere.

Source: Clickworker API v2, customer/tasks, customer/jobs/{id}.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from pipeline.errors import UsageError
from pipeline.platforms.answers import OK, REDIRECT, Refused, Standing, heard, rate_once, said_in, told_by
from pipeline.platforms.port import HintRefused, Task
from pipeline.platforms.ratings import Act
from pipeline.platforms.serving import MOST_PAGES, Served, SiteConfig, as_json, basic, key_of, task_of
from pipeline.platforms.shapes import fields_of, first_of, listed, moment, named, proofs_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from pipeline.platforms.port import Calls, Hint
    from pipeline.platforms.ratings import Rating
    from pipeline.records import Reply

SITE = "Clickworker"
FEEDBACK = "Feedback"
HTTP_LINK = ("http://", "https://")


class SignOff(BaseModel):
    """What the form of this customer's jobs calls a decision; inputs by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accept: Annotated[dict[str, str], Field(min_length=1)]
    reject: Annotated[dict[str, str], Field(min_length=1)]
    revise: dict[str, str] | None = None
    comment: Annotated[str, Field(min_length=1)]


class Config(SiteConfig):
    """What `--config FILE` holds."""

    user: Annotated[str, Field(min_length=1)]
    password: SecretStr
    job: Annotated[str, Field(min_length=1)]
    sign_off: SignOff
    base_url: str = "https://api.clickworker.com/api/marketplace/v2"


class Clickworker(Served):
    """Fulfils `port.JobPlatform`."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._config = config
        self._headers = basic(config.user, config.password) | {"Accept": "application/json"}

    def tasks(self, calls: Calls, known: Callable[[str], bool]) -> Iterator[Task | str]:
        """Yield every job whose task waits for feedback; see `port.JobPlatform`."""
        for found in self._waiting(calls):
            job = _job_of(found)
            if job is None:
                yield f"a task without its job's id or link: {str(found)[:200]}"
            elif not self._is_ours(job):
                yield f"a task whose job's link leads to another host: {job[:200]}"
            elif not known(key_of(job.rstrip("/").rpartition("/")[2], None)):
                yield self._task(
                    _inner(told_by(calls.send("GET", self._url(job), headers=self._headers), SITE))
                )

    def rate(self, rating: Rating, calls: Calls, *, sent_before: bool, superseding: bool) -> Reply:
        """Sign one job off once; see `port.JobPlatform`."""
        path = f"customer/jobs/{quote(task_of(rating.proof_id)[0], safe='')}"

        def standing() -> Standing:
            told = _inner(told_by(self._get(calls, path), SITE))
            waits = str(first_of(told, "state")).casefold() == FEEDBACK.casefold()
            return Standing.OPEN if waits else Standing.RATED

        def put() -> Reply | Refused:
            answer = self._send(calls, "PUT", path, content=as_json({"job": {"input": self._inputs(rating)}}))
            return heard(answer, taken=OK <= answer.status < REDIRECT)

        return rate_once(SITE, standing=standing, put=put, sent_before=sent_before, look_first=superseding)

    def signed_at(self, hint: Hint) -> datetime | None:
        """Take a callback whose every link leads to the host that we call; see `port.JobPlatform`."""
        try:
            links = list(_links(json.loads(hint.body)))
        except (ValueError, RecursionError):
            links = []
        if not links or not all(self._is_ours(one) for one in links):
            raise HintRefused("a callback holds links, and all of them lead to the host that we call")
        return None

    def _inputs(self, rating: Rating) -> Mapping[str, str]:
        words = self._config.sign_off
        if rating.act is Act.ACCEPT:
            return words.accept
        said = words.revise if rating.act is Act.REVISE and words.revise else words.reject
        return said | {words.comment: rating.comment}

    def _waiting(self, calls: Calls) -> Iterator[object]:
        before: object = None
        for page in range(1, MOST_PAGES + 1):
            query = urlencode({"state": FEEDBACK, "page": page})
            told = told_by(self._get(calls, f"customer/tasks?{query}"), SITE)
            found = listed(told, "tasks", "task") or listed(_inner(told), "tasks", "task")
            if found is None:
                if isinstance(told, dict) and (told.get("tasks") == [] or _inner(told).get("tasks") == []):
                    return
                raise UsageError(f"{SITE} answered no list of tasks: {said_in(told)[:200]}")
            if not found or found == before:
                return
            yield from found
            before = found

    def _url(self, job: str) -> str:
        return urljoin(self._base, job) if "/" in job else f"{self._base}customer/jobs/{quote(job, safe='')}"

    def _is_ours(self, link: str) -> bool:
        ours, theirs = urlsplit(self._base), urlsplit(self._url(link))
        return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)

    def _task(self, job: dict[str, Any]) -> Task | str:
        worker = first_of(job, "worker_id", "user_id", "clickworker_id")
        if not named(job.get("id")) or not named(worker):
            return f"a job without id or worker_id: {str(job)[:200]}"
        links, answer = proofs_among(fields_of(first_of(job, "output", "outputs")))
        finished = moment(first_of(job, "finished_at", "updated_at"))
        return Task(
            proof_id=key_of(job["id"], None),
            job_id=self._config.job,
            submitter_id=str(worker),
            links=links,
            submitted_at=finished,
            answer=answer,
            lang=self._config.lang_of(job.get("country")),
            deadline=self._config.deadline_of(finished),
        )


def _inner(told: object) -> dict[str, Any]:
    """Return the object itself, or the one that is wrapped in a single name."""
    fields = told if isinstance(told, dict) else {}
    inner = next(iter(fields.values()), None) if len(fields) == 1 else None
    return inner if isinstance(inner, dict) else fields


def _job_of(task: object) -> str | None:
    """Return the id or the link of a task's job."""
    job = first_of(task, "job")
    said = first_of(job, "href", "id") if isinstance(job, dict) else job
    found = said if named(said) else first_of(task, "job_id")
    return str(found) if named(found) else None


def _links(told: object) -> Iterator[str]:
    if isinstance(told, str) and told.startswith(HTTP_LINK):
        yield told
    inside = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    for one in inside:
        yield from _links(one)
