"""Amazon Mechanical Turk: submitted assignments in, approval or rejection out, through boto3.

In: its configuration and paced calls. Out: `Task`s; what came of a `Rating`. The picture is a link in one of
the answer's fields; the answer is XML that a stranger wrote, so entities stay off. There is no revise: what
can be mended is a rejection too. Approval pays at once, so the assignment is read back before any second
attempt; a rejection of ours that a person overturned is approved in its place.
Its events come by Amazon SQS and are hints: one that comes twice, by its EventDocId, rings once.
It grants no qualification, blocks nobody and pays no bonus.

Source: botocore, data/mturk/2017-01-17; the API's developer guide on QuestionFormAnswers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from botocore.exceptions import BotoCoreError, ClientError
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pydantic import Field

from pipeline.errors import NoAnswer, UsageError
from pipeline.platforms.answers import BUSY, OK, REST_S, Refused, Standing, rate_once
from pipeline.platforms.port import Task
from pipeline.platforms.ratings import Act
from pipeline.platforms.serving import MOST_PAGES, QueuedConfig, Served, key_of, task_of
from pipeline.platforms.shapes import moment, named, proofs_among
from pipeline.records import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_mturk import MTurkClient

    from pipeline.platforms.port import Calls
    from pipeline.platforms.ratings import Rating

SITE = "Mechanical Turk"
PAGE = 100
FEEDBACK_LETTERS = 1024
LIMIT_S = 15
SUBMITTED = "Submitted"
STANDS = {Act.ACCEPT: "Approved", Act.REJECT: "Rejected", Act.REVISE: "Rejected"}
THROTTLED = frozenset({"ThrottlingException", "Throttling", "RequestLimitExceeded", "ServiceFault"})
KEYS_REFUSED = frozenset(
    {"UnrecognizedClientException", "InvalidSignatureException", "AccessDeniedException", "ExpiredToken"}
)
NOT_MONEY = "InsufficientFunds"


class Config(QueuedConfig):
    """What `--config FILE` holds; the keys open the queue of events too."""

    hits: Annotated[dict[str, str], Field(min_length=1)]
    region: str = "us-east-1"
    endpoint_url: str | None = None
    auto_approve_days: Annotated[float, Field(gt=0, le=30)] = 30
    call_every_s: Annotated[float, Field(ge=0)] = 0.5


class MechanicalTurk(Served):
    """Fulfils `port.JobPlatform`."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._config = config
        self._client = _client(config)

    def tasks(self, calls: Calls, known: Callable[[str], bool]) -> Iterator[Task | str]:
        """Yield every submitted assignment of the configured HITs; see `port.JobPlatform`."""
        del known  # a page tells all of an assignment
        for hit, job_id in self._config.hits.items():
            for found in self._submitted(calls, hit):
                yield self._task(found, job_id)

    def rate(self, rating: Rating, calls: Calls, *, sent_before: bool, superseding: bool) -> Reply:
        """Approve or reject one assignment once; see `port.JobPlatform`."""
        overturned = superseding and rating.act is Act.ACCEPT
        return rate_once(
            SITE,
            standing=lambda: self._standing(rating, calls, overturned=overturned),
            put=lambda: self._put(rating, calls, overturned=overturned),
            sent_before=sent_before,
            look_first=superseding,
        )

    @staticmethod
    def event_id(body: str) -> str | None:
        """Return the `EventDocId`, also of an event that came through SNS."""
        told = _object(body)
        found = told.get("EventDocId") or _object(told.get("Message")).get("EventDocId")
        return str(found) if named(found) else None

    def _submitted(self, calls: Calls, hit: str) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {"HITId": hit, "AssignmentStatuses": [SUBMITTED], "MaxResults": PAGE}
        for _ in range(MOST_PAGES):
            told = self._ask(calls, lambda: self._client.list_assignments_for_hit(**asked))
            yield from told.get("Assignments", [])
            if not told.get("NextToken") or not told.get("Assignments"):
                return
            asked["NextToken"] = told["NextToken"]

    def _ask(self, calls: Calls, ask: Callable[[], Any]) -> dict[str, Any]:
        """Ask once in our turn.

        Raises:
            NoAnswer: It did not answer, or asks us to wait.
            UsageError: It refuses our keys, or our question.
        """
        calls.turn()
        try:
            told: dict[str, Any] = ask()
        except ClientError as error:
            code, said = _said(error)
            if code in THROTTLED:
                calls.rest()
                raise NoAnswer(f"{SITE}: {said}") from error
            hint = "; put the keys right with `praman platform add`" if code in KEYS_REFUSED else ""
            raise UsageError(f"{SITE}: {said}{hint}") from error
        except BotoCoreError as error:
            raise NoAnswer(f"{SITE} did not answer: {error}") from error
        return told

    def _standing(self, rating: Rating, calls: Calls, *, overturned: bool) -> Standing:
        task, _ = task_of(rating.proof_id)
        told = self._ask(calls, lambda: self._client.get_assignment(AssignmentId=task))
        stands = told.get("Assignment", {}).get("AssignmentStatus")
        if stands == SUBMITTED or (overturned and stands == STANDS[Act.REJECT]):
            return Standing.OPEN
        return Standing.OURS if stands == STANDS[rating.act] else Standing.OTHERWISE

    def _put(self, rating: Rating, calls: Calls, *, overturned: bool) -> Reply | Refused:
        task, _ = task_of(rating.proof_id)
        calls.turn()
        try:
            if rating.act is Act.ACCEPT:
                self._client.approve_assignment(AssignmentId=task, OverrideRejection=overturned)
            else:
                self._client.reject_assignment(AssignmentId=task, RequesterFeedback=_fitting(rating.comment))
        except ClientError as error:
            code, said = _said(error)
            if code in THROTTLED:
                calls.rest()
                return Reply(status=BUSY, error=said, retry_after=REST_S)
            wait = code in KEYS_REFUSED or NOT_MONEY in said
            return Reply(error=f"{SITE}: {said}") if wait else Refused(said=said)
        except BotoCoreError as error:
            raise NoAnswer(f"{SITE} did not answer: {error}") from error
        return Reply(status=OK)

    def _task(self, found: dict[str, Any], job_id: str) -> Task | str:
        if not found.get("AssignmentId") or not found.get("WorkerId"):
            return f"job {job_id}: an assignment without AssignmentId or WorkerId"
        links, answer = proofs_among(_answers(str(found.get("Answer", ""))))
        finished = moment(found.get("SubmitTime"))
        return Task(
            proof_id=key_of(found["AssignmentId"], None),
            job_id=job_id,
            submitter_id=str(found["WorkerId"]),
            links=links,
            submitted_at=finished,
            answer=answer,
            deadline=moment(found.get("AutoApprovalTime")) or self._config.deadline_of(finished),
        )


def _client(config: Config) -> MTurkClient:
    # The import costs 0.25 s of CPU (measured, boto3 1.44), which who serves another site need not pay.
    import boto3  # noqa: PLC0415 (see above)
    from botocore.config import Config as ClientConfig  # noqa: PLC0415 (see above)

    secret = config.secret_access_key
    # One attempt: polls come again, and of ratings the ledger keeps the schedule.
    once = ClientConfig(connect_timeout=LIMIT_S / 3, read_timeout=LIMIT_S, retries={"total_max_attempts": 1})
    client: MTurkClient = boto3.session.Session().client(
        "mturk",
        region_name=config.region,
        endpoint_url=config.endpoint_url,
        aws_access_key_id=config.access_key_id,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        config=once,
    )
    return client


def _object(text: object) -> dict[str, Any]:
    """Return the JSON object that a text holds; an empty one where it holds none."""
    try:
        told = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _answers(xml: str) -> list[str]:
    """Return the texts of the answer's fields; none of what is no XML, or plays with entities."""
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return []
    fields = ("FreeText", "OtherSelectionText", "SelectionIdentifier")
    found = (one.text for one in root.iter() if str(one.tag).rpartition("}")[2] in fields)
    return [text.strip() for text in found if text and text.strip()]


def _fitting(comment: str) -> str:
    return comment if len(comment) <= FEEDBACK_LETTERS else comment[: FEEDBACK_LETTERS - 1] + "…"


def _said(error: ClientError) -> tuple[str, str]:
    told = error.response.get("Error", {})
    code = str(told.get("Code") or "")
    return code, f"{code}: {told.get('Message') or ''}"
