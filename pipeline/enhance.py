"""Pixels made ready for a text engine, and pixels that no engine should see.

In: grey pixels. Out: grey pixels, dark text on white whatever the widget's colour, or a fact about them
(noise, blur). It never changes the picture that is kept as evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Grey = NDArray[np.uint8]
    Bools = NDArray[np.bool_]


def grey(pixels: NDArray[np.uint8]) -> Grey:
    """Return RGB pixels as grey, shape (height_px, width_px)."""
    return _u8(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def resized(picture: Grey, factor: float) -> Grey:
    """Return the picture scaled by `factor`; 1.0 returns it as it is."""
    if factor == 1.0:
        return picture
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor)))
    return _u8(cv2.resize(picture, size, interpolation=way))


def shrunk(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """Return RGB pixels at most as large, scaled by `factor`; 1.0 and more returns them as they are.

    Down to half, interpolation between neighbours takes every px into account, at a quarter of the time that
    averaging takes.
    """
    if factor >= 1.0:
        return pixels
    way = cv2.INTER_LINEAR if factor > _HALF_SIZE else cv2.INTER_AREA
    size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
    return _u8(cv2.resize(pixels, size, interpolation=way))


def contrast(picture: Grey, policy: Policy, *, window_px: int | None = None) -> Grey:
    """Return absolute local contrast: every text dark on white, on any button, pill or theme.

    The background is the median in a window at half size, since a letter covers less than half of it; what
    differs from it, darker or lighter, becomes dark.

    Args:
        picture: Grey pixels.
        policy: The thresholds in force.
        window_px: The window instead of the policy's `contrast_window_px`.
    """
    small = resized(picture, 0.5)
    window = min(window_px or policy.contrast_window_px, max(3, (min(small.shape) - 1) | 1))
    ground = cv2.resize(cv2.medianBlur(small, window), (picture.shape[1], picture.shape[0]))
    apart = cv2.convertScaleAbs(cv2.absdiff(picture, ground), alpha=policy.contrast_gain)
    return _u8(cv2.bitwise_not(apart))


def plain(picture: Grey) -> Grey:
    """Return the picture with dark text on light: inverted as a whole where most of it is dark."""
    return _u8(cv2.bitwise_not(picture)) if float(np.median(picture)) < _HALF else picture


def without(picture: Grey, boxes: NDArray[np.float64]) -> Grey:
    """Return the picture with boxes (left, top, right, bottom in px, shape (n, 4)) painted in its ground."""
    left, top = (np.maximum(0, boxes[:, side].astype(int) - 1).tolist() for side in (0, 1))
    right, bottom = ((np.rint(boxes[:, side]).astype(int) + 1).tolist() for side in (2, 3))
    ground, painted = int(np.median(picture)), picture.copy()
    for x0, y0, x1, y1 in zip(left, top, right, bottom, strict=True):
        painted[y0:y1, x0:x1] = ground
    return painted


def ink_of(contrasted: Grey, policy: Policy) -> Grey:
    """Return 255 where a contrast picture is dark enough for a letter, else 0."""
    return _u8(cv2.threshold(contrasted, 255 - policy.ink_levels, 255, cv2.THRESH_BINARY_INV)[1])


def ink_columns(contrasted: Grey, policy: Policy) -> Bools:
    """Tell which columns of a contrast picture hold ink."""
    return cast("Bools", ink_of(contrasted, policy).any(axis=0))


def blurred(picture: Grey, policy: Policy) -> bool:
    """Whether a picture, at the size at which it is read, has no edges as steep as a letter's.

    A number of places, not a share: a page with one short word on white is sharp too.
    """
    across = cv2.absdiff(picture[:, 1:], picture[:, :-1])
    return int(np.count_nonzero(across >= policy.blurred_levels)) < policy.edge_px


def _u8(picture: object) -> Grey:
    return cast("Grey", picture)


_HALF = 127
_HALF_SIZE = 0.5
