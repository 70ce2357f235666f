"""What surrounds a word: the colours it is set in, its size and weight, and the plate that it stands on.

In: the picture's pixels and word boxes. Out: a `Setting` a word. A page sets its name as a heading and its
state on a button; typed words share one style on one plate, and painted words bring a plate of their own
that cuts through the page. It measures; it never judges and never recognises a letter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.cuts import bitten, remains, strokes_cut
from pipeline.dots import dots
from pipeline.ink import apart, mixed
from pipeline.records import Box, Setting
from pipeline.segments import edges_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Pixels = NDArray[np.uint8]  # shape (height_px, width_px, 3), RGB
    Mask = NDArray[np.bool_]

_RING_PX, _ROUGH_PX, _CORNER_PX, _BLUR_PX, _STEP_PX = 2, 4, 2, 2, 6
_HALF_INK, _FULL_INK = 0.5, 0.8
_WITH_MORE = 1.5  # of a word's height: a higher line holds more than its own letters
_NEXT_LINE = 0.2  # of a word's height: a wider gap parts it from the next line; dots and marks stand nearer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plate:
    """An area of one colour: its box (left, top, width, height in px of the small picture) and its shape."""

    box: tuple[int, int, int, int]
    square: bool
    straddles: float
    cut: int = 0
    stepped: bool = False


@dataclass(slots=True, kw_only=True)
class Surroundings:
    """The pixels of one picture, with the plates found in it so far.

    Attributes:
        small: RGB, scaled by `scale`.
        lines: The text lines on the picture; `usual_px`: height of a usual one; in px of the original.
        names: Number of the plate that each px belongs to, 0 where none was found yet; with a border of 1 px.
    """

    small: Pixels
    scale: float
    policy: Policy
    names: NDArray[np.uint8]
    lines: tuple[Box, ...] = ()
    usual_px: float = 0.0
    plates: dict[int, _Plate] = field(default_factory=dict)
    _beside: dict[Box, tuple[int, bool]] = field(default_factory=dict)

    def setting(self, box: Box) -> Setting | None:
        """Measure one word; None where its box shows no letter."""
        left, top, right, bottom = self._inside(box)
        ring = self._ring(left, top, right, bottom)
        if right - left < _RING_PX or bottom - top < _RING_PX or not len(ring):
            return None
        ground = np.median(ring, axis=0)
        part = self.small[top:bottom, left:right].astype(np.float32)
        away = apart(part, ground)
        most = float(away.max())
        if most < self.policy.ink_levels:
            return None
        ink = away >= _HALF_INK * most
        own = _own_rows(ink)
        tall = float(own.stop - own.start)
        plate = self._plate((left, top, right, bottom), ground)
        beside = self._beside_line(self._line(box), (top + own.start, top + own.stop), ground)
        full = np.median(part[away >= _FULL_INK * most], axis=0)
        return Setting(
            ink=_colour(full),
            ground=_colour(ground),
            tall_px=round(tall / self.scale, 2),
            stroke=round(_stroke(ink[own], away[own] / most) / tall, 3),
            plate=self._upright(plate.box),
            square=plate.square,
            straddles=plate.straddles,
            cut=plate.cut,
            stepped=plate.stepped,
            rough=self._rough(left, top, right, bottom),
            mixed=mixed(part, ground.astype(np.float32), full.astype(np.float32), self.policy),
            remains=beside[0],
            bitten=beside[1],
            dots=dots(ink[own], self.policy),
        )

    def ground(self, box: Box) -> tuple[int, int, int] | None:
        """Return the colour just around a box, None where it has no size."""
        ring = self._ring(*self._inside(box))
        return _colour(np.median(ring, axis=0)) if len(ring) else None

    def _line(self, box: Box) -> Box | None:
        """Return the text line that holds the middle of a word."""
        x, y = box.x + box.w / 2, box.y + box.h / 2
        held = (one for one in self.lines if one.x <= x <= one.x + one.w and one.y <= y <= one.y + one.h)
        return next(held, None)

    def _beside_line(
        self, line: Box | None, rows: tuple[int, int], ground: NDArray[np.float64]
    ) -> tuple[int, bool]:
        """Look beside a line, once for all its words; its box may hold what is left of another line, too.

        Returns:
            The strokes that remain of another line, and whether the ground bites into an element.
        """
        if line is None:
            return 0, False
        if line not in self._beside:
            left, top, right, bottom = self._inside(line)
            if bottom - top > _WITH_MORE * (rows[1] - rows[0]):
                top, bottom = rows
            text = (left, top, right, bottom)
            usual = self.usual_px * self.scale
            strokes = remains(self.small, text, usual, self.policy)
            self._beside[line] = strokes, bitten(self.small, text, ground, self.policy)
        return self._beside[line]

    def _inside(self, box: Box) -> tuple[int, int, int, int]:
        tall, wide = self.small.shape[:2]
        left, top = int(box.x * self.scale), int(box.y * self.scale)
        right, bottom = round((box.x + box.w) * self.scale), round((box.y + box.h) * self.scale)
        return max(0, left), max(0, top), min(wide, right), min(tall, bottom)

    def _ring(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """Return the pixels just outside a box, shape (n, 3)."""
        columns, rows = _outline(left, top, right, bottom, self.small.shape)
        return self.small[rows, columns]

    def _plate(self, word: tuple[int, int, int, int], ground: NDArray[np.float64]) -> _Plate:
        """Return the connected area of the word's ground, found once for all words that stand on it."""
        left, top, right, bottom = word
        places = _outline(left, top, right, bottom, self.small.shape)
        nearest = int(apart(self.small[places[1], places[0]], ground).argmin())
        seed = (int(places[0][nearest]), int(places[1][nearest]))
        known = int(self.names[seed[1] + 1, seed[0] + 1])
        if known:
            return self.plates[known]
        if len(self.plates) >= self.policy.most_plates:
            return _Plate(box=(0, 0, self.small.shape[1], self.small.shape[0]), square=False, straddles=0.0)
        number = len(self.plates) + 1
        x, y, w, h = self._filled(number, seed, self.policy.plate_levels)
        if w < right - left or h < bottom - top:  # a lossy file spoils saturated grounds, or it is no plate
            x, y, w, h = self._filled(number, seed, 3 * self.policy.plate_levels, again=True)
        ours = self.names[y + 1 : y + h + 1, x + 1 : x + w + 1] == number
        square = _square(ours)
        cut = strokes_cut(self.small, (x, y, x + w, y + h), self.policy) if square else 0
        plate = _Plate(
            box=(x, y, w, h),
            square=square,
            straddles=self._straddled(x, y, w, h),
            cut=cut,
            stepped=h <= self.policy.low_plate * self.small.shape[0] and _stepped(ours, right - left),
        )
        self.plates[number] = plate
        return plate

    def _filled(
        self, number: int, seed: tuple[int, int], levels: int, *, again: bool = False
    ) -> tuple[int, int, int, int]:
        """Mark the connected area around a px that differs from it by so many levels; return its box."""
        if again:
            self.names[self.names == number] = 0
        level = (levels,) * 3
        flags = 4 | (number << 8) | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY
        _, _, _, rect = cv2.floodFill(self.small, self.names, seed, (0, 0, 0), level, level, flags)
        x, y, w, h = (int(side) for side in rect)
        return x, y, w, h

    def _straddled(self, x: int, y: int, w: int, h: int) -> float:
        """Return the largest share, of one side of a box, that has another colour than most of that side."""
        # A lossy file blurs a plate's edge, so look a little further out than the plate was filled.
        left, top, right, bottom = x - _BLUR_PX, y - _BLUR_PX, x + w + _BLUR_PX, y + h + _BLUR_PX
        columns, rows = _outline(left, top, right, bottom, self.small.shape)
        sides = (rows < top, rows >= bottom, columns < left, columns >= right)
        return round(max(self._crossed(self.small[rows[side], columns[side]]) for side in sides), 3)

    def _crossed(self, side: Pixels) -> float:
        """Return the share of a side that lies on another colour than most of it, in long runs.

        Letters of a line that touches the plate are short runs; what a plate was laid over is not.
        """
        if not len(side):
            return 0.0
        other = apart(side, np.median(side, axis=0)) > 2 * self.policy.plate_levels
        edges = edges_of(other)
        runs = edges[1::2] - edges[::2]
        return float(runs[runs > self.policy.letter_run * len(side)].sum() / len(side))

    def _rough(self, left: int, top: int, right: int, bottom: int) -> float:
        """Return the share of px just above and below a word that have another colour than most of them."""
        above = self.small[max(0, top - _ROUGH_PX) : max(0, top - 1), left:right]
        below = self.small[bottom + 1 : bottom + _ROUGH_PX, left:right]
        return round(self._mixed(np.concatenate([above.reshape(-1, 3), below.reshape(-1, 3)])), 3)

    def _mixed(self, side: Pixels) -> float:
        if not len(side):
            return 0.0
        usual = np.median(side, axis=0)
        return float((apart(side, usual) > 2 * self.policy.plate_levels).mean())

    def _upright(self, box: tuple[int, int, int, int]) -> Box:
        x, y, w, h = (round(side / self.scale) for side in box)
        return Box(x=x, y=y, w=max(1, w), h=max(1, h))


def surroundings(
    pixels: Pixels, *, scale: float, policy: Policy, lines: Sequence[Box] = (), usual_px: float = 0.0
) -> Surroundings:
    """Return the surroundings in RGB pixels.

    Args:
        pixels: The upright original at `scale`.
        scale: Factor from the upright original to `pixels`.
        policy: The thresholds in force.
        lines: The text lines that stand on the picture, in px of the upright original.
        usual_px: Height of a usual line, likewise.
    """
    small = np.array(pixels, order="C")  # floodFill wants it writable, and marks only the mask
    names = np.zeros((small.shape[0] + 2, small.shape[1] + 2), np.uint8)
    return Surroundings(
        small=small, scale=scale, policy=policy, names=names, lines=tuple(lines), usual_px=usual_px
    )


def _outline(
    left: int, top: int, right: int, bottom: int, shape: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return columns and rows of the px just outside a box, as far as they lie in the picture."""
    before, after = left - _RING_PX, right + _RING_PX - 1
    over, under = top - _RING_PX, bottom + _RING_PX - 1
    across, down = np.arange(before, after + 1), np.arange(over, under + 1)
    columns = np.concatenate([across, across, np.full(down.size, before), np.full(down.size, after)])
    rows = np.concatenate([np.full(across.size, over), np.full(across.size, under), down, down])
    within = (columns >= 0) & (columns < shape[1]) & (rows >= 0) & (rows < shape[0])
    return columns[within], rows[within]


def _colour(value: NDArray[np.generic]) -> tuple[int, int, int]:
    red, green, blue = (int(one) for one in value)
    return red, green, blue


def _stroke(ink: Mask, coverage: NDArray[np.float32]) -> float:
    """Return the mean width of strokes crossed from left to right, in px; long bars do not count."""
    edges = np.diff(ink.astype(np.int8), axis=1, prepend=0, append=0)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    long = (ends[:, 1] - starts[:, 1]) > ink.shape[0] / 2
    count = int((~long).sum())
    if not count:
        return 0.0
    kept = ink.copy()
    for (row, start), (_, end) in zip(starts[long], ends[long], strict=True):
        kept[row, start:end] = False
    return float((coverage * kept).sum()) / count


def _own_rows(ink: Mask) -> slice:
    """Return the rows of a word's own ink: what stands apart from most of it is the next line's."""
    inked = ink.sum(axis=1)
    edges = edges_of(inked)
    blocks = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    main = max(range(len(blocks)), key=lambda at: int(inked[slice(*blocks[at])].sum()))
    first, last = blocks[main]
    room = max(1, round(_NEXT_LINE * (last - first)))
    for top, bottom in reversed(blocks[:main]):
        first = top if first - bottom <= room else first
    for top, bottom in blocks[main + 1 :]:
        last = bottom if top - last <= room else last
    return slice(first, last)


def _stepped(ours: Mask, word_px: int) -> bool:
    """Whether some rows of an area are far narrower than its widest, all alike, and as wide as its word.

    Round ends take no more than its height from a row, a bubble's tail is narrower than a word, and where a
    lossy file spoils a ground no two rows are alike.
    """
    wide = ours.shape[1] - ours.argmax(axis=1) - ours[:, ::-1].argmax(axis=1)
    narrow = (wide >= word_px) & (wide < wide.max() - len(wide))
    edges = edges_of(narrow[1:] & narrow[:-1] & (np.abs(np.diff(wide)) <= 1))
    return bool((edges[1::2] - edges[::2] >= _STEP_PX - 1).any())


def _square(ours: Mask) -> bool:
    """Whether an area reaches into all four corners of its box, but for a px that a lossy file spoilt."""
    near, far = slice(0, _CORNER_PX), slice(-_CORNER_PX, None)
    return all(bool(ours[rows, columns].any()) for rows in (near, far) for columns in (near, far))
