"""What we contact when somebody else names it, and how long it can hold us."""

from __future__ import annotations

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.adapters.guarded_http import GuardedHttp, Limits
from pipeline.adapters.public_address import system_resolver, why_refused
from pipeline.errors import LinkRefused, NoAnswer
from tests.listeners import listening

PUBLIC = "93.184.216.34"
QUICK = Limits(total_s=0.6, connect_s=0.5, body_bytes=1000)


class FakeNetwork(httpcore.NetworkBackend):
    """Refuses each connection and remembers where it would have gone."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):  # noqa: ANN001, ANN201
        self.asked.append(host)
        raise httpcore.ConnectError("refused")


class FakeResolver:
    """Answers with one list of addresses a call, the last one for ever."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, limit_s: float) -> tuple[str, ...]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def guarded(*, private: bool = False, limits: Limits = QUICK, **parts: object) -> GuardedHttp:
    return GuardedHttp(allow_private=private, limits=limits, **parts)  # type: ignore[arg-type]


REFUSED_HOSTS = (
    "127.0.0.1",
    "127.255.255.254",
    "[::1]",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.169.254",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[fd00::1]",
    "[fc00::1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[ff02::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[5f00::1]",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "127.1",
    "0177.0.0.1",
    "017700000001",
    "0300.0250.0.1",
    "127.0.0.1.",
    "134744072",
    "localhost",
    "localhost.",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
)


@pytest.mark.parametrize("host", REFUSED_HOSTS)
def test_no_spelling_of_an_inner_address_is_contacted(host: str) -> None:
    """Refused when registered and when sent, in words; the listener there sees nobody."""
    with listening() as canary:
        url = f"https://{host}:{canary.port}/hook"
        for attempt in (guarded().check, lambda one: guarded().send("POST", one)):
            with pytest.raises((LinkRefused, NoAnswer)) as refused:
                attempt(url)
            assert len(str(refused.value)) > 20
        assert canary.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://{}/hook",
        "https://user:secret@{}/hook",
        "https://example.com:443@{}/hook",
        "https://user@example.com/hook",
        "ftp://{}/hook",
        "gopher://{}/_x",
        "file:///etc/passwd",
        "//{}/hook",
        "{}",
        "",
        "https:///hook",
        "https://",
        "https://exa mple.com/",
        "https://example.com\r\nHost: {}/",
        "https://[::1",
        "https://example.com:99999/",
    ],
)
def test_other_schemes_user_names_and_broken_urls_are_refused(url: str) -> None:
    """Only https with a plain host is taken, and no password is repeated in the message."""
    with listening() as canary:
        with pytest.raises(LinkRefused) as refused:
            guarded().send("GET", url.format(f"127.0.0.1:{canary.port}"))
        assert canary.connections == 0
    assert "user:secret" not in str(refused.value)


def test_one_inner_address_among_public_ones_refuses_the_name() -> None:
    """Mixed records are no way in, whichever comes first."""
    for mixed in ((PUBLIC, "10.0.0.1"), ("::1", PUBLIC)):
        network = FakeNetwork()
        with pytest.raises(LinkRefused, match="leads to"):
            guarded(resolve=FakeResolver(mixed), network=network).send("GET", "https://mixed.test/")
        assert network.asked == []


def test_a_name_that_changes_its_mind_is_caught_at_the_send() -> None:
    """Public when registered, loopback later: the send resolves once and goes to what it checked."""
    with listening() as canary:
        resolver, network = FakeResolver((PUBLIC,), (PUBLIC,), ("127.0.0.1",)), FakeNetwork()
        http = guarded(resolve=resolver, network=network)
        url = f"https://rebinding.test:{canary.port}/"
        http.check(url)
        with pytest.raises(NoAnswer):
            http.send("GET", url)
        assert (network.asked, resolver.asked) == ([PUBLIC], 2)
        with pytest.raises(LinkRefused):
            http.send("GET", url)
        assert network.asked == [PUBLIC]
        assert canary.connections == 0


def test_the_environment_s_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name once more, and elsewhere."""
    with listening() as canary, listening() as receiver:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
        assert guarded(private=True).send("GET", receiver.url).status == 200
        assert canary.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(status: int) -> None:
    """What a redirect leads to is the caller's to send, and then to be checked anew."""
    with listening() as canary:
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {canary.url}\r\nContent-Length: 0\r\n\r\n"
        with listening(moved.encode()) as receiver:
            answer = guarded(private=True).send("POST", receiver.url, content=b"{}")
        assert (answer.status, answer.location) == (status, canary.url)
        assert canary.connections == 0


def test_a_relative_redirect_is_made_absolute() -> None:
    """A caller that follows needs the whole URL."""
    with listening(b"HTTP/1.1 302 Found\r\nLocation: ../a?b=1\r\nContent-Length: 0\r\n\r\n") as receiver:
        answer = guarded(private=True).send("GET", receiver.url)
    assert answer.location == f"http://127.0.0.1:{receiver.port}/a?b=1"


def test_private_addresses_are_contacted_where_the_settings_say_so() -> None:
    """An operator's own network is reached on request; what is never a host still is not."""
    with listening() as receiver:
        answer = guarded(private=True).send("POST", receiver.url, headers={"X-A": "b"}, content=b"body")
    assert (answer.status, answer.body, answer.whole) == (200, b"ok", True)
    assert receiver.requests[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert receiver.requests[0].endswith(b"\r\n\r\nbody")
    assert b"X-A: b" in receiver.requests[0]
    assert f"Host: 127.0.0.1:{receiver.port}".encode() in receiver.requests[0]
    for never in ("0.0.0.0", "224.0.0.1", "255.255.255.255", "[::ffff:127.0.0.1]", "2130706433"):
        with pytest.raises(LinkRefused):
            guarded(private=True).check(f"http://{never}/")


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"])
def test_public_addresses_are_allowed(address: str) -> None:
    """The edges of the refused ranges are where the registry puts them."""
    assert why_refused(address, allow_private=False) is None


def test_the_name_is_kept_for_tls_and_host(tmp_path: Path) -> None:
    """The connection goes to the checked address; certificate and Host are those of the name."""
    certificate = made_certificate(tmp_path, "receiver.test")
    named: list[str | None] = []
    with listening(tls=serving(certificate, named)) as receiver:
        http = guarded(
            private=True,
            resolve=FakeResolver(("127.0.0.1",)),
            tls=ssl.create_default_context(cafile=certificate),
            limits=Limits(total_s=5),
        )
        assert http.send("GET", f"https://receiver.test:{receiver.port}/").status == 200
        with pytest.raises(NoAnswer, match="certificate"):
            http.send("GET", f"https://another.test:{receiver.port}/")
    assert named == ["receiver.test", "another.test"]


# ---- peers that hold us up -----------------------------------------------------------------------


def hang(connection: socket.socket, _: bytes) -> None:
    time.sleep(5)


def trickle(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(100):
        connection.sendall(b"a")
        time.sleep(0.05)


def trickle_body(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"a")
        time.sleep(0.05)


def never_beginning(connection: socket.socket, _: bytes) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def endless_head(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-Long: " + b"a" * 4000 + b"\r\n")


@pytest.mark.parametrize("peer", [hang, trickle, trickle_body, never_beginning, endless_head])
def test_no_peer_holds_us_longer_than_the_limit(peer: object) -> None:
    """Silence, a byte now and then, and an answer without an end all stop at the limit."""
    with listening(peer) as receiver:  # type: ignore[arg-type]
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            guarded(private=True).send("POST", receiver.url)
        assert time.monotonic() - began < QUICK.total_s + 0.5


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", b"\x00" * 99],
)
def test_a_broken_answer_is_none(answer: bytes) -> None:
    """A connection closed, cut short or speaking no HTTP is one kind of trouble to the caller."""
    with listening(answer) as receiver, pytest.raises(NoAnswer, match="did not answer"):
        guarded(private=True).send("POST", receiver.url)


def test_a_reset_and_a_closed_port_are_no_answer() -> None:
    """Neither a reset nor a port where nobody listens is a fault of ours."""

    def reset(connection: socket.socket, _: bytes) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    with listening(reset) as receiver, pytest.raises(NoAnswer):
        guarded(private=True).send("POST", receiver.url)
    with pytest.raises(NoAnswer):
        guarded(private=True).send("POST", receiver.url)


def test_a_long_answer_is_cut() -> None:
    """Ten megabytes are read up to the limit, and the answer counts."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"
    with listening(head + b"a" * 10_000_000) as receiver:
        answer = guarded(private=True, limits=Limits(total_s=5)).send("POST", receiver.url)
    assert (answer.status, len(answer.body), answer.whole) == (200, 65_536, False)


def test_a_packed_answer_stays_packed() -> None:
    """Nothing is unpacked, so nothing small can become large."""
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"
    with listening(packed) as receiver:
        assert guarded(private=True).send("GET", receiver.url).body == b"\x1f\x8b\x08\x00"
    assert b"Accept-Encoding: identity" in receiver.requests[0]


def test_a_name_without_an_address_is_told() -> None:
    """A typing slip at registration is named."""
    with pytest.raises(NoAnswer, match="does not resolve"):
        system_resolver("no-such-name.invalid", 5)


def serving(certificate: Path, named: list[str | None]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    return context


def made_certificate(folder: Path, name: str) -> Path:
    """Return a file with a key and a certificate of its own for `name`."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
