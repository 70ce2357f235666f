"""When a hint was sent, and whether that is now.

In: a time that a site signed. Out: the same, or a refusal. Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.platforms.port import HintRefused

TOLERANCE = timedelta(minutes=5)


def fresh(signed_at: datetime | None, *, now: datetime) -> datetime:
    """Return the time of a hint that is of now.

    Raises:
        HintRefused: It names no time, or one too far from ours.
    """
    if signed_at is None or abs(now - signed_at) > TOLERANCE:
        raise HintRefused("the hint is not of now; it is refused as one that is sent again")
    return signed_at
