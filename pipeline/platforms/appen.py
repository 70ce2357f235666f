"""Appen (was CrowdFlower, Figure Eight): judgments in; verdicts leave by `praman export` only.

In: its configuration and paced calls. Out: `Task`s. Its webhook is a form signed with SHA-1 over payload and
token, without a time: a hint, after which the judgments are fetched with our own key. There is no verb that
rates one judgment, so nothing is sent back; flagging or rejecting a contributor as a whole is a person's act.
A judgment comes in when its unit shows it with an id and a contributor.

Source: Appen API v1, /jobs/{id}/judgments.json and webhooks.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, quote

from pydantic import Field, SecretStr

from pipeline.errors import UsageError
from pipeline.platforms.answers import said_in, told_by
from pipeline.platforms.port import HintRefused, Task
from pipeline.platforms.serving import MOST_PAGES, Served, SiteConfig, key_of
from pipeline.platforms.shapes import fields_of, first_of, listed, moment, named, proofs_among
from pipeline.records import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pipeline.platforms.port import Calls, Hint
    from pipeline.platforms.ratings import Rating

SITE = "Appen"
NOTHING_TO_DO = 204


class Config(SiteConfig):
    """What `--config FILE` holds."""

    token: SecretStr
    jobs: Annotated[tuple[str, ...], Field(min_length=1)]
    base_url: str = "https://api.appen.com/v1"


class Appen(Served):
    """Fulfils `port.JobPlatform`."""

    rates = False

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._config = config
        self._headers = {"Authorization": f"Token token={config.token.get_secret_value()}"}

    def tasks(self, calls: Calls, known: Callable[[str], bool]) -> Iterator[Task | str]:
        """Yield every judgment of the configured jobs; see `port.JobPlatform`."""
        del known  # a page tells all of a judgment
        for job_id in self._config.jobs:
            for unit, found in self._judgments(calls, job_id):
                yield self._task(unit, found, job_id)

    def rate(self, rating: Rating, calls: Calls, *, sent_before: bool, superseding: bool) -> Reply:
        """Send nothing: no verb rates one judgment."""
        del rating, calls, sent_before, superseding
        return Reply(status=NOTHING_TO_DO)

    def signed_at(self, hint: Hint) -> datetime | None:
        """Check the form's `signature`, hex of SHA-1 over payload and token; see `port.JobPlatform`."""
        try:
            form = parse_qs(hint.body.decode(), keep_blank_values=True, max_num_fields=20)
        except ValueError:
            form = {}
        payload, signature = form.get("payload", [""])[0], form.get("signature", [""])[0]
        # SHA-1 is the site's choice; what passes it is believed no further than "look now".
        ours = hashlib.sha1((payload + self._config.token.get_secret_value()).encode()).hexdigest()  # noqa: S324 (see above)
        if not hmac.compare_digest(ours.encode(), signature.lower().encode()):
            raise HintRefused("the signature is not of this payload")
        return None

    def _judgments(self, calls: Calls, job_id: str) -> Iterator[tuple[str, object]]:
        before: object = None
        for page in range(1, MOST_PAGES + 1):
            told = told_by(
                self._get(calls, f"jobs/{quote(job_id, safe='')}/judgments.json?page={page}"), SITE
            )
            if not isinstance(told, dict | list):
                raise UsageError(f"{SITE} answered no judgments: {said_in(told)[:200]}")
            if not told or told == before:
                return
            yield from _flat(told)
            before = told

    def _task(self, unit: str, found: object, job_id: str) -> Task | str:
        worker = first_of(found, "worker_id", "_worker_id", "contributor_id")
        judgment = first_of(found, "id", "_id")
        if not named(judgment) or not named(worker):
            return f"job {job_id}, unit {unit}: a judgment without id or worker_id: {str(found)[:200]}"
        links, answer = proofs_among(fields_of(first_of(found, "data")))
        finished = moment(first_of(found, "created_at", "_created_at"))
        return Task(
            proof_id=key_of(judgment, None),
            job_id=job_id,
            submitter_id=str(worker),
            links=links,
            submitted_at=finished,
            answer=answer,
            lang=self._config.lang_of(first_of(found, "country", "_country")),
            deadline=self._config.deadline_of(finished),
        )


def _flat(told: dict[str, Any] | list[Any]) -> Iterator[tuple[str, object]]:
    """Yield each judgment with its unit: units by id or in a list, each with its judgments."""
    units = told.items() if isinstance(told, dict) else enumerate(told)
    for key, unit in units:
        results = unit.get("results") if isinstance(unit, dict) else None
        judgments = listed(results, "judgments") or listed(unit, "judgments")
        for one in judgments if judgments is not None else [unit]:
            yield str(key), one
