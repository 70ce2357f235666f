"""A clock that was painted over is told from one that moved on, and a status bar is found by its clock."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.bars import status_bar_px
from pipeline.clocks import apart_px
from pipeline.records import Relation
from tests.unit.test_compare import ORIGINAL, compared, drawn, renamed, stickered

TIMES = ["1:11", "8:08", "10:43", "12:47", "23:59"]


def painted(image: Image.Image, clock: str = "11:07", *, size: int = 22, top: int = 11) -> Image.Image:
    """Paint another time over the clock, in another size or on another line."""
    copy = image.copy()
    draw = ImageDraw.Draw(copy)
    draw.rectangle((24, 6, 120, 36), fill=(250, 250, 250))
    draw.text((28, top), clock, fill=(20, 20, 20), font_size=size)
    return copy


def lossy(image: Image.Image) -> Image.Image:
    """Send it through a JPEG of low quality."""
    file = BytesIO()
    image.save(file, "JPEG", quality=40)
    return Image.open(file).convert("RGB")


@pytest.mark.parametrize("clock", TIMES)
@pytest.mark.parametrize(("size", "top"), [(22, 11), (24, 9), (26, 11)])
def test_a_clock_in_another_hand_betrays_a_copy(clock: str, size: int, top: int) -> None:
    """Battery and page agree, and no phone writes a time smaller than another, or lower."""
    original = drawn(ORIGINAL)
    assert compared(painted(original, clock, size=size, top=top), original).relation is Relation.ALTERED


@pytest.mark.parametrize("clock", TIMES)
@pytest.mark.parametrize("way", ["as it is", "lossy", "resized"])
def test_a_clock_that_moved_on_betrays_nothing(clock: str, way: str) -> None:
    """An honest person whose page and battery are another's has a clock in the same hand."""
    own = drawn(replace(ORIGINAL, clock=clock))
    if way == "lossy":
        own = lossy(own)
    if way == "resized":
        own = own.resize((480, 1013))
    assert compared(own, drawn(ORIGINAL)).relation is Relation.SAME_SCREEN


def test_another_battery_beside_another_hand_is_another_capture_or_a_doubt() -> None:
    """Who has another battery has another phone, whose clock may look as it likes."""
    other = painted(drawn(replace(ORIGINAL, battery=34)))
    assert compared(other, drawn(ORIGINAL)).relation is not Relation.ALTERED


def test_a_painted_clock_beside_another_edit_is_a_copy() -> None:
    """A name or stickers besides change nothing about the hand."""
    original = drawn(ORIGINAL)
    for edit in (renamed, stickered):
        assert compared(edit(painted(original)), original).relation is Relation.ALTERED


def test_a_strip_without_a_clock_tells_nothing_of_hands() -> None:
    """Where one strip has no colon between digits, nothing is said."""
    blank = np.full((40, 540), 250, np.uint8)
    assert apart_px(blank, blank, (0, 540), (1.0,)) is None


def test_the_bar_of_a_tablet_is_found() -> None:
    """A tablet's glyphs are smaller, for its screen is larger."""
    image = Image.new("L", (540, 864), 250)
    draw = ImageDraw.Draw(image)
    for left in (9, 14, 22, 27):
        draw.rectangle((left, 6, left + 3, 11), outline=5)
    for top in (7, 10):
        draw.point((20, top), fill=5)
    draw.rectangle((480, 4, 492, 11), fill=5)
    found = status_bar_px(np.asarray(image))
    assert found is not None
    assert found < 24
    tall = np.full((1170, 540), 250, np.uint8)
    tall[:864] = np.asarray(image)
    assert status_bar_px(tall) is None  # on a phone such small print is no bar


def test_digits_that_hang_above_the_lower_dot_make_a_clock() -> None:
    """Bengali digits end above the lower dot of the colon."""
    image = Image.new("L", (540, 1170), 250)
    draw = ImageDraw.Draw(image)
    for left in (30, 50):
        draw.ellipse((left, 19, left + 9, 28), outline=5, width=2)
    for top in (19, 27):
        draw.rectangle((43, top, 45, top + 2), fill=5)
    draw.rectangle((480, 16, 500, 30), fill=5)
    found = status_bar_px(np.asarray(image))
    assert found is not None
    assert 30 <= found <= 40


def test_many_edits_under_one_and_the_same_bar_are_not_let_through() -> None:
    """Clock and battery are the same to the px: who changed a dozen places besides is a person's case."""
    copy = drawn(ORIGINAL).copy()
    draw = ImageDraw.Draw(copy)
    for place in range(12):
        x, y = 60 + 240 * (place % 3), 180 + 330 * (place // 3)
        draw.ellipse((x, y, x + 110, y + 110), fill=(255, 200, 40))
        draw.ellipse((x + 30, y + 30, x + 45, y + 45), fill="black")
    assert compared(copy, drawn(ORIGINAL)).relation is Relation.SAME_SCREEN
