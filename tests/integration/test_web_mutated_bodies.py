"""Bodies of submissions with their framing damaged: taken as a proof, or refused as a whole problem."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web import Door, Platform, picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

BOUNDARY = "praman-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
EXAMPLES = 80
TAKEN = 202
REFUSED = frozenset({400, 413, 415, 422})

BODY = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="proof"\r\n\r\n'
    f"{json.dumps({'job_id': 'job-1', 'submitter_id': 'w1'})}\r\n"
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\n'
    "Content-Type: image/png\r\n\r\n"
).encode()
WHOLE = BODY + picture() + f"\r\n--{BOUNDARY}--\r\n".encode()

pieces = st.sampled_from(
    [
        b"\r\n",
        b"\r\n\r\n",
        b"--",
        f"--{BOUNDARY}\r\n".encode(),
        f"--{BOUNDARY}--\r\n".encode(),
        b'Content-Disposition: form-data; name="images"; filename="../../x"\r\n',
        b'Content-Disposition: form-data; name="proof"\r\n',
        b"Content-Transfer-Encoding: base64\r\n",
        b"\x00",
        b'"',
    ]
)
changes = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "drop", "insert"]),
        st.integers(min_value=0, max_value=len(WHOLE)),
        pieces | st.binary(min_size=1, max_size=20),
    ),
    min_size=1,
    max_size=5,
)
kinds = st.sampled_from(
    [MULTIPART, "multipart/form-data", f"{MULTIPART}x", "application/json", "text/plain", "multipart/mixed"]
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform at a server of its own, which lives as long as all examples."""
    folder = tmp_path_factory.mktemp("mutated")
    with Door(folder, f"sqlite:///{folder}/ledger.db", rate_per_s=100_000).running() as door:
        yield door.platform("shop")


def answered(answer: httpx.Response) -> None:
    """Hold the answer against the promise: a proof that can be asked for, or a problem that says what."""
    if answer.status_code == TAKEN:
        assert answer.json()["status"] == "received"
        return
    assert answer.status_code in REFUSED, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def send(shop: Platform, body: bytes, kind: str = MULTIPART) -> httpx.Response:
    return shop.http.post("/v1/proofs", content=body, headers={"Content-Type": kind})


def test_the_whole_body_is_taken(shop: Platform) -> None:
    """What the examples damage is right to begin with."""
    assert send(shop, WHOLE).status_code == TAKEN


@given(edits=changes)
@settings(max_examples=EXAMPLES, deadline=None)
def test_damaged_framing_is_answered(shop: Platform, edits: list[tuple[str, int, bytes]]) -> None:
    """Boundaries, headers and bytes set, cut, dropped and put in anywhere: never a 5xx."""
    body = WHOLE
    for kind, at, piece in edits:
        end = at + len(piece)
        kept = {"set": piece + body[end:], "cut": b"", "drop": body[end:], "insert": piece + body[at:]}
        body = body[:at] + kept[kind]
    answered(send(shop, body))


@given(body=st.binary(max_size=300), kind=kinds)
@settings(max_examples=EXAMPLES, deadline=None)
def test_any_bytes_of_any_kind_are_answered(shop: Platform, body: bytes, kind: str) -> None:
    """A content type that the body does not keep opens no door."""
    answered(send(shop, body, kind))
