"""A glance at a picture: photos, keyboards and screens within screens are told at thumbnail size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.items import is_plain
from pipeline.policy import Policy
from pipeline.records import Box
from pipeline.scene import scene, sized

POLICY = Policy()
Pixels = NDArray[np.uint8]


def blank(width: int = 720, height: int = 1600, shade: int = 255) -> Pixels:
    """Return a picture of one grey."""
    return np.full((height, width, 3), shade, np.uint8)


def write(pixels: Pixels, text: str, at: tuple[int, int], size: float = 1.0, ink: int = 20) -> None:
    """Write one line of text."""
    cv2.putText(pixels, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (ink, ink, ink), 2, cv2.LINE_AA)


def note() -> Pixels:
    """Return a page of text alone."""
    pixels = blank()
    for row in range(12):
        write(pixels, f"Line {row} of a note", (40, 120 + 60 * row))
    return pixels


def photo(width: int, height: int) -> Pixels:
    """Return a picture of many colours."""
    few = np.random.default_rng(3).integers(0, 256, (6, 5, 3), np.uint8)
    return np.asarray(cv2.resize(few, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def keyboard(pixels: Pixels, *, dark: bool = False, rows: tuple[str, ...]) -> None:
    """Draw rows of keys into the lower part."""
    height, width = pixels.shape[:2]
    pitch, top = width // 10, round(height * 0.68)
    pixels[top:] = 40 if dark else 210
    for number, row in enumerate(rows):
        left = (width - pitch * len(row)) // 2
        for place, key in enumerate(row):
            x, y = left + pitch * place, top + 20 + round(number * pitch * 1.4)
            face = (80, 80, 80) if dark else (255, 255, 255)
            cv2.rectangle(pixels, (x + 5, y), (x + pitch - 5, y + round(pitch * 1.1)), face, -1)
            ink = 240 if dark else 20
            write(pixels, key, (x + pitch // 3, y + round(pitch * 0.7)), size=pitch / 90, ink=ink)


QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def test_text_alone_has_no_hues_and_a_photo_has_many() -> None:
    """Type is grey or of few colours; what a camera or a painter makes is not."""
    page = note()
    assert scene(page, POLICY).hues <= POLICY.plain_hues
    page[1100:1500] = photo(720, 400)
    assert scene(page, POLICY).hues > POLICY.plain_hues


def test_blur_takes_the_steepness_of_edges_and_dimness_does_not() -> None:
    """What a messenger enlarged or blurred can be told from what was sent as it was taken."""
    sharp = note()
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 2.0), np.uint8)
    assert scene(soft, POLICY).steep < 0.5 * scene(sharp, POLICY).steep
    assert scene(sharp // 2, POLICY).steep == pytest.approx(scene(sharp, POLICY).steep, abs=0.02)


@pytest.mark.parametrize("factor", [1.0, 0.4], ids=["bright", "dim"])
def test_a_photo_without_colours_is_no_plain_page(factor: float) -> None:
    """Phones show greys alone at bedtime; every honest video was doubted as a picture of nothing but text."""
    page = note()
    assert is_plain(scene(page, POLICY), POLICY)
    page[1100:1500] = cv2.cvtColor(photo(720, 400), cv2.COLOR_RGB2GRAY)[:, :, None]
    seen = scene((page * factor).astype(np.uint8), POLICY)
    assert seen.hues == 0
    assert not is_plain(seen, POLICY)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [540, 720, 1080])
def test_an_open_keyboard_is_seen(width: int, dark: bool) -> None:  # noqa: FBT001 (a table)
    """Three rows of keys share one pitch, in any theme and at any size."""
    pixels = blank(width, round(width * 2.2), 30 if dark else 255)
    assert not scene(pixels, POLICY).keyboard
    keyboard(pixels, dark=dark, rows=QWERTY)
    assert scene(pixels, POLICY).keyboard


def test_text_and_calendars_are_no_keyboard() -> None:
    """Lines of text repeat nothing, and a month repeats in sevenths."""
    page = note()
    for row in range(8):
        write(page, "Some more words that fill the lower half", (20, 860 + 80 * row))
    assert not scene(page, POLICY).keyboard
    month = blank()
    for row in range(5):
        for day in range(7):
            write(month, str(7 * row + day + 1), (30 + 98 * day, 900 + 100 * row))
    assert not scene(month, POLICY).keyboard


def test_a_screen_inside_a_viewer_is_found_where_it_stands() -> None:
    """A capture shown in a gallery has margins on both sides and long straight edges."""
    shot = photo(500, 1120)
    viewer = blank(shade=0)
    viewer[240:1360, 110:610] = shot
    found = scene(viewer, POLICY).inset
    assert found is not None
    assert abs(found.x - 110) <= 12
    assert abs(found.w - 500) <= 24
    assert scene(photo(720, 1600), POLICY).inset is None
    assert scene(note(), POLICY).inset is None


@pytest.mark.parametrize(("width", "height"), [(720, 1600), (1600, 900)])
def test_a_screen_at_one_side_of_a_viewer_is_found(width: int, height: int) -> None:
    """An image search sets a capture at the left edge, its own ground beside and below it."""
    viewer = blank(width, height, 32)
    shot = photo(width * 6 // 10, height * 6 // 10)
    viewer[height // 8 : height // 8 + shot.shape[0], : shot.shape[1]] = shot
    assert scene(viewer, POLICY).inset is not None


def test_a_second_status_bar_shows_a_screen_on_its_own_ground() -> None:
    """Where viewer and screen are both white, a bar and all below it are as narrow as that screen."""
    viewer = blank()
    write(viewer, "images of yesterday, a search by name", (40, 60))
    for x in (120, 560):
        write(viewer, "9:41", (x, 220), 0.5)
    for y in range(300, 1300, 60):
        write(viewer, "some words of a page here", (120, y), 1.0)
        write(viewer, "more", (552, y), 0.5)
    assert scene(viewer, POLICY).inset is not None
    wide = viewer.copy()
    wide[700:720, 20:700] = 90
    assert scene(wide, POLICY).inset is None


def test_a_drawer_is_no_screen() -> None:
    """A menu pulled over a page reaches from top to foot."""
    page = blank(shade=90)
    page[30:, :480] = photo(480, 1570)
    assert scene(page, POLICY).inset is None


def test_a_card_on_a_page_is_no_screen() -> None:
    """Cards leave narrower margins, and are not as tall."""
    page = blank(shade=240)
    page[300:1300, 40:680] = 255
    page[1400:1500, 200:520] = 255
    assert scene(page, POLICY).inset is None


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3), (40, 40)])
def test_odd_sizes_are_glanced_at_too(shape: tuple[int, int]) -> None:
    """A picture of any shape has a scene, without a keyboard."""
    found = scene(np.full((*shape, 3), 120, np.uint8), POLICY)
    assert (found.keyboard, found.inset) == (False, None)


def test_boxes_are_in_px_of_the_upright_original() -> None:
    """What was found in a smaller copy is told in the original's px."""
    viewer = blank(360, 800, 0)
    viewer[120:680, 55:305] = photo(250, 560)
    box = scene(viewer, POLICY, shrink=0.5).inset
    assert isinstance(box, Box)
    assert abs(box.w - 500) <= 24


def test_a_card_among_recent_apps_is_a_screen() -> None:
    """Its two long edges are as far from both sides, whatever lies beside it; a page's cards fill more."""
    pixels = photo(720, 1600)
    pixels[180:1350, 100:620] = 250
    found = scene(pixels, POLICY).inset
    assert found is not None
    assert abs(found.x - 100) < 12
    filling = photo(720, 1600)
    filling[180:1350, 40:680] = 250
    assert scene(filling, POLICY).inset is None


def test_a_column_over_the_whole_height_of_a_wide_screen_is_a_page() -> None:
    """A viewer leaves room above or below a picture for its own bars."""
    pixels = blank(1366, 768, 15)
    pixels[:, 160:1200] = 90
    assert scene(pixels, POLICY).inset is None


def test_heights_of_lines_tell_a_usual_and_a_large_one() -> None:
    """Several lines must be as tall before a height is the page's."""
    shown = scene(blank(), POLICY)
    told = sized(shown, [10.0] * 9 + [30.0] * POLICY.large_lines, POLICY)
    assert (told.usual_px, told.large_px) == (10.0, 30.0)
    assert sized(shown, [10.0, 30.0], POLICY).large_px == 0.0
    assert sized(shown, [], POLICY).usual_px == 0.0


def test_a_column_from_the_top_of_a_picture_is_a_page() -> None:
    """A viewer has a bar of its own above a screen."""
    pixels = blank(1200, 1920)
    pixels[:960, 80:1106] = 120
    assert scene(pixels, POLICY).inset is None
    lower = blank(1200, 1920, 15)
    lower[200:1700, 200:1000] = 250
    assert scene(lower, POLICY).inset is not None
