"""Lays a status bar closer: at the edge of a photo of a screen its glyphs come to lie a px or two off.

In: two sketches and a View of them that is tilted. Out: which tiles of the bar differ once it lies as close
as the page does. Never: moves what differs away; no tilt of a strip makes one digit of another.

Source: the enhanced correlation coefficient (Evangelidis and Psarakis 2008), as in OpenCV, over the strip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.align import laid
from pipeline.sketch import softened
from pipeline.tiles import TILE_PX, compared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy
    from pipeline.sketch import Sketch
    from pipeline.views import View

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

_UNTIL = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)
_SOFT_PX = 3
_AROUND = np.ones((3, 3), np.uint8)


def bar_differs(pair: tuple[Sketch, Sketch], view: View, policy: Policy) -> Bools | None:
    """Return which tiles of the status bar differ, shape of the view's grid; None where it lies no closer."""
    rows, columns = (np.flatnonzero(view.bar.any(axis=axis)) for axis in (1, 0))
    tiles = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    px = tuple(slice(one.start * TILE_PX, one.stop * TILE_PX) for one in tiles)
    first, second = pair
    covered = view.grid.covered[tiles]
    one, other = first.softened[px], softened(laid(second, view.placement, first.shape))[px]
    nearer = _nearer(one, other, covered)
    if nearer is None:
        return None
    grid = compared(one, nearer, covered)
    # At the rim of the screen the desk begins: what tells people apart stands further in.
    within = cv2.erode(covered.astype(np.uint8), _AROUND, borderType=cv2.BORDER_CONSTANT, borderValue=1) > 0
    differs = np.zeros_like(view.bar)
    differs[tiles] = within & grid.structured & (grid.likeness < policy.tile_likeness)
    return np.asarray(differs & view.bar)


def _nearer(one: Floats, other: Floats, covered: Bools) -> Floats | None:
    """Return the other strip, moved and tilted until it agrees best with the first."""
    side = np.ones(TILE_PX, np.uint8)
    seen = np.asarray(np.kron(covered.astype(np.uint8), np.outer(side, side)), np.uint8)
    start = np.eye(2, 3, dtype=np.float32)
    try:
        _, matrix = cv2.findTransformECC(one, other, start, cv2.MOTION_AFFINE, _UNTIL, seen, _SOFT_PX)
    except cv2.error:  # the two strips have nothing in common
        return None
    size = (one.shape[1], one.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(other, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
