"""The client sends again what may work later, and never makes two proofs of one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from pipeline.api_keys import make_secret
from pipeline.client import Praman, PramanProblem, Unverified, verify_webhook

BODY = json.dumps({"type": "proof.verdict", "data": {"proof_id": "প্রমাণ-1", "verdict": "accept"}})


class Scripted:
    """A server that answers what the script says, and keeps what it was asked."""

    def __init__(self, *answers: int | Exception, **headers: str) -> None:
        self.answers, self.headers = list(answers), headers
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        told = {"proof_id": "p1", "type": "urn:praman:problem:x", "detail": "y", "items": [], "next": "0"}
        return httpx.Response(answer, json=told, headers=self.headers)

    def client(self, **given: Any) -> Praman:
        return Praman("http://praman", key="k", transport=httpx.MockTransport(self), **given)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waiting takes no time here, and is written down."""
    waited: list[float] = []
    monkeypatch.setattr("pipeline.client.time.sleep", waited.append)
    return waited


@pytest.mark.parametrize("trouble", [503, 429, 408, 500, httpx.ConnectError("no"), httpx.ReadTimeout("no")])
def test_what_may_work_later_is_sent_again_as_the_same_request(trouble: int | Exception) -> None:
    """Every try of a submission carries one key and one body, so it makes one proof."""
    server = Scripted(trouble, trouble, 202)
    with server.client() as praman:
        assert praman.submit("job-1", "w1", [b"picture"]) == "p1"
    keys = {request.headers["idempotency-key"] for request in server.asked}
    assert (len(server.asked), len(keys)) == (3, 1)


def test_pauses_grow_and_the_server_may_say_how_long(pauses: list[float]) -> None:
    """Each pause may be twice the one before; `Retry-After` wins."""
    with Scripted(503, 503, 503, 503, 202).client() as praman:
        praman.submit("job-1", "w1", [b"picture"])
    assert [0.25 * 2**n <= pause <= 0.5 * 2**n for n, pause in enumerate(pauses)] == [True] * 4
    pauses.clear()
    with Scripted(429, 202, **{"Retry-After": "7"}).client() as praman:
        praman.submit("job-1", "w1", [b"picture"])
    assert pauses == [7.0]


@pytest.mark.parametrize("status", [400, 401, 404, 409, 415, 422])
def test_what_will_not_work_later_is_told_at_once(status: int) -> None:
    """A refusal is an error with the problem's name, after one try."""
    server = Scripted(status)
    with server.client() as praman, pytest.raises(PramanProblem) as caught:
        praman.submit("job-1", "w1", [b"picture"])
    assert (caught.value.status, caught.value.type) == (status, "urn:praman:problem:x")
    assert len(server.asked) == 1


def test_an_outage_that_lasts_is_told_in_the_end() -> None:
    """After the last try the caller hears what the server said."""
    server = Scripted(*[503] * 3)
    with server.client(tries=3) as praman, pytest.raises(PramanProblem, match="503"):
        praman.proof("p1")


def test_links_go_as_json_and_are_not_mixed_with_pictures() -> None:
    """A proof has pictures or links; a time has a zone."""
    server = Scripted(202)
    with server.client() as praman:
        praman.submit("job-1", "w1", ["https://h/a.png"], submitted_at=datetime(2026, 11, 1, tzinfo=UTC))
        assert json.loads(server.asked[0].content)["submitted_at"] == "2026-11-01T00:00:00+00:00"
        with pytest.raises(ValueError, match="not both"):
            praman.submit("job-1", "w1", ["https://h/a.png", b"picture"])
        with pytest.raises(ValueError, match="zone"):
            praman.submit("job-1", "w1", [b"x"], submitted_at=datetime(2026, 11, 1))  # noqa: DTZ001


def signed(secret: str, *, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "Webhook-Id": "n1",
        "Webhook-Timestamp": stamp,
        "Webhook-Signature": Webhook(secret).sign("n1", at, BODY),
    }


def test_a_signed_event_is_read() -> None:
    """The signature holds over the bytes as they arrived."""
    secret = make_secret()
    headers = signed(secret, at=datetime.now(UTC))
    assert verify_webhook(BODY.encode(), headers, secret)["data"]["proof_id"] == "প্রমাণ-1"


@pytest.mark.parametrize(
    "changed",
    [
        {"Webhook-Id": "n2"},
        {"Webhook-Signature": "v1,AAAA"},
        {"Webhook-Signature": "nonsense"},
        {"Webhook-Timestamp": "1"},
        {"Webhook-Timestamp": "soon"},
        {"Webhook-Timestamp": ""},
    ],
)
def test_a_forged_event_is_refused(changed: dict[str, str]) -> None:
    """Another id, signature or time is not ours."""
    secret = make_secret()
    with pytest.raises(Unverified):
        verify_webhook(BODY, signed(secret, at=datetime.now(UTC)) | changed, secret)


def test_an_event_that_is_changed_old_or_for_another_is_refused() -> None:
    """A replayed event, a changed body, another platform's secret."""
    secret, now = make_secret(), datetime.now(UTC)
    for body, headers, against in (
        (BODY.replace("accept", "reject"), signed(secret, at=now), secret),
        (BODY, signed(secret, at=now - timedelta(minutes=6)), secret),
        (BODY, signed(secret, at=now), make_secret()),
        (BODY, {}, secret),
    ):
        with pytest.raises(Unverified):
            verify_webhook(body, headers, against)
