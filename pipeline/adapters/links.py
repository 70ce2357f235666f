"""The bytes behind a link that somebody else wrote: `https://`, `s3://` of listed buckets, `data:`.

In: a link and the platform that sent it. Out: bytes, cut one past the largest picture. Every hop of a
redirect is checked like the first; no other scheme is followed; an S3 bucket that the settings do not list
for this platform is not asked. What MIME type is claimed never matters.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.errors import LinkRefused, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.adapters.guarded_http import GuardedHttp

DATA = "data:"
S3 = "s3://"
REDIRECTS = 3
SUCCESS, REDIRECT, CLIENT_ERROR, SERVER_ERROR = 200, 300, 400, 500
LATER = frozenset({408, 425, 429})
EVERY_PLATFORM = ""


class Links:
    """Fulfils `ports.PictureLinks`; safe to share among threads."""

    def __init__(
        self,
        http: GuardedHttp,
        *,
        max_bytes: int,
        buckets: Mapping[str, frozenset[str]],
        get_object: Callable[[str, str], bytes],
    ) -> None:
        self._http = http
        self._max_bytes = max_bytes
        self._buckets = buckets
        self._get_object = get_object

    def fetch(self, link: str, *, platform: str) -> bytes:
        """Return the bytes, cut one past the largest picture; see `ports.PictureLinks`."""
        if link.startswith(DATA):
            return data_bytes(link, self._max_bytes)
        if link.startswith(S3):
            return self._from_s3(link, platform)
        return self._from_web(link)

    def _from_s3(self, link: str, platform: str) -> bytes:
        parts = urlsplit(link)
        bucket, key = parts.netloc, parts.path.removeprefix("/")
        allowed = self._buckets.get(EVERY_PLATFORM, frozenset()) | self._buckets.get(platform, frozenset())
        if bucket not in allowed:
            raise LinkRefused(f"bucket {bucket!r} is not open to this platform; the operator lists buckets")
        if not key or parts.query or parts.fragment:
            raise LinkRefused(f"{link[:200]!r} names no object; write s3://bucket/key")
        return self._get_object(bucket, key)

    def _from_web(self, link: str) -> bytes:
        for _ in range(REDIRECTS + 1):
            answer = self._http.send("GET", link, headers={"Accept": "image/*"})
            if not REDIRECT <= answer.status < CLIENT_ERROR or answer.location is None:
                break
            link = answer.location
        else:
            raise LinkRefused(f"the link redirects more than {REDIRECTS} times; send where it ends")
        host = urlsplit(link).hostname
        if answer.status >= SERVER_ERROR or answer.status in LATER:
            raise NoAnswer(f"{host} answered {answer.status}")
        if not SUCCESS <= answer.status < REDIRECT:
            raise LinkRefused(f"{host} answered {answer.status}; check that the link is open to us")
        return answer.body


def data_bytes(link: str, max_bytes: int) -> bytes:
    """Return the bytes of a `data:` picture, cut a little past the limit; what it claims to be is ignored.

    Raises:
        LinkRefused: It is no base64 `data:` link.
    """
    head, comma, tail = link.partition(",")
    if not comma or not head.startswith(DATA) or not head.endswith(";base64"):
        raise LinkRefused("a data: link is written data:image/png;base64,...")
    try:
        return base64.b64decode(tail[: (max_bytes // 3 + 2) * 4], validate=True)
    except (binascii.Error, ValueError) as error:
        raise LinkRefused(f"the data: link is not base64 ({error}); encode it again") from error


def open_buckets(listed: str) -> dict[str, frozenset[str]]:
    """Return the buckets by platform of `bucket,platform:bucket`; those for everybody stand under ""."""
    found: dict[str, frozenset[str]] = {}
    for one in filter(None, (part.strip() for part in listed.split(","))):
        platform, _, bucket = one.rpartition(":")
        found[platform] = found.get(platform, frozenset()) | {bucket}
    return found
