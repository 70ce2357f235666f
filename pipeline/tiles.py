"""Two pictures of one plane, tile by tile: where do they agree, where do they differ?

In: a grey picture, another laid over it, what that covers. Out: a Grid of tiles of 9 px with their likeness.
Tolerates what happens to a whole picture: tone, contrast, noise, blur, a pixel of misplacement.

Source: the structure term of SSIM (Wang et al. 2004) over tiles that do not overlap, best of nine shifts,
contrast of the second picture scaled to the first's as a whole, the noise floor of both taken off.
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
_WHOLE = 0.99
_SOFT_PX = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Likeness of two pictures; every array has a value a tile, shape (rows, columns).

    Attributes:
        likeness: -1..1; 1 where the tiles show the same.
        shows: The tile is covered and shows something in the first picture.
        other_shows: The same of the other picture.
        covered: The other picture covers the whole tile.
        gain: Contrast of the other picture to the first's, as a whole.
    """

    likeness: Floats
    shows: Bools
    other_shows: Bools
    covered: Bools
    gain: float

    @property
    def structured(self) -> Bools:
        """The tile shows something in either picture."""
        return self.shows | self.other_shows


def compared(first: Grey, over: Grey, cover: Bools) -> Grid:
    """Compare `first` with `over`, which covers the px of `cover`; all of one shape."""
    one, other = _softened(first), _softened(over)
    covered = _means(cover.astype(np.float32)) > _WHOLE
    # At the rim of a letterboxed copy the bars bleed into the page.
    covered[[0, -1]] = covered[:, [0, -1]] = False
    mean = _means(one)
    spread, other_spread = _spread(one, mean), _spread(other, _means(other))
    gain = _gain(spread, other_spread, covered)
    other /= gain
    other_spread /= gain * gain
    grain, other_grain = _grain(spread, other_spread, covered), _grain(other_spread, spread, covered)
    floor = _STRUCTURE + 2 * (grain + other_grain)
    spread = np.maximum(spread - grain, 0)
    likeness = np.full(mean.shape, -1, np.float32)
    other_spread.fill(np.inf)
    for moved in _shifted(other):
        moved_mean = _means(moved)
        moved_spread = np.maximum(_spread(moved, moved_mean) - other_grain, 0)
        shared = _means(one * moved) - mean * moved_mean
        np.maximum(likeness, (2 * shared + floor) / (spread + moved_spread + floor), out=likeness)
        np.minimum(other_spread, moved_spread, out=other_spread)
    return Grid(
        likeness=likeness,
        shows=covered & (spread >= floor),
        other_shows=covered & (other_spread >= floor),
        covered=covered,
        gain=gain,
    )


def _softened(grey: Grey) -> Floats:
    # A resized copy is softer than its original; below this softness the two are alike again.
    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _SOFT_PX), np.float32)


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


def _grain(spread: Floats, other: Floats, covered: Bools) -> float:
    """Return the spread (grey levels, squared) that noise or moire adds where the other has none."""
    empty = covered & (other < _EMPTY)
    return float(np.median(spread[empty])) if empty.any() else 0.0


def _shifted(values: Floats) -> list[Floats]:
    height, width = values.shape
    padded = np.pad(values, 1, mode="edge")
    return [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
