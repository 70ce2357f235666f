"""Chooses the evidence store that a URL names.

In: `PRAMAN_STORE_URL` and `PRAMAN_S3_ENDPOINT_URL`. Out: an `EvidenceStore`. Opens no connection and makes
no directory: the first use does, and `probe` is how to ask.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from pipeline.adapters.files import FilesEvidenceStore
from pipeline.errors import SettingsError

if TYPE_CHECKING:
    from pipeline.ports import EvidenceStore

# Source: Amazon S3 user guide, "General purpose bucket naming rules". Looser than today's rules, because
# buckets made before 2018 may have capitals, underscores and up to 255 characters.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class BucketPlace(NamedTuple):
    """Where in S3: the bucket, and the prefix of every object's name (empty for none, no slash around)."""

    bucket: str
    prefix: str


def open_store(url: str, *, s3_endpoint_url: str | None = None, synced: bool = True) -> EvidenceStore:
    """Return the store at `url`: `s3://bucket/prefix`, or a directory, `synced` to disk.

    Raises:
        SettingsError: The URL or the endpoint has a form that names no store.
    """
    if url.startswith("s3://"):
        # The import costs 0.8 s of CPU (measured, boto3 1.44), which a directory need not pay.
        from pipeline.adapters.s3 import S3EvidenceStore, connect  # noqa: PLC0415 (see above)

        place = bucket_place(url)
        return S3EvidenceStore(connect(_checked_endpoint(s3_endpoint_url)), place.bucket, prefix=place.prefix)
    if not url or _SCHEME.match(url):
        raise SettingsError(
            f"PRAMAN_STORE_URL={url!r} names no store; write a directory or s3://bucket/prefix"
        )
    return FilesEvidenceStore(Path(url).expanduser(), synced=synced)


def bucket_place(url: str) -> BucketPlace:
    """Take `s3://bucket/prefix` apart.

    Raises:
        SettingsError: The bucket is missing or impossible, or the URL carries more than bucket and prefix.
    """
    parts = urlsplit(url)
    if "@" in parts.netloc:  # the URL may hold a secret: it is not repeated
        raise SettingsError(
            "PRAMAN_STORE_URL carries credentials; write s3://bucket/prefix and set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY"
        )
    prefix = parts.path.strip("/")
    if parts.query or parts.fragment or any(step in {"", ".", ".."} for step in prefix.split("/") if prefix):
        raise SettingsError(f"PRAMAN_STORE_URL={url!r} is no bucket and prefix; write s3://bucket/prefix")
    if not _BUCKET.fullmatch(parts.netloc):
        raise SettingsError(f"PRAMAN_STORE_URL={url!r} has no usable bucket name; write s3://bucket/prefix")
    return BucketPlace(parts.netloc, prefix)


def _checked_endpoint(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(
            f"PRAMAN_S3_ENDPOINT_URL={url!r} is no address; write http://host:port or https://host"
        )
    return url
