"""How many deliveries an endpoint may hold up, and how long it may fail.

In: nothing. Out: `DeliveryPolicy`, part of `Policy`. Never: decides; it names the numbers that do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pipeline.policy.threshold import threshold


@dataclass(frozen=True, kw_only=True)
class DeliveryPolicy:
    """How many deliveries an endpoint may hold up, and how long it may fail."""

    deliveries_at_once: int = threshold(
        4, unit="notices", why="one endpoint keeps few deliverers busy", measured="bench/deliveries.py"
    )
    deliveries_at_once_unproven: int = threshold(
        1, unit="notices", why="it may hang", measured="4 of 20 hang: others' p95 0.13 s, with four 14.6 s"
    )
    endpoint_proven_s: float = threshold(
        60.0, unit="s", why="a success so long ago says that it answers", measured="by judgement"
    )
    endpoint_patience_days: float = threshold(
        5.0, unit="days", why="longer without a success is no outage", measured="Svix waits as long"
    )

    @property
    def endpoint_proven(self) -> timedelta:
        """How long a success says that an endpoint answers."""
        return timedelta(seconds=self.endpoint_proven_s)

    @property
    def endpoint_patience(self) -> timedelta:
        """How long an endpoint may fail before it is stopped."""
        return timedelta(days=self.endpoint_patience_days)
