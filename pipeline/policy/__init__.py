"""Every threshold of judgement: value, unit, reason, how it was measured.

`judge`, `match`, `read`, `fingerprint` and `picture` take a `Policy`; none holds a number of its own. One
file a subject; a change in any of them changes `POLICY_VERSION`, which every verdict stores.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from pipeline.policy.delivering import DeliveryPolicy
from pipeline.policy.judging import JudgingPolicy
from pipeline.policy.likeness import LikenessPolicy
from pipeline.policy.looks import LookPolicy
from pipeline.policy.pictures import PicturePolicy
from pipeline.policy.reading import ReadingPolicy
from pipeline.policy.surroundings import SurroundingPolicy
from pipeline.policy.words import WordPolicy

__all__ = ["POLICY_VERSION", "Policy", "explain"]

POLICY_VERSION = "2026-11-26.3"


# No slots: Python cannot lay out a class that inherits from several slotted ones.
@dataclass(frozen=True, kw_only=True)
class Policy(
    PicturePolicy,
    WordPolicy,
    ReadingPolicy,
    LookPolicy,
    LikenessPolicy,
    SurroundingPolicy,
    JudgingPolicy,
    DeliveryPolicy,
):
    """The thresholds in force; `explain` lists them with unit and reason."""

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
