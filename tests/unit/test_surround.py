"""Surroundings: colours, sizes and plates of words, measured on drawn pixels."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.policy import Policy
from pipeline.records import Box, Setting
from pipeline.surround import surroundings

WORD = Box(x=60, y=100, w=90, h=30)


def page(*, pill: bool = False, band: bool = False) -> np.ndarray:
    """Return a white page with one word, on a blue plate if asked, across a grey band if asked."""
    pixels = np.full((400, 300, 3), 255, np.uint8)
    if band:
        pixels[:115] = (200, 200, 200)
    if pill:
        cv2.rectangle(pixels, (40, 85), (180, 145), (0, 60, 200), -1)
    cv2.putText(
        pixels,
        "Play",
        (60, 125),
        cv2.FONT_HERSHEY_SIMPLEX,
        1.0,
        (20, 20, 20) if not pill else (250, 250, 250),
        2,
    )
    return pixels


def measured(pixels: np.ndarray) -> Setting:
    """Return the word's setting."""
    setting = surroundings(pixels, scale=1.0, policy=Policy()).setting(WORD)
    assert setting is not None
    return setting


def test_a_word_on_the_page_has_the_page_as_its_plate() -> None:
    """Its ground is the page's colour, its ink the letters'."""
    setting = measured(page())
    assert setting.ground == (255, 255, 255)
    assert max(setting.ink) < 60
    assert (setting.plate.w, setting.plate.h) == (300, 400)


def test_a_word_on_a_button_has_the_button_as_its_plate() -> None:
    """The plate is the button's box, and it cuts through nothing."""
    setting = measured(page(pill=True))
    assert (setting.plate.x, setting.plate.y, setting.plate.w, setting.plate.h) == (40, 85, 141, 61)
    assert setting.square
    assert setting.straddles == 0.0


def test_a_plate_across_a_band_straddles() -> None:
    """What is laid over an edge of the page has two colours along one side."""
    assert measured(page(pill=True, band=True)).straddles > 0.3


def test_a_line_that_touches_a_button_is_no_edge() -> None:
    """Letters beside a plate are short runs of another colour; a picture behind it is a long one."""
    touched = page(pill=True)
    for x in range(44, 180, 12):
        touched[78:84, x : x + 5] = 20
    assert measured(touched).straddles == 0.0


def test_a_blurred_edge_is_still_the_plates_own() -> None:
    """A lossy file leaves a row between plate and page that is neither, up to the round corners."""
    pixels = page()
    cv2.rectangle(pixels, (38, 83), (182, 147), (190, 200, 240), -1)
    cv2.rectangle(pixels, (40, 85), (180, 145), (0, 60, 200), -1)
    for x, y in ((38, 83), (172, 83), (38, 137), (172, 137)):
        pixels[y : y + 11, x : x + 11] = 255
    cv2.putText(pixels, "Play", (60, 125), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (250, 250, 250), 2)
    assert measured(pixels).straddles == 0.0


def test_the_next_line_in_a_words_box_is_not_measured() -> None:
    """A box may reach into the line below: a word is as tall as its own ink."""
    alone, box = page(), Box(x=60, y=100, w=90, h=52)
    joined = alone.copy()
    cv2.putText(joined, "Play", (60, 168), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2)
    sizes = [surroundings(one, scale=1.0, policy=Policy()).setting(box) for one in (alone, joined)]
    assert sizes[0] is not None
    assert sizes[1] is not None
    assert sizes[0].tall_px == sizes[1].tall_px


def test_nothing_written_has_no_setting() -> None:
    """A box without letters is not measured."""
    blank = np.full((400, 300, 3), 255, np.uint8)
    assert surroundings(blank, scale=1.0, policy=Policy()).setting(WORD) is None


def test_an_i_wears_a_dot_and_an_l_none() -> None:
    """Dots are counted where letters are tall enough to part them from their stems."""
    pixels, box = np.full((200, 400, 3), 255, np.uint8), Box(x=20, y=60, w=200, h=60)
    cv2.putText(pixels, "Kids", (30, 110), cv2.FONT_HERSHEY_DUPLEX, 1.6, (20, 20, 20), 2)
    dotted = surroundings(pixels, scale=1.0, policy=Policy()).setting(box)
    pixels[:] = 255
    cv2.putText(pixels, "Klds", (30, 110), cv2.FONT_HERSHEY_DUPLEX, 1.6, (20, 20, 20), 2)
    plain = surroundings(pixels, scale=1.0, policy=Policy()).setting(box)
    small = surroundings(pixels[::4, ::4].copy(), scale=0.25, policy=Policy()).setting(box)
    assert dotted is not None
    assert plain is not None
    assert (dotted.dots, plain.dots) == (1, 0)
    assert small is None or small.dots is None


def rows(*, plate: bool, tail: bool = False) -> np.ndarray:
    """Return a dark page with two rounded rows; a plate of their colour joins them if asked."""
    pixels = np.full((400, 600, 3), 15, np.uint8)
    for top in (60, 140):
        cv2.rectangle(pixels, (70, top), (530, top + 60), (40, 40, 40), -1)
        for x in (70, 530):
            cv2.circle(pixels, (x, top + 30), 30, (40, 40, 40), -1)
    if plate:
        pixels[85:145, 45:175] = 40
    if tail:
        cv2.fillPoly(pixels, [np.array([(60, 118), (90, 118), (60, 135)])], (40, 40, 40))
    cv2.putText(pixels, "Play", (60, 115), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (250, 250, 250), 2)
    return pixels


def test_a_plate_that_joins_two_rows_makes_no_shape_of_a_page() -> None:
    """Round ends and a bubble's tail are shapes of pages."""
    box = Box(x=60, y=90, w=90, h=28)
    shapes = [rows(plate=True), rows(plate=False), rows(plate=False, tail=True)]
    around = [surroundings(one, scale=1.0, policy=Policy()).setting(box) for one in shapes]
    assert [one is not None and one.stepped for one in around] == [False, False, False]
    tall = [cv2.copyMakeBorder(one, 400, 800, 0, 0, cv2.BORDER_REPLICATE) for one in shapes]
    lower = Box(x=60, y=490, w=90, h=28)
    around = [surroundings(one, scale=1.0, policy=Policy()).setting(lower) for one in tall]
    assert [one is not None and one.stepped for one in around] == [True, False, False]
