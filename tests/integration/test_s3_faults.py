"""S3 that fails, over real HTTP: an outage, a refusal and a missing object are told apart."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from pipeline.adapters.s3 import S3EvidenceStore, S3Limits, connect
from pipeline.errors import EvidenceMissing, StoreRefused, StoreUnavailable, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_s3 import S3Client

CONTENT = b"a picture"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
KEY = f"{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"
QUICK = S3Limits(attempts=1, connect_s=0.3, read_s=0.3, body_s=0.3)


@dataclass
class Reply:
    """What the server answers next.

    Attributes:
        wait_s: Silence before the answer.
        claims_bytes: Content-Length that is announced, whatever is sent.
        trickle_s: Pause after each KiB of the body.
    """

    status: int = 200
    body: bytes = b""
    wait_s: float = 0.0
    claims_bytes: int | None = None
    trickle_s: float = 0.0


def refusal(status: int, code: str) -> Reply:
    """Return an error as S3 words it."""
    return Reply(status=status, body=f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode())


@dataclass
class ScriptedS3:
    """Answers with `replies` in order, the last one for ever, and keeps what it was asked."""

    address: str = ""
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    clients: dict[S3Limits, S3Client] = field(default_factory=dict)

    def next_reply(self) -> Reply:
        """Return the next reply; the last one stays."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def store(self, limits: S3Limits = QUICK) -> S3EvidenceStore:
        """Return a store that talks to this server."""
        if limits not in self.clients:
            self.clients[limits] = connect(self.address, limits)
        return S3EvidenceStore(self.clients[limits], "proofs", prefix="p", limits=limits)


def _handler(script: ScriptedS3) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.asked.append((self.command, self.path, dict(self.headers)))
            reply = script.next_reply()
            time.sleep(reply.wait_s)
            size = len(reply.body) if reply.claims_bytes is None else reply.claims_bytes
            self.send_response(reply.status)
            self.send_header("Content-Length", str(size))
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            if self.command != "HEAD":
                self.send_slowly(reply)

        def send_slowly(self, reply: Reply) -> None:
            try:
                for start in range(0, len(reply.body), 1024):
                    self.wfile.write(reply.body[start : start + 1024])
                    time.sleep(reply.trickle_s)
            except OSError:
                return  # the client lost patience, as it should

        do_GET = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815 (names that http.server calls)

        def log_message(self, *_args: object) -> None:
            """Keep the test's output clean."""

    return Handler


def _aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTING")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "averysecretkey")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.fixture(scope="module")
def scripted() -> Iterator[ScriptedS3]:
    """One server, and one client for each set of limits, for all tests here: a client costs 0.2 s."""
    script = ScriptedS3()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    script.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as monkeypatch:
        _aws_environment(monkeypatch)
        yield script
    server.shutdown()
    server.server_close()


@pytest.fixture
def s3(scripted: ScriptedS3) -> ScriptedS3:
    """A server on loopback that answers as it is told."""
    scripted.replies = [Reply()]
    scripted.asked.clear()
    return scripted


CALLS: list[tuple[str, Callable[[S3EvidenceStore], object]]] = [
    ("put", lambda store: store.put(CONTENT)),
    ("get", lambda store: store.get(KEY)),
    ("delete", lambda store: store.delete(KEY)),
    ("probe", lambda store: store.probe()),
]
each_call = pytest.mark.parametrize("call", [call for _, call in CALLS], ids=[name for name, _ in CALLS])


@each_call
@pytest.mark.parametrize(
    "reply",
    [
        refusal(500, "InternalError"),
        refusal(503, "SlowDown"),
        Reply(status=503, body=b"<html>a proxy speaks</html>"),
        refusal(507, "XMinioStorageFull"),
        refusal(429, "TooManyRequests"),
        refusal(400, "RequestTimeout"),
        Reply(wait_s=0.6),
    ],
    ids=["500", "slow-down", "proxy", "full", "429", "timed-out", "hangs"],
)
def test_a_failing_service_is_an_outage(
    s3: ScriptedS3, reply: Reply, call: Callable[[S3EvidenceStore], object]
) -> None:
    """Failures on the service's side are worth another try, and say where they came from."""
    s3.replies = [reply]
    with pytest.raises(StoreUnavailable, match="s3://proofs/p/"):
        call(s3.store())


@each_call
@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (403, "AccessDenied", "s3:PutObject"),
        (404, "NoSuchBucket", "create the bucket"),
        (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
        (403, "RequestTimeTooSkewed", "clock"),
        (400, "ExpiredToken", "renew"),
        (400, "AuthorizationHeaderMalformed", "AWS_REGION"),
        (400, "SomethingNew", "SomethingNew"),
    ],
)
def test_a_refusal_is_an_operators(
    s3: ScriptedS3, status: int, code: str, says: str, call: Callable[[S3EvidenceStore], object]
) -> None:
    """A refusal says what to change, is not tried again later and repeats no secret."""
    s3.replies = [refusal(status, code)]
    with pytest.raises(StoreRefused, match=says) as caught:
        call(s3.store())
    assert not isinstance(caught.value, TryLater)
    assert "averysecretkey" not in str(caught.value)


def test_an_absent_object_is_missing_evidence(s3: ScriptedS3) -> None:
    """NoSuchKey is neither an outage nor a refusal; deleting such an object is fine."""
    s3.replies = [refusal(404, "NoSuchKey")]
    with pytest.raises(EvidenceMissing):
        s3.store().get(KEY)
    s3.store().delete(KEY)


def test_a_port_where_nobody_listens_is_an_outage(scripted: ScriptedS3) -> None:
    """A refused connection is worth another try."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(StoreUnavailable, match="try later"):
        S3EvidenceStore(connect(address, QUICK), "proofs").put(CONTENT)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=CONTENT, claims_bytes=len(CONTENT) + 100),
        Reply(body=bytes(40_000), trickle_s=0.03),
    ],
    ids=["cut-short", "trickles"],
)
def test_a_body_that_does_not_arrive_is_an_outage(s3: ScriptedS3, reply: Reply) -> None:
    """A connection cut in the body, or one too slow to wait for, is not mistaken for damaged evidence."""
    s3.replies = [reply]
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        s3.store().get(KEY)
    assert time.monotonic() - began < 3


def test_one_bad_answer_is_got_over(s3: ScriptedS3) -> None:
    """A single 503 is retried inside the call, and only as often as the limits say."""
    limits = S3Limits(attempts=2, connect_s=0.3, read_s=0.3)
    s3.replies = [refusal(503, "SlowDown"), Reply(body=CONTENT)]
    assert s3.store(limits).get(KEY) == CONTENT
    s3.asked.clear()
    s3.replies = [refusal(503, "SlowDown")]
    with pytest.raises(StoreUnavailable):
        s3.store(limits).get(KEY)
    assert len(s3.asked) == 2


def test_a_large_picture_that_is_there_is_not_sent_again(s3: ScriptedS3) -> None:
    """A HEAD with the right size spares the upload; with the wrong size, or a 403, it is sent."""
    large = bytes(100_000)
    s3.replies = [Reply(claims_bytes=len(large))]
    s3.store().put(large)
    assert [method for method, _, _ in s3.asked] == ["HEAD"]
    for first in (Reply(claims_bytes=7), Reply(status=403), Reply(status=404)):
        s3.asked.clear()
        s3.replies = [first, Reply()]
        s3.store().put(large)
        assert [method for method, _, _ in s3.asked] == ["HEAD", "PUT"]


def test_an_upload_carries_its_digest(s3: ScriptedS3) -> None:
    """The service is given the SHA-256, so that it refuses a body damaged on the way."""
    s3.store().put(CONTENT)
    method, path, headers = s3.asked[0]
    assert (method, path) == ("PUT", f"/proofs/p/{KEY}")
    assert headers["x-amz-checksum-sha256"]
    assert headers["Content-Length"] == str(len(CONTENT))


def test_no_credentials_is_an_operators(s3: ScriptedS3, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the message names the variables to set."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(StoreRefused, match="AWS_ACCESS_KEY_ID"):
        S3EvidenceStore(connect(s3.address, QUICK), "proofs").put(CONTENT)
