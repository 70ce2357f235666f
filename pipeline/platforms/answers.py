"""What a job platform's answer means: to a poll, to a rating; and how a task is rated once.

In: answers, and how the task stands there. Out: JSON, or a `Reply`. What is the same at every site is here;
what one site calls its things is in its own file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from pipeline.errors import NoAnswer, UsageError
from pipeline.platforms.shapes import json_of
from pipeline.records import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.adapters.guarded_http import Answer

OK, REDIRECT, BUSY, SERVER_ERROR = 200, 300, 429, 500
KEY_REFUSED = frozenset({401, 403})
REST_S = "10"


class Standing(Enum):
    """How a task stands on its site."""

    OPEN = auto()
    """It can be rated."""
    OURS = auto()
    """It is rated as we say."""
    OTHERWISE = auto()
    """It is rated, and not as we say; or it is gone."""
    RATED = auto()
    """It is rated, the site does not say how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The site understood the rating and said no."""

    said: str


def told_by(answer: Answer, site: str) -> Any:
    """Return the JSON that a poll was answered with.

    Raises:
        NoAnswer: The site failed on its side, or asks us to wait.
        UsageError: It refuses our key, or our question.
    """
    if answer.status in KEY_REFUSED:
        raise UsageError(f"{site} refuses our key; put it right with `praman platform add`")
    if answer.status == BUSY or answer.status >= SERVER_ERROR:
        raise NoAnswer(f"{site} answered {answer.status}")
    told = json_of(answer)
    if not OK <= answer.status < REDIRECT:
        raise UsageError(f"{site} answered {answer.status}: {said_in(told)[:200]}")
    return told


def said_in(told: object) -> str:
    """Return the sentence in which a site says what is wrong."""
    fields = told if isinstance(told, dict) else {}
    return next((str(fields[name]) for name in ("message", "error", "title", "code") if fields.get(name)), "")


def heard(answer: Answer, *, taken: bool) -> Reply | Refused:
    """Return what the answer to a rating means; `taken` says whether the site confirms it."""
    told = json_of(answer)
    said = said_in(told)
    if answer.status == BUSY:
        return Reply(status=BUSY, error=said or None, retry_after=answer.headers.get("retry-after", REST_S))
    if taken:
        return Reply(status=answer.status)
    if answer.status >= SERVER_ERROR or answer.status in KEY_REFUSED or not isinstance(told, dict):
        status = None if answer.status < REDIRECT else answer.status
        return Reply(status=status, error=said or "no answer that we know")
    return Refused(said=said)


def rate_once(
    site: str,
    *,
    standing: Callable[[], Standing],
    put: Callable[[], Reply | Refused],
    sent_before: bool,
    look_first: bool,
) -> Reply:
    """Rate a task at most once; see `port.JobPlatform.rate`.

    - Where an earlier attempt may have arrived, or `look_first` says so, the task is read before it is rated.
    - Where the site says no, it is read back too: only what is unrated can be rated.
    - What is rated as we say is delivered. What is rated otherwise has failed, at once: a person compares.
    """
    if sent_before or look_first:
        stands = standing()
        if stands is not Standing.OPEN:
            return _settled(stands, site, sent_before=sent_before)
    reply = put()
    if isinstance(reply, Reply):
        return reply
    stands = standing()
    if stands is not Standing.OPEN:
        return _settled(stands, site, sent_before=sent_before)
    return Reply(error=f"{site} refused the rating: {reply.said}")


def _settled(stands: Standing, site: str, *, sent_before: bool) -> Reply:
    if stands is Standing.OURS or (stands is Standing.RATED and sent_before):
        return Reply(status=OK)
    told = "the task is rated already, not by us (a person, or its deadline); compare the two on the site"
    return Reply(error=f"{site}: {told}", final=True)
