"""Toloka: submitted assignments in, their status out.

In: its configuration and paced calls. Out: `Task`s; what came of a `Rating`. Pictures are attachments that
only our key opens, or links. Its webhook is signed with a time; it stays a hint. A rejection of ours can be
turned into an acceptance. There is no revise: what can be mended is a rejection too.
Which output fields hold attachments is the pool's own affair: `picture_fields` names them, beside those that
are called so.

Source: Toloka API v1, /assignments, /attachments/{id}/download, webhook subscriptions (legacy documentation).
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

from pydantic import Field, SecretStr

from pipeline.errors import LinkRefused, NoAnswer, UsageError
from pipeline.platforms.answers import OK, REDIRECT, Refused, Standing, heard, rate_once, said_in, told_by
from pipeline.platforms.hints import fresh
from pipeline.platforms.port import HintRefused, Task
from pipeline.platforms.ratings import Act
from pipeline.platforms.serving import MOST_PAGES, Served, SiteConfig, as_json, key_of, task_of
from pipeline.platforms.shapes import LINK, MOST_LINKS, PICTURE_KEYS, answer_of, listed, moment, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pipeline.platforms.port import Calls, Hint
    from pipeline.platforms.ratings import Rating
    from pipeline.records import Reply

SITE = "Toloka"
SUBMITTED, ACCEPTED, REJECTED = "SUBMITTED", "ACCEPTED", "REJECTED"
PAGE = 100
COMMENT_LETTERS = 2048


class Config(SiteConfig):
    """What `--config FILE` holds."""

    token: SecretStr
    pools: Annotated[tuple[str, ...], Field(min_length=1)]
    picture_fields: tuple[str, ...] = ()
    webhook_secret: SecretStr | None = None
    base_url: str = "https://toloka.dev/api/v1"


class Toloka(Served):
    """Fulfils `port.JobPlatform`."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._config = config
        self._headers = {"Authorization": f"OAuth {config.token.get_secret_value()}"}
        self._fields = frozenset({*PICTURE_KEYS, *config.picture_fields})

    def tasks(self, calls: Calls, known: Callable[[str], bool]) -> Iterator[Task | str]:
        """Yield every submitted assignment of the configured pools; see `port.JobPlatform`."""
        del known  # a page tells all of an assignment
        for pool in self._config.pools:
            for found in self._submitted(calls, pool):
                yield self._task(found, pool)

    def rate(self, rating: Rating, calls: Calls, *, sent_before: bool, superseding: bool) -> Reply:
        """Accept or reject one assignment once; see `port.JobPlatform`."""
        path = f"assignments/{quote(task_of(rating.proof_id)[0], safe='')}"
        said = ACCEPTED if rating.act is Act.ACCEPT else REJECTED

        def standing() -> Standing:
            told = told_by(self._get(calls, path), SITE)
            stands = told.get("status") if isinstance(told, dict) else None
            overturned = superseding and (said, stands) == (ACCEPTED, REJECTED)
            if stands == SUBMITTED or overturned:
                return Standing.OPEN
            return Standing.OURS if stands == said else Standing.OTHERWISE

        def put() -> Reply | Refused:
            body = {"status": said, "public_comment": rating.comment[:COMMENT_LETTERS]}
            answer = self._send(calls, "PATCH", path, content=as_json(body))
            return heard(answer, taken=OK <= answer.status < REDIRECT)

        # A person's rejection would be overturned without a word: look before accepting, too.
        return rate_once(SITE, standing=standing, put=put, sent_before=sent_before, look_first=True)

    def picture(self, link: str, calls: Calls) -> bytes | None:
        """Fetch an attachment with our key; see `port.JobPlatform`."""
        if not link.startswith(f"{self._base}attachments/"):
            return None
        answer = calls.send("GET", link, headers=self._headers)
        if OK <= answer.status < REDIRECT and answer.whole:
            return answer.body
        if answer.status in {404, 410} or answer.status < REDIRECT:
            raise LinkRefused(f"{SITE} has no such attachment that we can take")
        raise NoAnswer(f"{SITE} answered {answer.status} to an attachment")

    def signed_at(self, hint: Hint) -> datetime | None:
        """Check `Toloka-Signature: v=1, ts=..., sign=...`, the HMAC-SHA256 of `ts.v.payload`."""
        if self._config.webhook_secret is None:
            return None
        told = hint.headers.get("toloka-signature", "")
        pairs = (one.partition("=") for one in told.split(","))
        parts = {name.strip(): value.strip() for name, _, value in pairs}
        stamp = parts.get("ts", "")
        signed = f"{stamp}.{parts.get('v', '')}.".encode() + hint.body
        key = self._config.webhook_secret.get_secret_value().encode()
        ours = hmac.new(key, signed, hashlib.sha256).digest()
        if not hmac.compare_digest(ours, _signature(parts.get("sign", ""))):
            raise HintRefused("the signature is not of this body")
        return fresh(moment(stamp), now=hint.now)

    def _submitted(self, calls: Calls, pool: str) -> Iterator[object]:
        asked = {"status": SUBMITTED, "pool_id": pool, "sort": "id", "limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            told = told_by(self._get(calls, f"assignments?{urlencode(asked)}"), SITE)
            found = listed(told, "items")
            if found is None:
                raise UsageError(f"{SITE} answered no list of assignments: {said_in(told)[:200]}")
            yield from found
            last = found[-1].get("id") if found and isinstance(found[-1], dict) else None
            if (
                not isinstance(told, dict)
                or not told.get("has_more")
                or not named(last)
                or str(last) == asked.get("id_gt")
            ):
                return
            asked["id_gt"] = str(last)

    def _task(self, found: object, pool: str) -> Task | str:
        if not isinstance(found, dict) or not named(found.get("id")) or not named(found.get("user_id")):
            return f"pool {pool}: an assignment without id or user_id: {str(found)[:200]}"
        solutions = found.get("solutions")
        given = [one for one in solutions if isinstance(one, dict)] if isinstance(solutions, list) else []
        values = [pair for one in given for pair in _values(one.get("output_values"))]
        links = [self._link(str(value)) for name, value in values if name in self._fields and named(value)]
        finished = moment(found.get("submitted"))
        return Task(
            proof_id=key_of(found["id"], None),
            job_id=pool,
            submitter_id=str(found["user_id"]),
            links=tuple(dict.fromkeys(links))[:MOST_LINKS],
            submitted_at=finished,
            answer=answer_of(value for name, value in values if name not in self._fields),
            deadline=self._config.deadline_of(finished),
        )

    def _link(self, value: str) -> str:
        whole = LINK.fullmatch(value) and not value.startswith(self._base)
        return value if whole else f"{self._base}attachments/{quote(value, safe='')}/download"


def _values(given: object) -> list[tuple[str, Any]]:
    """Return each field with each of its values."""
    fields = given if isinstance(given, dict) else {}
    return [
        (name, one) for name, held in fields.items() for one in (held if isinstance(held, list) else [held])
    ]


def _signature(told: str) -> bytes:
    """Return the bytes of a signature, which came as hex or as base64."""
    try:
        return bytes.fromhex(told)
    except ValueError:
        pass
    try:
        return binascii.a2b_base64(told.encode(), strict_mode=True)
    except (binascii.Error, ValueError):
        return b""
