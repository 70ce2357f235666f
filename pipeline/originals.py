"""A closer look: two pictures at their own size, where their sketches cannot tell a copy from a twin.

In: two decoded pictures that show one page in one frame. Out: whether the first was made of the second.
Never: says that they are two captures; where this look finds nothing, the doubt stays.

Method: what re-encoding, tone and scaling do to a picture they do everywhere; what another person's page
shows (a face, a count, a cursor) stands somewhere. So the two are laid over each other as they are, frame on
frame, no tile is shifted, and tiles are as large as those of a sketch: a sign that a sketch shrank to half a
tile fills several here. One is a copy of the other where nothing differs, neither in structure nor in
colour, and yet it bears the trace of an edit of the whole: it is smaller, or its tones are duller. Two
captures of a static page have neither and stay a doubt, re-encoded or not, for every messenger re-encodes; so
does a picture that is cleaner than the one it is compared with: it was not made of that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.sketch import softened
from pipeline.tiles import TILE_PX, compared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy
    from pipeline.records import Picture
    from pipeline.tiles import Grid

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

# More than all tiles would have to agree before any is shifted.
_NO_SHIFTS = 2.0
_MOST_STRETCH = 1.12
# A tile of another colour, and one that tone alone would not have left so.
_OTHER_LEVELS, _FOREIGN_LEVELS = 4.0, 16.0
_FOREIGN_TILES = 3
# With so much less that is rough, a picture is the cleaner one.
_CLEANER = 0.9
# Share of tiles that are toned at least, and share that one tone explains.
_RETONED, _ONE_TONE = 0.03, 0.995


def made_of(first: Picture, second: Picture, *, policy: Policy) -> bool:
    """Tell whether the first was surely made of the second, by an edit of the whole at most."""
    size = _common(first, second)
    if size is None or min(size) < policy.closer_side_px:
        return False
    ours, theirs = _sized(first.pixels, size), _sized(second.pixels, size)
    covered = ~(_holes(first, size) | _holes(second, size))
    one, other = _softened(ours), _softened(theirs)
    grid = compared(one, other, covered, hope=_NO_SHIFTS)
    if np.count_nonzero(grid.structured) < policy.unbarred_rich_tiles or _differs(grid, policy):
        return False
    if _cleaner(ours, theirs):
        return False
    recoloured = _recoloured(ours, theirs, covered)
    if recoloured is None:
        return False
    return recoloured or first.pixels.shape != second.pixels.shape


def _common(first: Picture, second: Picture) -> tuple[int, int] | None:
    """Return the size of the first, None where the second is smaller or of another shape."""
    stretch = first.width_px * second.height_px / (first.height_px * second.width_px)
    smaller = second.width_px * second.height_px < first.width_px * first.height_px
    if smaller or not 1 / _MOST_STRETCH <= stretch <= _MOST_STRETCH:
        return None
    return first.width_px, first.height_px


def _sized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _softened(pixels: Pixels) -> Floats:
    return softened(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8))


def _holes(picture: Picture, size: tuple[int, int]) -> Bools:
    """Return the tiles in which something is transparent, and those around: an editor may smear there."""
    columns, rows = size[0] // TILE_PX, size[1] // TILE_PX
    if picture.clear is None:
        return np.zeros((rows, columns), bool)
    share = cv2.resize(picture.clear.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.dilate((share > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _differs(grid: Grid, policy: Policy) -> bool:
    """Tell whether tiles of other structure stand together."""
    differs = grid.structured & (grid.likeness < policy.tile_likeness)
    count, labels = cv2.connectedComponents(differs.astype(np.uint8), connectivity=8)
    weights = np.bincount(labels.ravel(), weights=(1 - grid.likeness).ravel(), minlength=count)
    return bool((weights[1:] >= policy.closer_weight).any())


def _cleaner(ours: Pixels, theirs: Pixels) -> bool:
    """Tell whether the first is smoother by far: it was not made of what an encoder roughened."""
    return _rough(ours) < _CLEANER * _rough(theirs)


def _rough(pixels: Pixels) -> float:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return float(np.count_nonzero(grey[:, 1:] != grey[:, :-1])) / grey.size


def _recoloured(ours: Pixels, theirs: Pixels, covered: Bools) -> bool | None:
    """Tell whether one tone for the whole page makes one of the other; None where some of it has another."""
    mine, others = (_colours(pixels, covered) for pixels in (ours, theirs))
    known = np.column_stack([others[covered], np.ones(np.count_nonzero(covered), np.float32)])
    toned = known @ np.linalg.lstsq(known, mine[covered], rcond=None)[0]
    foreign = np.zeros(covered.shape, np.uint8)
    foreign[covered] = np.abs(mine[covered] - toned).max(axis=1) > _FOREIGN_LEVELS
    _, _, stats, _ = cv2.connectedComponentsWithStats(foreign, connectivity=8)
    if (stats[1:, cv2.CC_STAT_AREA] >= _FOREIGN_TILES).any():
        return None
    other = np.abs(mine - others)[covered].max(axis=1) > _OTHER_LEVELS
    alike = np.abs(mine[covered] - toned).max(axis=1) <= _OTHER_LEVELS
    dulled = mine[covered].std(axis=0).sum() <= others[covered].std(axis=0).sum() or _grey(mine, covered)
    return bool(dulled and other.mean() >= _RETONED and alike.mean() >= _ONE_TONE)


def _grey(colours: Floats, covered: Bools) -> bool:
    shades = colours[covered]
    return bool((shades.max(axis=1) - shades.min(axis=1)).max() <= _OTHER_LEVELS)


def _colours(pixels: Pixels, covered: Bools) -> Floats:
    """Return the mean colour of each tile."""
    rows, columns = covered.shape
    whole = pixels[: rows * TILE_PX, : columns * TILE_PX]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
