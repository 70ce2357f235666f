"""Facts about the usual length of texts."""

from __future__ import annotations

import pytest

from pipeline.lengths import length_of


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        # Width by the height of letters, measured on screens set in Noto Sans and Noto Sans Bengali.
        ("Nodi Tech", 6.4),
        ("Subscribed", 7.1),
        ("Uninstall", 5.8),
        ("আমাদের আয় গ্রুপ", 9.4),
        ("মিউট", 2.4),
        ("0:18 / 3:34", 6.7),
    ],
)
def test_a_text_is_about_as_long_as_screens_show_it(text: str, measured: float) -> None:
    """The usual length lies within a fifth of what a screen shows."""
    assert length_of(text) == pytest.approx(measured, rel=0.2)


def test_narrow_letters_make_a_shorter_line_than_wide_ones() -> None:
    """Letters are no unit of length."""
    assert length_of("illicit") < 0.6 * length_of("mammoth")


def test_spellings_of_one_bengali_letter_are_equally_long() -> None:
    """A letter with its dot, composed or not, is as long as it looks."""
    assert length_of("আয়") == pytest.approx(length_of("আয়"), rel=0.01)


@pytest.mark.parametrize("text", ["", "   ", "…", "★"])
def test_what_has_no_letters_has_no_length(text: str) -> None:
    """Signs alone are no text."""
    assert length_of(text) == 0.0
