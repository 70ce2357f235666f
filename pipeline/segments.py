"""A line into stretches of one script: so that each word is read by the model that knows it.

In: a line's pixels, dark on white. Out: `Stretch`es from left to right. Bengali letters hang from one bar, so
a word under a long unbroken bar is Bengali and one without is not; between the two it may be either. No
letter is recognised.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.enhance import ink_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.enhance import Grey
    from pipeline.policy import Policy

BENGALI, OTHER, EITHER = "bengali", "other", "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Neighbouring words of one script.

    Attributes:
        left, right: In px of the line's pixels, right exclusive.
        script: BENGALI, OTHER or EITHER.
        barred: Share of its width under the longest bar of each word.
    """

    left: int
    right: int
    script: str
    barred: float


def stretches(pixels: Grey, tall_px: int, policy: Policy) -> tuple[Stretch, ...]:
    """Return the stretches of a line whose letters are `tall_px` tall; none where there is no ink."""
    ink = ink_of(pixels, policy)
    joined = barred_share(ink, tall_px, policy) >= policy.mixed_headline
    words = _words(ink, round((policy.barred_gap if joined else policy.word_gap) * tall_px))
    shares = [_barred(ink[:, left:right], policy) for left, right in words]
    kinds = [_script(share, policy) for share in shares]
    # Letters such as those of ফলো have bars with gaps; and without a surely Bengali word, parts gain nothing.
    if BENGALI in kinds or EITHER in kinds:
        kinds = [EITHER if kind == OTHER else kind for kind in kinds]
    found: list[Stretch] = []
    for script, run in groupby(zip(kinds, words, shares, strict=True), key=lambda one: one[0]):
        _, spans, parts = zip(*run, strict=True)
        found.append(
            Stretch(
                left=spans[0][0],
                right=spans[-1][1],
                script=script,
                barred=sum(parts) / len(parts),
            )
        )
    return tuple(found)


def words_in(pixels: Grey, tall_px: int, policy: Policy) -> tuple[Stretch, ...]:
    """Return each word of a line as a stretch of its own, of either script."""
    ink = ink_of(pixels, policy)
    spans = _words(ink, round(policy.barred_gap * tall_px))
    return tuple(
        Stretch(left=left, right=right, script=EITHER, barred=_barred(ink[:, left:right], policy))
        for left, right in spans
    )


def barred_share(ink: Grey, tall_px: int, policy: Policy) -> float:
    """Return the share of a line's words, by width, that stand under one bar; half of what may be either."""
    words = _words(ink, round(policy.word_gap * tall_px))
    weights = {BENGALI: 1.0, EITHER: 0.5, OTHER: 0.0}
    barred = sum(
        (right - left) * weights[_script(_barred(ink[:, left:right], policy), policy)]
        for left, right in words
    )
    return barred / max(1, sum(right - left for left, right in words))


def _words(ink: Grey, gap_px: int) -> list[tuple[int, int]]:
    """Return where each word begins and ends: runs of inked columns with no wide gap."""
    edges = edges_of(cv2.reduce(ink, 0, cv2.REDUCE_MAX)[0])
    words: list[tuple[int, int]] = []
    for left, right in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if words and left - words[-1][1] < gap_px:
            words[-1] = (words[-1][0], right)
        else:
            words.append((left, right))
    return words


def edges_of(marks: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return where each run of marks begins and ends, in turn; `np.diff` takes four times as long."""
    framed = np.zeros(len(marks) + 2, bool)
    framed[1:-1] = marks != 0
    return np.flatnonzero(framed[1:] != framed[:-1])


def _script(share: float, policy: Policy) -> str:
    if share >= policy.barred_word:
        return BENGALI
    return OTHER if share < policy.unbarred_word else EITHER


def _barred(word: Grey, policy: Policy) -> float:
    """Return the longest bar in a word's upper part, as a share of its width; a narrow word tells little."""
    # OpenCV sums rows in a fifth of numpy's time for them.
    inked = cv2.reduce(word, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[:, 0]
    rows = np.flatnonzero(inked)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    part, upper = word[top:bottom], inked[top : top + max(1, (bottom - top) * 6 // 10)]
    fullest = int(upper.argmax())
    band = cv2.reduce(part[max(0, fullest - 1) : min(fullest + 2, len(upper))], 0, cv2.REDUCE_MAX)[0]
    edges = edges_of(band)
    bars, width = edges[1::2] - edges[::2], part.shape[1]
    share = float(bars.max(initial=0) / width)
    if width > policy.long_word * len(part):  # words that stand close may have become one
        share = max(share, float(bars[bars >= policy.headline_run * len(part)].sum() / width))
    if width < policy.narrow_word * len(part):  # it may be a digit, as 7 has a bar too
        share = min(share, policy.narrow_barred)
    return share
