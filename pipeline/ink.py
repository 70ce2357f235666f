"""Ink that no page leaves: letters of three colours, lines of which only a part is left.

In: the pixels in and around a text line. Out: shares and counts. It measures; `surround` keeps what it finds
and `painted` judges it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Pixels = NDArray[np.uint8]  # shape (height_px, width_px, 3), RGB
    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]

_RED, _GREEN, _BLUE = range(3)
_REGULAR = 0.2  # of the usual distance of two dashes, by which distances of dashes vary at most
_DASHED = 0.7  # of the distances


def apart(pixels: NDArray[np.generic], ground: NDArray[np.generic]) -> Floats:
    """Return how far px lie from a colour: the largest difference of a channel; one axis less than `pixels`.

    By planes: a maximum over an axis of three takes numpy ten times as long.
    """
    floats, levels = pixels.astype(np.float32), ground.astype(np.float32)
    most: Floats = np.abs(floats[..., _RED] - levels[..., _RED])
    for plane in (_GREEN, _BLUE):
        np.maximum(most, np.abs(floats[..., plane] - levels[..., plane]), out=most)
    return most


def mixed(part: Floats, ground: Floats, ink: Floats, policy: Policy) -> float:
    """Return the share of a word's ink that is no blend of its ink and its ground.

    Anti-aliasing blends the two, so all px of a page's word lie on the line between them. An outline, a
    shadow and what a word lies across bring a third colour.
    """
    across = ink - ground
    away = part.reshape(-1, 3) - ground
    marked = apart(part.reshape(-1, 3), ground) > policy.mixed_levels
    if not marked.any():
        return 0.0
    share = np.clip(away @ across / max(1.0, float(across @ across)), 0.0, policy.beyond_ink)
    off = apart(away, share[:, None] * across)
    return round(float((off[marked] > policy.mixed_levels).mean()), 3)


def remains(pixels: Pixels, line: tuple[int, int, int, int], usual: float, policy: Policy) -> int:
    """Return how many strokes end at once where a plate was laid over a line of text beside this one.

    What is left of that line is lower than any line, and all its strokes end in one row. A row of dashes does
    that, too, at equal distances.

    Args:
        pixels: RGB.
        line: The line's box: left, top, right, bottom.
        usual: Height of a usual line in px.
        policy: The thresholds in force.
    """
    left, top, right, bottom = line
    tall = bottom - top
    reach = round(policy.remains_reach * tall)
    x0, x1 = max(0, left - tall), min(pixels.shape[1], right + tall)
    above = pixels[max(0, top - reach) : max(0, top - 1), x0:x1][::-1]
    below = pixels[bottom + 1 : bottom + reach, x0:x1]
    return max(_cut(band, usual, policy) for band in (above, below))


def _cut(band: Pixels, usual: float, policy: Policy) -> int:
    """Return the strokes of the nearest row of ink in a band whose rows go away from the text."""
    if len(band) < policy.remains_least_px or usual <= 0:
        return 0
    ground = np.median(band.reshape(-1, 3), axis=0)
    ink = apart(band, ground) > policy.ink_levels
    rows = np.flatnonzero(ink.any(axis=1))
    if not len(rows) or rows[0] == 0:  # ink at the box itself is the box's fault: a plate leaves some room
        return 0
    gaps = np.flatnonzero(~ink[rows[0] :].any(axis=1))
    if not len(gaps) or not policy.remains_least_px <= gaps[0] <= policy.remains_tall * usual:
        return 0
    edge = ink[rows[0] : rows[0] + 2].any(axis=0)  # a lossy file breaks a dash in one row, seldom in both
    starts = np.flatnonzero(np.diff(edge.astype(np.int8), prepend=0) == 1)
    gap = np.diff(starts)
    if len(starts) < policy.remains_strokes:
        return 0
    usual_gap = float(np.median(gap))  # a frame of dashes has other gaps at its corners
    if (np.abs(gap - usual_gap) <= max(1.0, _REGULAR * usual_gap)).mean() >= _DASHED:
        return 0
    return len(starts)
