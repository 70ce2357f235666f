"""Lays one sketch over another: where does the second picture lie in the first?

In: two sketches. Out: a Placement (a 3 x 3 matrix) or None where they share no common plane. Finds crops,
letterboxes, resized, mirrored and photographed copies. Never: says that the two show one capture: honest
people on one page align too.

Method: key points matched both ways; RANSAC over a similarity within a wide reach says which matches count
at all, so that what follows starts from few wrong ones; then a similarity within a narrow reach, and a
homography where that explains clearly more (a photo of a screen).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.keypoints import KeyPoints, matched, matched_near
from pipeline.sketch import Sketch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Matrix = NDArray[np.float64]
    Pairs = tuple[NDArray[np.float32], NDArray[np.float32]]

LEAST_INLIERS = 25
# Of the strongest key points so many must agree before all are tried: unrelated pages reach 13, copies 24 up.
_STRONGEST = 450
_LEAST_STRONG = 16
# With so many the placement is as close as it gets; photos and small prints of a page have fewer.
_MANY_STRONG = 150
_WIDE_REACH_PX = 12.0
_NEAR_PX = 40.0
_REACH_PX = 2.5
_MOST_TRIES = 500
_MOST_BENDS = 250
_REFINED_PX = 16.0
_HOMOGRAPHY_GAIN = 1.15
_SCALES = (0.3, 3.0)
_MOST_SKEW = 1.5
_MOST_TURN_DEG = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the second picture lies in the first.

    Attributes:
        matrix: Maps px of the (mirrored, if so) second picture to px of the first, shape (3, 3).
        inliers: Key points that agree on it.
        mirrored: The second picture was flipped left to right first.
        warped: The placement is a homography: the second picture is no plain scaling of the first.
    """

    matrix: Matrix
    inliers: int
    mirrored: bool = False
    warped: bool = False


def place(first: Sketch, second: Sketch, *, mirrored: bool = False) -> Placement | None:
    """Return where `second` (mirrored, if asked) lies in `first`, None where too little agrees.

    The strongest key points suffice to rule most pages out, and to place most copies. Where they tell only
    roughly how the second lies, all are matched, each with those that stand near it then.
    """
    one, other = _points(first, second, mirrored=mirrored)
    rough = _consenting(_pairs(one, other, matched(one.strongest(_STRONGEST), other.strongest(_STRONGEST))))
    if rough is None:
        return None
    pairs, matrix = rough
    if len(pairs[0]) >= _MANY_STRONG:
        found = _placed(pairs, second.shape, mirrored=mirrored)
        if found is not None and not found.warped:
            return found
    moved = KeyPoints(at=cv2.transform(other.at[None], matrix)[0].astype(np.float32), bits=other.bits)
    pairs = _pairs(one, other, matched_near(one, moved, reach_px=_NEAR_PX))
    return _placed(pairs, second.shape, mirrored=mirrored) if len(pairs[0]) >= LEAST_INLIERS else None


def _placed(pairs: Pairs, shape: tuple[int, ...], *, mirrored: bool) -> Placement | None:
    """Return the placement of a second picture of `shape` that most of the pairs agree on."""
    source, target = pairs
    found: Placement | None = None
    partial, kept = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_REACH_PX, maxIters=_MOST_TRIES
    )
    if partial is not None:
        matrix = np.vstack([partial, [0.0, 0.0, 1.0]])
        found = _checked(matrix, kept, shape, mirrored=mirrored, warped=False)
    if found is not None and len(source) <= _HOMOGRAPHY_GAIN * found.inliers:
        return found
    general, kept = cv2.findHomography(source, target, cv2.RANSAC, _REACH_PX, maxIters=_MOST_BENDS)
    if general is not None:
        matrix = np.asarray(general, np.float64)
        bent = _checked(matrix, kept, shape, mirrored=mirrored, warped=True)
        if bent is not None and (found is None or bent.inliers > _HOMOGRAPHY_GAIN * found.inliers):
            found = bent
    return found


def refined(first: Sketch, second: Sketch, placement: Placement) -> Placement | None:
    """Return a closer placement, found on the second picture as it already lies; None where there is none.

    A photo of a screen moves key points by the blur of their own scale; laid flat, many more of them match.
    """
    flat = Sketch.of(laid(second, placement, first.shape)).points
    source, target = _pairs(first.points, flat, matched_near(first.points, flat, reach_px=_REFINED_PX))
    if len(source) < LEAST_INLIERS:
        return None
    step, kept = cv2.findHomography(source, target, cv2.RANSAC, _REACH_PX, maxIters=_MOST_BENDS)
    # OpenCV answers None, against its own types, where no three points agree.
    if not np.any(kept):
        return None
    matrix = np.asarray(step, np.float64) @ placement.matrix
    return _checked(matrix, kept, second.shape, mirrored=placement.mirrored, warped=True)


def laid(second: Sketch, placement: Placement, shape: tuple[int, ...]) -> Grey:
    """Return the second picture as it lies in a first of `shape`."""
    grey = second.mirrored.grey if placement.mirrored else second.grey
    size = (shape[1], shape[0])
    if not placement.warped:
        return np.asarray(cv2.warpAffine(grey, placement.matrix[:2], size, flags=cv2.INTER_LINEAR), np.uint8)
    return np.asarray(cv2.warpPerspective(grey, placement.matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def corners(placement: Placement, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return where the corners of a second picture of `shape` lie in the first, clockwise."""
    height, width = shape[:2]
    square = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    placed: Matrix = np.asarray(cv2.perspectiveTransform(square, placement.matrix), np.float64)
    return placed.reshape(4, 2)


def _points(first: Sketch, second: Sketch, *, mirrored: bool) -> tuple[KeyPoints, KeyPoints]:
    """Return the key points of both, the second's as if mirrored, if so.

    To mirror the second, the first is mirrored instead, once for all candidates, and both places are flipped.
    """
    if not mirrored:
        return first.points, second.points
    return _flipped(first.mirrored.points, first.shape), _flipped(second.points, second.shape)


def _flipped(points: KeyPoints, shape: tuple[int, ...]) -> KeyPoints:
    return KeyPoints(at=points.at * (-1, 1) + np.array([shape[1] - 1, 0], np.float32), bits=points.bits)


def _pairs(one: KeyPoints, other: KeyPoints, pairs: tuple[NDArray[np.intp], NDArray[np.intp]]) -> Pairs:
    """Return where matching key points stand in the second and in the first."""
    return other.at[pairs[1]], one.at[pairs[0]]


def _consenting(pairs: Pairs) -> tuple[Pairs, Matrix] | None:
    """Return the pairs that agree roughly on one placement, and that; None where they are too few."""
    source, target = pairs
    if len(source) < _LEAST_STRONG:
        return None
    matrix, kept = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_WIDE_REACH_PX, maxIters=_MOST_TRIES
    )
    rough = np.asarray(kept).ravel().astype(bool)
    if np.count_nonzero(rough) < _LEAST_STRONG:
        return None
    return (source[rough], target[rough]), np.asarray(matrix, np.float64)


def _checked(
    matrix: Matrix, kept: NDArray[np.generic], shape: tuple[int, ...], *, mirrored: bool, warped: bool
) -> Placement | None:
    inliers = int(np.count_nonzero(kept))
    placement = Placement(matrix=matrix, inliers=inliers, mirrored=mirrored, warped=warped)
    if inliers < LEAST_INLIERS or not _plausible(corners(placement, shape), shape):
        return None
    return placement


def _plausible(square: NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    """Tell whether a screen could come to lie like this: convex, not turned over, not stretched much."""
    edges = np.roll(square, -1, axis=0) - square
    after = np.roll(edges, -1, axis=0)
    if (edges[:, 0] * after[:, 1] - edges[:, 1] * after[:, 0] <= 0).any():
        return False
    height, width = shape[:2]
    scales = np.hypot(edges[:, 0], edges[:, 1]) / np.array([width, height, width, height])
    turn = np.degrees(np.arctan2(edges[0, 1], edges[0, 0]))
    return bool(
        _SCALES[0] < scales.min()
        and scales.max() < _SCALES[1]
        and scales.max() / scales.min() < _MOST_SKEW
        and abs(turn) < _MOST_TURN_DEG
    )
