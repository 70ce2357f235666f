"""What editing leaves on two pictures laid over each other: a watermark, a frame around the page.

In: a View and the tiles that differ. Out: tiles to set aside: they tell of the edit, not of the page.
Never: decides; `compare` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy
    from pipeline.views import View

    Bools = NDArray[np.bool_]

_RIM_TILES = 2
_BEYOND = 0.1
_AROUND_TILES = 5


def watermark(view: View, differs: Bools, policy: Policy) -> Bools:
    """Return the tiles that a watermark changed, if the two differ as a watermark makes them differ.

    It adds, and what lies beneath still shows through; another page replaces what was there.
    """
    grid = view.grid
    ours = _added(differs, grid.other_shows, grid.other_kept, policy)
    theirs = _added(differs, grid.shows, grid.kept, policy)
    return max(ours, theirs, key=np.count_nonzero)


def _added(differs: Bools, plain: Bools, kept: NDArray[np.float32], policy: Policy) -> Bools:
    """Return what one picture adds to the other, plain one, if it does little else."""
    through = differs & plain & (kept >= policy.overlay_kept)
    added = (differs & ~plain) | through
    other = differs & ~added
    replaced = np.count_nonzero(other)
    much = np.count_nonzero(added)
    # A full page laid over an empty one adds much as well, but then little of the empty one is on it.
    most = min(much, np.count_nonzero(plain))
    little = replaced <= policy.overlay_noise * most
    some = replaced <= policy.overlay_changes * most and replaced <= 2 * np.count_nonzero(through)
    if much >= policy.overlay_tiles and (little or some or _scattered(differs, other, policy)):
        return added
    return np.zeros_like(differs)


def _scattered(differs: Bools, replaced: Bools, policy: Policy) -> bool:
    """Tell whether much was added at many places where nothing was replaced, and the rest is an edit or few.

    Another capture of a page adds where it also replaces: its longer words lie over shorter ones.
    """
    count, labels = cv2.connectedComponents(differs.astype(np.uint8), connectivity=8)
    sizes = np.bincount(labels.ravel(), minlength=count)
    sizes[np.unique(labels[replaced])] = 0
    lone = np.count_nonzero(sizes[1:] >= policy.overlay_place)
    _, edits = cv2.connectedComponents(replaced.astype(np.uint8), connectivity=8)
    large = np.count_nonzero(np.bincount(edits.ravel())[1:] >= policy.overlay_place)
    return bool(lone >= policy.overlay_scattered and large <= policy.overlay_edits)


def frame(view: View, differs: Bools) -> Bools:
    """Return the tiles that differ because one picture ends there: bars or a desk around a part of the page.

    Where all that agrees lies within a hull, the rim of the hull is where the part was cut out, and beyond it
    one of the two shows nothing.
    """
    nothing = np.zeros_like(differs)
    if not view.displaced:
        return nothing
    grid = view.grid
    alike = grid.shows & grid.other_shows & ~differs
    agreeing = np.argwhere(_surely(alike, differs) if view.placement.warped else alike)
    if len(agreeing) < 3:  # noqa: PLR2004 (a hull has three corners)
        return nothing
    hull = np.zeros(differs.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(agreeing[:, ::-1].astype(np.int32)), 1)
    side = 2 * _RIM_TILES + 1
    near = cv2.dilate(hull, np.ones((side, side), np.uint8)).astype(bool)
    beyond = [np.count_nonzero(one & ~near) for one in (grid.shows, grid.other_shows)]
    # A page scrolled further shows something there in both.
    if view.scrolled and min(beyond) > _BEYOND * max(beyond):
        return nothing
    lone = grid.shows ^ grid.other_shows
    return np.asarray(differs & ~hull.astype(bool) & (near | lone))


def _surely(agreeing: Bools, differs: Bools) -> Bools:
    """Return the agreeing tiles around which more agree than differ: on a photo's desk some do by chance."""
    side = (_AROUND_TILES, _AROUND_TILES)
    alike, unlike = (cv2.blur(one.astype(np.float32), side) for one in (agreeing, differs))
    return np.asarray(agreeing & (alike > unlike))
