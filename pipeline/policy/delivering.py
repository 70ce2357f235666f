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
    deliveries_at_once_failing: int = threshold(
        1, unit="notices", why="one that hangs is asked one at a time", measured="bench/deliveries.py"
    )
    endpoint_patience_days: float = threshold(
        5.0, unit="days", why="longer without a success is no outage", measured="Svix waits as long"
    )

    @property
    def endpoint_patience(self) -> timedelta:
        """How long an endpoint may fail before it is stopped."""
        return timedelta(days=self.endpoint_patience_days)
