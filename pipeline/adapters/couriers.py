"""Which courier brings what where.

In: the settings. Out: a courier for each kind of target. Nothing connects before a message is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.adapters.guarded_http import GuardedHttp, Limits
from pipeline.adapters.redis_stream import RedisStreamCourier
from pipeline.adapters.sqs import SqsCourier
from pipeline.adapters.webhook import WebhookCourier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.outward import Courier
    from pipeline.settings import Settings


def open_couriers(settings: Settings) -> Mapping[str, Courier]:
    """Return the couriers by the kind of target they serve."""
    limit_s = settings.webhook_timeout_s
    limits = Limits(total_s=limit_s, connect_s=min(limit_s, Limits().connect_s))
    http = GuardedHttp(allow_private=settings.webhook_allow_private, limits=limits)
    return {
        "webhook": WebhookCourier(http),
        "sqs": SqsCourier(endpoint_url=settings.sqs_endpoint_url, limit_s=limit_s),
        "redis": RedisStreamCourier(limit_s=limit_s),
    }
