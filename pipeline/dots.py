"""Dots of letters: how many of a word's letters wear one?

In: the ink of one word. Out: a count. It reads nothing; `names` compares it with what was read. A language
model reads "Kids" where "Klds" stands, at every size; the dot cannot be talked into being.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Mask = NDArray[np.bool_]

_LOW, _NARROW, _HIGH, _STEM = (
    0.3,
    0.4,
    0.42,
    0.4,
)  # of a word's height: a dot's size, its foot; a stem's height
_LEAST_PX = 2  # of a dot's area


def dots(ink: Mask, policy: Policy) -> int | None:
    """Return how many spots stand above a stem; None where a word is too low to part dot and stem."""
    tall = ink.shape[0]
    if tall < policy.dotted_px:
        return None
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    spots = [tuple(int(side) for side in one) for one in stats[1:count]]
    stems = [(x, y, w) for x, y, w, h, _ in spots if h >= _STEM * tall]
    return sum(
        any(y + h <= top and left < x + w and x < left + wide for left, top, wide in stems)
        for x, y, w, h, area in spots
        if h <= _LOW * tall and w <= _NARROW * tall and y + h <= _HIGH * tall and area >= _LEAST_PX
    )
