"""Links: each leads to bytes, or to one sentence that says why not."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from pipeline.adapters.guarded_http import Answer
from pipeline.adapters.links import Links, data_bytes, open_buckets
from pipeline.errors import LinkRefused, NoAnswer


class FakeHttp:
    """Answers by address; what is not in its book does not answer."""

    def __init__(self, **book: Any) -> None:
        self.book = {f"https://h/{name}": answer for name, answer in book.items()}
        self.asked: list[str] = []

    def send(self, method: str, url: str, *, headers: Any = None, content: bytes = b"") -> Answer:
        self.asked.append(url)
        found = self.book.get(url, NoAnswer("h did not answer"))
        if isinstance(found, Exception):
            raise found
        return found


def answer(status: int, body: bytes = b"", location: str | None = None) -> Answer:
    return Answer(status=status, headers={}, body=body, whole=True, location=location)


def links(http: FakeHttp | None = None, *, buckets: str = "open,shop:theirs") -> Links:
    return Links(
        http or FakeHttp(),  # type: ignore[arg-type]
        max_bytes=10,
        buckets=open_buckets(buckets),
        get_object=lambda bucket, key: f"{bucket} {key}".encode(),
    )


def test_a_redirect_is_followed_and_each_hop_is_asked_for_anew() -> None:
    """The client that checks addresses sees every hop."""
    http = FakeHttp(
        a=answer(302, location="https://h/b"), b=answer(301, location="https://h/c"), c=answer(200, b"x")
    )
    assert links(http).fetch("https://h/a", platform="p") == b"x"
    assert http.asked == ["https://h/a", "https://h/b", "https://h/c"]


def test_a_redirect_to_where_we_do_not_go_is_refused() -> None:
    """A public name that redirects to a private address gets nothing from there."""
    http = FakeHttp(a=answer(302, location="https://h/private"), private=LinkRefused("10.0.0.1 is private"))
    with pytest.raises(LinkRefused, match="private"):
        links(http).fetch("https://h/a", platform="p")


def test_redirects_end() -> None:
    """A circle is left after three hops."""
    http = FakeHttp(a=answer(302, location="https://h/a"))
    with pytest.raises(LinkRefused, match="more than 3"):
        links(http).fetch("https://h/a", platform="p")
    assert len(http.asked) == 4


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, LinkRefused),
        (403, LinkRefused),
        (304, LinkRefused),
        (429, NoAnswer),
        (500, NoAnswer),
        (503, NoAnswer),
    ],
)
def test_a_status_says_whether_to_come_again(status: int, error: type[Exception]) -> None:
    """What the server refuses is refused; what it cannot now may work later."""
    with pytest.raises(error, match=str(status)):
        links(FakeHttp(a=answer(status))).fetch("https://h/a", platform="p")


def test_a_bucket_belongs_to_whom_the_operator_says() -> None:
    """One bucket for all, one for a platform, none for anybody else."""
    both = links()
    assert both.fetch("s3://open/a/b.png", platform="other") == b"open a/b.png"
    assert both.fetch("s3://theirs/a", platform="shop") == b"theirs a"
    for link, platform in (("s3://theirs/a", "other"), ("s3://secret/a", "shop"), ("s3:///a", "shop")):
        with pytest.raises(LinkRefused, match="not open"):
            both.fetch(link, platform=platform)
    with pytest.raises(LinkRefused, match="not open"):
        links(buckets="").fetch("s3://open/a", platform="shop")
    with pytest.raises(LinkRefused, match="names no object"):
        both.fetch("s3://open/", platform="shop")


def test_data_is_decoded_and_cut_past_the_limit() -> None:
    """What the link claims to be is ignored; more than the largest picture is not decoded."""
    link = "data:text/html;base64," + base64.b64encode(b"0123456789").decode()
    assert data_bytes(link, 10) == b"0123456789"
    long = "data:;base64," + base64.b64encode(bytes(1_000)).decode()
    assert 10 < len(data_bytes(long, 10)) < 20


@pytest.mark.parametrize(
    "link", ["data:", "data:,", "data:x,eA==", "data:;base64,e", "data:;base64,?", "data:;base64"]
)
def test_data_that_is_none_is_refused(link: str) -> None:
    """The message says how a data: link is written, or what is wrong with it."""
    with pytest.raises(LinkRefused):
        links().fetch(link, platform="p")
