"""Look-alike digits in addresses: told by the height of their shapes, on drawn pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.glyphs import as_shaped
from pipeline.policy import Policy


def word(text: str, *, size_px: int = 22, dark: bool = False) -> np.ndarray:
    """Return a word as a browser's bar shows it, in grey."""
    font = ImageFont.load_default(size_px)
    left, top, right, foot = font.getbbox(text)
    picture = Image.new("L", (int(right - left) + 8, int(foot - top) + 8), 30 if dark else 245)
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, font=font, fill=235 if dark else 20)
    return np.asarray(picture)


@pytest.mark.parametrize("size_px", [18, 22, 40])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ("mail.dakb0x.net/inbox", "mail.dakbox.net/inbox"),
        ("nodiherb5.com", "nodiherbs.com"),
        ("nodiherb5.com", "nodiherbS.com"),
        ("ba2aar.com", "bazaar.com"),
        ("g00gle.com", "gOogle.com"),
    ],
)
def test_a_digit_read_as_a_letter_is_told_by_its_height(
    shown: str, read: str, *, size_px: int, dark: bool
) -> None:
    """The text becomes what the pixels show, whatever the language model made of it."""
    assert as_shaped(word(shown, size_px=size_px, dark=dark), read, Policy()) == shown


@pytest.mark.parametrize("size_px", [18, 22, 40])
@pytest.mark.parametrize("shown", ["mail.dakbox.net/inbox", "nodiherbs.com", "bazaar.com", "sohoj.com"])
def test_letters_stay_letters(shown: str, *, size_px: int) -> None:
    """An honest address is never changed."""
    assert as_shaped(word(shown, size_px=size_px), shown, Policy()) == shown


def test_a_letter_read_as_a_digit_is_told_too() -> None:
    """A sign as low as its neighbours is no digit."""
    assert as_shaped(word("nodiherbs.com"), "nodiherb5.com", Policy()) == "nodiherbs.com"


def test_a_capital_may_begin_a_name() -> None:
    """A tall sign at the start of a name is its capital, unless it was read as a small letter."""
    assert as_shaped(word("Sohoj.com"), "Sohoj.com", Policy()) == "Sohoj.com"
    assert as_shaped(word("5ohoj.com"), "sohoj.com", Policy()) == "5ohoj.com"


@pytest.mark.parametrize("read", ["dakbox.net", "mail.dakbox.net/inbox/1"])
def test_a_word_that_cannot_be_cut_into_its_signs_stays(read: str) -> None:
    """Other counts of shapes than of signs tell nothing about any one sign."""
    assert as_shaped(word("mail.dakb0x.net/inbox"), read, Policy()) == read


def test_a_blank_word_stays() -> None:
    """Where nothing is drawn, nothing is told."""
    assert as_shaped(np.full((20, 90), 200, np.uint8), "dakbox.net", Policy()) == "dakbox.net"
