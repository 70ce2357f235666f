"""One sketch laid over another: the closest view of the two, and what it says of how they came about.

In: two sketches. Out: a View. Never: decides; `compare` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.align import Placement, corners, laid, place, refined
from pipeline.sketch import Sketch, softened
from pipeline.tiles import TILE_PX, Grid, compared, covered_tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Bools = NDArray[np.bool_]

_BAR_SHARE = 0.2
_SLACK_PX = 8.0
_BAR_PX = 64.0
_MOST_REFINEMENTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One picture laid over the other, and what that shows.

    Attributes:
        bar: Tiles of a status bar, of either picture.
        agreement: Share (0..1) of the tiles with content that agree.
        altered: The pictures lie as no two honest captures do.
        displaced: The second picture is moved, scaled or tilted: one of them was, or they are of two devices.
        scrolled: It is moved up or down at most, as a page that was scrolled.
    """

    placement: Placement
    grid: Grid
    bar: Bools
    agreement: float
    altered: bool
    displaced: bool
    scrolled: bool


def best_view(first: Sketch, second: Sketch, policy: Policy) -> View | None:
    """Return `second` laid over `first` as it agrees best, mirrored or not; None where it cannot be laid."""
    direct = view_of(first, second, policy, mirrored=False)
    if direct is not None and direct.agreement >= policy.page_agreement:
        return direct
    mirrored = view_of(first, second, policy, mirrored=True)
    views = [view for view in (direct, mirrored) if view is not None]
    return max(views, key=lambda view: view.agreement, default=None)


def view_of(first: Sketch, second: Sketch, policy: Policy, *, mirrored: bool) -> View | None:
    """Return `second`, mirrored if asked, laid over `first`; None where it cannot be laid."""
    placement = place(first, second, mirrored=mirrored)
    if placement is None:
        return None
    view = _seen(first, second, placement, policy)
    for _ in range(_MOST_REFINEMENTS):
        if view is None or not _hopeful(view, policy):
            break
        closer = refined(first, second, view.placement)
        again = None if closer is None else _seen(first, second, closer, policy)
        if again is None or again.agreement <= view.agreement:
            break
        gained, view = again.agreement - view.agreement, again
        if gained < policy.closer_gain and view.agreement < policy.closer_agreement:
            break
    return view


def _hopeful(view: View, policy: Policy) -> bool:
    """Tell whether a closer placement may help: for photos, not for what is plainly moved or scaled.

    A tilt that many key points agree on needs no tile to do so. What is as wide as the first is no photo.
    """
    skewed = view.altered or view.placement.warped
    if not skewed or not (view.displaced or view.placement.warped):
        return False
    if view.agreement >= policy.full_agreement:
        return False
    tilted = view.altered and view.placement.inliers >= policy.upright_inliers
    return tilted or view.agreement >= policy.half_agreement


def _seen(first: Sketch, second: Sketch, placement: Placement, policy: Policy) -> View | None:
    shape = first.shape
    covered = covered_tiles(shape, placement.matrix, second.shape)
    displaced = _displaced(placement, shape, second.shape)
    covered &= ~_holed(first, second, placement)
    if displaced:
        # At the rim of a letterboxed copy the bars bleed into the page.
        covered[[0, -1]] = covered[:, [0, -1]] = False
    over = softened(laid(second, placement, shape))
    hope = policy.half_agreement if displaced else policy.even_agreement
    grid = compared(first.softened, over, covered, hope=hope, moved=displaced, varies=first.varies)
    content = grid.structured
    if not content.any():
        return None
    return View(
        placement=placement,
        grid=grid,
        bar=_bar(first, second, placement),
        agreement=float((grid.likeness[content] >= policy.tile_likeness).mean()),
        altered=_altered(placement, first, second),
        displaced=displaced,
        scrolled=_scrolled(placement, shape, second.shape),
    )


def _holed(first: Sketch, second: Sketch, placement: Placement) -> Bools:
    """Return the tiles where either picture is transparent."""
    hole = np.zeros(first.shape, np.uint8)
    if first.clear is None and second.clear is None:
        return np.zeros((first.shape[0] // TILE_PX, first.shape[1] // TILE_PX), bool)
    if first.clear is not None:
        hole[first.clear] = 1
    theirs = second.mirrored.clear if placement.mirrored else second.clear
    if theirs is not None:
        size = (first.shape[1], first.shape[0])
        hole |= np.asarray(cv2.warpPerspective(theirs.astype(np.uint8), placement.matrix, size), np.uint8)
    return _tiled(hole) > 0


def _tiled(px: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the share of each tile that is set."""
    rows, columns = px.shape[0] // TILE_PX, px.shape[1] // TILE_PX
    whole = px[: rows * TILE_PX, : columns * TILE_PX].astype(np.float32)
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _bar(first: Sketch, second: Sketch, placement: Placement) -> Bools:
    """Return the tiles of a status bar of either picture."""
    bar = np.zeros(first.shape, np.uint8)
    own = first.bar_px
    if own is not None:
        bar[:own] = 1
    theirs = second.bar_px
    if theirs is not None:
        square = corners(placement, (theirs, second.shape[1]))
        cv2.fillConvexPoly(bar, square.round().astype(np.int32), 1)
    return _tiled(bar) > _BAR_SHARE


def _altered(placement: Placement, first: Sketch, second: Sketch) -> bool:
    """Tell whether the pictures lie as two honest captures never do.

    Mirrored, tilted, or one wholly inside the other and moved down from its top. A page that another person
    scrolled sticks out below; one shown larger, in another window, keeps its place at the top; and where both
    have a status bar at the top, two devices with bars of two heights moved the page, by a bar at most. A
    gallery shows a screenshot, bar and all, below a bar of its own.
    """
    if placement.mirrored:
        return True
    square = corners(placement, second.shape)
    if np.abs(square[1, 1] - square[0, 1]) > _SLACK_PX or np.abs(square[3, 0] - square[0, 0]) > _SLACK_PX:
        return True
    barred = first.bar_px is not None and second.bar_px is not None
    moved = bool(np.abs(square[:2, 1]).min() > (_BAR_PX if barred else _SLACK_PX))
    return moved and (_inside(square, first.shape) or _holds(square, first.shape))


def _scrolled(placement: Placement, shape: tuple[int, ...], other: tuple[int, ...]) -> bool:
    square = corners(placement, other)
    return bool(np.abs(square[:, 0] - (0, shape[1], shape[1], 0)).max() <= _SLACK_PX)


def _displaced(placement: Placement, shape: tuple[int, ...], other: tuple[int, ...]) -> bool:
    square = corners(placement, other)
    moved = np.abs(square[0]).max() > _SLACK_PX
    return bool(moved or np.abs(square[1] - (shape[1], 0)).max() > _SLACK_PX)


def _inside(square: NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    limit = np.array([shape[1], shape[0]]) + _SLACK_PX
    return bool((square >= -_SLACK_PX).all() and (square <= limit).all())


def _holds(square: NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    left, top = square[[0, 3], 0].max(), square[:2, 1].max()
    right, bottom = square[[1, 2], 0].min(), square[2:, 1].min()
    slack = _SLACK_PX
    return bool(left <= slack and top <= slack and right >= shape[1] - slack and bottom >= shape[0] - slack)
