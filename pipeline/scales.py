"""How large is a picture made, to find its lines and to read them?

In: sizes in px, the lines found so far. Out: factors. Text must be large enough for the engine, and every px
more costs time.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.lines import Line
    from pipeline.policy import Policy


def reading_scale(width_px: int, height_px: int, policy: Policy) -> float:
    """Return the factor by which a picture shrinks before it is read, at most 1."""
    return float(min(1.0, (policy.read_pixels / (width_px * height_px)) ** 0.5))


def quick_scale(width_px: int, height_px: int, policy: Policy) -> float:
    """Return the scale at which a phone's or a desktop's text is large enough to be found."""
    target = policy.wide_width_px if width_px > height_px else policy.quick_width_px
    largest = float((policy.read_pixels / (width_px * height_px)) ** 0.5)
    return min(policy.largest_scale, target / width_px, largest)


def larger_scale(lines: Sequence[Line], width_px: int, height_px: int, policy: Policy) -> float:
    """Return the factor by which a picture of low text lines grows before they are found; 1 for none."""
    heights = [line.tall_px for line in lines if line.width_px > policy.least_text * line.tall_px]
    if not heights or median(heights) >= policy.small_text_px:
        return 1.0
    largest = float((policy.found_pixels / (width_px * height_px)) ** 0.5)
    return max(1.0, min(policy.found_text_px / median(heights), largest))
