"""Patches: plates with a line of text that were laid over a page, whatever the text says.

In: the pixels and text lines of a picture. Out: the box of the first such plate, or None. Who paints asked
words often paints more than the one place that reading needed; what he laid cuts off the page's own lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.cuts import strokes_cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Pixels = NDArray[np.uint8]  # shape (height_px, width_px, 3), RGB
    Sides = tuple[int, int, int, int]  # left, top, right, bottom in px

_CORNER_PX = 2
_OWN = 0.4  # of a row or a column that a plate fills
_THIN = 8  # every so many px tell the page's shade
_SAMPLES = 48  # along a line: more than one between two letters


def patch(pixels: Pixels, lines: Sequence[Sides], policy: Policy) -> Sides | None:
    """Return the first square plate around a line that reaches over strokes of the page, or is stark.

    Args:
        pixels: RGB.
        lines: Boxes of text lines in px of `pixels`.
        policy: The thresholds in force.
    """
    seeds = [(line, (line[0] - 1, line[1] - 1)) for line in _on_plates(pixels, lines, policy)]
    page = float(np.median(pixels[::_THIN, ::_THIN]))
    for line, seed in (*seeds, *_two_grounds(pixels, lines, policy)):
        plate = _square_plate(pixels, line, seed, policy)
        if plate is None:
            continue
        if strokes_cut(pixels, plate, policy) >= policy.patch_cut or _stark(
            pixels, plate, line, page, policy
        ):
            return plate
    return None


def _stark(pixels: Pixels, plate: Sides, line: Sides, page: float, policy: Policy) -> bool:
    """Whether a plate holds just its line, and is as far from the page's shade as black from grey.

    Pages round what they set so starkly apart; an editor's plate has corners.
    """
    left, top, right, bottom = plate
    holds = left <= line[0] and top <= line[1] and right >= line[2] and bottom >= line[3]
    filled = line[2] - line[0] >= policy.stark_wide * (right - left)
    filled = filled and line[3] - line[1] >= policy.stark_tall * (bottom - top)
    ground = pixels[min(top + 1, bottom - 1), min(left + 1, right - 1)]
    return holds and filled and abs(float(ground.mean()) - page) >= policy.stark_levels


def _two_grounds(
    pixels: Pixels, lines: Sequence[Sides], policy: Policy
) -> list[tuple[Sides, tuple[int, int]]]:
    """Return lines whose middle runs over two grounds, each with a px of either: a plate ends within them."""
    if not lines:
        return []
    boxes = np.array(lines, np.int32)
    left, top, right, bottom = boxes.T
    shares = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    x = (left[:, None] + np.outer(right - left, shares)).astype(np.int32)
    y = np.clip((top + bottom) // 2, 0, pixels.shape[0] - 1)
    seen = pixels[y[:, None], np.clip(x, 0, pixels.shape[1] - 1)].astype(np.int16)
    first = np.median(seen, axis=1)[:, None]
    on_first = np.abs(seen - first).max(axis=2) <= 2 * policy.plate_levels
    found = []
    for at in np.flatnonzero(on_first.mean(axis=1) <= 1 - policy.patch_ground).tolist():
        others = np.flatnonzero(~on_first[at])
        second = np.median(seen[at, others], axis=0)
        here = others[np.abs(seen[at, others] - second).max(axis=1) <= 2 * policy.plate_levels]
        if len(here) >= policy.patch_ground * _SAMPLES:
            # Those in the middle: at the ends, the edge of a letter may have the colour.
            kinds = (here, np.flatnonzero(on_first[at]))
            places = [int(x[at, one[len(one) // 2]]) for one in kinds if len(one)]
            found += [(lines[at], (one, int(y[at]))) for one in places]
    return found


def _on_plates(pixels: Pixels, lines: Sequence[Sides], policy: Policy) -> list[Sides]:
    """Return the lines whose ground ends soon in all four directions, looked at along their middles.

    All lines at once: one by one they would cost more than all else here.
    """
    if not lines:
        return []
    boxes = np.array(lines, np.int32)
    left, top, right, bottom = boxes.T
    tall, wide = pixels.shape[:2]
    middle_x, middle_y = (left + right) // 2, (top + bottom) // 2
    steps = np.arange(1, policy.patch_steps + 1) / policy.patch_steps
    room = np.outer(bottom - top, steps * policy.patch_room).astype(np.int32) + 1
    ground = pixels[np.clip(top - 1, 0, tall - 1), np.clip(left - 1, 0, wide - 1)].astype(np.int16)
    ends = np.ones(len(boxes), bool)
    for x, y in (
        (left[:, None] - room, middle_y[:, None] + 0 * room),
        (right[:, None] + room, middle_y[:, None] + 0 * room),
        (middle_x[:, None] + 0 * room, top[:, None] - room),
        (middle_x[:, None] + 0 * room, bottom[:, None] + room),
    ):
        seen = pixels[np.clip(y, 0, tall - 1), np.clip(x, 0, wide - 1)].astype(np.int16)
        away = np.abs(seen - ground[:, None]).max(axis=2)
        ends &= (away > policy.plate_levels).any(axis=1)
    return [line for line, one in zip(lines, ends.tolist(), strict=True) if one]


def _square_plate(pixels: Pixels, line: Sides, seed: tuple[int, int], policy: Policy) -> Sides | None:
    """Return the plate of a px at a line if it has four sharp corners and is hardly larger than a line."""
    _, top, _, bottom = line
    room = round((bottom - top) * policy.patch_room) + 2
    y0 = max(0, top - room)
    part = np.array(pixels[y0 : bottom + room], order="C")  # floodFill wants it writable
    column = min(part.shape[1] - 1, max(0, seed[0]))
    row = min(part.shape[0] - 1, max(0, seed[1] - y0))
    mask = np.zeros((part.shape[0] + 2, part.shape[1] + 2), np.uint8)
    level = (2 * policy.plate_levels,) * 3  # files that were lossy twice
    flags = 4 | (1 << 8) | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY
    _, _, _, (x, y, w, h) = cv2.floodFill(part, mask, (column, row), (0, 0, 0), level, level, flags)
    filled = mask[y + 1 : y + h + 1, x + 1 : x + w + 1] == 1
    # The edges of letters that touch a plate may have its colour: what is filled in half is the plate's own.
    rows, columns = (np.flatnonzero(filled.mean(axis=one) >= _OWN) for one in (1, 0))
    if not len(rows) or not len(columns):
        return None
    x, y, w, h = x + int(columns[0]), y + int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    inside = x > 0 and y > 0 and x + w < part.shape[1] and y + h < part.shape[0]
    if not inside or h < (bottom - top) / 2 or w < policy.patch_long * h:
        return None
    ours = mask[y + 1 : y + h + 1, x + 1 : x + w + 1] == 1
    near, far = slice(0, _CORNER_PX), slice(-_CORNER_PX, None)
    if not all(ours[down, across].any() for down in (near, far) for across in (near, far)):
        return None
    return (x, y0 + y, x + w, y0 + y + h)
