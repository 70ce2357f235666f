"""Facts about which patches of a picture are taken for text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from pipeline import enhance
from pipeline.faint import faint
from pipeline.lines import Ink, Line, find_lines, ink_in
from pipeline.missed import bold, parts, pills
from pipeline.policy import Policy
from pipeline.records import AbsentCheck, Ask, PositionCheck, StateCheck, TextCheck
from pipeline.wanted import Chance, chance, denies, texty

POLICY = Policy()
STATE = StateCheck(done=("Subscribed",), not_done=("Subscribe",))


def found_on(ground: np.ndarray) -> tuple[Line, ...]:
    """Return the lines found on a grey ground with a name and a label written on its upper part."""
    page = ground.copy()
    for text, top in (("Nodi Tech", 60), ("Subscribed", 110)):
        cv2.putText(page, text, (40, top), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 20, 2, cv2.LINE_AA)
    contrast = enhance.contrast(page, POLICY, window_px=POLICY.find_window_px)
    return find_lines(contrast, ink_in(contrast, POLICY), POLICY)


def photo() -> np.ndarray:
    """Return a page whose lower part is a picture of soft spots, as leaves or a crowd are."""
    noise = np.random.default_rng(7).normal(128, 60, (40, 60)).clip(0, 255).astype(np.uint8)
    page = np.full((600, 540), 240, np.uint8)
    page[200:560] = cv2.resize(noise, (540, 360), interpolation=cv2.INTER_CUBIC)
    return page


def test_letters_are_text_and_spots_of_a_photo_are_not() -> None:
    """What is no text is not worth a reading, nor is text lost that stands beside it."""
    lines = found_on(photo())
    written, spotted = [one for one in lines if one.bottom < 200], [one for one in lines if one.top > 200]
    assert len(written) == 2
    assert all(texty(one, POLICY) for one in written)
    assert spotted
    assert sum(texty(one, POLICY) for one in spotted) <= len(spotted) / 4


@pytest.mark.parametrize("ground", [255, 160, 100])
def test_a_flat_ground_of_any_shade_leaves_letters_text(ground: int) -> None:
    """Grey pills and dark themes hold text as white pages do."""
    lines = found_on(np.full((200, 540), ground, np.uint8))
    assert [texty(one, POLICY) for one in lines] == [True, True]


@pytest.mark.parametrize("quality", [30, 50, 70, 90])
def test_bold_letters_in_a_lossy_file_stay_text(quality: int) -> None:
    """The file's own noise fills the ground between dense letters: the code of an honest quiz was lost."""
    page = np.full((200, 540), 242, np.uint8)
    cv2.putText(page, "BK6612", (40, 90), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 10, 6, cv2.LINE_AA)
    page = cv2.imdecode(
        cv2.imencode(".jpg", page, (cv2.IMWRITE_JPEG_QUALITY, quality))[1], cv2.IMREAD_GRAYSCALE
    )
    contrast = enhance.contrast(np.asarray(page, np.uint8), POLICY, window_px=POLICY.find_window_px)
    assert [texty(one, POLICY) for one in find_lines(contrast, ink_in(contrast, POLICY), POLICY)] == [True]


def test_noise_between_the_strokes_of_a_heading_does_not_hide_it() -> None:
    """A lossy file fills large bold words with specks; by their number the word stuck out of its own row."""
    mask = np.zeros((400, 720), np.uint8)
    word, specks = (215, 213, 152, 41, 3288), [(x, 230, 6, 8, 40) for x in range(220, 360, 20)]
    mask[213:254, 215:367] = 255
    lines = find_lines(255 - mask, Ink(mask=mask, spots=np.array([word, *specks], np.int32)), POLICY)
    assert [(one.left, one.right, one.tall_px) for one in lines] == [(215, 367, 41.0)]


def test_a_soft_bold_word_is_found_with_the_words_beside_it() -> None:
    """Its own ground seemed to be ink, and with that inside it the word passed for a button's outline."""
    ink = Ink(mask=np.zeros((400, 720), np.uint8), spots=np.array([(29, 285, 131, 53, 2972)], np.int32))
    beside = Line(left=167, top=296, right=296, bottom=338, tall_px=42.0, headline=1.0)
    others = [replace(line(40, 300, top=top), tall_px=22.0) for top in (20, 60, 100)]
    (word,) = bold(ink, (beside, *others), POLICY)
    assert (word.left, word.right, word.tall_px) == (29, 296, 42.0)
    assert not list(bold(ink, (replace(word, tall_px=20.0), *others), POLICY))


def test_noise_has_no_pale_lines() -> None:
    """Made darker, faint noise would be a hundred thousand spots."""
    noise = np.random.default_rng(5).integers(215, 256, (1200, 700)).astype(np.uint8)
    assert not list(faint(noise, (), POLICY))


def test_a_name_that_an_avatar_joined_is_parted_from_it() -> None:
    """Arcs of an app's icon made one line with the name beside it; an honest person was rejected for it."""
    arcs = [(26, 162, 35, 53, 200), (105, 162, 37, 53, 200)]
    name = [(173, 175, 65, 33, 900), (246, 168, 55, 45, 1000)]
    ink = Ink(mask=np.zeros((400, 720), np.uint8), spots=np.array([*arcs, *name], np.int32))
    joined = Line(left=26, top=162, right=301, bottom=215, tall_px=53.0, headline=0.5)
    assert [(one.left, one.right) for one in parts(ink, joined, POLICY)] == [(26, 61), (105, 142), (173, 301)]
    alone = Line(left=173, top=168, right=301, bottom=213, tall_px=45.0, headline=1.0)
    assert not list(parts(ink, alone, POLICY))


def test_a_pale_name_is_found_at_a_second_look() -> None:
    """A red name on a red card, photographed dark, is no ink at first; what was found is not found again."""
    page = np.full((200, 540), 14, np.uint8)
    cv2.putText(page, "Polash Mail", (40, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 42, 2, cv2.LINE_AA)
    cv2.putText(page, "Welcome", (40, 130), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 220, 2, cv2.LINE_AA)
    contrast = enhance.contrast(page, POLICY, window_px=POLICY.find_window_px)
    lines = find_lines(contrast, ink_in(contrast, POLICY), POLICY)
    assert [one.top > 90 for one in lines] == [True]
    assert [one.bottom < 90 for one in faint(contrast, lines, POLICY)] == [True]


@pytest.mark.parametrize(
    ("check", "worth"),
    [
        (TextCheck(value="Nodi Tech"), False),
        (STATE, False),
        (PositionCheck(), True),
        (AbsentCheck(any=("Nodi Tech",)), True),
    ],
)
def test_only_what_may_stand_on_a_photo_is_looked_for_there(check: TextCheck, *, worth: bool) -> None:
    """A player's position is set on the video; a warning must be seen wherever it stands."""
    ask = Ask(checks=(check,), submitted_at=datetime(2026, 11, 1, tzinfo=UTC))
    spot = Line(left=0, top=0, right=120, bottom=24, tall_px=20.0, headline=0.0, mottled=0.5)
    assert (chance(check, ask, spot, 0.5, POLICY) > Chance.NONE) is worth


def test_a_patch_of_a_photo_denies_no_done_label() -> None:
    """It has the length of `Subscribe`, and is not read for it."""
    spot = Line(left=0, top=0, right=120, bottom=24, tall_px=20.0, headline=0.0, mottled=0.5)
    assert not denies(STATE, spot, POLICY)


RING = (540, 341, 94, 36, 2400)  # left, top, width, height and area of the ring around a low button's label


def line(left: int, right: int, *, top: int = 352) -> Line:
    return Line(left=left, top=top, right=right, bottom=top + 12, tall_px=10.0, headline=0.0)


@pytest.mark.parametrize(
    ("spot", "found", "labels"),
    [
        (RING, (560, 594), 1),
        (RING, (552, 625), 0),
        ((540, 341, 94, 36, 300), (560, 594), 0),
        ((540, 341, 36, 36, 900), (560, 594), 0),
        ((540, 300, 300, 120, 20_000), (560, 594), 0),
    ],
    ids=["a swallowed label", "a whole label", "a thin outline", "an icon", "a picture"],
)
def test_a_button_that_swallowed_its_label_is_a_place_to_read(
    spot: tuple[int, ...], found: tuple[int, int], labels: int
) -> None:
    """Two honest people were rejected for a label of which the line finder had a fragment."""
    ink = Ink(mask=np.zeros((1080, 1920), np.uint8), spots=np.array([spot], np.int32))
    inner = list(pills(ink, (line(*found), line(540, 787, top=324)), POLICY))
    assert len(inner) == labels
    assert all(one.left <= 556 and one.right >= 618 and 341 < one.top < one.bottom < 377 for one in inner)
