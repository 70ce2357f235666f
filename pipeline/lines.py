"""Pixels into text lines, without recognising a letter: where words stand, how tall, in which kind of script.

In: the contrast picture of `enhance` (dark text on white). Out: `Line`s. A reader that knows the lines needs
to recognise only those that can hold what is asked, each at the size and in the script its model knows best.
Spots of ink that stand side by side at one height are a line; frames, pictures and rules are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.enhance import ink_of
from pipeline.segments import barred_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.enhance import Grey
    from pipeline.policy import Policy

    Boxes = NDArray[np.int32]  # shape (n, 4): left, top, right, bottom; right and bottom exclusive

_LEFT, _TOP, _RIGHT, _BOTTOM = range(4)
_FEW_ROWS = 1 << 16  # as many names have 16 bits, which are written in two thirds of the time
_GROW = (np.minimum, np.minimum, np.maximum, np.maximum)  # how each side of a box grows


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of text, in px of the contrast picture.

    Attributes:
        left, top, right, bottom: Its box, right and bottom exclusive.
        tall_px: Height of its letters (70th percentile of its spots).
        even: Share of its spots that are as tall as the tallest: near 1 for digits and capitals.
        headline: Share of its width whose words stand under one bar, as in Bengali: near 0 for Latin, near 1
            for Bengali, between for both in one line and for short words that may be either.
        mottled: Share of its px between ground and ink, less that of its ground: below 0 for text, whose
            letters have such px at their edges only, above it for a patch of a photo.
    """

    left: int
    top: int
    right: int
    bottom: int
    tall_px: float
    headline: float
    even: float = 0.5
    mottled: float = 0.0

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def width_px(self) -> int:
        """Width of its box."""
        return self.right - self.left

    @property
    def middle_px(self) -> float:
        """Half-way down its box."""
        return (self.top + self.bottom) / 2

    @property
    def length(self) -> float:
        """Its width in heights of its letters."""
        return self.width_px / self.tall_px


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ink:
    """The ink of a contrast picture.

    Attributes:
        mask: 255 where a px is dark enough for a letter, else 0.
        spots: Its connected spots: left, top, width, height, area in px; shape (n, 5).
    """

    mask: Grey
    spots: NDArray[np.int32]

    def may_be_noise(self, policy: Policy) -> bool:
        """Whether there are more spots than on most pages, or so many that they have run together."""
        spots = len(self.spots) / self.mask.size * 1_000_000
        inked = np.count_nonzero(self.mask) / self.mask.size
        return bool(spots > policy.many_spots or inked > policy.much_ink)


def ink_in(contrast: Grey, policy: Policy) -> Ink:
    """Return the ink of a contrast picture."""
    mask = ink_of(contrast, policy)
    # This way of counting takes a third of the default one's time.
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_BBDT)
    return Ink(mask=mask, spots=np.asarray(stats[1:], np.int32))


def find_lines(contrast: Grey, inked: Ink, policy: Policy) -> tuple[Line, ...]:
    """Return the text lines of a contrast picture, from top to bottom."""
    ink = inked.mask
    letters, marks = _spots(inked, policy)
    if not len(letters):
        return ()
    boxes, tall, even = _gathered(letters, _rows_of(letters, marks, ink.shape, policy), policy)
    boxes = _with_marks(boxes, marks, tall, policy)
    whole, tones = ~_inside_others(boxes), cv2.LUT(contrast, _tones(policy))
    lines = [
        Line(
            left=int(box[_LEFT]),
            top=int(box[_TOP]),
            right=int(box[_RIGHT]),
            bottom=int(box[_BOTTOM]),
            tall_px=float(height),
            headline=barred_share(
                ink[box[_TOP] : box[_BOTTOM], box[_LEFT] : box[_RIGHT]], round(float(height)), policy
            ),
            even=float(level),
            mottled=cv2.mean(tones[box[_TOP] : box[_BOTTOM], box[_LEFT] : box[_RIGHT]])[0] - 1.0,
        )
        for box, height, level in zip(boxes[whole], tall[whole], even[whole], strict=True)
    ]
    return tuple(sorted(lines, key=lambda line: (line.top, line.left)))


def _tones(policy: Policy) -> Grey:
    """Return 0 for levels of ground, 1 for those of ink, 2 for those between."""
    levels = np.arange(256)
    ground, ink = levels >= 255 - policy.ground_levels, levels <= 255 - policy.full_levels
    return np.where(ground, 0, np.where(ink, 1, 2)).astype(np.uint8)


def _spots(ink: Ink, policy: Policy) -> tuple[Boxes, Boxes]:
    """Return the boxes of letter-like spots, and those of dots and marks."""
    left, top, wide, tall, area = ink.spots.T
    boxes = np.stack((left, top, left + wide, top + tall), axis=1)
    height, width = ink.mask.shape
    frame = (wide > policy.widest_spot * width) | (tall > policy.tallest_spot * max(height, width))
    hollow = (tall > policy.hollow_px) & (area < policy.hollow_fill * wide * tall)
    small = tall < policy.spot_px
    frame |= _holds_others(boxes, ~small & ~frame, policy)
    rule = (wide > policy.rule_shape * tall) & (area > policy.rule_fill * wide * tall)
    mark = small & (wide <= 2 * policy.spot_px) & (area > 1)
    like_letters = ~small & ~frame & ~hollow & ~rule
    filled = like_letters & (area >= policy.word_fill * wide * tall)
    letters = boxes[like_letters & ~_specks(boxes, like_letters, filled, policy)]
    return letters[~_icons(letters, policy)], boxes[mark]


def _holds_others(boxes: Boxes, spots: NDArray[np.bool_], policy: Policy) -> NDArray[np.bool_]:
    """Tell which spots hold several others inside: outlines of buttons and halos, not letters."""
    wide, tall = boxes[:, _RIGHT] - boxes[:, _LEFT], boxes[:, _BOTTOM] - boxes[:, _TOP]
    inner = boxes[spots]
    holds = np.zeros(len(boxes), np.bool_)
    for one in np.flatnonzero(spots & (tall > policy.frame_px) & (wide > policy.frame_px)):
        left, top, right, bottom = boxes[one]
        within = (inner[:, :2] > (left, top)).all(axis=1) & (inner[:, 2:] < (right, bottom)).all(axis=1)
        held = int((inner[within, _RIGHT] - inner[within, _LEFT]).sum())
        holds[one] = np.count_nonzero(within) >= policy.frame_holds and held >= policy.frame_filled * (
            right - left
        )
    return holds


def _specks(
    boxes: Boxes, spots: NDArray[np.bool_], filled: NDArray[np.bool_], policy: Policy
) -> NDArray[np.bool_]:
    """Tell which spots are noise between the strokes of a large word: inside of it, and far lower.

    By their number they would make the word stick out of its own row.
    """
    wide, tall = boxes[:, _RIGHT] - boxes[:, _LEFT], boxes[:, _BOTTOM] - boxes[:, _TOP]
    specks = np.zeros(len(boxes), np.bool_)
    for one in np.flatnonzero(filled & (np.minimum(wide, tall) * policy.speck_height > policy.spot_px)):
        within = (boxes[:, :2] >= boxes[one, :2]).all(axis=1) & (boxes[:, 2:] <= boxes[one, 2:]).all(axis=1)
        specks |= within & (tall < policy.speck_height * tall[one])
    return specks & spots


def _icons(letters: Boxes, policy: Policy) -> NDArray[np.bool_]:
    """Tell which spots are pictures beside text: as wide as tall, far taller than what is next to them.

    An avatar would join the rows beside it into one.
    """
    wide, tall = letters[:, _RIGHT] - letters[:, _LEFT], letters[:, _BOTTOM] - letters[:, _TOP]
    icons = np.zeros(len(letters), np.bool_)
    across = (letters[:, _LEFT] + letters[:, _RIGHT]) // 2  # boxes of neighbours may meet
    squarish = (wide <= policy.icon_shape * tall) & (tall <= policy.icon_shape * wide)
    for one in np.flatnonzero((tall > policy.frame_px) & squarish):
        left, top, right, bottom = letters[one]
        reach = policy.line_gap * tall[one]
        beside = (across >= right) & (letters[:, _LEFT] <= right + reach)
        beside |= (across <= left) & (letters[:, _RIGHT] >= left - reach)
        middle = (letters[:, _TOP] + letters[:, _BOTTOM]) // 2
        beside &= (middle >= top) & (middle < bottom)
        if beside.any():  # by area, for a dot beside a word says nothing of its height
            usual = np.average(tall[beside], weights=(wide * tall)[beside])
            least = policy.big_icon_height if tall[one] > policy.big_icon_px else policy.icon_height
            icons[one] = tall[one] >= least * usual
    return icons


def _inside_others(boxes: Boxes) -> NDArray[np.bool_]:
    """Tell which lines lie inside another one: dots of letters, and letters in icons."""
    after = np.all(boxes[:, None, :2] >= boxes[None, :, :2], axis=2)
    before = np.all(boxes[:, None, 2:] <= boxes[None, :, 2:], axis=2)
    within = np.logical_and(after, before)
    return np.asarray(np.any(within & ~within.T, axis=1), np.bool_)


def _rows_of(letters: Boxes, marks: Boxes, shape: tuple[int, ...], policy: Policy) -> NDArray[np.int32]:
    """Return the number of the row that each letter belongs to.

    The middle half of each letter is painted, drawn out to the right by the widest gap inside a line: letters
    whose paint meets share a row. Rows above one another stay apart, since only the middles are painted. A
    dash or a bullet at mid-height hands a row on.
    """
    paint = np.zeros(shape, np.uint8)
    tall = letters[:, _BOTTOM] - letters[:, _TOP]
    upper = letters[:, _TOP] + tall // 4
    lower = np.maximum(upper + 1, letters[:, _BOTTOM] - tall // 4)
    right = letters[:, _RIGHT] + (tall * policy.line_gap).astype(np.int32)
    for one in range(len(letters)):
        paint[upper[one] : lower[one], letters[one, _LEFT] : right[one]] = 255
    for left, top, end, bottom in marks[
        marks[:, _RIGHT] - marks[:, _LEFT] >= marks[:, _BOTTOM] - marks[:, _TOP]
    ]:
        paint[top:bottom, left : end + 2 * policy.spot_px] = 255
    kind = cv2.CV_16U if len(letters) + len(marks) < _FEW_ROWS else cv2.CV_32S
    _, names = cv2.connectedComponents(paint, connectivity=8, ltype=kind)
    rows = names[(upper + lower) // 2, letters[:, _LEFT]].astype(np.int32)
    return _parted(rows, letters, upper, lower, policy)


def _parted(
    rows: NDArray[np.int32],
    letters: Boxes,
    upper: NDArray[np.int32],
    lower: NDArray[np.int32],
    policy: Policy,
) -> NDArray[np.int32]:
    """Return the rows with those parted that hold several lines, as a picture beside two lines joins them."""
    parted, free = rows.copy(), int(rows.max(initial=0)) + 1
    order = np.lexsort((letters[:, _BOTTOM] - letters[:, _TOP], rows))
    starts, counts = _runs(rows[order])
    tops = np.minimum.reduceat(letters[order, _TOP], starts)
    bottoms = np.maximum.reduceat(letters[order, _BOTTOM], starts)
    tall = (letters[:, _BOTTOM] - letters[:, _TOP])[order][starts + (counts * 7) // 10]
    for one in np.flatnonzero(bottoms - tops > policy.one_row * tall):
        run = order[starts[one] : starts[one] + counts[one]]
        top, bottom = int(tops[one]), int(bottoms[one])
        wide = letters[run, _RIGHT] - letters[run, _LEFT]
        cuts = _valleys(upper[run] - top, lower[run] - top, wide, bottom - top, policy)
        if cuts:
            middle = (upper[run] + lower[run]) / 2 - top
            parted[run] = free + np.searchsorted(cuts, middle)
            free += len(cuts) + 1
    return parted


def _valleys(
    upper: NDArray[np.int32], lower: NDArray[np.int32], wide: NDArray[np.int32], height: int, policy: Policy
) -> list[int]:
    """Return where hardly any letter has its middle, between heights where many have."""
    steps = np.zeros(height + 1, np.int64)
    np.add.at(steps, upper, wide)
    np.add.at(steps, np.minimum(lower, height), -wide)
    covered = np.cumsum(steps)[:height]
    low = np.flatnonzero(
        np.diff((covered < policy.valley * covered.max()).astype(np.int8), prepend=1, append=1)
    )
    # `low` holds the starts and ends of the heights that are no valley; a valley lies between two of them.
    return [int(end + start) // 2 for end, start in zip(low[1:-1:2], low[2:-1:2], strict=True)]


def _gathered(
    letters: Boxes, rows: NDArray[np.int32], policy: Policy
) -> tuple[Boxes, NDArray[np.float64], NDArray[np.float64]]:
    """Return box, letter height and evenness of each row, less the spots that stick out of it (icons)."""
    order = np.lexsort((letters[:, _BOTTOM] - letters[:, _TOP], rows))
    kept = order[~_sticks_out(letters[order], rows[order], policy)]
    starts, counts = _runs(rows[kept])
    boxes = np.stack([way.reduceat(letters[kept, side], starts) for side, way in enumerate(_GROW)], axis=1)
    tall = letters[kept, _BOTTOM] - letters[kept, _TOP]
    top = tall[starts + (counts * 9) // 10]
    level = np.add.reduceat(tall >= policy.level_letter * np.repeat(top, counts), starts) / counts
    return boxes, tall[starts + (counts * 7) // 10].astype(np.float64), level


def _sticks_out(letters: Boxes, rows: NDArray[np.int32], policy: Policy) -> NDArray[np.bool_]:
    """Tell which spots reach far above or below the middle spot of their row; `rows` is sorted."""
    starts, counts = _runs(rows)
    middle = np.repeat(starts + counts // 2, counts)
    tall = letters[middle, _BOTTOM] - letters[middle, _TOP]
    tops, bottoms = letters[:, _TOP].copy(), letters[:, _BOTTOM].copy()
    for start, count in zip(starts, counts, strict=True):
        run = slice(start, start + count)
        tops[run] = np.sort(letters[run, _TOP])[count // 2]
        bottoms[run] = np.sort(letters[run, _BOTTOM])[count // 2]
    over = tops - letters[:, _TOP] > policy.icon_overhang * tall
    under = letters[:, _BOTTOM] - bottoms > policy.icon_overhang * tall
    out: NDArray[np.bool_] = over | under
    return out


def _runs(rows: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each run of equal names starts, and how long it is."""
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    return starts, np.diff(np.append(starts, len(rows)))


def _with_marks(boxes: Boxes, marks: Boxes, tall: NDArray[np.float64], policy: Policy) -> Boxes:
    """Return the boxes grown to hold the dots and marks nearest to their letters."""
    grown = boxes.copy()
    if not len(marks):
        return grown
    middle = (marks[:, _LEFT] + marks[:, _RIGHT]) // 2
    above = boxes[:, None, _TOP] - marks[None, :, _BOTTOM]
    under = marks[None, :, _TOP] - boxes[:, None, _BOTTOM]
    away = np.maximum(np.maximum(above, under), 0)
    beside = (middle >= boxes[:, None, _LEFT] - tall[:, None] / 2) & (
        middle <= boxes[:, None, _RIGHT] + tall[:, None] / 2
    )
    away = np.where(beside & (away <= policy.mark_gap * tall[:, None]), away, np.iinfo(np.int32).max)
    owner = away.argmin(axis=0)
    owned = away[owner, np.arange(len(marks))] < np.iinfo(np.int32).max
    for side, way in enumerate(_GROW):
        way.at(grown[:, side], owner[owned], marks[owned, side])
    return grown
