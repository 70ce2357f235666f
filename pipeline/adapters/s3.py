"""Evidence kept in an S3 bucket, Amazon's or any service that speaks its protocol.

In: a picture's bytes, or a key. Out: the key, or the bytes checked against it. Never waits longer than a
step's lease; never calls a refusal an outage, nor an outage a missing picture.
"""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from pipeline.adapters.content_key import is_key, key_of, require_key, require_match
from pipeline.adapters.s3_errors import branch, is_absent
from pipeline.errors import EvidenceMissing, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 16 * 1024
_PROBE_BYTES = 16
_ASK_FIRST_BYTES = 64 * 1024  # below it, asking whether the object is there costs as much as sending it


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Limits:
    """How long S3 may take: at worst a `put` (question and upload) or a `get` ends just before a 60 s lease.

    Attributes:
        attempts: How often one request is sent in all; the wait between is under 1 s, then under 2 s.
        read_s: Longest silence while waiting for an answer.
        body_s: Longest time for one object to arrive, looked at after each 16 KiB.
    """

    attempts: int = 3
    connect_s: float = 2.0
    read_s: float = 6.0
    body_s: float = 30.0


def connect(endpoint_url: str | None, limits: S3Limits | None = None) -> S3Client:
    """Return a client that may be shared by threads; it connects when first used.

    Credentials and region come from where every AWS tool finds them (environment, profile, machine role).

    Raises:
        StoreRefused: The AWS configuration of this machine cannot be used.
    """
    bounds = limits or S3Limits()
    config = Config(
        connect_timeout=bounds.connect_s,
        read_timeout=bounds.read_s,
        retries={"mode": "standard", "total_max_attempts": bounds.attempts},
        # We send and check a SHA-256 of our own; other services trip over botocore's trailing CRC32.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with _told(endpoint_url or "Amazon S3"):
        return Session().client("s3", endpoint_url=endpoint_url, config=config)


class S3EvidenceStore:
    """`EvidenceStore` in `bucket`, each object under `prefix/key`.

    One upload is one request with its SHA-256, so that the service itself refuses a damaged or short body.
    """

    def __init__(
        self, client: S3Client, bucket: str, *, prefix: str = "", limits: S3Limits | None = None
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._limits = limits or S3Limits()
        self._place = f"s3://{bucket}/{self._prefix} at {client.meta.endpoint_url}"

    def put(self, content: bytes) -> str:
        """Store `content` and return its key; see `EvidenceStore.put`."""
        key = key_of(content)
        if len(content) >= _ASK_FIRST_BYTES and self._holds(key, len(content)):
            return key
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        with _told(self._place):
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + key,
                Body=io.BytesIO(content),
                ContentLength=len(content),
                ContentType="application/octet-stream",
                ChecksumSHA256=digest,
            )
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes kept under `key`, checked against it; see `EvidenceStore.get`."""
        require_key(key)
        with _told(self._place):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            except ClientError as error:
                if is_absent(error):
                    raise EvidenceMissing(
                        f"no evidence {key} in {self._place}; look in older versions"
                    ) from error
                raise
            content = self._body(answer["Body"])
        require_match(key, content, place=f"{key} in {self._place}")
        return content

    def delete(self, key: str) -> None:
        """Remove `key`; a bucket that keeps versions needs a lifecycle rule to drop the old ones."""
        if not is_key(key):
            return
        with _told(self._place):
            try:
                self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)
            except ClientError as error:
                if not is_absent(error):  # Amazon answers 204; some services say 404
                    raise

    def probe(self) -> str:
        """Write, read and delete a small object; return where the store is."""
        key = self.put(b"praman probe " + secrets.token_bytes(_PROBE_BYTES))
        self.get(key)
        self.delete(key)
        return self._place

    def _holds(self, key: str, size_bytes: int) -> bool:
        with _told(self._place):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=self._prefix + key)
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:  # noqa: PLR2004 (HTTP)
                    raise
                return False  # absent, or not ours to ask: a HEAD says no more, the upload will
        return head["ContentLength"] == size_bytes

    def _body(self, body: StreamingBody) -> bytes:
        ends = time.monotonic() + self._limits.body_s
        whole = bytearray()
        try:
            for chunk in body.iter_chunks(_CHUNK_BYTES):
                whole += chunk
                if time.monotonic() > ends:
                    raise StoreUnavailable(
                        f"{self._place} sent {len(whole)} bytes in {self._limits.body_s:g} s; try again"
                    )
        finally:
            body.close()
        return bytes(whole)


@contextmanager
def _told(place: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError, ResponseParserError, ValueError) as error:
        raise branch(error, place=place) from error
