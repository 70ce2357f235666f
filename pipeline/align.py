"""Lays one sketch over another: where does the second picture lie in the first?

In: two grey sketches. Out: a Placement (a 3 x 3 matrix) or None where they share no common plane. Finds
crops, letterboxes, resized, mirrored and photographed copies. Never: says that the two show one capture:
honest people on one page align too.

Source: ORB (Rublee et al. 2011) key points, matched both ways, RANSAC over a similarity, then over a
homography where that explains clearly more (a photo of a screen).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Matrix = NDArray[np.float64]

KEY_POINTS = 900
LEAST_INLIERS = 25
_FAST_LEVELS = 12
_COVERED = 255
_MOST_BITS = 64
_REACH_PX = 2.5
_REFINED_PX = 8.0
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


class Featured:
    """A sketch with its key points, found once."""

    def __init__(self, grey: Grey) -> None:
        self.grey = grey

    @cached_property
    def points(self) -> tuple[Sequence[cv2.KeyPoint], NDArray[np.uint8] | None]:
        """Key points and their descriptors of 256 bits."""
        orb = cv2.ORB.create(KEY_POINTS, fastThreshold=_FAST_LEVELS)
        key_points, bits = orb.detectAndCompute(self.grey, None)
        return key_points, None if bits is None else np.asarray(bits, np.uint8)

    @cached_property
    def mirrored(self) -> Featured:
        """The sketch flipped left to right."""
        return Featured(np.ascontiguousarray(self.grey[:, ::-1]))


def place(first: Featured, second: Featured, *, mirrored: bool = False) -> Placement | None:
    """Return where `second` (mirrored, if asked) lies in `first`, None where too little agrees."""
    pairs = _matched(first, second.mirrored if mirrored else second)
    if pairs is None:
        return None
    source, target = pairs
    found: Placement | None = None
    partial, kept = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_REACH_PX, maxIters=2000
    )
    if partial is not None:
        matrix = np.vstack([partial, [0.0, 0.0, 1.0]])
        found = _checked(matrix, kept, second.grey.shape, mirrored=mirrored, warped=False)
    general, kept = cv2.findHomography(source, target, cv2.RANSAC, _REACH_PX)
    if general is not None:
        matrix = np.asarray(general, np.float64)
        bent = _checked(matrix, kept, second.grey.shape, mirrored=mirrored, warped=True)
        if bent is not None and (found is None or bent.inliers > _HOMOGRAPHY_GAIN * found.inliers):
            found = bent
    return found


def refined(first: Featured, second: Featured, placement: Placement) -> Placement | None:
    """Return a closer placement, found on the second picture as it already lies; None where there is none.

    A photo of a screen moves key points by the blur of their own scale; laid flat, many more of them match.
    """
    over, _ = laid(second, placement, first.grey.shape)
    pairs = _matched(first, Featured(over))
    if pairs is None:
        return None
    source, target = pairs
    near = np.hypot(*(source - target).T) < _REFINED_PX
    if np.count_nonzero(near) < LEAST_INLIERS:
        return None
    step, kept = cv2.findHomography(source[near], target[near], cv2.RANSAC, _REACH_PX)
    if step is None:
        return None
    matrix = np.asarray(step, np.float64) @ placement.matrix
    return _checked(matrix, kept, second.grey.shape, mirrored=placement.mirrored, warped=True)


def laid(second: Featured, placement: Placement, shape: tuple[int, ...]) -> tuple[Grey, NDArray[np.bool_]]:
    """Return the second picture as it lies in a first of `shape`, and which px it covers."""
    grey = second.mirrored.grey if placement.mirrored else second.grey
    size = (shape[1], shape[0])
    over = cv2.warpPerspective(grey, placement.matrix, size, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.full(grey.shape, _COVERED, np.uint8), placement.matrix, size)
    return np.asarray(over, np.uint8), np.asarray(cover) == _COVERED


def corners(placement: Placement, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return where the corners of a second picture of `shape` lie in the first, clockwise."""
    height, width = shape[:2]
    square = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    placed: Matrix = np.asarray(cv2.perspectiveTransform(square, placement.matrix), np.float64)
    return placed.reshape(4, 2)


def _matched(first: Featured, second: Featured) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    (points, bits), (other_points, other_bits) = first.points, second.points
    if bits is None or other_bits is None:
        return None
    matcher = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True)
    matches = [one for one in matcher.match(other_bits, bits) if one.distance < _MOST_BITS]
    if len(matches) < LEAST_INLIERS:
        return None
    source = np.array([other_points[one.queryIdx].pt for one in matches], np.float32)
    target = np.array([points[one.trainIdx].pt for one in matches], np.float32)
    return source, target


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
