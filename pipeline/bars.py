"""Finds the status bar of a phone's or tablet's screen.

In: a grey sketch. Out: its height, or None. Where it stands, clock, battery and icons tell one person's
moment from another's; where none is found nothing is concluded from its absence.

Method: at the top of an upright screen, one band of small ink (glyphs of 8-26 px at 540 px width) with
something at the right, a free stretch below it, not much in the middle, and a clock: two dots, one above the
other, between two tall glyphs. A header of small words has no such colon. A tablet shows more at the same
width: there all of this is looked for once more, smaller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Bools = NDArray[np.bool_]
    Part = tuple[int, int, int, int]

_UPRIGHT = 1.2
_NORMAL_WIDTH_PX = 540
_TABLET = 1.65
_TABLET_WIDTH_PX = 840
_SEARCHED_PX = 64
# Bright bars over photographs need the low contrast, busy ones the high: the first that finds a bar counts.
_INK_LEVELS = (28, 14)
_GAP_PX = 3
_BAND_PX = (8, 26)
_MARGIN_PX = 3
_SIDE_INK_PX = 12
_LONE_INK_PX = 40
_MOST_MIDDLE = 0.5
# The dots of a colon run together, or apart from nothing, at some contrast: each is tried.
_CLOCK_LEVELS = (90, 60, 40, 28, 20, 14)
_DOT_PX = 6
_DOTS_APART_PX = (3, 14)
_DOTS_ASIDE_PX = 1.6
_DIGIT_PX = (8, 24)
_DIGIT_APART_PX = 8
# Bengali digits hang from the upper dot and end above the lower one.
_DIGIT_BESIDE = 0.6


def status_bar_px(grey: Grey) -> int | None:
    """Return the height in px of the status bar at the top of `grey`, None where none is seen."""
    height, width = grey.shape
    if height < _UPRIGHT * width:
        return None
    return next((found for unit in units(grey.shape) if (found := _found(grey, unit)) is not None), None)


def units(shape: tuple[int, ...]) -> tuple[float, ...]:
    """Return the sizes of glyphs, to the usual one, that a screen of this shape may have in its bar."""
    height, width = shape[:2]
    usual = width / _NORMAL_WIDTH_PX
    return (usual, width / _TABLET_WIDTH_PX) if height < _TABLET * width else (usual,)


def _found(grey: Grey, unit: float) -> int | None:
    """Return the height of a bar whose glyphs have the usual size times `unit`."""
    top = grey[: int(_SEARCHED_PX * unit)].astype(np.int16)
    away = np.abs(top - np.median(top, axis=1, keepdims=True))
    for levels in _INK_LEVELS:
        found = _band_end(away > levels, unit)
        if found is not None and colon(away[:found], unit) is not None:
            return found
    return None


def colon(away: NDArray[np.float32] | NDArray[np.int16], unit: float) -> tuple[Part, Part] | None:
    """Return the two dots of a clock, the upper first: boxes of (x, y, width, height) in px.

    Args:
        away: How far each px of a strip is from the strip's ground.
        unit: Size of the glyphs to the usual one.
    """
    for level in _CLOCK_LEVELS:
        found = _colon(np.asarray(away > level), unit)
        if found is not None:
            return found
    return None


def _colon(ink: Bools, unit: float) -> tuple[Part, Part] | None:
    """Return two dots that stand one above the other between two digits."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    parts = [(int(x), int(y), int(w), int(h)) for x, y, w, h, _ in stats[1:]]
    dots = [part for part in parts if max(part[2:]) <= _DOT_PX * unit]
    low, high = _DIGIT_PX
    digits = [part for part in parts if low * unit <= part[3] <= high * unit and part[2] <= high * unit]
    for i, one in enumerate(dots):
        for other in dots[i + 1 :]:
            if _between(one, other, digits, unit):
                return (one, other) if one[1] <= other[1] else (other, one)
    return None


def _between(one: Part, other: Part, digits: list[Part], unit: float) -> bool:
    aside = abs((one[0] + one[2] / 2) - (other[0] + other[2] / 2))
    apart = abs((one[1] + one[3] / 2) - (other[1] + other[3] / 2))
    if aside > _DOTS_ASIDE_PX * unit or not _DOTS_APART_PX[0] * unit <= apart <= _DOTS_APART_PX[1] * unit:
        return False
    left, right = min(one[0], other[0]), max(one[0] + one[2], other[0] + other[2])
    top, bottom = min(one[1], other[1]), max(one[1] + one[3], other[1] + other[3])
    least = _DIGIT_BESIDE * (bottom - top)
    beside = [part for part in digits if min(bottom, part[1] + part[3]) - max(top, part[1]) >= least]
    reach = _DIGIT_APART_PX * unit
    before = any(0 <= left - (part[0] + part[2]) <= reach for part in beside)
    return before and any(0 <= part[0] - right <= reach for part in beside)


def _band_end(ink: Bools, unit: float) -> int | None:
    rows = np.flatnonzero(ink.any(axis=1))
    if rows.size == 0:
        return None
    gaps = np.flatnonzero(np.diff(rows) > _GAP_PX * unit)
    start, end = int(rows[0]), int(rows[gaps[0]] if gaps.size else rows[-1])
    low, high = _BAND_PX
    if not low * unit <= end - start + 1 <= high * unit or end >= len(ink) - _GAP_PX * unit:
        return None
    columns = np.asarray(ink[start : end + 1].any(axis=0))
    return end + _MARGIN_PX if _spread_like_a_bar(columns, unit) else None


def _spread_like_a_bar(columns: Bools, unit: float) -> bool:
    width = columns.size
    left, right = columns[: width // 3].sum(), columns[-(width // 3) :].sum()
    middle = columns[int(width * 0.36) : int(width * 0.64)]
    if middle.mean() > _MOST_MIDDLE or right < _SIDE_INK_PX * unit:
        return False
    return bool(left + middle.sum() >= _SIDE_INK_PX * unit or right >= _LONE_INK_PX * unit)
