"""Brings messages to an Amazon SQS queue, or its like, and takes a site's events from one.

In: a `Message` whose address is the queue's URL; or an `EventsQueue`. Out: a `Reply`, 200 for "taken"; or
`QueuedEvent`s. The headers travel as message attributes; SQS may deliver twice, so a consumer keeps the
`webhook-id` it has seen, as we keep the ids of events.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import NoAnswer, UsageError
from pipeline.records import QueuedEvent, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_sqs import SQSClient

    from pipeline.records import EventsQueue, Message

TAKEN, SERVER_ERROR = 200, 500
MOST_AT_ONCE = 10  # as many as SQS gives
WAIT_S = 1  # enough to have all of the queue's servers asked
REGION = re.compile(r"(?:^|\.)sqs(?:-fips)?\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.")
ANY_REGION = "us-east-1"  # an endpoint of one's own does not care, but a signature must name one
FIFO = ".fifo"


class _Clients:
    """Clients by region and key; safe to share among threads."""

    def __init__(self, *, endpoint_url: str | None, limit_s: float) -> None:
        self._endpoint_url, self._limit_s = endpoint_url, limit_s
        self._clients: dict[tuple[str, str | None, str | None], SQSClient] = {}
        self._making = threading.Lock()  # boto3's sessions are not safe to share while a client is made

    def region(self, address: str) -> str:
        """Return the region in which a queue lies.

        Raises:
            UsageError: The address is no queue's URL, or names no region.
        """
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.count("/") < 2:  # noqa: PLR2004 (/account/queue)
            raise UsageError(
                f"{address[:200]!r} is no queue's URL; write https://sqs.REGION.amazonaws.com/ACCOUNT/QUEUE"
            )
        found = REGION.search(parts.hostname)
        if found is None and self._endpoint_url is None:
            raise UsageError(
                f"{parts.hostname} names no region; for another service set PRAMAN_SQS_ENDPOINT_URL"
            )
        return found["region"] if found else ANY_REGION

    def get(self, address: str, *, key_id: str | None = None, secret: str | None = None) -> SQSClient:
        """Return a client for the queue; without a key, as boto3 finds one."""
        region = self.region(address)
        with self._making:
            if (region, key_id, secret) not in self._clients:
                self._clients[region, key_id, secret] = self._made(region, key_id, secret)
            return self._clients[region, key_id, secret]

    def _made(self, region: str, key_id: str | None, secret: str | None) -> SQSClient:
        # The import costs 0.25 s of CPU (measured, boto3 1.44), which who has no queue need not pay.
        import boto3  # noqa: PLC0415 (see above)
        from botocore.config import Config  # noqa: PLC0415 (see above)

        # One attempt: the ledger keeps the schedule.
        once = Config(
            connect_timeout=self._limit_s / 3, read_timeout=self._limit_s, retries={"total_max_attempts": 1}
        )
        return boto3.client(
            "sqs",
            region_name=region,
            endpoint_url=self._endpoint_url,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            config=once,
        )


class SqsCourier:
    """Sends to queues; credentials are found as boto3 finds them. Safe to share among threads."""

    def __init__(self, *, endpoint_url: str | None, limit_s: float) -> None:
        self._clients = _Clients(endpoint_url=endpoint_url, limit_s=limit_s)

    def check(self, address: str) -> None:
        """Return where the address is the URL of a queue; nothing is sent.

        Raises:
            UsageError: It is not, or names no region.
        """
        self._clients.region(address)

    def send(self, message: Message) -> Reply:
        """Put the message on its queue.

        Raises:
            UsageError: The address is no queue's URL.
            NoAnswer: SQS did not answer, or credentials are missing.
        """
        client = self._clients.get(message.address)
        told = dict(message.headers)
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}
        ordered = {"MessageGroupId": "praman", "MessageDeduplicationId": told["webhook-id"]}
        try:
            client.send_message(
                QueueUrl=message.address,
                MessageBody=message.body,
                MessageAttributes=attributes,  # type: ignore[arg-type]  # a TypedDict of the same shape
                **(ordered if message.address.endswith(FIFO) else {}),  # type: ignore[arg-type]
            )
        except ClientError as error:
            return _refused(error)
        except BotoCoreError as error:
            raise NoAnswer(f"the queue did not answer: {error}") from error
        return Reply(status=TAKEN)


class SqsEvents:
    """Takes a site's events from its queue; safe to share among threads."""

    def __init__(self, *, endpoint_url: str | None, limit_s: float) -> None:
        self._clients = _Clients(endpoint_url=endpoint_url, limit_s=limit_s)

    def take(self, queue: EventsQueue) -> tuple[QueuedEvent, ...]:
        """Return some events; they come again unless they are dropped.

        Raises:
            UsageError: It is no queue, or it refuses our key.
            NoAnswer: It did not answer, or credentials are missing.
        """
        with _told():
            told = self._client(queue).receive_message(
                QueueUrl=queue.url, MaxNumberOfMessages=MOST_AT_ONCE, WaitTimeSeconds=WAIT_S
            )
        return tuple(
            QueuedEvent(message_id=one["MessageId"], body=one["Body"], receipt=one["ReceiptHandle"])
            for one in told.get("Messages", ())
        )

    def drop(self, queue: EventsQueue, events: Sequence[QueuedEvent]) -> None:
        """Have the queue forget events.

        Raises:
            UsageError: It refuses our key.
            NoAnswer: It did not answer; they come again.
        """
        entries: Any = [{"Id": str(place), "ReceiptHandle": one.receipt} for place, one in enumerate(events)]
        with _told():
            self._client(queue).delete_message_batch(QueueUrl=queue.url, Entries=entries)

    def _client(self, queue: EventsQueue) -> SQSClient:
        return self._clients.get(queue.url, key_id=queue.access_key_id, secret=queue.secret_access_key)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        refused = _refused(error)
        failed = refused.status is None or refused.status >= SERVER_ERROR
        kind = NoAnswer if failed else UsageError
        raise kind(f"the queue of events: {refused.error}") from error
    except BotoCoreError as error:
        raise NoAnswer(f"the queue of events did not answer: {error}") from error


def _refused(error: ClientError) -> Reply:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    told = error.response.get("Error", {})
    return Reply(status=status, error=f"{told.get('Code')}: {told.get('Message')}")
