"""SproutGigs (was PicoWorkers): unrated tasks in, `rate-single-task` out.

In: its configuration and paced calls. Out: `Task`s; what came of a `Rating`. One request a second,
Basic auth.
Which key of `proofs[]` holds a screenshot is not documented: several are tried, and a task in which no
picture is found goes to a person. It blocks nobody and pays no bonus.

Source: SproutGigs API documentation, jobs/get-unrated-tasks.php and jobs/rate-single-task.php.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from pipeline.errors import NoAnswer, UsageError
from pipeline.platforms.port import Task
from pipeline.platforms.ratings import Act
from pipeline.records import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.adapters.guarded_http import Answer
    from pipeline.platforms.port import Calls
    from pipeline.platforms.ratings import Rating

UNRATED, RATE = "jobs/get-unrated-tasks.php", "jobs/rate-single-task.php"
PICTURE_KEYS = ("url", "screenshot", "image", "file")
PICTURE_LINK = re.compile(r"https?://\S+\.(?:png|jpe?g|webp)(?:\?\S*)?", re.IGNORECASE)
LINK = re.compile(r"https?://\S+")
MOST_PAGES = 1000
MOST_LINKS = 20
OK, REDIRECT, BUSY, SERVER_ERROR = 200, 300, 429, 500
KEY_REFUSED = frozenset({401, 403})
SEPARATOR = ":"


class Config(BaseModel):
    """What `--config FILE` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: Annotated[str, Field(min_length=1)]
    secret: SecretStr
    jobs: Annotated[tuple[str, ...], Field(min_length=1)]
    base_url: str = "https://sproutgigs.com/api/"
    auto_approve_days: Annotated[int, Field(ge=1, le=90)] = 7
    poll_every_s: Annotated[float, Field(gt=0)] = 60.0
    call_every_s: Annotated[float, Field(ge=0)] = 1.0
    satisfaction: Literal["excellent", "good", "ok"] = "good"
    not_ok: Literal["not_ok", "nok"] = "not_ok"  # the documentation has both, the first nearly everywhere
    languages: dict[str, Literal["en", "bn"]] = {"BD": "bn"}


class SproutGigs:
    """Fulfils `port.JobPlatform`."""

    def __init__(self, config: Config) -> None:
        self._config = config
        pair = f"{config.user}:{config.secret.get_secret_value()}".encode()
        self._headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        self._base = config.base_url.rstrip("/") + "/"

    @property
    def poll_every(self) -> timedelta:
        """How long to wait between two looks at the unrated tasks."""
        return timedelta(seconds=self._config.poll_every_s)

    @property
    def call_every(self) -> timedelta:
        """How far apart two requests must be."""
        return timedelta(seconds=self._config.call_every_s)

    def tasks(self, calls: Calls) -> Iterator[Task | str]:
        """Yield every unrated task of the configured jobs; see `port.JobPlatform`."""
        for job_id in self._config.jobs:
            for found in self._unrated(calls, job_id=job_id):
                yield self._task(found, job_id)

    def rate(self, rating: Rating, calls: Calls, *, sent_before: bool, superseding: bool) -> Reply:
        """Rate one task once; see `port.JobPlatform`."""
        if (sent_before or superseding) and not self._is_unrated(rating, calls):
            return _rated_already(sent_before=sent_before)
        content = json.dumps(self._body(rating), ensure_ascii=False).encode()
        headers = self._headers | {"Content-Type": "application/json"}
        answer = calls.send("POST", self._base + RATE, headers=headers, content=content)
        told = _json(answer)
        if OK <= answer.status < REDIRECT and isinstance(told, dict) and told.get("ok") is True:
            return Reply(status=answer.status)
        said = str(told.get("message", "")) if isinstance(told, dict) else ""
        if answer.status == BUSY:
            return Reply(status=BUSY, error=said or None, retry_after="10")
        if answer.status >= SERVER_ERROR or answer.status in KEY_REFUSED or not isinstance(told, dict):
            return Reply(
                status=None if answer.status < REDIRECT else answer.status,
                error=said or "no answer that we know",
            )
        # It says no. Only an unrated task can be rated, so look before believing that ours was refused.
        if not self._is_unrated(rating, calls):
            return _rated_already(sent_before=sent_before)
        return Reply(error=f"SproutGigs refused the rating: {said}")

    def _body(self, rating: Rating) -> dict[str, str]:
        task, _, _ = rating.proof_id.rpartition(SEPARATOR)
        body = {"job_id": rating.job_id, "task_id": task}
        if rating.act is Act.ACCEPT:
            return body | {"task_rating": "ok", "task_satisfaction": self._config.satisfaction}
        if rating.act is Act.REVISE:
            return body | {"task_rating": "revise", "task_comment": rating.comment}
        why = "dupe" if rating.copied else "incorrect"
        no = {"task_rating": self._config.not_ok, "task_satisfaction": why}
        return body | no | {"task_comment": rating.comment}

    def _is_unrated(self, rating: Rating, calls: Calls) -> bool:
        """Tell whether the task still waits, at the revision that was judged."""
        task, _, revision = rating.proof_id.rpartition(SEPARATOR)
        found = self._unrated(calls, job_id=rating.job_id, task_ids=task)
        standing = [one for one in found if isinstance(one, dict) and str(one.get("id")) == task]
        return any(_revision(one) == revision for one in standing)

    def _unrated(self, calls: Calls, **asked: str) -> Iterator[object]:
        for page in range(1, MOST_PAGES + 1):
            query = urlencode(asked | {"page": page})
            answer = calls.send("GET", f"{self._base}{UNRATED}?{query}", headers=self._headers)
            told = _page(answer)
            yield from told["tasks"]
            if page >= _whole(told.get("pages")):
                return

    def _task(self, found: object, job_id: str) -> Task | str:
        if not isinstance(found, dict) or not _named(found.get("id")) or not _named(found.get("worker_id")):
            return f"job {job_id}: a task without id or worker_id: {json.dumps(found)[:200]}"
        links, texts = _proofs(found.get("proofs"))
        finished = _moment(found.get("finished_at"))
        days = timedelta(days=self._config.auto_approve_days)
        return Task(
            proof_id=f"{found['id']}{SEPARATOR}{_revision(found)}",
            job_id=str(found.get("job_id") or job_id),
            submitter_id=str(found["worker_id"]),
            links=links[:MOST_LINKS],
            submitted_at=finished,
            answer="\n".join(texts)[:10_000] or None,
            lang=self._config.languages.get(str(found.get("country_code")).upper()),
            deadline=finished + days if finished else None,
        )


def _rated_already(*, sent_before: bool) -> Reply:
    if sent_before:
        return Reply(status=OK)
    told = "the task is rated already, not by us (a person, or its deadline); compare the two on the site"
    return Reply(error=told, final=True)


def _page(answer: Answer) -> dict[str, Any]:
    """Return a page of tasks.

    Raises:
        NoAnswer: It failed on its side, or asks us to wait.
        UsageError: It refuses our key, or answers what is not documented.
    """
    if answer.status in KEY_REFUSED:
        raise UsageError("SproutGigs refuses user and secret; put them right with `praman platform add`")
    if answer.status == BUSY or answer.status >= SERVER_ERROR:
        raise NoAnswer(f"SproutGigs answered {answer.status}")
    told = _json(answer)
    if not isinstance(told, dict) or not isinstance(told.get("tasks"), list):
        said = told.get("message") if isinstance(told, dict) else None
        raise UsageError(f"SproutGigs answered {answer.status} and no list of tasks: {str(said)[:200]}")
    return told


def _json(answer: Answer) -> object:
    try:
        return json.loads(answer.body) if answer.whole else None
    except (ValueError, RecursionError):
        return None


def _proofs(given: object) -> tuple[tuple[str, ...], list[str]]:
    """Return the links to pictures among the proofs, and the other texts."""
    links: list[str] = []
    texts: list[str] = []
    for one in given if isinstance(given, list) else [given]:
        fields = one if isinstance(one, dict) else {"text": one}
        links += [str(fields[key]) for key in PICTURE_KEYS if LINK.fullmatch(str(fields.get(key) or ""))]
        text = str(fields.get("text") or "").strip()
        if PICTURE_LINK.fullmatch(text):
            links.append(text)
        elif text:
            texts.append(text)
    return tuple(dict.fromkeys(links)), texts


def _moment(told: object) -> datetime | None:
    """Read a time: a number of seconds, or a date and time, in UTC where it names no zone."""
    try:
        if str(told).isdigit():
            return datetime.fromtimestamp(int(str(told)), tz=UTC)
        read = datetime.fromisoformat(str(told))
    except (ValueError, OverflowError, OSError):
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _named(told: object) -> bool:
    return isinstance(told, str | int) and not isinstance(told, bool) and str(told).strip() != ""


def _revision(task: dict[str, Any]) -> str:
    return str(task.get("revision_number") or 0)


def _whole(told: object) -> int:
    return int(str(told)) if str(told).isdigit() else 1
