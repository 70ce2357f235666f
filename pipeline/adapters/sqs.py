"""Brings messages to an Amazon SQS queue, or one that speaks its protocol.

In: a `Message` whose address is the queue's URL. Out: a `Reply`, 200 for "taken". The headers travel as
message attributes; SQS may deliver twice, so a consumer keeps the `webhook-id` it has seen.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import NoAnswer, UsageError
from pipeline.records import Reply

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from pipeline.records import Message

TAKEN = 200
REGION = re.compile(r"(?:^|\.)sqs(?:-fips)?\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.")
ANY_REGION = "us-east-1"  # an endpoint of one's own does not care, but a signature must name one
FIFO = ".fifo"


class SqsCourier:
    """Sends to queues; credentials are found as boto3 finds them. Safe to share among threads."""

    def __init__(self, *, endpoint_url: str | None, limit_s: float) -> None:
        self._endpoint_url = endpoint_url
        # One attempt: the ledger keeps the schedule.
        self._config = Config(
            connect_timeout=limit_s / 3, read_timeout=limit_s, retries={"total_max_attempts": 1}
        )
        self._clients: dict[str, SQSClient] = {}
        self._making = threading.Lock()  # boto3's sessions are not safe to share while a client is made

    def check(self, address: str) -> None:
        """Return where the address is the URL of a queue; nothing is sent.

        Raises:
            UsageError: It is not, or names no region.
        """
        self._region(address)

    def send(self, message: Message) -> Reply:
        """Put the message on its queue.

        Raises:
            UsageError: The address is no queue's URL.
            NoAnswer: SQS did not answer, or credentials are missing.
        """
        client = self._client(self._region(message.address))
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

    def _region(self, address: str) -> str:
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

    def _client(self, region: str) -> SQSClient:
        with self._making:
            if region not in self._clients:
                self._clients[region] = boto3.client(
                    "sqs", region_name=region, endpoint_url=self._endpoint_url, config=self._config
                )
            return self._clients[region]


def _refused(error: ClientError) -> Reply:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    told = error.response.get("Error", {})
    return Reply(status=status, error=f"{told.get('Code')}: {told.get('Message')}")
