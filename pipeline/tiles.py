"""Two pictures of one plane, tile by tile: where do they agree, where do they differ?

In: a grey picture, another laid over it, what that covers. Out: a Grid of tiles of 9 px with their likeness.
Tolerates what happens to a whole picture: tone, contrast, noise, blur, a pixel of misplacement.

Source: the structure term of SSIM (Wang et al. 2004) over tiles that do not overlap, best of nine shifts, contrast
of the second picture scaled to the first's as a whole and its noise floor taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

TILE_PX = 9
# A tile with less deviation than this (grey levels, squared) shows nothing.
_EMPTY = 4.0
_STRUCTURE = 36.0
_GAINS = (0.2, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Likeness of two pictures; every array has a value a tile, shape (rows, columns).

    Attributes:
        likeness: -1..1; 1 where the tiles show the same.
        structured: The tile is covered and shows something in either picture.
        covered: The other picture covers the whole tile.
        gain: Contrast of the other picture to the first's, as a whole.
    """

    likeness: Floats
    structured: Bools
    covered: Bools
    gain: float


def compared(first: Grey, over: Grey, cover: Bools) -> Grid:
    """Compare `first` with `over`, which covers the px of `cover`; all of one shape."""
    one, other = first.astype(np.float32), over.astype(np.float32)
    covered = _means(cover.astype(np.float32)) > 0.99
    mean = _means(one)
    spread = _spread(one, mean)
    gain = _gain(spread, _spread(other, _means(other)), covered)
    other /= gain
    noise = _noise(spread, _spread(other, _means(other)), covered)
    floor = _STRUCTURE + 2 * noise
    likeness = np.full(mean.shape, -1, np.float32)
    other_spread = np.full(mean.shape, np.inf, np.float32)
    for moved in _shifted(other):
        moved_mean = _means(moved)
        moved_spread = np.maximum(_spread(moved, moved_mean) - noise, 0)
        shared = _means(one * moved) - mean * moved_mean
        np.maximum(likeness, (2 * shared + floor) / (spread + moved_spread + floor), out=likeness)
        np.minimum(other_spread, moved_spread, out=other_spread)
    structured = covered & (np.maximum(spread, other_spread) >= floor)
    return Grid(likeness=likeness, structured=structured, covered=covered, gain=gain)


def _means(values: Floats) -> Floats:
    rows, columns = values.shape[0] // TILE_PX, values.shape[1] // TILE_PX
    whole = values[: rows * TILE_PX, : columns * TILE_PX]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _spread(values: Floats, means: Floats) -> Floats:
    return np.maximum(_means(values * values) - means * means, 0)


def _gain(spread: Floats, other: Floats, covered: Bools) -> float:
    strong = covered & (spread > 3 * _STRUCTURE)
    if not strong.any():
        return 1.0
    return float(np.clip(np.sqrt(np.median(other[strong] / spread[strong])), *_GAINS))


def _noise(spread: Floats, other: Floats, covered: Bools) -> float:
    """Return what the other picture's grain or moire adds where the first is empty, in grey levels squared."""
    empty = covered & (spread < _EMPTY)
    return float(np.median(other[empty])) if empty.any() else 0.0


def _shifted(values: Floats) -> list[Floats]:
    height, width = values.shape
    padded = np.pad(values, 1, mode="edge")
    return [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
