"""SproutGigs (was PicoWorkers): unrated tasks in, `rate-single-task` out.

In: its configuration and paced calls. Out: `Task`s; what came of a `Rating`. One request a second,
Basic auth. Its webhook is unsigned: a hint.
Which key of `proofs[]` holds a screenshot is not documented: several are tried, and a task in which no
picture is found goes to a person. It blocks nobody and pays no bonus.

Source: SproutGigs API documentation, jobs/get-unrated-tasks.php and jobs/rate-single-task.php.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from pipeline.errors import UsageError
from pipeline.platforms.answers import OK, REDIRECT, Refused, Standing, heard, rate_once, said_in, told_by
from pipeline.platforms.port import Task
from pipeline.platforms.ratings import Act
from pipeline.platforms.serving import MOST_PAGES, Served, SiteConfig, as_json, basic, key_of, task_of
from pipeline.platforms.shapes import json_of, moment, named, proofs_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.platforms.port import Calls
    from pipeline.platforms.ratings import Rating
    from pipeline.records import Reply

SITE = "SproutGigs"
UNRATED, RATE = "jobs/get-unrated-tasks.php", "jobs/rate-single-task.php"


class Config(SiteConfig):
    """What `--config FILE` holds."""

    user: Annotated[str, Field(min_length=1)]
    secret: SecretStr
    jobs: Annotated[tuple[str, ...], Field(min_length=1)]
    base_url: str = "https://sproutgigs.com/api/"
    auto_approve_days: Annotated[float, Field(ge=1, le=90)] = 7
    satisfaction: Literal["excellent", "good", "ok"] = "good"
    not_ok: Literal["not_ok", "nok"] = "not_ok"  # the documentation has both, the first nearly everywhere


class SproutGigs(Served):
    """Fulfils `port.JobPlatform`."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._config = config
        self._headers = basic(config.user, config.secret)

    def tasks(self, calls: Calls, known: Callable[[str], bool]) -> Iterator[Task | str]:
        """Yield every unrated task of the configured jobs; see `port.JobPlatform`."""
        del known  # a page tells all of a task
        for job_id in self._config.jobs:
            for found in self._unrated(calls, job_id=job_id):
                yield self._task(found, job_id)

    def rate(self, rating: Rating, calls: Calls, *, sent_before: bool, superseding: bool) -> Reply:
        """Rate one task once; see `port.JobPlatform`."""
        return rate_once(
            SITE,
            standing=lambda: self._standing(rating, calls),
            put=lambda: self._put(rating, calls),
            sent_before=sent_before,
            look_first=superseding,
        )

    def _put(self, rating: Rating, calls: Calls) -> Reply | Refused:
        answer = self._send(calls, "POST", RATE, content=as_json(self._body(rating)))
        told = json_of(answer)
        taken = OK <= answer.status < REDIRECT and isinstance(told, dict) and told.get("ok") is True
        return heard(answer, taken=taken)

    def _body(self, rating: Rating) -> dict[str, str]:
        body = {"job_id": rating.job_id, "task_id": task_of(rating.proof_id)[0]}
        if rating.act is Act.ACCEPT:
            return body | {"task_rating": "ok", "task_satisfaction": self._config.satisfaction}
        if rating.act is Act.REVISE:
            return body | {"task_rating": "revise", "task_comment": rating.comment}
        why = "dupe" if rating.copied else "incorrect"
        no = {"task_rating": self._config.not_ok, "task_satisfaction": why}
        return body | no | {"task_comment": rating.comment}

    def _standing(self, rating: Rating, calls: Calls) -> Standing:
        """Tell whether the task still waits, at the revision that was judged."""
        task, _ = task_of(rating.proof_id)
        found = self._unrated(calls, job_id=rating.job_id, task_ids=task)
        keys = {_key(one) for one in found if isinstance(one, dict)}
        return Standing.OPEN if rating.proof_id in keys else Standing.RATED

    def _unrated(self, calls: Calls, **asked: str) -> Iterator[object]:
        for page in range(1, MOST_PAGES + 1):
            told = told_by(self._get(calls, f"{UNRATED}?{urlencode(asked | {'page': page})}"), SITE)
            if not isinstance(told, dict) or not isinstance(told.get("tasks"), list):
                raise UsageError(f"{SITE} answered no list of tasks: {said_in(told)[:200]}")
            yield from told["tasks"]
            if page >= _whole(told.get("pages")):
                return

    def _task(self, found: object, job_id: str) -> Task | str:
        if not isinstance(found, dict) or not named(found.get("id")) or not named(found.get("worker_id")):
            return f"job {job_id}: a task without id or worker_id: {json.dumps(found)[:200]}"
        links, answer = proofs_among(found.get("proofs"))
        finished = moment(found.get("finished_at"))
        return Task(
            proof_id=_key(found),
            job_id=str(found.get("job_id") or job_id),
            submitter_id=str(found["worker_id"]),
            links=links,
            submitted_at=finished,
            answer=answer,
            lang=self._config.lang_of(found.get("country_code")),
            deadline=self._config.deadline_of(finished),
        )


def _key(task: dict[str, Any]) -> str:
    return key_of(task.get("id"), task.get("revision_number"))


def _whole(told: object) -> int:
    return int(str(told)) if str(told).isdigit() else 1
