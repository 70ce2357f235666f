"""Which store a URL names, and what is said when it names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.adapters.files import FilesEvidenceStore
from pipeline.adapters.stores import bucket_place, open_store
from pipeline.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_plain_path_is_a_directory(tmp_path: Path) -> None:
    """A path opens a directory, which is not made before it is used."""
    store = open_store(str(tmp_path / "evidence"))
    assert isinstance(store, FilesEvidenceStore)
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://proofs", "proofs", ""),
        ("s3://proofs/", "proofs", ""),
        ("s3://proofs/eu/2026", "proofs", "eu/2026"),
        ("s3://proofs/eu/2026/", "proofs", "eu/2026"),
        ("s3://Old_Bucket.v1/x", "Old_Bucket.v1", "x"),
    ],
)
def test_an_s3_url_is_a_bucket_and_a_prefix(url: str, bucket: str, prefix: str) -> None:
    """Slashes at the end make no difference; letters keep their case."""
    assert bucket_place(url) == (bucket, prefix)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "s3://",
        "s3:///prefix",
        "s3://x",
        "s3://bucket:9000/prefix",
        "s3://bucket/a//b",
        "s3://bucket/../other",
        "s3://bucket/prefix?versionId=1",
        "s3://bucket/prefix#part",
        "gs://bucket/prefix",
        "https://bucket.example/prefix",
    ],
)
def test_a_url_of_another_form_is_a_wrong_setting(url: str) -> None:
    """The message names the setting and both forms it may have."""
    with pytest.raises(SettingsError, match=r"PRAMAN_STORE_URL.* s3://bucket/prefix"):
        open_store(url)


def test_credentials_in_the_url_are_refused_and_not_repeated() -> None:
    """A secret in the URL would end up in logs, so the message points to the environment."""
    with pytest.raises(SettingsError, match="AWS_SECRET_ACCESS_KEY") as caught:
        open_store("s3://AKIA123:hunter2secret@bucket/prefix")
    assert "hunter2secret" not in str(caught.value)


@pytest.mark.parametrize("endpoint", ["minio:9000", "ftp://minio", "http://", ""])
def test_an_endpoint_that_is_no_address_is_a_wrong_setting(endpoint: str) -> None:
    """The message names the endpoint's setting."""
    with pytest.raises(SettingsError, match="PRAMAN_S3_ENDPOINT_URL"):
        open_store("s3://bucket/prefix", s3_endpoint_url=endpoint)
