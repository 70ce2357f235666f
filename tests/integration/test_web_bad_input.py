"""What must not get in over HTTP, and what it is told: problem details, nothing kept, the door still open."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.api_keys import make_key
from pipeline.web import server
from tests.listeners import Listener
from tests.web import SHOWN, Door, Platform, picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

TEXT = b"hello, I am text"
DATA_LINK = "data:image/png;base64," + base64.b64encode(picture()).decode()
NESTED = "[" * 64 + "]" * 64


@pytest.fixture
def door(tmp_path: Path, sqlite_url: str) -> Iterator[Door]:
    with Door(tmp_path, sqlite_url, max_body_bytes=1_000_000).running() as running:
        yield running


@pytest.fixture
def hasty(tmp_path: Path, sqlite_url: str) -> Iterator[Platform]:
    """A platform at a door that waits for no slow body, as a busy machine may make any."""
    with Door(tmp_path, sqlite_url, body_wait_s=0.5).running() as running:
        yield running.platform("hasty")


@pytest.fixture
def shop(door: Door) -> Platform:
    return door.platform("shop")


def told(answer: httpx.Response) -> tuple[int, str]:
    """Return status and name of a problem; every problem is whole."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["detail"]
    return answer.status_code, problem["type"].removeprefix("urn:praman:problem:")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (TEXT, 415),
        (b"", 415),
        (b"GIF89a" + bytes(50), 415),
        (b"%PDF-1.7", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (b"PK\x03\x04" + bytes(50), 415),
        (zlib.compress(bytes(100_000)), 415),
        (b"\xef\xbb\xbf\x89PNG\r\n\x1a\n", 415),
    ],
)
def test_bytes_that_are_no_picture_are_415_and_no_proof(
    door: Door, shop: Platform, content: bytes, status: int
) -> None:
    """Magic bytes decide; the second picture as well as the first."""
    assert told(shop.post(content, proof_id="p1")) == (status, "picture.not_a_picture")
    assert told(shop.post(picture(), content, proof_id="p1"))[0] == status
    assert door.count("proofs") == 0


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        ("{", 400),
        ("", 400),
        (b"\xff\xfe{}", 400),
        (NESTED, 400),
        ("[" * 200_000, 400),
        ('{"job_id": NaN}', 400),
        ('{"job_id": ' + "9" * 5000 + "}", 400),
        ("[]", 422),
        ("null", 422),
        ("{}", 422),
        ('{"job_id": "job-1"}', 422),
        ('{"job_id": 1, "submitter_id": "w"}', 422),
        ('{"job_id": "job-1", "submitter_id": "\\ud800"}', 422),
        ('{"job_id": "job-1", "submitter_id": "a\\u0000b"}', 422),
        ('{"job_id": "job-1", "submitter_id": "w", "submitted_at": "yesterday"}', 422),
        ('{"job_id": "job-1", "submitter_id": "w", "submitted_at": "2026-11-01T08:00:00"}', 422),
        ('{"job_id": "job-1", "submitter_id": "w", "submitted_at": 1}', 422),
        ('{"job_id": "job-1", "submitter_id": "w", "submitted_at": "0001-01-01T00:00:00+14:00"}', 422),
        ('{"job_id": "job-1", "submitter_id": "w", "lang": "fr"}', 422),
        ('{"job_id": "job-1", "submitter_id": "w", "answer": "' + "x" * 10_001 + '"}', 422),
        ('{"job_id": "job-1", "submitter_id": "w", "proof_id": "  "}', 422),
        ('{"job_id": "job-1", "submitter_id": "w", "images": ["data:,"]}', 422),
        ('{"job_id": "nobody", "submitter_id": "w"}', 422),
    ],
)
def test_a_claim_that_cannot_be_taken_says_why(
    door: Door, shop: Platform, claim: str | bytes, status: int
) -> None:
    """No JSON is 400, JSON that is no claim is 422; nothing is kept of either."""
    assert told(shop.post(picture(), claim=claim))[0] == status
    assert door.count("proofs") == 0


@pytest.mark.parametrize("pictures", [0, 21, 100])
def test_too_few_or_too_many_pictures(shop: Platform, pictures: int) -> None:
    """A hundred files are refused without being kept."""
    assert told(shop.post(*[picture()] * pictures))[0] in {413, 422}


def test_parts_that_nobody_asked_for_are_named(shop: Platform) -> None:
    """A misspelt part is an error, not a picture less."""
    claim = (None, json.dumps(shop.claim()))
    twice = [("proof", claim), ("proof", claim), ("images", ("a", picture()))]
    for parts in (twice, [("images", ("a", picture()))], [("proof", claim), ("image", ("a", picture()))]):
        assert told(shop.http.post("/v1/proofs", files=parts))[0] == 422


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({}, b"{}", 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"{}", 415),
        ({"Content-Type": "multipart/form-data"}, b"--x--", 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"no part at all", 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"", 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\n\r\ncut", 400),
        ({"Content-Type": "application/json", "Idempotency-Key": "k" * 300}, b"{}", 422),
        ({"Content-Type": "application/json", "Idempotency-Key": "a b"}, b"{}", 422),
    ],
)
def test_a_body_that_is_not_what_it_says(
    shop: Platform, headers: dict[str, str], content: bytes, status: int
) -> None:
    """Media type, coding, framing and key are checked before anything is kept."""
    assert told(shop.http.post("/v1/proofs", headers=headers, content=content))[0] == status


def test_a_picture_or_a_body_that_is_too_large_is_413(door: Door, shop: Platform) -> None:
    """By its claimed length before it is read, and by its real one where it claims none."""
    large = picture("x" * 1_100_000)
    assert told(shop.post(large)) == (413, "too-large")
    endless = (b"x" * 65_536 for _ in range(1_000_000))
    headers = {"Content-Type": "application/json"}
    try:
        answer = shop.http.post("/v1/proofs", headers=headers, content=endless)
    except OSError as error:  # the server closed while we still sent
        pytest.fail(str(error))
    assert told(answer)[0] == 413


def test_a_slow_body_is_408(hasty: Platform) -> None:
    """A body that drips is cut off, and the connection with it."""

    def drip() -> Iterator[bytes]:
        for _ in range(100):
            yield b" "
            time.sleep(0.1)

    headers = {"Content-Type": "application/json"}
    answer = hasty.http.post("/v1/proofs", headers=headers, content=drip())
    assert told(answer) == (408, "too-slow")
    assert answer.headers["connection"] == "close"


def test_a_slow_head_is_cut_off(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that says nothing, or half a head, does not keep its place for ever."""
    monkeypatch.setattr(server, "HEAD_S", 0.3)
    address = ("127.0.0.1", int(door.url.rpartition(":")[2]))
    for said in (b"", b"POST /v1/proofs HTTP/1.1\r\nHost: x\r\nX-Slow: "):
        with socket.create_connection(address, timeout=10) as connection:
            connection.sendall(said)
            assert connection.recv(100) == b""


def test_a_body_that_nobody_reads_is_cut_off(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger who was refused cannot keep the connection by dripping on."""
    monkeypatch.setattr(server, "HEAD_S", 0.5)
    address = ("127.0.0.1", int(door.url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"POST /v1/proofs HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx")
        assert b" 401 " in connection.recv(4096)
        ends = time.monotonic() + 5
        with pytest.raises(OSError, match=r"reset|pipe"):
            _drip(connection, until=ends)


def _drip(connection: socket.socket, *, until: float) -> None:
    while time.monotonic() < until:
        connection.sendall(b"x")
        time.sleep(0.05)


def test_there_is_room_for_so_many_large_bodies_at_once(door: Door, shop: Platform) -> None:
    """A platform's third of the largest size is told to come again; other platforms are not."""
    other = door.platform("other")
    address = ("127.0.0.1", int(door.url.rpartition(":")[2]))
    head = f"POST /v1/proofs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {shop.key}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 990000\r\n\r\n"
    held = [socket.create_connection(address, timeout=10) for _ in range(2)]
    for connection in held:
        connection.sendall(head.encode() + b" " * 980_000)
    time.sleep(0.3)
    answer = shop.post(picture("x" * 200_000))
    assert (told(answer), answer.headers["retry-after"]) == ((503, "full"), "1")
    assert other.post(picture("x" * 200_000)).status_code == 202
    for connection in held:
        connection.close()
    time.sleep(0.3)
    assert shop.post(picture("x" * 200_000)).status_code == 202


def test_a_wrong_length_is_refused(hasty: Platform) -> None:
    """A body shorter than it says is waited for and then refused."""
    connection = http.client.HTTPConnection("127.0.0.1", hasty.http.base_url.port, timeout=20)
    connection.putrequest("POST", "/v1/proofs")
    for name, value in {
        "Authorization": f"Bearer {hasty.key}",
        "Content-Type": "application/json",
        "Content-Length": "1000",
    }.items():
        connection.putheader(name, value)
    connection.endheaders(b"{}")
    assert connection.getresponse().status == 408
    assert hasty.http.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic dXNlcjpwYXNz",
        f"Bearer praman_{'A' * 43}",
        f"Bearer praman_{'ক' * 43}",
    ],
)
def test_without_a_right_key_every_route_is_401(door: Door, given: str) -> None:
    """No route of a platform answers anything else, whatever it is asked for."""
    import httpx  # noqa: PLC0415

    for method, path in platform_routes(door):
        answer = httpx.request(
            method, door.url + path, headers={"Authorization": given.encode(), "Content-Type": "x"}
        )
        assert told(answer) == (401, "no-key"), (method, path)
        assert answer.headers["www-authenticate"] == "Bearer"


def platform_routes(door: Door) -> list[tuple[str, str]]:
    """Return method and address of every route that needs a key, from the document."""
    paths = door.app.openapi()["paths"]
    found = [
        (method.upper(), path.replace("{id}", "p1"))
        for path, methods in paths.items()
        for method, route in methods.items()
        if route.get("security")
    ]
    assert len(found) == 11
    return found


def test_another_platforms_things_are_not_there(door: Door, shop: Platform) -> None:
    """The matrix of all routes: a stranger reads 404 and empty lists, and changes nothing."""
    other = door.platform("other")
    taken = shop.post(picture(), proof_id="p1"), shop.post(picture(), proof_id="p2", submitter_id="w2")
    assert [(one.status_code, one.text) for one in taken if one.status_code != HTTPStatus.ACCEPTED] == []
    door.work()
    before = [shop.get(f"/v1/proofs/{one}") for one in ("p1", "p2")]
    expected = {"PUT": {200}, "POST": {404, 422}, "GET": {200, 404}, "DELETE": {404}}
    for method, path in platform_routes(door):
        body = {"json": {"checks": []}} if method == "PUT" else {}
        if path == "/v1/proofs" and method == "POST":
            body = {"json": other.claim(job_id="of-shop", images=[DATA_LINK])}
        answer = other.http.request(method, path, **body)
        assert answer.status_code in expected[method], (method, path, answer.text)
        if "/p1" in path and "/jobs/" not in path:
            assert answer.status_code == 404
            assert answer.json() == other.http.request(method, path.replace("p1", "nobody-has-it")).json()
        if answer.status_code == 200 and method == "GET" and "/jobs/" not in path:  # its own job by that id
            assert answer.json()["items"] == []
    assert [shop.get(f"/v1/proofs/{one}") for one in ("p1", "p2")] == before


def test_another_platforms_pictures_are_no_duplicates(door: Door, shop: Platform) -> None:
    """The same file at two platforms is accepted at both, and neither learns of the other."""
    other = door.platform("other")
    shop.post(picture(), proof_id="p1")
    other.post(picture(), proof_id="p1")
    door.work()
    assert shop.verdict("p1") == other.verdict("p1") == "accept"
    assert other.get("/v1/proofs/p1")["duplicate_of"] is None


def test_a_rotated_key_works_until_its_overlap_is_over(door: Door, shop: Platform) -> None:
    """Old and new open the same door; after the overlap the old one is refused within seconds."""
    from datetime import timedelta  # noqa: PLC0415

    from pipeline.api_keys import digest_of  # noqa: PLC0415

    new = make_key()
    door.front.platforms.rotate("shop", digest=digest_of(new), overlap=timedelta(seconds=1))
    headers = {"Authorization": f"Bearer {new}"}
    assert shop.http.get("/v1/proofs").status_code == 200
    assert shop.http.get("/v1/proofs", headers=headers).status_code == 200
    time.sleep(3.2)
    assert shop.http.get("/v1/proofs").status_code == 401
    assert shop.http.get("/v1/proofs", headers=headers).status_code == 200


def test_too_many_requests_are_429_for_that_platform_alone(tmp_path: Path, sqlite_url: str) -> None:
    """The answer says how long to wait, and waiting that long helps."""
    with Door(tmp_path, sqlite_url, rate_per_s=2).running() as door:
        shop, other = door.platform("shop", job=False), door.platform("other", job=False)
        answers = [shop.http.get("/v1/proofs") for _ in range(10)]
        refused = next(one for one in answers if one.status_code == 429)
        assert told(refused) == (429, "too-many-requests")
        assert other.http.get("/v1/proofs").status_code == 200
        time.sleep(int(refused.headers["retry-after"]))
        assert shop.http.get("/v1/proofs").status_code == 200


# ---- links -----------------------------------------------------------------------------------------


def _answering(body: bytes, head: bytes = b"HTTP/1.1 200 OK\r\n") -> Callable[[socket.socket, bytes], None]:
    whole = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    return lambda connection, _: connection.sendall(whole)


@pytest.fixture
def pictures() -> Iterator[Listener]:
    listener = Listener(_answering(picture(SHOWN)))
    yield listener
    listener.close()


@pytest.fixture
def open_door(tmp_path: Path, sqlite_url: str) -> Iterator[Door]:
    """A door that follows links to this machine, for tests of what a link may answer."""
    settings: dict[str, Any] = {"links_allow_private": True, "link_limit_s": 2.0}
    with Door(tmp_path, sqlite_url, **settings).running() as running:
        yield running


def link(platform: Platform, *links: str, **changes: Any) -> httpx.Response:
    return platform.http.post("/v1/proofs", json=platform.claim(images=list(links), **changes))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "10.0.0.1", "169.254.169.254", "2130706433", "[fd00::1]"],
)
def test_a_link_to_a_private_address_is_refused(
    shop: Platform, pictures: Listener, host: str, door: Door
) -> None:
    """Nothing of ours is contacted for a stranger, by whatever name, and no proof is made."""
    for scheme in ("https", "http"):
        answer = told(link(shop, f"{scheme}://{host}:{pictures.port}/a.png"))
        assert answer in {(422, "link-refused"), (422, "link-unavailable")}
    assert pictures.connections == 0
    assert door.count("proofs") == 0


@pytest.mark.parametrize(
    "written",
    [
        "ftp://h/a",
        "file:///etc/passwd",
        "s3://secret-bucket/a",
        "javascript:1",
        "a.png",
        "https://u:p@h.example/a",
        "data:text/plain,hello",
        "data:;base64,***",
    ],
)
def test_a_link_that_leads_where_we_do_not_go_is_refused(shop: Platform, written: str) -> None:
    """The platform is told which link, and what it may write."""
    assert told(link(shop, written)) == (422, "link-refused")


def test_a_linked_picture_is_a_proof(open_door: Door, pictures: Listener) -> None:
    """The bytes are ours before the 202: the link may be gone afterwards."""
    shop = open_door.platform("shop")
    data = "data:image/png;base64," + base64.b64encode(picture("x")).decode()
    assert link(shop, pictures.url, data, proof_id="p1").status_code == 202
    pictures.close()
    open_door.work()
    assert shop.verdict("p1") == "accept"
    assert open_door.count("pictures") == 2


@pytest.mark.parametrize(
    ("answering", "expected"),
    [
        (_answering(TEXT), (415, "picture.not_a_picture")),
        (_answering(b"", b"HTTP/1.1 404 Not Found\r\n"), (422, "link-refused")),
        (_answering(b"", b"HTTP/1.1 500 Oh\r\n"), (422, "link-unavailable")),
        (_answering(b"", b"HTTP/1.1 302 Found\r\nLocation: /again\r\n"), (422, "link-refused")),
        (_answering(b"", b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"), (422, "link-refused")),
        (lambda connection, _: None, (422, "link-unavailable")),
        (lambda connection, _: time.sleep(3), (422, "link-unavailable")),
        (
            lambda connection, _: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"),
            (422, "link-unavailable"),
        ),
    ],
)
def test_a_link_that_gives_no_picture_is_told(
    open_door: Door, answering: Callable[[socket.socket, bytes], None], expected: tuple[int, str]
) -> None:
    """A server that fails, loops, hangs or lies costs the request, and nothing is kept."""
    shop, listener = open_door.platform("shop"), Listener(answering)
    assert told(link(shop, listener.url)) == expected
    assert open_door.count("proofs") == 0
    listener.close()


def test_an_endless_link_is_cut(open_door: Door) -> None:
    """A body without end is read up to the largest picture, or as long as a link may take."""

    def endless(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n\x89PNG\r\n\x1a\n")
        while True:
            connection.sendall(bytes(65_536))

    shop, listener = open_door.platform("shop"), Listener(endless)
    assert told(link(shop, listener.url))[0] in {413, 422}
    assert open_door.count("proofs") == 0
    listener.close()


def test_slow_links_hold_up_no_pictures(open_door: Door) -> None:
    """However many requests wait for slow servers, one that brings its bytes is answered at once."""
    shop, other = open_door.platform("shop"), open_door.platform("other")
    listener = Listener(lambda connection, _: time.sleep(3))
    with ThreadPoolExecutor(50) as pool:
        slow = [pool.submit(link, shop, listener.url) for _ in range(50)]
        time.sleep(0.5)
        began = time.monotonic()
        assert other.post(picture()).status_code == 202
        assert time.monotonic() - began < 1.5
        assert {one.result().status_code for one in slow} == {422}
    listener.close()
