"""What kind of screen is it, at a glance: pictures on it, a keyboard, another screen shown inside?

In: a picture's pixels. Out: a `Scene`. It takes a few milliseconds at thumbnail size, reads nothing and
judges nothing; `places` weighs it beside how the asked words are set.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.frames import barred, carded, enlarged, inset
from pipeline.records import Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Pixels = NDArray[np.uint8]  # shape (height_px, width_px, 3), RGB
    Grey = NDArray[np.uint8]

_COLOUR_SIDE_PX = 160
_KEYS_WIDE_PX = 360
_STRIP_PX = 10
_EDGE_LEVELS = 40
_LEAST_ENERGY = 2e4  # of a strip with ink in it
_SHADES_BITS = 4  # of each channel that tell colours apart
_TONES_BITS = 5
_ENDS = (0.005, 0.995)  # of the px are darker than the darkest and the lightest shade
_LEVELS, _LEAST_RANGE = 255, 32
_STEEP_SHARE = 0.002  # of the steps from px to px are a letter's edges, on a page with few words
_EVERY_ROW = 3


def scene(pixels: Pixels, policy: Policy, *, shrink: float = 1.0) -> Scene:
    """Return what a glance shows.

    Args:
        pixels: RGB.
        policy: The thresholds in force.
        shrink: Factor from the upright original to `pixels`.
    """
    factor = min(1.0, _KEYS_WIDE_PX / min(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    box = inset(grey, policy) or barred(grey, policy) or carded(grey, policy)
    scale = factor * shrink
    return Scene(
        hues=hues(small.astype(np.uint8, copy=False), policy),
        keyboard=key_strips(grey, policy) >= policy.key_strips,
        inset=enlarged(box, 1 / scale) if box else None,
        tones=tones(grey, policy),
        steep=steep(pixels),
    )


def sized(seen: Scene, talls: Sequence[float], policy: Policy) -> Scene:
    """Return a scene with the heights of its text lines: that of a usual one, and one that several reach."""
    ranked = sorted(talls, reverse=True)
    several = ranked[policy.large_lines - 1] if len(ranked) >= policy.large_lines else 0.0
    return replace(seen, usual_px=median(talls) if talls else 0.0, large_px=several)


def hues(pixels: Pixels, policy: Policy) -> int:
    """Return how many colours a thumbnail holds, greys left out: photos and drawings bring hundreds."""
    tall, wide = pixels.shape[:2]
    factor = _COLOUR_SIDE_PX / min(tall, wide)
    size = (max(1, round(wide * factor)), max(1, round(tall * factor)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    red, green, blue = cv2.split(small)
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    coloured = small[cv2.subtract(most, least) > policy.colour_levels].astype(np.int32)
    shades = coloured >> (8 - _SHADES_BITS)
    codes = (shades[:, 0] << (2 * _SHADES_BITS)) + (shades[:, 1] << _SHADES_BITS) + shades[:, 2]
    return int(np.count_nonzero(np.bincount(codes)))


def steep(pixels: Pixels) -> float:
    """Return how steep the steepest edges are, as a share of the range between darkest and lightest.

    Letters have the steepest; in a picture that was made larger, or blurred, they have none.
    """
    if pixels.shape[1] <= 1:
        return 0.0
    rows = np.ascontiguousarray(pixels[::_EVERY_ROW])
    grey = cv2.cvtColor(rows, cv2.COLOR_RGB2GRAY)
    steps = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    darkest, lightest = _levels(grey, _ENDS)
    (steepest,) = _levels(steps, (1 - _STEEP_SHARE,))
    return round(steepest / max(_LEAST_RANGE, lightest - darkest), 3)


def _levels(values: NDArray[np.generic], shares: Sequence[float]) -> list[int]:
    """Return the levels below which such shares of 8-bit values lie."""
    below = np.cumsum(np.bincount(values.ravel(), minlength=_LEVELS + 1))
    return [int(one) for one in np.searchsorted(below, [share * values.size for share in shares])]


def tones(grey: Grey, policy: Policy) -> int:
    """Return how many of 32 shades of a thumbnail lie on soft slopes: a photo has them without colours, too.

    Shades are counted between the darkest and the lightest, so that a dim picture has as many.
    """
    darkest, lightest = _levels(grey, _ENDS)
    factor = _LEVELS / max(_LEAST_RANGE, lightest - darkest)
    above = np.maximum(grey, np.uint8(darkest)) - np.uint8(darkest)
    spread = cv2.convertScaleAbs(above, alpha=factor).astype(np.uint8, copy=False)
    slopes = cv2.morphologyEx(spread, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    soft = spread[(slopes > 0) & (slopes <= policy.soft_slope)]
    counts = np.bincount(soft >> (8 - _TONES_BITS), minlength=1 << _TONES_BITS)
    return int(np.count_nonzero(counts >= policy.tone_share * grey.size))


def key_strips(grey: Grey, policy: Policy) -> int:
    """Return how many strips of the lower half repeat themselves at the distance of a keyboard's keys.

    Its three rows of letters share one pitch, a tenth of the width or a little less. A calendar repeats in
    sevenths, a grid of icons in fifths and larger.
    """
    tall = round(grey.shape[0] * _KEYS_WIDE_PX / grey.shape[1])
    if tall < _KEYS_WIDE_PX:
        return 0
    small = cv2.resize(grey, (_KEYS_WIDE_PX, tall), interpolation=cv2.INTER_AREA)
    edges = np.minimum(np.abs(np.diff(small[tall // 2 :].astype(np.float32), axis=1)), _EDGE_LEVELS)
    strips = len(edges) // _STRIP_PX
    profiles = edges[: strips * _STRIP_PX].reshape(strips, _STRIP_PX, -1).sum(axis=1)
    profiles = cv2.blur(profiles, (5, 1))
    profiles -= profiles.mean(axis=1, keepdims=True)
    energy = (profiles**2).sum(axis=1) + 1.0
    pitches = range(_KEYS_WIDE_PX // 12, _KEYS_WIDE_PX // 9 + 1)
    return max(_repeating(profiles, energy, pitch, policy) for pitch in pitches)


def _repeating(profiles: NDArray[np.float32], energy: NDArray[np.float32], pitch: int, policy: Policy) -> int:
    """Return how many profiles are alike to themselves one and two pitches further."""
    alike = energy > _LEAST_ENERGY
    for lag in (pitch, 2 * pitch):
        shared = (profiles[:, lag:] * profiles[:, :-lag]).sum(axis=1) / energy
        alike &= shared * (profiles.shape[1] / (profiles.shape[1] - lag)) > policy.key_alike
    return int(np.count_nonzero(alike))
