"""The intake door: a platform's signed message becomes a row; from then on queues carry the proof's id only.

The message is hostile until its signature holds: nothing is stored, fetched or answered before that.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from actors.attempt import move_on
from pipeline.api_keys import SECRET_PREFIX
from pipeline.claims import parse_claim, submission_of
from pipeline.errors import LinkRefused, NoAnswer, PramanError, TryLater, UsageError
from pipeline.submit import submit

if TYPE_CHECKING:
    from pipeline.wiring import Services

log = structlog.get_logger(__name__)

TOLERANCE_S = 300
LINKS_S = 60.0  # all links of one message
AGAIN_S = 2.0


def intake(services: Services, message: object) -> None:
    """Take one proof from a platform's message, or say in the log why not.

    A picture that cannot be had loses no proof: it goes to a person as `picture.unavailable`.

    Raises:
        TryLater: Ledger or store did not answer; dramatiq keeps the message among its dead ones, and the
            sender, who has no row to show for it, sends again.
    """
    now = datetime.now(UTC)
    try:
        platform, claim = opened(services, message, now=now)
        form = parse_claim(claim)
        until = time.monotonic() + LINKS_S
        pictures = tuple(_fetched(services, link, platform=platform, until=until) for link in form.images)
        submission = submission_of(form, platform=platform, pictures=pictures, now=now)
        proof, new = submit(submission, ledger=services.ledger, store=services.store, policy=services.policy)
    except TryLater:
        raise
    except PramanError as error:
        log.warning("intake.refused", error=str(error)[:500])
        return
    if new:
        services.watch.submitted(proof)
        move_on(services, proof.id, proof.step)


def opened(services: Services, message: object, *, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return (platform, claim) of a message whose signature holds.

    Raises:
        UsageError: The message is malformed, its signature is wrong, or it is older than five minutes.
    """
    if not isinstance(message, dict) or not isinstance(message.get("proof"), dict):
        raise UsageError("an intake message is an object with platform, timestamp, proof and signature")
    platform, stamp, claim = str(message.get("platform")), str(message.get("timestamp")), message["proof"]
    secrets = services.outbox.secrets(platform)
    signature = str(message.get("signature")).encode(errors="replace")
    expected = [signature_of(claim, timestamp=stamp, secret=one).encode() for one in secrets]
    if not any([hmac.compare_digest(one, signature) for one in expected]):  # noqa: C419 (all, in equal time)
        raise UsageError("the signature does not hold for this platform; sign timestamp + '.' + proof")
    if not stamp.isdigit() or abs(now.timestamp() - int(stamp)) > TOLERANCE_S:
        raise UsageError(f"the timestamp is more than {TOLERANCE_S} s from ours; sign when you send")
    return platform, claim


def signature_of(claim: dict[str, Any], *, timestamp: str, secret: str) -> str:
    """Return `v1,BASE64`: HMAC-SHA256 over timestamp, a dot and the claim as sorted JSON without spaces."""
    body = json.dumps(claim, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    except binascii.Error as error:
        raise UsageError("the platform's secret is not base64; rotate it") from error
    digest = hmac.new(key, f"{timestamp}.{body}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _fetched(services: Services, link: str, *, platform: str, until: float) -> bytes | None:
    """Return a link's bytes; None where there is no getting at them, and a person must look.

    Nobody waits for an answer here, so what may work in a second is tried again for as long as the message
    may take.
    """
    while True:
        try:
            return services.links.fetch(link, platform=platform)
        except LinkRefused as error:
            log.warning("intake.link_refused", platform=platform, error=str(error)[:500])
            return None
        except NoAnswer as error:
            log.warning("intake.link_unavailable", platform=platform, error=str(error)[:500])
        if time.monotonic() + AGAIN_S > until:
            return None
        time.sleep(AGAIN_S)
