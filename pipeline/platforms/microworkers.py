"""Microworkers, API v2: unrated slots of basic campaigns in, `rate` out.

In: its configuration and paced calls. Out: `Task`s; what came of a `Rating`. A list of slots names them; what
was handed in is asked for each new one. Only an unrated slot can be rated. Its pushes go to Amazon SQS in a
shape that is not documented: hints to poll early, whatever they say.
A submitter needs 75 % of slots rated well over sixty days, so a wrong NOK costs a person work to come.

Source: Microworkers API v2, /basic-campaigns/{id}/slots, /slots/{id}, /slots/{id}/rate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

from pydantic import Field, SecretStr

from pipeline.errors import UsageError
from pipeline.platforms.answers import OK, REDIRECT, Standing, heard, rate_once, said_in, told_by
from pipeline.platforms.port import Task
from pipeline.platforms.ratings import Act
from pipeline.platforms.serving import MOST_PAGES, QueuedConfig, Served, as_json, key_of, task_of
from pipeline.platforms.shapes import answer_of, first_of, listed, moment, named, proofs_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.platforms.port import Calls
    from pipeline.platforms.ratings import Rating
    from pipeline.records import Reply

SITE = "Microworkers"
NOT_RATED = "NOTRATED"
SAID = {Act.ACCEPT: "OK", Act.REJECT: "NOK", Act.REVISE: "REVISE"}
GONE = 404
PAGE = 50


class Config(QueuedConfig):
    """What `--config FILE` holds."""

    api_key: SecretStr
    campaigns: Annotated[tuple[str, ...], Field(min_length=1)]
    base_url: str = "https://ttv.microworkers.com/api/v2"
    auto_approve_days: Annotated[float, Field(ge=1, le=30)] = 7


class Microworkers(Served):
    """Fulfils `port.JobPlatform`."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._config = config
        self._headers = {"MicroworkersApiKey": config.api_key.get_secret_value()}

    def tasks(self, calls: Calls, known: Callable[[str], bool]) -> Iterator[Task | str]:
        """Yield every unrated slot of the configured campaigns; see `port.JobPlatform`."""
        for campaign in self._config.campaigns:
            for found in self._slots(calls, campaign):
                if not isinstance(found, dict) or not named(found.get("id")):
                    yield f"campaign {campaign}: a slot without id: {str(found)[:200]}"
                elif _revision(found) is None or not known(_key(found)):
                    yield self._task(self._slot(calls, str(found["id"])), campaign)

    def rate(self, rating: Rating, calls: Calls, *, sent_before: bool, superseding: bool) -> Reply:
        """Rate one slot once; see `port.JobPlatform`."""
        said = SAID[rating.act]
        path = f"slots/{quote(task_of(rating.proof_id)[0], safe='')}"
        body = {"rating": said} | ({"comment": rating.comment} if rating.comment else {})

        def standing() -> Standing:
            answer = self._get(calls, path)
            slot = None if answer.status == GONE else told_by(answer, SITE)
            if not isinstance(slot, dict) or _key(slot) != rating.proof_id:
                return Standing.OTHERWISE
            stands = str(slot.get("status") or slot.get("rating") or "").upper()
            if stands == NOT_RATED:
                return Standing.OPEN
            return Standing.OURS if stands == said else Standing.OTHERWISE

        def put() -> Any:
            answer = self._send(calls, "PUT", f"{path}/rate", content=as_json(body))
            return heard(answer, taken=OK <= answer.status < REDIRECT)

        return rate_once(SITE, standing=standing, put=put, sent_before=sent_before, look_first=superseding)

    def _slots(self, calls: Calls, campaign: str) -> Iterator[object]:
        asked = {"status": NOT_RATED, "pageSize": str(PAGE)}
        for _ in range(MOST_PAGES):
            path = f"basic-campaigns/{quote(campaign, safe='')}/slots?{urlencode(asked)}"
            told = told_by(self._get(calls, path), SITE)
            slots = listed(told, "items", "slots", "data")
            if slots is None:
                raise UsageError(f"{SITE} answered no list of slots: {said_in(told)[:200]}")
            yield from slots
            token = first_of(told, "nextPageToken")
            if token is None or str(token) == asked.get("nextPageToken"):
                return
            asked["nextPageToken"] = str(token)

    def _slot(self, calls: Calls, slot: str) -> object:
        return told_by(self._get(calls, f"slots/{quote(slot, safe='')}"), SITE)

    def _task(self, slot: object, campaign: str) -> Task | str:
        if not isinstance(slot, dict) or not named(slot.get("id")) or not named(slot.get("workerId")):
            return f"campaign {campaign}: a slot without id or workerId: {str(slot)[:200]}"
        links, _ = proofs_among([_linked(one) for one in _every(slot.get("fileProofs"))])
        finished = moment(slot.get("finishedTime"))
        return Task(
            proof_id=_key(slot),
            job_id=campaign,
            submitter_id=str(slot["workerId"]),
            links=links,
            submitted_at=finished,
            answer=answer_of(map(_answered, _every(slot.get("tasksAnswers")))),
            lang=self._config.lang_of(slot.get("country")),
            deadline=self._config.deadline_of(finished),
        )


def _every(given: object) -> list[Any]:
    return given if isinstance(given, list) else [] if given is None else [given]


def _linked(proof: object) -> object:
    return {"url": proof} if isinstance(proof, str) else proof


def _answered(given: object) -> object:
    return first_of(given, "answer", "value", "text") if isinstance(given, dict) else given


def _revision(slot: dict[str, Any]) -> str | None:
    """Return what tells a slot handed in again from the one before; the site numbers no revisions."""
    told = first_of(slot, "revisionNumber", "revision", "finishedTime")
    return None if told is None else re.sub(r"\D", "", str(told)) or "0"


def _key(slot: dict[str, Any]) -> str:
    return key_of(slot.get("id"), _revision(slot))
