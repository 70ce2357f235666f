"""The couriers: one body to a webhook, a queue and a stream; what each says of an address."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import redis
from moto.server import ThreadedMotoServer

from pipeline.adapters.couriers import open_couriers
from pipeline.adapters.guarded_http import GuardedHttp, Limits
from pipeline.adapters.redis_stream import RedisStreamCourier
from pipeline.adapters.sqs import SqsCourier
from pipeline.adapters.webhook import WebhookCourier
from pipeline.errors import LinkRefused, NoAnswer, UsageError
from pipeline.records import Message
from pipeline.settings import Settings
from tests.listeners import listening
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY = '{"type":"proof.verdict","data":{"message":"যোগ দিয়েছেন"}}'
HEADERS = (("webhook-id", "01K"), ("webhook-timestamp", "1700000000"), ("webhook-signature", "v1,AA=="))


def message(address: str) -> Message:
    return Message(address=address, headers=HEADERS, body=BODY)


# ---- webhook -------------------------------------------------------------------------------------


def webhook(*, private: bool = True) -> WebhookCourier:
    return WebhookCourier(GuardedHttp(allow_private=private, limits=Limits(total_s=2, connect_s=1)))


def test_a_webhook_gets_body_and_headers() -> None:
    """The receiver sees what was signed, byte by byte."""
    with listening() as receiver:
        reply = webhook().send(message(receiver.url))
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    assert (reply.status, reply.error) == (200, None)
    assert body == BODY.encode()
    assert b"webhook-id: 01K" in head


def test_a_failed_answer_is_shown_in_one_line() -> None:
    """An operator sees what the receiver said, without control characters; its wish to wait is kept."""
    said = b"out\x1b[31m of\r\ncoffee \xff"
    head = f"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: {len(said)}\r\n\r\n".encode()
    with listening(head + said) as receiver:
        reply = webhook().send(message(receiver.url))
    assert (reply.status, reply.error, reply.retry_after) == (503, "out [31m of coffee \ufffd", "7")


def test_a_success_of_ten_megabytes_is_a_success() -> None:
    """Its body is not asked for."""
    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + b"a" * 10_000_000) as receiver:
        assert webhook().send(message(receiver.url)).status == 200


def test_the_settings_say_whether_inner_addresses_are_webhooks() -> None:
    """Refused by default, when registered and when sent; taken where an operator allows it."""
    with listening() as receiver:
        strict = open_couriers(Settings())["webhook"]
        for attempt in (strict.check, lambda url: strict.send(message(url))):
            with pytest.raises(LinkRefused):
                attempt(receiver.url)
        assert receiver.connections == 0
        open_couriers(Settings(webhook_allow_private=True))["webhook"].check(receiver.url)


# ---- Amazon SQS ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sqs_url() -> Iterator[str]:
    """URL of a local service that speaks SQS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def sqs(sqs_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return boto3.client("sqs", region_name="us-east-1", endpoint_url=sqs_url)


def test_a_queue_gets_the_same_body(sqs: Any, sqs_url: str) -> None:
    """The headers come as attributes, so that a consumer can verify and drop repetitions."""
    queue = sqs.create_queue(QueueName="verdicts")["QueueUrl"]
    courier = SqsCourier(endpoint_url=sqs_url, limit_s=5)
    courier.check(queue)
    assert courier.send(message(queue)).status == 200
    (got,) = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert got["Body"] == BODY
    attributes = {name: one["StringValue"] for name, one in got["MessageAttributes"].items()}
    assert attributes == dict(HEADERS)


def test_a_fifo_queue_drops_a_repetition(sqs: Any, sqs_url: str) -> None:
    """The notice's id is its deduplication id."""
    queue = sqs.create_queue(QueueName="verdicts.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    courier = SqsCourier(endpoint_url=sqs_url, limit_s=5)
    assert [courier.send(message(queue)).status for _ in range(2)] == [200, 200]
    got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    assert len(got) == 1


def test_a_queue_that_is_not_there_is_a_failed_attempt(sqs: Any, sqs_url: str) -> None:
    """What SQS said is kept for the operator."""
    reply = SqsCourier(endpoint_url=sqs_url, limit_s=5).send(message(f"{sqs_url}/123456789012/nothing"))
    assert reply.status is not None
    assert reply.status >= 400
    assert "NonExistentQueue" in str(reply.error)


def test_a_queue_service_that_is_away_is_no_answer(sqs: Any) -> None:
    """One attempt, and the ledger's schedule does the rest."""
    away = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NoAnswer):
        SqsCourier(endpoint_url=away, limit_s=2).send(message(f"{away}/123456789012/q"))


@pytest.mark.parametrize(
    "wrong", ["", "verdicts", "arn:aws:sqs:us-east-1:1:q", "https://sqs.us-east-1.amazonaws.com/"]
)
def test_what_is_no_queue_is_told(wrong: str) -> None:
    """A name or an ARN is not the URL that SQS asks for."""
    with pytest.raises(UsageError, match="queue's URL"):
        SqsCourier(endpoint_url=None, limit_s=1).check(wrong)


def test_a_queue_s_region_is_read_from_its_url() -> None:
    """Amazon's URLs name it; another service's needs the setting."""
    courier = SqsCourier(endpoint_url=None, limit_s=1)
    for host in ("sqs.eu-central-1.amazonaws.com", "sqs-fips.us-gov-west-1.amazonaws.com"):
        courier.check(f"https://{host}/123456789012/q")
    with pytest.raises(UsageError, match="PRAMAN_SQS_ENDPOINT_URL"):
        courier.check("http://localhost:4566/000000000000/q")


# ---- Redis stream --------------------------------------------------------------------------------


def test_a_stream_gets_the_same_body(redis_url: str) -> None:
    """Fields of one entry: the body, and what signs it."""
    courier = RedisStreamCourier(limit_s=2)
    address = f"{redis_url}?stream=verdicts"
    courier.check(address)
    assert courier.send(message(address)).status == 200
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        ((_, fields),) = client.xrange("verdicts")
    assert fields == {**dict(HEADERS), "body": BODY}


def test_a_trimmed_stream_goes_on(redis_url: str) -> None:
    """Somebody else may cut the stream at any moment."""
    courier = RedisStreamCourier(limit_s=2)
    with redis.Redis.from_url(redis_url) as client:
        for _ in range(3):
            assert courier.send(message(f"{redis_url}?stream=cut")).status == 200
            client.xtrim("cut", maxlen=0)
        assert client.xlen("cut") == 0


def test_a_key_of_another_kind_is_a_failed_attempt(redis_url: str) -> None:
    """Redis's refusal is kept for the operator."""
    with redis.Redis.from_url(redis_url) as client:
        client.set("taken", "1")
    reply = RedisStreamCourier(limit_s=2).send(message(f"{redis_url}?stream=taken"))
    assert reply.status is None
    assert "WRONGTYPE" in str(reply.error)


def test_a_stream_s_server_that_is_away_or_silent_is_no_answer() -> None:
    """Neither holds a deliverer longer than its limit."""
    with pytest.raises(NoAnswer):
        RedisStreamCourier(limit_s=0.5).send(message(f"redis://127.0.0.1:{free_port()}/0?stream=s"))
    silent = threading.Event()
    with listening(lambda *_: silent.wait(3)) as listener:
        with pytest.raises(NoAnswer):
            RedisStreamCourier(limit_s=0.5).send(message(f"redis://127.0.0.1:{listener.port}/0?stream=s"))
        silent.set()


@pytest.mark.parametrize(
    "wrong", ["", "verdicts", "redis://h:6379/0", "http://h/?stream=s", "redis://:secret@h/0"]
)
def test_what_names_no_stream_is_told(wrong: str) -> None:
    """The message says what to write, and repeats no password."""
    with pytest.raises(UsageError, match="stream=NAME") as told:
        RedisStreamCourier(limit_s=1).check(wrong)
    assert "secret" not in str(told.value)
