"""Buttons whose edge runs into their label: where a line may stand that the line finder could not part.

In: the ink of a contrast picture, the lines found on it. Out: `Line`s over the middles of filled plates of a
button's size. A low plate that is far darker or lighter than its page fills the window by which the ground is
judged, so that a ring of ink grows around its label and swallows letters of it.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from pipeline.lines import Line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pipeline.lines import Ink
    from pipeline.policy import Policy

EITHER = 0.5  # as `headline`: either script


def pills(inked: Ink, lines: Collection[Line], policy: Policy) -> Iterator[Line]:
    """Yield a line for the label of each button that holds no line as long as a label.

    Args:
        inked: The ink in which the lines were found.
        lines: All of them.
        policy: The thresholds in force.
    """
    if not lines:
        return
    usual = median(line.tall_px for line in lines)
    for left, top, wide, tall, area in inked.spots.tolist():
        low = policy.pill_lowest * usual <= tall <= policy.pill_highest * usual
        shaped = policy.pill_shortest * tall <= wide <= policy.pill_longest * tall
        if not (low and shaped and area >= policy.pill_filled * wide * tall):
            continue
        room, above = round(policy.pill_room * tall), round(policy.pill_above * tall)
        label = Line(
            left=left + room,
            top=top + above,
            right=left + wide - room,
            bottom=top + tall - above,
            tall_px=policy.pill_letters * tall,
            headline=EITHER,
        )
        if not any(_fills(line, label, policy) for line in lines):
            yield label


def _fills(line: Line, label: Line, policy: Policy) -> bool:
    within = label.top <= line.middle_px <= label.bottom
    shared = min(line.right, label.right) - max(line.left, label.left)
    return within and shared >= policy.pill_taken * label.width_px
