"""What a plate cuts off where it was laid over a page: strokes, a line's head, a bite of a button.

In: the pixels around a plate or a text. Out: counts and facts. It measures; `surround` keeps what it finds,
and `painted` judges it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.ink import apart
from pipeline.segments import edges_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Pixels = NDArray[np.uint8]  # shape (height_px, width_px, 3), RGB
    Mask = NDArray[np.bool_]
    Sides = tuple[int, int, int, int]  # left, top, right, bottom in px

_NEAR_PX, _FAR_PX = 2, 4  # beyond a plate's edge, which a lossy file blurs
_THREE = 3  # sides: with four, it is a plate on that element
_FEW = 0.35  # of a line's strokes: what still goes on below it is hanging letters


def strokes_cut(pixels: Pixels, plate: Sides, policy: Policy) -> int:
    """Return how many strokes reach a plate from outside: letters of a line that it hides a part of.

    A page leaves room around a plate, or has an edge there that runs along it. On photos nothing counts.
    """
    left, top, right, bottom = plate
    across, down = slice(left, right), slice(top, bottom)
    rows = ((top - 1 - _NEAR_PX, top - 1 - _FAR_PX), (bottom + _NEAR_PX, bottom + _FAR_PX))
    columns = ((left - 1 - _NEAR_PX, left - 1 - _FAR_PX), (right + _NEAR_PX, right + _FAR_PX))
    tall, wide = pixels.shape[:2]
    pairs = [(pixels[a, across], pixels[b, across]) for a, b in rows if min(a, b) >= 0 and max(a, b) < tall]
    pairs += [(pixels[down, a], pixels[down, b]) for a, b in columns if min(a, b) >= 0 and max(a, b) < wide]
    longest = max(1, round(policy.cut_stroke * (bottom - top)))
    return sum(_strokes(near, far, longest, policy) for near, far in pairs)


def _strokes(near: Pixels, far: Pixels, longest: int, policy: Policy) -> int:
    """Return the short runs of ink on one ground that go on from one line of px to another further out."""
    if not len(near):
        return 0
    ground = np.median(near, axis=0)
    away = apart(near, ground)
    if (away <= 2 * policy.plate_levels).mean() < policy.cut_ground:
        return 0
    beyond = apart(far, ground) > policy.ink_levels
    beyond[1:] |= beyond[:-1].copy()
    beyond[:-1] |= beyond[1:].copy()
    starts, ends = _runs((away > policy.ink_levels) & beyond)
    return int((ends - starts <= longest).sum())


def remains(pixels: Pixels, text: Sides, usual: float, policy: Policy) -> int:
    """Return how many strokes begin at once where a plate was laid over a line of text beside this one.

    A line's own letters begin at several heights, and are higher than their strokes are apart.

    Args:
        pixels: RGB.
        text: The rows of a text's own ink, and the columns of its line: left, top, right, bottom.
        usual: Height of a usual line in px.
        policy: The thresholds in force.
    """
    left, top, right, bottom = text
    tall = bottom - top
    room = round(policy.remains_reach * tall) + 1
    reach = room + round(usual) + 2
    x0, x1 = max(0, left - tall), min(pixels.shape[1], right + tall)
    above = pixels[max(0, top - reach) : max(0, top - 1), x0:x1][::-1]
    below = pixels[bottom + 1 : bottom + reach, x0:x1]
    # Seen from below, a whole line ends at its foot: more of it must be gone.
    return max(
        _cut(above, room, usual, policy.remains_head, policy),
        _cut(below, room, usual, policy.remains_foot, policy),
    )


def _cut(band: Pixels, room: int, usual: float, most: float, policy: Policy) -> int:
    """Return the strokes of the row, of a band that goes away from the text, in which most begin at once."""
    if len(band) < policy.remains_least_px + 2 or usual <= 0:
        return 0
    ground = np.median(band[::2, ::2].reshape(-1, 3), axis=0)
    if not (apart(band[: room + 2], ground) > policy.remains_levels).any():
        return 0
    ink = apart(band, ground) > policy.remains_levels
    two = ink[1:-1] | ink[2:]  # a lossy file breaks a stroke in one row, seldom in both
    before = cv2.dilate(ink[:-2].astype(np.uint8), np.ones((1, 3), np.uint8)) > 0
    begun = np.diff((two & ~before).astype(np.int8), axis=1, prepend=0) == 1
    counts = begun.sum(axis=1)[:room]
    at = int(counts.argmax()) if len(counts) else 0
    if not len(counts) or counts[at] < policy.remains_strokes:
        return 0
    starts, ends = _runs(two[at])
    fresh = np.array([not ink[at, a:b].any() for a, b in zip(starts, ends, strict=True)])
    known = (ends - starts) <= usual
    first, last = starts[fresh & known], ends[fresh & known]
    strokes = len(first)
    if strokes < policy.remains_strokes or (~fresh & (starts >= first[0]) & (ends <= last[-1])).any():
        return 0
    return (
        strokes if _lost(ink[at + 1 :, first[0] : last[-1]], last - first, first, most, usual, policy) else 0
    )


def _lost(
    line: Mask,
    widths: NDArray[np.int64],
    starts: NDArray[np.int64],
    most: float,
    usual: float,
    policy: Policy,
) -> bool:
    """Whether what follows is a part of a line: thin strokes at once, and lower than whole letters."""
    thin = widths <= max(2.0, policy.remains_thin * usual)
    counts = (np.diff(line.astype(np.int8), axis=1, prepend=0) == 1).sum(axis=1)
    usual_count = int(counts[: max(3, round(usual))].max(initial=0))
    on = np.flatnonzero(counts[1:] < _FEW * usual_count)
    tall = int(on[0]) + 1 if len(on) else len(counts)
    pitch = float(np.median(np.diff(starts)))
    # The blurred upper edge of a Bengali bar breaks into strokes, which the bar joins a row further.
    goes_on = int(counts[1:3].min(initial=len(widths))) >= policy.remains_on * len(widths)
    share = len(widths) >= policy.remains_share * usual_count
    whole = share and goes_on and thin.mean() >= policy.remains_mostly
    return whole and policy.remains_least_px <= tall <= most * pitch


def _runs(marks: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where runs of marks begin and end."""
    edges = edges_of(marks)
    return edges[::2], edges[1::2]


def bitten(pixels: Pixels, text: Sides, ground: NDArray[np.generic], policy: Policy) -> bool:
    """Whether a text's ground takes a bite out of an element of one colour: a plate of the page's own colour.

    The element lies close by at two or three sides, and its box holds most of the text. A label on a button
    has the button at all four sides; a line or a border is thin.
    """
    left, top, right, bottom = text
    tall = bottom - top
    reach = max(4, round(policy.bite_reach * tall))
    x0, y0 = max(0, left - 4 * tall), max(0, top - 3 * tall)
    part = np.array(pixels[y0 : bottom + 3 * tall, x0 : right + 4 * tall], order="C")
    ways = _ways((left - x0, top - y0, right - x0, bottom - y0), reach, part.shape[:2])
    found = [seed for x, y in ways if (seed := _element(part[y, x], x, y, ground, tall, policy)) is not None]
    colours = [part[y, x].astype(np.int16) for x, y in found]
    alike = [
        sum(int(np.abs(one - other).max() <= 2 * policy.plate_levels) for other in colours) for one in colours
    ]
    if not found or not 2 <= max(alike) <= _THREE:  # noqa: PLR2004 (two sides at least)
        return False
    x, y = found[alike.index(max(alike))]
    box = _flooded(part, (x, y), policy)
    own = (left - x0, top - y0, right - x0, bottom - y0)
    beside = _flooded(part, (max(0, own[0] - 1), (own[1] + own[3]) // 2), policy)
    page_around = box[1] == 0 or box[3] == len(part)  # around a card: no low element
    # A plate that lies within an element is its label; what bites into it joins the page beyond.
    joins = beside[1] < box[1] or beside[3] > box[3] or beside[0] < box[0] or beside[2] > box[2]
    if page_around or not joins:
        return False
    wide = min(own[2], box[2]) - max(own[0], box[0])
    high = min(own[3], box[3]) - max(own[1], box[1])
    return wide > 0 and high > 0 and wide * high >= policy.bite_share * (right - left) * tall


def _ways(
    text: Sides, reach: int, shape: tuple[int, ...]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]:
    """Return columns and rows of the px that lead away from a text's middle: left, right, up, down."""
    left, top, right, bottom = text
    x, y, away = (left + right) // 2, (top + bottom) // 2, np.arange(1, 2 * reach)
    ways = [(left - away, 0 * away + y), (right + away, 0 * away + y)]
    ways += [(0 * away + x, top - away), (0 * away + x, bottom + away)]
    inside = [(a >= 0) & (a < shape[1]) & (b >= 0) & (b < shape[0]) for a, b in ways]
    return tuple((a[one], b[one]) for (a, b), one in zip(ways, inside, strict=True))


def _element(
    seen: Pixels,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    ground: NDArray[np.generic],
    tall: int,
    policy: Policy,
) -> tuple[int, int] | None:
    """Return a px of the element where a way ends: within reach, another colour, and on for a while."""
    thick = max(3, round(policy.bite_thick * tall))
    away = np.flatnonzero(apart(seen, ground) > policy.bite_levels)
    if not len(away) or away[0] + thick + _FAR_PX >= len(seen) or away[0] > policy.bite_reach * tall:
        return None
    at = int(away[0]) + _NEAR_PX + 1  # behind the edge, which a lossy file blurs
    first = seen[at].astype(np.int16)
    flat = np.abs(seen[at : at + thick].astype(np.int16) - first).max() <= 2 * policy.plate_levels
    return (int(x[at]), int(y[at])) if flat else None


def _flooded(part: Pixels, seed: tuple[int, int], policy: Policy) -> Sides:
    mask = np.zeros((part.shape[0] + 2, part.shape[1] + 2), np.uint8)
    level = (2 * policy.plate_levels,) * 3
    flags = 4 | (1 << 8) | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY
    _, _, _, (x, y, w, h) = cv2.floodFill(part, mask, seed, (0, 0, 0), level, level, flags)
    return x, y, x + w, y + h
