"""`s3://` links over HTTP, against a server that speaks S3."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.servers import free_port
from tests.web import Door, picture

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
    for bucket in ("open", "theirs"):
        client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key="a/shot one.png", Body=picture())
    client.put_object(Bucket="open", Key="text", Body=b"no picture")
    yield url
    server.stop()


def test_a_listed_bucket_is_read_and_no_other(tmp_path: Path, sqlite_url: str, endpoint: str) -> None:
    """The object is a proof; what is not there, not listed or no picture is refused with nothing kept."""
    settings = {"s3_endpoint_url": endpoint, "link_buckets": "open,shop:theirs"}
    with Door(tmp_path, sqlite_url, **settings).running() as door:
        shop, other = door.platform("shop"), door.platform("other")
        for platform, link, status in (
            (shop, "s3://open/a/shot one.png", 202),
            (shop, "s3://theirs/a/shot one.png", 202),
            (other, "s3://theirs/a/shot one.png", 422),
            (shop, "s3://open/nothing", 422),
            (shop, "s3://elsewhere/a", 422),
            (shop, "s3://open/text", 415),
        ):
            answer = platform.http.post("/v1/proofs", json=platform.claim(images=[link]))
            assert answer.status_code == status, (link, answer.text)
        door.work()
        assert door.count("proofs") == 2


def test_an_s3_that_does_not_answer_is_told(tmp_path: Path, sqlite_url: str, endpoint: str) -> None:
    """The platform hears that it may work later; its proof is still its own."""
    settings = {"s3_endpoint_url": f"http://127.0.0.1:{free_port()}", "link_buckets": "open"}
    with Door(tmp_path, sqlite_url, **settings).running() as door:
        shop = door.platform("shop")
        answer = shop.http.post("/v1/proofs", json=shop.claim(images=["s3://open/a"]))
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:praman:problem:link-unavailable")
