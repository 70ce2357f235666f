"""`segments`: which model should read which part of a line, told from bars alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.policy import Policy
from pipeline.segments import BENGALI, OTHER, barred_share, stretches, words_in

TALL_PX = 24
Grey = NDArray[np.uint8]


def line(*words: tuple[int, bool]) -> Grey:
    """Draw words of so many letters, with a bar over them or without, a space apart."""
    pixels = np.full((40, 900), 255, np.uint8)
    left = 10
    for letters, barred in words:
        right = left + 7 * letters
        for stroke in range(left, right, 7):
            pixels[10:34, stroke : stroke + 3] = 0
        if barred:
            pixels[10:13, left : right - 4] = 0
        left = right + 14
    return pixels


def test_words_under_a_bar_are_bengali_and_others_are_not() -> None:
    """A line of one script is one stretch."""
    assert [one.script for one in stretches(line((9, True), (8, True)), TALL_PX, Policy())] == [BENGALI]
    assert [one.script for one in stretches(line((9, False), (8, False)), TALL_PX, Policy())] == [OTHER]


def test_a_line_of_both_scripts_is_cut_where_they_change() -> None:
    """The stretches lie side by side, and the barred one comes first where it stands first."""
    first, second = stretches(line((9, True), (9, False)), TALL_PX, Policy())
    assert first.script == BENGALI
    assert second.script != BENGALI
    assert first.right < second.left


def test_the_share_of_barred_words_goes_by_width() -> None:
    """Half of a line's letters under bars is half."""
    ink = 255 - line((12, True), (12, False))
    assert 0.4 <= barred_share(ink, TALL_PX, Policy()) <= 0.6


def test_each_word_can_be_had_alone() -> None:
    """Three words are three stretches, whatever their script."""
    assert len(words_in(line((7, True), (8, True), (5, False)), TALL_PX, Policy())) == 3
