"""When rejects are so many that people should look first; where a device keeps its clock; who is right.

In: nothing. Out: `JudgingPolicy`, part of `Policy`. Never: decides; it names the numbers that do.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.policy.threshold import threshold


@dataclass(frozen=True, kw_only=True)
class JudgingPolicy:
    """When rejects are so many that people should look first, and how often verdicts are right."""

    brake_recent: int = threshold(
        30, unit="proofs", why="fewer prove nothing", measured="26 of 30 at a steady 0.5: 1 in 33,600"
    )
    brake_usual_least: int = threshold(
        60, unit="proofs", why="with fewer, nothing is usual yet", measured="twice the recent ones"
    )
    brake_usual_most: int = threshold(
        300, unit="proofs", why="what was usual long ago is not", measured="ten times the recent ones"
    )
    brake_odds: float = threshold(
        10.0,
        unit="times the usual odds",
        why="far above",
        measured="steady jobs, 0.05 to 0.5: none of 28,900",
    )
    brake_margin: float = threshold(
        0.3,
        unit="of proofs",
        why="from 0 to 4 of 30 is no alarm",
        measured="steady jobs, 0.05 to 0.5: none of 28,900",
    )
    brake_unknown: float = threshold(
        0.3, unit="of proofs", why="a new job's usual; a misspelt name rejects all", measured="by judgement"
    )
    brake_unknown_weight: int = threshold(
        20, unit="proofs", why="how much a new job's usual weighs", measured="trips at 26 of 30"
    )
    clock_edge: float = threshold(
        0.05, unit="of the height", why="status bars and task bars", measured="drawn: 0.01 to 0.04"
    )
    right_exact: float = threshold(
        0.993,
        unit="of accepts",
        why="several checks, letter for letter",
        measured="273 of 274, plus one each",
    )
    right_single: float = threshold(
        0.968, unit="of accepts", why="one check alone", measured="29 of 29, plus one right and one wrong"
    )
    right_alike: float = threshold(
        0.929, unit="of accepts", why="some text was only alike", measured="12 of 12, plus one each"
    )
    right_seen: float = threshold(
        0.986, unit="of rejects", why="something else was seen", measured="68 of 68, plus one each"
    )
    right_missing: float = threshold(
        0.979, unit="of rejects", why="what was asked was not found", measured="46 of 46, plus one each"
    )
    right_unjudged: float = threshold(
        0.971, unit="of rejects", why="a picture that shows nothing", measured="32 of 32, plus one each"
    )
