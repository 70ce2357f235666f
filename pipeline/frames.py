"""Another screen shown inside a picture: in a gallery, a message, an image search.

In: a grey thumbnail. Out: the box of the inner screen, or None. It reads nothing and judges nothing. Two
edges tell an inner screen from its viewer, and where both have one ground, a second status bar does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.records import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Grey = NDArray[np.uint8]

_INSET_WIDE_PX = 180
_EDGE_GAP_PX = 21  # where a photo has its viewer's colour, the edge is broken
_EDGE = 0.01  # of a picture's height: where a viewer has a bar of its own
_WHOLE = 0.97  # of a picture's height: a viewer leaves room for its own bars
_BAR_ENDS = (0.36, 0.64)  # between these parts of its width, a status bar is empty
_BAR_SLACK = 0.05  # of a bar's width, by which what is below it may be wider


def barred(grey: Grey, policy: Policy) -> Box | None:
    """Return where a phone's picture shows another screen on its own ground: below a second status bar.

    The bar is a low row with something at both ends and nothing between, and all that follows over most of
    the height is as narrow as the bar.
    """
    tall = round(grey.shape[0] * _INSET_WIDE_PX / grey.shape[1])
    if tall < policy.barred_upright * _INSET_WIDE_PX:
        return None
    small = cv2.resize(grey, (_INSET_WIDE_PX, tall), interpolation=cv2.INTER_AREA).astype(np.int16)
    steps = np.abs(np.diff(small, axis=1)) > policy.plate_levels
    inked = steps.any(axis=1)
    first = np.where(inked, steps.argmax(axis=1), _INSET_WIDE_PX)
    last = np.where(inked, _INSET_WIDE_PX - 2 - steps[:, ::-1].argmax(axis=1), -1)
    edges = np.flatnonzero(np.diff(inked.astype(np.int8), prepend=0, append=0)).tolist()
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        low = bottom - top <= policy.barred_row * tall
        placed = policy.barred_from * tall <= top <= (1 - policy.inset_tall) * tall
        if not (low and placed):
            continue
        left, right = int(first[top:bottom].min()), int(last[top:bottom].max())
        ends = [left + round(one * (right - left)) for one in _BAR_ENDS]
        found = _below(first[top:], last[top:], (left, right), policy)
        if found is not None and not steps[top:bottom, slice(*ends)].any():
            box = Box(x=found[0], y=top, w=found[1] - found[0], h=found[2])
            return enlarged(box, grey.shape[1] / _INSET_WIDE_PX)
    return None


def carded(grey: Grey, policy: Policy) -> Box | None:
    """Return where a phone's picture shows a screen as a card: between two long edges as far from both sides.

    Lists of recent apps do, before a wallpaper and beside other cards, so that no margin is flat.
    """
    tall = round(grey.shape[0] * _INSET_WIDE_PX / grey.shape[1])
    if tall < policy.barred_upright * _INSET_WIDE_PX:
        return None
    small = cv2.resize(grey, (_INSET_WIDE_PX, tall), interpolation=cv2.INTER_AREA).astype(np.int16)
    steps = np.abs(small[:, 2:] - small[:, :-2]) > policy.plate_levels
    nearest, furthest = (round(one * _INSET_WIDE_PX) for one in (policy.card_margin, policy.card_margin_most))
    enough = steps.sum(axis=0) >= policy.card_tall * policy.inset_flat * tall
    for at in (one for one in range(nearest, furthest) if enough[one - 1]):
        pair = steps[:, at - 1] & steps[:, -at : (1 - at) or None].any(axis=1)
        top, bottom = _longest(pair)
        filled = pair[top:bottom].mean() if bottom > top else 0.0
        if bottom - top >= policy.card_tall * tall and filled >= policy.inset_flat:
            box = Box(x=at, y=top, w=_INSET_WIDE_PX - 2 * at, h=bottom - top)
            return enlarged(box, grey.shape[1] / _INSET_WIDE_PX)
    return None


def _below(
    first: NDArray[np.int64], last: NDArray[np.int64], bar: tuple[int, int], policy: Policy
) -> tuple[int, int, int] | None:
    """Return left, right and height of what stays as narrow as a bar, where it is much of a screen."""
    wide = bar[1] - bar[0]
    slack = _BAR_SLACK * wide
    beyond = np.flatnonzero((first < bar[0] - slack) | (last > bar[1] + slack))
    tall = int(beyond[0]) if len(beyond) else len(first)
    left, right = int(first[:tall].min(initial=bar[0])), int(last[:tall].max(initial=bar[1]))
    narrow = policy.inset_wide * _INSET_WIDE_PX <= right - left <= policy.barred_wide * _INSET_WIDE_PX
    return (left, right, tall) if narrow and tall >= policy.barred_tall * len(first) else None


def inset(grey: Grey, policy: Policy) -> Box | None:
    """Return where a picture shows another one: between two long edges, flat margins outside.

    One wide margin is enough where the other side is near the edge of the picture, if it is no drawer that
    was pulled over the whole height. In a wide picture the other one is as wide in shape.
    """
    tall = round(grey.shape[0] * _INSET_WIDE_PX / grey.shape[1])
    upright = tall >= policy.inset_upright * _INSET_WIDE_PX
    if not upright and tall * policy.inset_upright > _INSET_WIDE_PX:
        return None  # neither tall nor wide: cards and panes have that shape
    small = cv2.resize(grey, (_INSET_WIDE_PX, tall), interpolation=cv2.INTER_AREA).astype(np.int16)
    left, right = _margin(small, policy), _margin(small[:, ::-1], policy)
    rows = [(one[1], one[2]) for one in (left, right) if one is not None]
    if not rows:
        return None
    top, bottom = min(one for one, _ in rows), max(one for _, one in rows)
    before, after = (one[0] if one is not None else 0 for one in (left, right))
    wide = _INSET_WIDE_PX - before - after
    both = min(before, after) >= policy.inset_margins / 3 * _INSET_WIDE_PX
    least = policy.inset_margins if both else policy.inset_one_margin
    outside = before + after >= least * _INSET_WIDE_PX
    drawer = not both and bottom - top > policy.inset_one_tall * tall
    large = wide >= policy.inset_wide * _INSET_WIDE_PX and bottom - top >= policy.inset_tall * tall
    # A page's column begins at the very top of a phone's picture, or reaches over all of a wide one.
    column = top <= _EDGE * tall if upright else bottom - top >= _WHOLE * tall
    if drawer or column or not (outside and large):
        return None
    shape = wide * tall / (_INSET_WIDE_PX * (bottom - top))
    if not upright and not 1 / policy.inset_shape <= shape <= policy.inset_shape:
        return None
    found = Box(x=before, y=top, w=wide, h=bottom - top)
    return enlarged(found, grey.shape[1] / _INSET_WIDE_PX)


def enlarged(box: Box, factor: float) -> Box:
    """Return a box in other px."""
    x, y, w, h = (round(side * factor) for side in box.as_list())
    return Box(x=x, y=y, w=w, h=h)


def _margin(small: NDArray[np.int16], policy: Policy) -> tuple[int, int, int] | None:
    """Return how far a flat margin reaches from the left, and the rows of the edge that ends it."""
    most = int(policy.inset_margin_most * _INSET_WIDE_PX)
    steps = np.abs(small[:, 2 : most + 1] - small[:, : most - 1]) > policy.plate_levels
    enough = steps.sum(axis=0) >= policy.inset_tall * policy.inset_flat * len(small)
    for at in (np.flatnonzero(enough[1:]) + 2).tolist():
        rows = _longest(steps[:, at - 1])
        if rows[1] - rows[0] >= policy.inset_tall * len(small):
            flat = np.ptp(small[rows[0] : rows[1], : at - 1], axis=1) <= 2 * policy.plate_levels
            return (at, *rows) if flat.mean() >= policy.inset_flat else None
    return None


def _longest(marks: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the longest run of marks, gaps of a few px allowed."""
    closed = cv2.morphologyEx(
        marks.astype(np.uint8)[:, None], cv2.MORPH_CLOSE, np.ones((_EDGE_GAP_PX, 1), np.uint8)
    ).ravel()
    edges = np.flatnonzero(np.diff(closed, prepend=0, append=0))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
