"""What a plate cuts off: strokes at its edge, a bite of a button, and what is made of that."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.cuts import bitten, strokes_cut
from pipeline.patches import patch
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import Box, CodeCheck, PositionCheck, Scene, Status, TextCheck
from tests.unit.test_places import BODY, HEADING, judged

POLICY = Policy()
PAGE = Scene(hues=300, usual_px=28)
WHITE = np.full(3, 255.0)
POSITION = (TextCheck(value="The boat makers"), PositionCheck(above_s=0))


def page(*texts: tuple[str, int, int], size: float = 0.8) -> np.ndarray:
    """Return a white page with lines of text, each at its foot."""
    pixels = np.full((400, 600, 3), 255, np.uint8)
    for text, x, y in texts:
        cv2.putText(pixels, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, (20, 20, 20), 1, cv2.LINE_AA)
    return pixels


def laid(pixels: np.ndarray, box: tuple[int, int, int, int], text: str, shade: int = 60) -> np.ndarray:
    """Lay a square plate with a text over a page."""
    left, top, right, bottom = box
    pixels[top:bottom, left:right] = shade
    ink = (20, 20, 20) if shade > 128 else (240, 240, 240)
    cv2.putText(pixels, text, (left + 12, bottom - 14), cv2.FONT_HERSHEY_SIMPLEX, 0.9, ink, 2, cv2.LINE_AA)
    return pixels


@pytest.mark.parametrize(("top", "cut"), [(130, True), (180, False)])
def test_letters_that_end_at_a_plates_edge_are_cut(top: int, cut: bool) -> None:  # noqa: FBT001 (a table)
    """A page leaves room around a plate; what is laid over a line leaves halves of its letters."""
    plate = (60, top, 420, top + 50)
    pixels = laid(page(("students build a water filter", 40, 140)), plate, "Nodi Tech")
    assert (strokes_cut(pixels, plate, POLICY) >= POLICY.least_cut) is cut


def test_a_photo_around_a_plate_says_nothing() -> None:
    """Only strokes on one ground are letters."""
    few = np.random.default_rng(4).integers(0, 256, (60, 90, 3), np.uint8)
    photo = np.asarray(cv2.resize(few, (600, 400), interpolation=cv2.INTER_CUBIC), np.uint8)
    plate = (60, 130, 420, 180)
    assert strokes_cut(laid(photo, plate, "22:20"), plate, POLICY) < POLICY.least_cut


def button(*, over: bool) -> np.ndarray:
    """Return a page with a blue button; a white plate is laid over its middle, or it wears a label."""
    pixels = page()
    pixels[200:260, 40:560] = (6, 95, 212)
    if over:
        pixels[190:252, 180:420] = 255
    ink = (20, 20, 20) if over else (255, 255, 255)
    cv2.putText(pixels, "Subscribed", (210, 238), cv2.FONT_HERSHEY_SIMPLEX, 1.0, ink, 2, cv2.LINE_AA)
    return pixels


def test_a_white_plate_over_a_button_takes_a_bite_of_it() -> None:
    """What is left of the button lies at two sides and below; a label has its button at all four."""
    text = (208, 212, 392, 242)
    assert bitten(button(over=True), text, WHITE, POLICY)
    assert not bitten(button(over=False), text, np.array([6, 95, 212]), POLICY)
    assert not bitten(page(("Subscribed", 210, 238)), text, WHITE, POLICY)


def test_a_bite_is_seen_in_a_lossy_file_too() -> None:
    """The file blurs the edge of what was laid over the button."""
    lossy = cv2.imencode(".jpg", button(over=True), (cv2.IMWRITE_JPEG_QUALITY, 75))[1]
    pixels = np.asarray(cv2.imdecode(lossy, cv2.IMREAD_COLOR), np.uint8)
    assert bitten(pixels, (208, 212, 392, 242), WHITE, POLICY)


def test_words_on_a_plate_that_joins_the_pages_rows_are_doubt() -> None:
    """A plate in the colour of the page's rows has no edge where it meets them, and steps where it ends."""
    plate = replace(BODY, plate=Box(x=40, y=500, w=640, h=150), stepped=True)
    (code,) = (CodeCheck(value="SV-8252"),)
    told = judged(("SV-8252", 120, 560, plate), checks=(code,), at=0, scene=PAGE)
    assert (told.status, told.code) == (Status.UNCLEAR, ReasonCode.PASTED_TEXT)
    edge = replace(plate, plate=Box(x=0, y=500, w=720, h=150))
    assert judged(("SV-8252", 120, 560, edge), checks=(code,), at=0, scene=PAGE).status is Status.PASS


def test_a_bitten_button_is_doubt() -> None:
    """A state whose ground bites into an element was painted; a position may lie among a player's buttons."""
    name, bite = ("Nodi Tech", 40, 200, HEADING), replace(BODY, bitten=True)
    told = judged(name, ("Subscribed", 300, 600, bite), scene=PAGE)
    assert (told.status, told.code) == (Status.UNCLEAR, ReasonCode.PASTED_TEXT)
    title, position = ("The boat makers", 40, 900, HEADING), ("2:14 / 5:09", 40, 400, bite)
    assert judged(title, position, checks=POSITION, at=0, scene=PAGE).status is Status.PASS


def test_a_name_on_a_plate_of_its_own_alone_is_doubt() -> None:
    """A page sets its name on its ground or on a band: one place there clears it."""
    state = ("Subscribed", 300, 600, replace(BODY, plate=Box(x=280, y=585, w=220, h=60)))
    own = ("Nodi Tech", 40, 200, replace(HEADING, plate=Box(x=30, y=190, w=200, h=60)))
    band = ("Nodi Tech", 40, 200, replace(HEADING, plate=Box(x=0, y=190, w=720, h=60)))
    assert judged(own, state, scene=PAGE).code is ReasonCode.PASTED_TEXT
    assert judged(own, state, scene=PAGE).status is Status.UNCLEAR
    assert judged(band, state, scene=PAGE).status is Status.PASS
    assert judged(own, ("Nodi Tech", 40, 400, HEADING), state, scene=PAGE).status is Status.PASS


def test_a_square_plate_that_cuts_letters_was_laid() -> None:
    """It needs no other edge of the page to lie across."""
    plate = Box(x=30, y=190, w=200, h=60)
    name = ("Nodi Tech", 40, 200, replace(HEADING, plate=plate, square=True, cut=POLICY.least_cut))
    state = ("Subscribed", 300, 600, BODY)
    assert judged(name, state, scene=PAGE).code is ReasonCode.PASTED_TEXT


def test_the_line_below_a_name_on_a_low_card_is_doubt() -> None:
    """A notification says a name and a word; a page's heading and what follows share no low card."""
    card = Box(x=20, y=180, w=680, h=130)
    rows = [("Nodi Tech", 40, 200, replace(BODY, stroke=0.2)), ("Subscribed", 40, 245, BODY)]
    assert judged(*rows).status is Status.PASS
    told = judged(*((text, x, y, replace(one, plate=card)) for text, x, y, one in rows))
    assert (told.status, told.code) == (Status.UNCLEAR, ReasonCode.TYPED_NOT_SHOWN)


@pytest.mark.parametrize(("left", "typed"), [(320, True), (250, False)])
def test_plates_at_opposite_sides_with_room_for_a_time_are_messages(left: int, typed: bool) -> None:  # noqa: FBT001 (a table)
    """What two people say stands as far from the two edges."""
    theirs = replace(BODY, plate=Box(x=20, y=280, w=380, h=125))
    ours = replace(BODY, plate=Box(x=left, y=450, w=380, h=125), ground=(0, 92, 75), ink=(20, 20, 20))
    told = judged(("Nodi Tech", 40, 295, theirs), ("Subscribed", left + 20, 465, ours), scene=PAGE)
    assert (told.code is ReasonCode.TYPED_NOT_SHOWN) is typed


def test_a_film_without_colours_is_doubt() -> None:
    """A player shows a film; a position among nothing but text was typed."""
    rows = (("The boat makers", 40, 900, HEADING), ("2:14 / 5:09", 40, 400, BODY))
    for hues, status in ((20, Status.UNCLEAR), (300, Status.PASS)):
        scene = Scene(hues=hues, usual_px=28)
        assert judged(*rows, checks=POSITION, at=0, scene=scene).status is status


@pytest.mark.parametrize(("tall_px", "status"), [(44, Status.UNCLEAR), (28, Status.PASS)])
def test_a_large_position_set_like_its_title_is_doubt(tall_px: int, status: Status) -> None:
    """A player shows its times in small print; an editor's pen keeps its type."""
    pen = replace(BODY, tall_px=tall_px, stroke=0.2)
    rows = (("The boat makers", 300, 900, pen), ("2:14 / 5:09", 40, 400, pen))
    assert judged(*rows, checks=POSITION, at=0, scene=PAGE).status is status


def test_a_time_of_ninety_seconds_is_doubt() -> None:
    """0:90 was misread: it may be 0:00 or 0:50."""
    rows = (("The boat makers", 300, 900, HEADING), ("0:90 / 5:09", 40, 400, BODY))
    assert judged(*rows, checks=POSITION, scene=PAGE).status is Status.UNCLEAR


def test_a_note_that_repeats_the_address_of_its_browser_is_doubt() -> None:
    """No page lists its own host above a code, in one type at one margin."""
    checks = (CodeCheck(value="PX-4471"),)
    bar = replace(BODY, plate=Box(x=60, y=80, w=600, h=50))
    shown = ("nodiherbs.com", 80, 90, bar)
    code = ("PX-4471", 40, 500, replace(HEADING, tall_px=48))
    plain = Scene(hues=4, usual_px=28)
    listed = ("nodiherbs.com", 40, 440, code[3])
    assert judged(shown, code, checks=checks, at=0, scene=plain, lines=18).status is Status.PASS
    told = judged(shown, listed, code, checks=checks, at=0, scene=plain, lines=18)
    assert (told.status, told.code) == (Status.UNCLEAR, ReasonCode.TYPED_NOT_SHOWN)


def test_a_plate_that_cuts_a_line_is_found_whatever_it_says() -> None:
    """Lines on one row may be read as one: the plate's colour tells it."""
    lines = [(20, 112, 560, 172), (40, 240, 300, 265)]
    clean = page(("students build a low cost water filter", 20, 140), ("Your code", 40, 260))
    assert patch(clean, lines, POLICY) is None
    over = (90, 133, 470, 177)
    found = patch(laid(clean.copy(), over, "dokkhota.org", shade=170), lines, POLICY)
    assert found is not None
    assert np.abs(np.subtract(found, over)).max() <= 1  # the edge of a letter may have the plate's colour
    assert patch(laid(clean.copy(), (180, 290, 420, 340), "Copy", shade=170), lines, POLICY) is None
    assert patch(clean, [], POLICY) is None


@pytest.mark.parametrize(
    ("shade", "size", "rounded", "found"),
    [
        (40, (165, 50), False, True),
        (40, (165, 50), True, False),
        (200, (165, 50), False, False),
        (40, (500, 50), False, False),
    ],
    ids=["stark", "rounded", "pale", "a band"],
)
def test_a_stark_square_plate_around_one_line_was_laid(
    shade: int,
    size: tuple[int, int],
    rounded: bool,  # noqa: FBT001 (a table)
    found: bool,  # noqa: FBT001 (a table)
) -> None:
    """Pages round what they set so starkly apart from themselves."""
    plate = (60, 280, 60 + size[0], 280 + size[1])
    pixels = laid(page(("Your code", 40, 200)), plate, "PX-4471", shade=shade)
    if rounded:
        for x, y in ((plate[0], plate[1]), (plate[2] - 6, plate[1]), (plate[0], plate[3] - 6)):
            pixels[y : y + 6, x : x + 6] = 255
    line = (72, 294, 205, 318)
    assert (patch(pixels, [line], POLICY) is not None) is found


def test_a_plate_laid_beside_a_code_is_doubt() -> None:
    """Who painted other words painted the code."""
    code, checks = ("PX-4471", 40, 500, HEADING), (CodeCheck(value="PX-4471"),)
    laid_there = replace(PAGE, patch=Box(x=10, y=10, w=90, h=40))
    told = judged(code, checks=checks, at=0, scene=laid_there)
    assert (told.status, told.code) == (Status.UNCLEAR, ReasonCode.PASTED_TEXT)
    assert judged(code, checks=checks, at=0, scene=PAGE).status is Status.PASS


def test_large_type_that_many_lines_share_is_the_pages_own() -> None:
    """Where small print is most of the lines, its size is no measure of a pen."""
    pen = replace(HEADING, tall_px=44, stroke=0.12)
    rows = (("Nodi Tech", 300, 300, pen), ("Subscribed", 60, 540, pen))
    small = Scene(hues=300, usual_px=28)
    assert judged(*rows, scene=small).code is ReasonCode.PASTED_TEXT
    assert judged(*rows, scene=replace(small, large_px=50)).status is Status.PASS
