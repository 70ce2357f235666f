"""What every evidence store promises: run on a directory and on S3 over real HTTP."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
import tenacity
from moto.server import ThreadedMotoServer

from pipeline.adapters.stores import open_store
from pipeline.errors import EvidenceMissing, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from pipeline.ports import EvidenceStore

SMALL = b"a sketch"
LARGE = bytes(range(256)) * 8192  # 2 MiB: S3 is asked before it is sent


@dataclass(frozen=True, kw_only=True)
class Case:
    """A store, and the two things that happen to its objects behind its back."""

    store: EvidenceStore
    overwrite: Callable[[str, bytes], None]
    count: Callable[[], int]


@pytest.fixture(scope="module")
def s3_client() -> Iterator[S3Client]:
    """A client of a server that speaks S3 on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        yield boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
    server.stop()


@pytest.fixture
def files_case(tmp_path: Path) -> Case:
    """A store in a directory that is not there yet."""
    root = tmp_path / "evidence"
    return Case(
        store=open_store(str(root)),
        overwrite=lambda key, content: (root / key).write_bytes(content),
        count=lambda: sum(1 for path in root.rglob("*") if path.is_file()),
    )


@pytest.fixture
def s3_case(s3_client: S3Client, request: pytest.FixtureRequest) -> Case:
    """A store in a bucket of its own."""
    bucket = "praman-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:16]
    s3_client.create_bucket(Bucket=bucket)
    return Case(
        store=open_store(f"s3://{bucket}/some/prefix", s3_endpoint_url=s3_client.meta.endpoint_url),
        overwrite=lambda key, content: s3_client.put_object(
            Bucket=bucket, Key=f"some/prefix/{key}", Body=content
        ),
        count=lambda: s3_client.list_objects_v2(Bucket=bucket)["KeyCount"],
    )


@pytest.fixture(params=["files", "s3"])
def case(request: pytest.FixtureRequest) -> Case:
    """Each store in turn."""
    return request.getfixturevalue(f"{request.param}_case")


@pytest.mark.parametrize("content", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
def test_what_was_put_comes_back(case: Case, content: bytes) -> None:
    """The bytes come back as they were."""
    assert case.store.get(case.store.put(content)) == content


def test_the_key_is_the_digest_fanned_out(case: Case) -> None:
    """Both stores give the same key, so evidence can move from one to the other."""
    digest = hashlib.sha256(SMALL).hexdigest()
    assert case.store.put(SMALL) == f"{digest[:2]}/{digest[2:4]}/{digest}"
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}", case.store.put(LARGE))


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_putting_twice_keeps_one_object(case: Case, content: bytes) -> None:
    """The same bytes have the same key and lie there once."""
    assert case.store.put(content) == case.store.put(content)
    assert case.count() == 1


def patiently(put: Callable[[bytes], str]) -> Callable[[bytes], str]:
    return tenacity.retry(
        retry=tenacity.retry_if_exception_type(TryLater), stop=tenacity.stop_after_attempt(20), reraise=True
    )(put)


def test_many_threads_may_put_the_same_bytes(case: Case) -> None:
    """Concurrent puts of one picture agree, and the picture is whole.

    A put may say "try later", and its caller does: the S3 stand-in answers 500 to a HEAD that meets the
    replacement of its object.
    """
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(patiently(case.store.put), [LARGE] * 16))
    assert len(keys) == 1
    assert case.store.get(keys.pop()) == LARGE
    assert case.count() == 1


def test_what_was_never_put_is_missing(case: Case) -> None:
    """An unknown key is missing evidence, not an outage."""
    known = case.store.put(SMALL)
    unknown = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(EvidenceMissing):
        case.store.get(f"{unknown[:2]}/{unknown[2:4]}/{unknown}")
    assert case.store.get(known) == SMALL


@pytest.mark.parametrize("damage", [b"", LARGE[:-1], b"X" + LARGE[1:]], ids=["emptied", "cut", "changed"])
def test_changed_bytes_are_never_returned(case: Case, damage: bytes) -> None:
    """Bytes that no longer fit their key count as missing."""
    key = case.store.put(LARGE)
    case.overwrite(key, damage)
    with pytest.raises(EvidenceMissing, match="does not hold what was stored"):
        case.store.get(key)


def test_putting_again_mends_a_short_object(case: Case) -> None:
    """An object that lost its end is replaced by the next put of the same bytes."""
    key = case.store.put(LARGE)
    case.overwrite(key, LARGE[:100])
    case.store.put(LARGE)
    assert case.store.get(key) == LARGE


def test_deleting_removes(case: Case) -> None:
    """What was deleted is gone, for whoever asks next."""
    key = case.store.put(SMALL)
    case.store.delete(key)
    assert case.count() == 0
    with pytest.raises(EvidenceMissing):
        case.store.get(key)


def test_deleting_what_is_not_there_is_no_error(case: Case) -> None:
    """A second delete, as after a crash, does nothing."""
    key = case.store.put(SMALL)
    case.store.delete(key)
    case.store.delete(key)


HOSTILE = [
    "",
    "../../../etc/passwd",
    "/etc/passwd",
    "ab/cd/../../../../etc/passwd",
    "ab/cd/" + "abcd" + "0" * 60 + "\n",
    "ab/cd/" + "ABCD" + "0" * 60,
    "ab/ce/" + "abcd" + "0" * 60,
    "ab/cd/" + "abcd" + "0" * 59,
    "ab/cd/" + "abcd" + "0" * 60 + "\0",
    ".unfinished",
]


@pytest.mark.parametrize("key", HOSTILE)
def test_a_key_of_another_shape_reaches_nothing(case: Case, key: str) -> None:
    """No key leads out of the store: getting finds nothing and deleting touches nothing."""
    kept = case.store.put(SMALL)
    with pytest.raises(EvidenceMissing, match="no evidence key"):
        case.store.get(key)
    case.store.delete(key)
    assert case.store.get(kept) == SMALL
    assert case.count() == 1


def test_the_probe_leaves_nothing_behind(case: Case) -> None:
    """Probing says where the store is in one line and leaves it as it was."""
    said = case.store.probe()
    assert said
    assert "\n" not in said
    assert case.count() == 0
