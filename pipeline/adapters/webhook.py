"""Brings messages to webhooks: a POST through the guarded HTTP client.

In: a `Message`. Out: a `Reply`, whatever the status. What an answer means is `deliver`'s to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.records import Reply

if TYPE_CHECKING:
    from pipeline.adapters.guarded_http import GuardedHttp
    from pipeline.records import Message

SHOWN_LETTERS = 200
FIRST_FAILURE = 300


class WebhookCourier:
    """Posts to URLs that platforms named; safe to share among threads."""

    def __init__(self, http: GuardedHttp) -> None:
        self._http = http

    def check(self, address: str) -> None:
        """Return where the URL may be contacted as things stand now.

        Raises:
            LinkRefused: It must not be contacted; the message says why.
            NoAnswer: Its name does not resolve.
        """
        self._http.check(address)

    def send(self, message: Message) -> Reply:
        """Post the message once; a redirect is a failure like any other.

        Raises:
            LinkRefused: The URL must not be contacted; nothing was.
            NoAnswer: No connection, no valid answer, or too late.
        """
        answer = self._http.send(
            "POST", message.address, headers=dict(message.headers), content=message.body.encode()
        )
        failed = answer.status >= FIRST_FAILURE
        return Reply(
            status=answer.status,
            error=_shown(answer.body) if failed else None,
            retry_after=answer.headers.get("retry-after"),
        )


def _shown(body: bytes) -> str:
    """Return the beginning of what a failed answer said, printable and on one line."""
    text = body[: SHOWN_LETTERS * 4].decode("utf-8", "replace")
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:SHOWN_LETTERS]
