"""deliver: a notice becomes the signed message of this attempt; an answer becomes what is done next. Pure.

In: a `Delivery` (its body, attempt, time and secrets), or a `Reply`. Out: a `Message` to send, or a
`Settlement`: delivered, again after a delay, or given up. It sends nothing and asks no clock.

Source: Standard Webhooks 1.0.0, spec/standard-webhooks.md. Deviation: the schedule's jitter only lengthens
a delay, so that the last attempt is never earlier than the schedule promises.
"""

from __future__ import annotations

import binascii
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from pipeline.errors import UsageError
from pipeline.records import Message, NoticeState, Settlement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.records import Delivery, Reply

JITTER = 0.2
LONGEST_REST = timedelta(days=1)
BUSY = frozenset({429, 502, 503, 504})
GONE = 410
ERROR_LETTERS = 300
LEAST_SECRET_BYTES, MOST_SECRET_BYTES = 24, 64


def message(delivery: Delivery) -> Message:
    """Return the message of this attempt, signed with every valid secret.

    Raises:
        UsageError: The endpoint is a webhook and the platform has no usable secret.
    """
    stamp = delivery.began_at.astimezone(UTC)
    signatures = [_signature(delivery, secret, stamp) for secret in delivery.secrets]
    if not signatures and delivery.endpoint.kind == "webhook":
        raise UsageError(
            f"platform {delivery.endpoint.platform!r} has no webhook secret; run `praman platform rotate`"
        )
    headers = {
        "content-type": "application/json",
        "webhook-id": delivery.notice,
        "webhook-timestamp": str(int(stamp.timestamp())),
    }
    signed = {"webhook-signature": " ".join(signatures)} if signatures else {}
    return Message(
        address=delivery.endpoint.address,
        headers=tuple((headers | signed).items()),
        body=delivery.body,
        attempt=delivery.attempt,
    )


def _signature(delivery: Delivery, secret: str, stamp: datetime) -> str:
    # `sign` reads an aware time's wall clock as UTC, so it must be UTC before; a naive one would be wrong.
    try:
        return Webhook(secret).sign(msg_id=delivery.notice, timestamp=stamp, data=delivery.body)
    except (binascii.Error, EmptyWebhookSecretError) as error:
        raise UsageError(
            f"the webhook secret of platform {delivery.endpoint.platform!r} is no base64 after whsec_; "
            "run `praman platform rotate`"
        ) from error


def settle(delivery: Delivery, reply: Reply, *, schedule: Sequence[float], chance: float) -> Settlement:
    """Return what follows from an answer.

    - 2xx: delivered; the body is not looked at.
    - 410: the endpoint is stopped, and the notice waits for its return.
    - 429, 502, 503, 504 with `Retry-After`: the whole endpoint rests for so long, a day at most.
    - final: failed, at once.
    - anything else, a redirect too, and no answer: again by the schedule; after its last place, failed.

    Args:
        schedule: Seconds before each attempt; the first place belongs to the first attempt.
        chance: 0..1, drawn anew each time; spreads what would come all at once.
    """
    if reply.status is not None and 200 <= reply.status < 300:  # noqa: PLR2004 (as HTTP has it)
        return Settlement(state=NoticeState.DELIVERED)
    if reply.status == GONE:
        return Settlement(state=NoticeState.WAITING, stop="it answered 410 Gone")
    if reply.final or delivery.attempt >= len(schedule):
        return Settlement(state=NoticeState.FAILED)
    delay = timedelta(seconds=schedule[delivery.attempt] * (1 + JITTER * chance))
    rest = _rest(reply, delivery.began_at) if reply.status in BUSY else None
    return Settlement(state=NoticeState.WAITING, delay=max(delay, rest or delay), rest=rest)


def _rest(reply: Reply, now: datetime) -> timedelta | None:
    """Return what `Retry-After` asks: seconds or a date (RFC 9110, 10.2.3)."""
    told = (reply.retry_after or "").strip()
    if told.isascii() and told.isdigit():
        return min(timedelta(seconds=int(told[:9])), LONGEST_REST)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return min(max(until - now, timedelta(0)), LONGEST_REST)


def checked_secret(secret: str) -> str:
    """Return a secret that Standard Webhooks allows: `whsec_` and base64 of 24 to 64 bytes.

    Raises:
        UsageError: It is not.
    """
    try:
        held = binascii.a2b_base64(secret.removeprefix("whsec_"), strict_mode=True)
    except (binascii.Error, ValueError):
        held = b""
    if not secret.startswith("whsec_") or not LEAST_SECRET_BYTES <= len(held) <= MOST_SECRET_BYTES:
        raise UsageError("a webhook secret is whsec_ and base64 of 24 to 64 random bytes")
    return secret
