"""A line into stretches of one script: so that each word is read by the model that knows it.

In: a line's pixels, dark on white. Out: `Stretch`es from left to right. Bengali letters hang from one bar, so
a word under a long unbroken bar is Bengali and one without is not; between the two it may be either. No
letter is recognised.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from pipeline.enhance import ink_of

if TYPE_CHECKING:
    from pipeline.enhance import Bools, Grey
    from pipeline.policy import Policy

BENGALI, OTHER, EITHER = "bengali", "other", "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Neighbouring words of one script.

    Attributes:
        left, right: In px of the line's pixels, right exclusive.
        script: BENGALI, OTHER or EITHER.
    """

    left: int
    right: int
    script: str


def stretches(pixels: Grey, tall_px: int, policy: Policy) -> tuple[Stretch, ...]:
    """Return the stretches of a line whose letters are `tall_px` tall; none where there is no ink."""
    ink = ink_of(pixels, policy) > 0
    words = _words(ink, round(policy.word_gap * tall_px))
    kinds = [_script(ink[:, left:right], policy) for left, right in words]
    # Letters such as those of ফলো have bars with gaps; and without a surely Bengali word, parts gain nothing.
    if BENGALI in kinds or EITHER in kinds:
        kinds = [EITHER if kind == OTHER else kind for kind in kinds]
    found: list[Stretch] = []
    for script, run in groupby(zip(kinds, words, strict=True), key=lambda one: one[0]):
        spans = [span for _, span in run]
        found.append(Stretch(left=spans[0][0], right=spans[-1][1], script=script))
    return tuple(found)


def barred_share(ink: Bools, tall_px: int, policy: Policy) -> float:
    """Return the share of a line's words, by width, that stand under one bar; half of what may be either."""
    words = _words(ink, round(policy.word_gap * tall_px))
    weights = {BENGALI: 1.0, EITHER: 0.5, OTHER: 0.0}
    barred = sum((right - left) * weights[_script(ink[:, left:right], policy)] for left, right in words)
    return barred / max(1, sum(right - left for left, right in words))


def _words(ink: Bools, gap_px: int) -> list[tuple[int, int]]:
    """Return where each word begins and ends: runs of inked columns with no wide gap."""
    edges = np.flatnonzero(np.diff(ink.any(axis=0).astype(np.int8), prepend=0, append=0))
    words: list[tuple[int, int]] = []
    for left, right in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if words and left - words[-1][1] < gap_px:
            words[-1] = (words[-1][0], right)
        else:
            words.append((left, right))
    return words


def _script(word: Bools, policy: Policy) -> str:
    """Tell a word's script by the longest bar in its upper part, as a share of its width."""
    rows = np.flatnonzero(word.any(axis=1))
    part = word[rows[0] : rows[-1] + 1]
    upper = part[: max(1, len(part) * 6 // 10)]
    fullest = int(upper.sum(axis=1).argmax())
    band = upper[max(0, fullest - 1) : fullest + 2].any(axis=0)
    edges = np.flatnonzero(np.diff(band.astype(np.int8), prepend=0, append=0))
    bars, width = edges[1::2] - edges[::2], part.shape[1]
    share = bars.max(initial=0) / width
    if width > policy.long_word * len(part):  # words that stand close may have become one
        share = max(share, bars[bars >= policy.headline_run * len(part)].sum() / width)
    if share < policy.unbarred_word:
        return OTHER
    barred = share >= policy.barred_word and width >= policy.narrow_word * len(part)
    return BENGALI if barred else EITHER
