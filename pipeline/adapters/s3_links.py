"""Objects of the buckets that platforms may link, with this machine's AWS credentials.

In: a bucket and a key. Out: the object's bytes, cut one past the largest picture. It only reads.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from pipeline.adapters.s3 import S3Limits, connect
from pipeline.errors import LinkRefused, NoAnswer, StoreRefused

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 65_536
CLIENT_ERROR, SERVER_ERROR = 400, 500
LATER = frozenset({408, 429})


class S3Objects:
    """Reads objects; connects when first asked."""

    def __init__(self, endpoint_url: str | None, *, max_bytes: int, limit_s: float) -> None:
        self._endpoint_url = endpoint_url
        self._max_bytes = max_bytes
        self._limit_s = limit_s
        self._client: S3Client | None = None

    def get(self, bucket: str, key: str) -> bytes:
        """Return the object's bytes, cut one past the largest picture.

        Raises:
            LinkRefused: It is not there, or not ours to read.
            NoAnswer: S3 did not answer in time, or not now.
        """
        place = f"s3://{bucket}/{key}"[:300]
        try:
            return self._read(bucket, key)
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER_ERROR)
            if CLIENT_ERROR <= status < SERVER_ERROR and status not in LATER:
                raise LinkRefused(
                    f"{place} cannot be read ({status}); check the key and our rights"
                ) from error
            raise NoAnswer(f"{place}: S3 answered {status}") from error
        except (BotoCoreError, ResponseParserError, StoreRefused, ValueError, OSError) as error:
            raise NoAnswer(f"{place}: S3 did not answer ({type(error).__name__})") from error

    def _read(self, bucket: str, key: str) -> bytes:
        if self._client is None:
            self._client = connect(self._endpoint_url, S3Limits(attempts=2))
        until = time.monotonic() + self._limit_s
        body = self._client.get_object(Bucket=bucket, Key=key)["Body"]
        whole = bytearray()
        try:
            for chunk in body.iter_chunks(CHUNK_BYTES):
                whole += chunk
                if len(whole) > self._max_bytes:
                    break
                if time.monotonic() > until:
                    raise OSError(f"more than {self._limit_s:g} s")
        finally:
            body.close()
        return bytes(whole[: self._max_bytes + 1])
