"""What leaves, and what an answer means: signatures that verify anywhere, the schedule, wishes heard."""

from __future__ import annotations

import base64
import json
import os
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from svix.webhooks import Webhook as SvixWebhook
from svix.webhooks import WebhookVerificationError as SvixError

from pipeline.deliver import checked_secret, message, settle
from pipeline.errors import UsageError
from pipeline.records import Delivery, Endpoint, NoticeState, Reply
from pipeline.settings import Settings

SECRET = "whsec_" + base64.b64encode(b"n" * 32).decode()
FORMER = "whsec_" + base64.b64encode(b"o" * 24).decode()
SCHEDULE = Settings().webhook_retry_s
HOOK = Endpoint(id="e1", platform="p", target="webhook", address="https://example.com/hook")


def delivery(body: str = "{}", *, attempt: int = 1, secrets: tuple[str, ...] = (SECRET,)) -> Delivery:
    now = datetime.now(UTC)
    return Delivery(
        notice="01K",
        proof="01P",
        endpoint=HOOK,
        body=body,
        attempt=attempt,
        lease="w/a",
        began_at=now,
        secrets=secrets,
    )


def verified(secret: str, made: Delivery, **changed: str) -> object:
    """Verify as a receiver would, with the library."""
    sent = message(made)
    headers = dict(sent.headers) | {name.replace("_", "-"): value for name, value in changed.items()}
    return Webhook(secret).verify(changed.get("body", sent.body), headers, json_parse=False)


def random_body(numbers: random.Random) -> str:
    letters = "abc \\\"{}\n\t.é ক্ষ যোগ 😀 \u202e \u2028 '" + chr(numbers.randrange(0x20, 0xD800))
    return "".join(numbers.choices(letters, k=numbers.choice((0, 1, 10, 300, 6_000))))


# ---- signatures ----------------------------------------------------------------------------------


def test_a_thousand_bodies_verify_with_the_library() -> None:
    """Empty, Bengali, emoji, controls, 20 kB: each signature holds, and holds for nothing else."""
    numbers = random.Random(7)
    tampered = 0
    for _ in range(1000):
        made = delivery(random_body(numbers))
        verified(SECRET, made)
        for change in (
            {"body": made.body + " "},
            {"webhook_id": "01L"},
            {"webhook_timestamp": str(int(made.began_at.timestamp()) - 1)},
        ):
            try:
                verified(SECRET, made, **change)
            except WebhookVerificationError:
                tampered += 1
    assert tampered == 3000


def test_an_old_attempt_is_refused() -> None:
    """More than five minutes after its attempt a message is not accepted any more."""
    old = replace(delivery(), began_at=datetime.now(UTC) - timedelta(minutes=6))
    with pytest.raises(WebhookVerificationError, match="too old"):
        verified(SECRET, old)


def test_both_secrets_verify_while_one_takes_over() -> None:
    """During a rotation either secret of the receiver finds its signature; afterwards one does."""
    both = delivery(secrets=(SECRET, FORMER))
    verified(SECRET, both)
    verified(FORMER, both)
    with pytest.raises(WebhookVerificationError):
        verified(FORMER, delivery())


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Dhaka"])
def test_the_machine_s_time_zone_changes_nothing(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timestamp is UTC, wherever the worker stands and whatever zone its clock speaks."""
    monkeypatch.setitem(os.environ, "TZ", zone)
    time.tzset()
    try:
        verified(SECRET, delivery())
        east = datetime.now(timezone(timedelta(hours=6)))
        verified(SECRET, replace(delivery(), began_at=east))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_id_stays_and_the_timestamp_is_the_attempt_s() -> None:
    """A receiver tells a repetition by its id; the signature is made anew each time."""
    first = delivery()
    second = replace(first, attempt=2, began_at=first.began_at + timedelta(hours=1))
    one, two = dict(message(first).headers), dict(message(second).headers)
    assert one["webhook-id"] == two["webhook-id"] == "01K"
    assert int(two["webhook-timestamp"]) - int(one["webhook-timestamp"]) == 3600
    assert one["webhook-signature"] != two["webhook-signature"]
    assert one["content-type"] == "application/json"


def test_a_webhook_without_a_usable_secret_is_not_sent() -> None:
    """Nothing leaves unsigned; the error says what to run and repeats no secret."""
    for secrets in ((), ("whsec_%%%%",), ("whsec_",)):
        with pytest.raises(UsageError, match="rotate") as told:
            message(delivery(secrets=secrets))
        assert "%%" not in str(told.value)


def test_a_queue_may_go_unsigned() -> None:
    """SQS and streams have access rules of their own; they are signed where there is a secret."""
    queue = replace(delivery(secrets=()), endpoint=replace(HOOK, target="sqs"))
    assert "webhook-signature" not in dict(message(queue).headers)


@pytest.mark.parametrize(
    "wrong", ["", "whsec_", "secret", "whsec_" + "A" * 20, "whsec_" + "A" * 200, SECRET[6:]]
)
def test_a_weak_or_malformed_secret_is_refused(wrong: str) -> None:
    """24 to 64 bytes behind whsec_, as the specification says."""
    assert checked_secret(SECRET) == SECRET
    assert checked_secret(FORMER) == FORMER
    with pytest.raises(UsageError, match="24 to 64"):
        checked_secret(wrong)


# ---- what an answer means ------------------------------------------------------------------------


def settled(status: int | None, *, attempt: int = 1, retry_after: str | None = None, chance: float = 0.0):  # noqa: ANN201
    reply = Reply(status=status, error=None, retry_after=retry_after)
    return settle(delivery(attempt=attempt), reply, schedule=SCHEDULE, chance=chance)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_only_a_2xx_is_delivered(status: int) -> None:
    """Whatever the body says."""
    assert settled(status).state is NoticeState.DELIVERED


@pytest.mark.parametrize("status", [None, 100, 199, 300, 301, 307, 400, 401, 404, 409, 429, 500, 503, 599])
def test_everything_else_is_tried_again(status: int | None) -> None:
    """A redirect, a refusal and silence alike."""
    said = settled(status)
    assert (said.state, said.delay, said.stop) == (NoticeState.WAITING, timedelta(seconds=5), None)


def test_the_schedule_is_the_specification_s() -> None:
    """An endpoint that always fails is asked ten times, the last after 72 hours, at most a fifth late."""
    offsets = {0.0: [0.0], 1.0: [0.0]}
    for chance, times in offsets.items():
        attempt = 1
        while (said := settled(500, attempt=attempt, chance=chance)).state is NoticeState.WAITING:
            times.append(times[-1] + said.delay.total_seconds())
            attempt += 1
        assert said.state is NoticeState.FAILED
    plain, spread = offsets.values()
    assert plain == [0, 5, 305, 2105, 9305, 27305, 63305, 113705, 185705, 272105]
    assert spread == pytest.approx([1.2 * one for one in plain])
    assert plain[-1] >= 72 * 3600


def test_gone_stops_the_endpoint_and_keeps_the_notice() -> None:
    """410 asks for no more; what was not delivered waits for a replay, even at the last attempt."""
    for attempt in (1, 10):
        said = settled(410, attempt=attempt)
        assert said.state is NoticeState.WAITING
        assert said.stop is not None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_receiver_is_left_alone_as_long_as_it_asks(status: int) -> None:
    """Retry-After in seconds or as a date rests the endpoint; a day is the most."""
    assert (
        settled(status, retry_after="120").rest
        == settled(status, retry_after="120").delay
        == timedelta(minutes=2)
    )
    assert settled(status, retry_after="99999999999").rest == timedelta(days=1)
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    rest = settled(status, retry_after=date).rest
    assert rest is not None
    assert abs(rest - timedelta(minutes=10)) < timedelta(seconds=5)


def test_a_short_retry_after_does_not_hasten_the_schedule() -> None:
    """The schedule's delay is the least."""
    said = settled(429, attempt=2, retry_after="1")
    assert (said.delay, said.rest) == (timedelta(seconds=300), timedelta(seconds=1))


@pytest.mark.parametrize("odd", ["", "soon", "-5", "1.5", "٣", "\x00", "Wed, 99 Nov 2026 99:99:99 GMT"])
def test_an_odd_retry_after_is_no_wish(odd: str) -> None:
    """What cannot be read changes nothing."""
    assert settled(503, retry_after=odd).delay == timedelta(seconds=5)


def test_a_date_gone_by_is_no_rest() -> None:
    """A receiver whose clock is slow is asked by the schedule."""
    assert settled(503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT").delay == timedelta(seconds=5)


def test_another_failure_s_retry_after_is_not_heard() -> None:
    """Only who says it is busy may ask for rest."""
    assert settled(500, retry_after="3600").rest is None


def test_signatures_verify_with_svix_too() -> None:
    """A thousand bodies by another maker's library, both secrets; nothing tampered with or old passes."""
    numbers = random.Random(7)
    for _ in range(1_000):
        made = delivery(random_body(numbers), secrets=(SECRET, FORMER))
        sent = message(made)
        headers = dict(sent.headers)
        for secret in (SECRET, FORMER):
            checked_by_svix(secret, sent.body, headers)
    for body, changed in (
        (sent.body + " ", {}),
        (sent.body, {"webhook-id": "other"}),
        (sent.body, {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}),
        (sent.body, {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}),
    ):
        with pytest.raises(SvixError):
            checked_by_svix(SECRET, body, headers | changed)
    old = message(replace(made, began_at=datetime.now(UTC) - timedelta(seconds=301)))
    with pytest.raises(SvixError):
        checked_by_svix(SECRET, old.body, dict(old.headers))


def checked_by_svix(secret: str, body: str, headers: dict[str, str]) -> None:
    """Verify; svix also reads the body as JSON, which is none of the signature's affair."""
    try:
        SvixWebhook(secret).verify(body.encode(), headers)
    except json.JSONDecodeError:
        return
