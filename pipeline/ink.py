"""Ink that no page leaves: letters of three colours.

In: the pixels in and around a word. Out: shares. It measures; `surround` keeps what it finds
and `painted` judges it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Pixels = NDArray[np.uint8]  # shape (height_px, width_px, 3), RGB
    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]

_RED, _GREEN, _BLUE = range(3)


def apart(pixels: NDArray[np.generic], ground: NDArray[np.generic]) -> Floats:
    """Return how far px lie from a colour: the largest difference of a channel; one axis less than `pixels`.

    By planes: a maximum over an axis of three takes numpy ten times as long.
    """
    floats, levels = pixels.astype(np.float32), ground.astype(np.float32)
    most: Floats = np.abs(floats[..., _RED] - levels[..., _RED])
    for plane in (_GREEN, _BLUE):
        np.maximum(most, np.abs(floats[..., plane] - levels[..., plane]), out=most)
    return most


def mixed(part: Floats, ground: Floats, ink: Floats, policy: Policy) -> float:
    """Return the share of a word's ink that is no blend of its ink and its ground.

    Anti-aliasing blends the two, so all px of a page's word lie on the line between them. An outline, a
    shadow and what a word lies across bring a third colour.
    """
    across = ink - ground
    away = part.reshape(-1, 3) - ground
    marked = apart(part.reshape(-1, 3), ground) > policy.mixed_levels
    if not marked.any():
        return 0.0
    share = np.clip(away @ across / max(1.0, float(across @ across)), 0.0, policy.beyond_ink)
    off = apart(away, share[:, None] * across)
    return round(float((off[marked] > policy.mixed_levels).mean()), 3)
