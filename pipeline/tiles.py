"""Two pictures of one plane, tile by tile: where do they agree, where do they differ?

In: a softened picture, another laid over it, the tiles that it covers. Out: a Grid: the likeness of tiles of
9 px.
Tolerates what happens to a whole picture: tone, contrast, noise, blur, a pixel of misplacement.

Source: the structure term of SSIM (Wang et al. 2004) over tiles that do not overlap, best of nine shifts,
contrast of the second picture scaled to the first's as a whole, the noise floor of both taken off; and the
same once more of what is left when each row's mean is taken off, or lines of small words look alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]
    # In all, and along the rows of a tile.
    Spread = tuple[Floats, Floats]

TILE_PX = 9
# A tile with less deviation than this (grey levels, squared) shows nothing.
_EMPTY = 4.0
_STRUCTURE = 36.0
_GAINS = (0.2, 5.0)
# As likely as not the same to the px: no shift would tell more.
_SURE = 0.99
# Where the two lie as they were taken, a tile with less is another thing: of copies' tiles 0.5 % are not.
_UNLIKE = 0.2
_ALIKE = 0.6
_EDGE_PX = 0.1
_TILE_PIXELS = TILE_PX * TILE_PX


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Likeness of two pictures; every array has a value a tile, shape (rows, columns).

    Attributes:
        likeness: -1..1; 1 where the tiles show the same.
        shows: The tile is covered and shows something in the first picture.
        other_shows: The same of the other picture.
        kept: How much (about 0..1) of what the tile shows in the first picture is there in the other, too,
            whatever lies over it; `other_kept` the other way round.
        covered: The other picture covers the whole tile.
        gain: Contrast of the other picture to the first's, as a whole.
    """

    likeness: Floats
    shows: Bools
    other_shows: Bools
    kept: Floats
    other_kept: Floats
    covered: Bools
    gain: float

    @property
    def structured(self) -> Bools:
        """The tile shows something in either picture."""
        return self.shows | self.other_shows


def compared(
    one: Floats,
    other: Floats,
    covered: Bools,
    *,
    hope: float = 0.0,
    moved: bool = True,
    varies: Spread | None = None,
) -> Grid:
    """Compare two softened pictures of one shape, the other covering whole tiles of the first.

    Tiles that agree as they lie are not looked at again; of the rest the best of nine shifts counts.

    Args:
        hope: Where a smaller share of tiles agrees as they lie, the pages differ and no shift is tried.
        moved: The other does not lie as it was taken.
        varies: The `spread` of the first with itself, where it is known.
    """
    ours, theirs = _floored(varies or spread(one, one)), _floored(spread(other, other))
    gain = _gain(ours[0], theirs[0], covered)
    theirs = _scaled(theirs, gain * gain)
    grain, other_grain = _grain(ours[0], theirs[0], covered), _grain(theirs[0], ours[0], covered)
    floor = _STRUCTURE + 2 * (grain + other_grain)
    ours, theirs = _floored(ours, grain), _floored(theirs, other_grain)
    shared = _scaled(spread(one, other), gain)
    likeness = _likeness(shared, ours, theirs, floor)
    (own_spread, along), (other_spread, other_along), (common, common_along) = ours, theirs, shared
    content = covered & ((own_spread >= floor) | (other_spread >= floor))
    hopeful = np.count_nonzero(content & (likeness >= _ALIKE)) >= hope * np.count_nonzero(content)
    at = np.nonzero(content & (likeness < _SURE) & (moved | (likeness >= _UNLIKE)) & hopeful)
    here = ours[0][at], ours[1][at]
    for shared_there, there in _moved(one, other, at):
        shifted = _floored(_scaled(there, gain * gain), other_grain)
        shared_moved = _scaled(shared_there, gain)
        nearer = _likeness(shared_moved, here, shifted, floor)
        better = nearer > likeness[at]
        common[at] = np.where(better, shared_moved[0], common[at])
        common_along[at] = np.where(better, shared_moved[1], common_along[at])
        likeness[at] = np.maximum(likeness[at], nearer)
        other_spread[at] = np.minimum(other_spread[at], shifted[0])
    return Grid(
        likeness=likeness,
        shows=covered & (own_spread >= floor),
        other_shows=covered & (other_spread >= floor),
        kept=_kept((common, common_along), (own_spread, along), floor),
        other_kept=_kept((common, common_along), (other_spread, other_along), floor),
        covered=covered,
        gain=gain,
    )


def _likeness(shared: Spread, ours: Spread, theirs: Spread, floor: float) -> Floats:
    """Return the lesser of two likenesses: of all that a tile shows, and of what it shows along its rows.

    Lines of small words share the dark and light of their rows, whatever they say.
    """
    whole = (2 * shared[0] + floor) / (ours[0] + theirs[0] + floor)
    along = (2 * shared[1] + floor) / (ours[1] + theirs[1] + floor)
    return np.asarray(np.minimum(whole, along), np.float32)


def _kept(shared: Spread, spread: Spread, floor: float) -> Floats:
    """Return how much of a tile is kept: along its rows where it shows something there, else in all."""
    whole = shared[0] / np.maximum(spread[0], _EMPTY)
    along = shared[1] / np.maximum(spread[1], _EMPTY)
    return np.asarray(np.where(spread[1] >= floor, along, whole), np.float32)


def covered_tiles(shape: tuple[int, ...], matrix: NDArray[np.float64], other: tuple[int, ...]) -> Bools:
    """Return which tiles of a picture of `shape` one of shape `other` covers whole, laid by `matrix`."""
    rows, columns = shape[0] // TILE_PX, shape[1] // TILE_PX
    y, x = np.mgrid[0 : rows + 1, 0 : columns + 1] * float(TILE_PX)
    back = cv2.perspectiveTransform(np.stack([x.ravel(), y.ravel()], axis=1)[None], np.linalg.inv(matrix))
    across, down = back[0].reshape(rows + 1, columns + 1, 2).transpose(2, 0, 1)
    within = (across >= -_EDGE_PX) & (across <= other[1] + _EDGE_PX)
    within &= (down >= -_EDGE_PX) & (down <= other[0] + _EDGE_PX)
    return np.asarray(within[:-1, :-1] & within[:-1, 1:] & within[1:, :-1] & within[1:, 1:])


def _moved(one: Floats, other: Floats, at: tuple[NDArray[np.intp], ...]) -> Iterator[tuple[Spread, Spread]]:
    """Yield, for each of eight shifts by a px, how the tiles vary together and how the moved one varies."""
    if not at[0].size:
        return
    top, left = at[0] * TILE_PX, at[1] * TILE_PX
    side = TILE_PX + 2
    tiles = np.lib.stride_tricks.sliding_window_view(one, (TILE_PX, TILE_PX))[top, left]
    around = np.lib.stride_tricks.sliding_window_view(np.pad(other, 1, mode="edge"), (side, side))[top, left]
    level = tiles - tiles.mean(axis=(1, 2), keepdims=True)
    along = tiles - tiles.mean(axis=2, keepdims=True)
    for y, x in ((y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)):
        moved = around[:, y : y + TILE_PX, x : x + TILE_PX]
        rows = np.einsum("nyx->ny", moved) / TILE_PX
        square = np.einsum("nyx,nyx->n", moved, moved) / _TILE_PIXELS
        mean = rows.mean(axis=1)
        shared = np.einsum("nyx,nyx->n", level, moved), np.einsum("nyx,nyx->n", along, moved)
        yield _scaled(shared, _TILE_PIXELS), (square - mean * mean, square - (rows * rows).mean(axis=1))


def _means(values: Floats) -> Floats:
    rows, columns = values.shape[0] // TILE_PX, values.shape[1] // TILE_PX
    whole = values[: rows * TILE_PX, : columns * TILE_PX]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def spread(one: Floats, other: Floats) -> Spread:
    """Return how two pictures vary together in each tile: in all, and along its rows only."""
    product, rows, other_rows = _means(one * other), _rows(one), _rows(other)
    return product - _down(rows) * _down(other_rows), product - _down(rows * other_rows)


def _floored(spread: Spread, grain: float = 0.0) -> Spread:
    return np.maximum(spread[0] - grain, 0), np.maximum(spread[1] - grain, 0)


def _scaled(spread: Spread, by: float) -> Spread:
    return spread[0] / by, spread[1] / by


def _rows(values: Floats) -> Floats:
    """Return the mean of each row of each tile."""
    rows, columns = values.shape[0] // TILE_PX, values.shape[1] // TILE_PX
    whole = values[: rows * TILE_PX, : columns * TILE_PX]
    size = (columns, rows * TILE_PX)
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)


def _down(rows: Floats) -> Floats:
    """Return the mean of each tile of `_rows`."""
    size = (rows.shape[1], rows.shape[0] // TILE_PX)
    return np.asarray(cv2.resize(rows, size, interpolation=cv2.INTER_AREA), np.float32)


def _gain(spread: Floats, other: Floats, covered: Bools) -> float:
    strong = covered & (spread > 3 * _STRUCTURE)
    ratios = np.sqrt(other[strong] / spread[strong])
    # A watermark on an empty page shows on more tiles than the page does, and beneath it is nothing.
    ratios = ratios[(ratios >= _GAINS[0]) & (ratios <= _GAINS[1])]
    return float(np.median(ratios)) if ratios.size else 1.0


def _grain(spread: Floats, other: Floats, covered: Bools) -> float:
    """Return the spread (grey levels, squared) that noise or moire adds where the other has none."""
    empty = covered & (other < _EMPTY)
    return float(np.median(spread[empty])) if empty.any() else 0.0
