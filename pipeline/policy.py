"""Every threshold of judgement: value, unit, label, reason, how it was measured.

`judge`, `match`, `read`, `fingerprint` and `picture` take a `Policy`; none holds a number of its own.
A change here changes `POLICY_VERSION`, which every verdict stores.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TypeVar

T = TypeVar("T", int, float)

POLICY_VERSION = "2026-11-23.1"


def _threshold(value: T, *, unit: str, why: str, measured: str) -> T:
    return field(default=value, metadata={"unit": unit, "why": why, "measured": measured})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The thresholds in force; `explain` lists them with unit and reason."""

    # -- picture limits
    max_bytes: int = _threshold(
        25_000_000, unit="bytes", why="a screenshot of 10,000 px fits", measured="largest real one: 3.1 MB"
    )
    max_pixels: int = _threshold(
        40_000_000, unit="px", why="bounds memory at 120 MB of RGB", measured="reliability.md B5"
    )
    max_side: int = _threshold(
        10_000, unit="px", why="a long scrolling capture fits", measured="reliability.md B5"
    )
    min_side: int = _threshold(
        120, unit="px", why="below it no label has letters", measured="label height 8 px at 120 px width"
    )

    @property
    def version(self) -> str:
        """What verdicts store."""
        return POLICY_VERSION


def explain(policy: Policy) -> tuple[tuple[str, float, str, str, str], ...]:
    """Return (name, value, unit, why, how measured) of every threshold."""
    return tuple(
        (
            one.name,
            getattr(policy, one.name),
            one.metadata["unit"],
            one.metadata["why"],
            one.metadata["measured"],
        )
        for one in fields(policy)
    )
