"""Text that hardly differs from its ground: where lines stand that the line finder takes for no ink.

In: a contrast picture and the lines found on it. Out: further `Line`s. Coloured names on a dark card of the
same colour, and whole pages that were photographed dark, have letters paler than what counts as ink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

from pipeline.lines import find_lines, ink_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pipeline.enhance import Grey
    from pipeline.lines import Line
    from pipeline.policy import Policy


def faint(contrast: Grey, lines: Collection[Line], policy: Policy) -> Iterator[Line]:
    """Yield the lines that stand on a contrast picture once its ink is made darker.

    Left out is what was found before, but not what just a part of was found. Nothing is found where darker
    ink brings out a photo's or a file's noise.

    Args:
        contrast: Dark text on white, as lines are found on it.
        lines: All that were found.
        policy: The thresholds in force.
    """
    pale = cv2.bitwise_not(contrast)
    darker = cv2.bitwise_not(cv2.convertScaleAbs(pale, alpha=policy.faint_gain)).astype("uint8", copy=False)
    ink = ink_in(darker, policy)
    if ink.may_be_noise(policy):
        return
    for line in find_lines(darker, ink, policy):
        if not any(_covers(known, line, policy) for known in lines):
            yield line


def _covers(known: Line, line: Line, policy: Policy) -> bool:
    shared = min(known.right, line.right) - max(known.left, line.left)
    meet = shared > 0 and known.top < line.bottom and line.top < known.bottom
    return meet and shared >= policy.faint_known * line.width_px
