"""Two clocks: did one phone write both, or did somebody paint another time over the first?

In: two strips of grey px that hold the same status bar, but for the clock. Out: how far apart the two hands
are, or None. Never: decides; `compare` does.

Method: whatever the time, the dots of the colon stand at the same heights, since one phone writes every time
in one font, size and line. Who paints another time over a clock has to meet all three to a fraction of a px.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.bars import colon

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pipeline.bars import Part

    Grey = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    # The column of a colon, and the heights of its dots.
    Dots = tuple[float, float, float]

_AROUND_PX = 2
# What is fainter than this share of a dot's darkest px is its ground.
_FAINT = 0.15


def apart_px(one: Grey, other: Grey, columns: tuple[int, int], units: Iterable[float]) -> float | None:
    """Return by how much the heights of the colons' dots, or the stretches between them, differ.

    None where either strip shows no clock within `columns`.

    Args:
        one: A strip of the first picture.
        other: The same strip of the second as it lies over the first.
        columns: First px, and the one after the last, of where the strips differ.
        units: Sizes of glyphs to look for, relative to the usual one.
    """
    for unit in units:
        ours, theirs = (_dots(strip, unit) for strip in (one, other))
        if ours is not None and theirs is not None:
            if not all(columns[0] <= dots[0] < columns[1] for dots in (ours, theirs)):
                return None
            (_, upper, lower), (_, other_upper, other_lower) = ours, theirs
            high, low = upper - other_upper, lower - other_lower
            return max(abs(high), abs(low), abs(high - low))
    return None


def _dots(strip: Grey, unit: float) -> Dots | None:
    grey = strip.astype(np.float32)
    away = np.abs(grey - np.median(grey, axis=1, keepdims=True))
    found = colon(away, unit)
    if found is None:
        return None
    upper, lower = found
    around = min(_AROUND_PX, max(1, (lower[1] - upper[1] - upper[3]) // 2))
    return upper[0] + upper[2] / 2, _height(away, upper, around), _height(away, lower, around)


def _height(away: Floats, part: Part, around: int) -> float:
    """Return the height at which a dot stands, to a fraction of a px."""
    x, y, width, height = part
    top, left = max(0, y - around), max(0, x - 1)
    ink = away[top : y + height + around, left : x + width + 1]
    ink = np.maximum(ink - _FAINT * ink.max(), 0)
    rows = ink.sum(axis=1)
    return float(top + rows @ np.arange(len(rows)) / rows.sum())
