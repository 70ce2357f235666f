"""`compare` calls a copy a copy, another person's capture another, and says so where nobody can tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from pipeline.align import place
from pipeline.bars import status_bar_px
from pipeline.compare import compare
from pipeline.fingerprint import sketch, sketched
from pipeline.picture import decode
from pipeline.policy import Policy
from pipeline.records import Likeness, Relation
from pipeline.sketch import Sketch, encoded

POLICY = Policy()
WIDTH_PX, HEIGHT_PX = 720, 1520


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What one person's capture of the page shows beside the page."""

    page: int = 1
    clock: str = "10:42"
    battery: int = 71
    counts: int = 0
    bar: bool = True
    cards: int = 6


@cache
def drawn(moment: Moment) -> Image.Image:
    """Draw a page of cards with pictures, words and counts below a status bar."""
    page = np.random.default_rng(moment.page)
    moving = np.random.default_rng(moment.counts)
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), (250, 250, 250))
    draw = ImageDraw.Draw(image)
    if moment.bar:
        draw.text((28, 8), moment.clock, fill=(20, 20, 20), font_size=26)
        draw.text((610, 8), f"{moment.battery}%", fill=(20, 20, 20), font_size=26)
        draw.rectangle((676, 12, 676 + moment.battery // 4, 32), fill=(20, 20, 20))
    for card in range(moment.cards):
        top = 90 + card * 230
        grain = page.integers(0, 255, (9, 16, 3), dtype=np.uint8)
        image.paste(Image.fromarray(grain).resize((256, 144), Image.Resampling.BICUBIC), (24, top))
        for line in range(4):
            words = " ".join("".join(chr(97 + int(c)) for c in page.integers(0, 26, 5)) for _ in range(4))
            draw.text((300, top + 34 * line), words, fill=(30, 30, 30), font_size=26)
        draw.text((300, top + 146), f"{moving.integers(1, 999)}K views", fill=(90, 90, 90), font_size=24)
    return image


ORIGINAL = Moment()
TWIN = Moment(clock="15:37", battery=34, counts=8)


def opened(image: Image.Image) -> Sketch:
    """Return the sketch that `fingerprint` would store, opened again."""
    return Sketch.opened(encoded(Sketch.of(sketch(np.asarray(image.convert("RGB")), policy=POLICY))))


def compared(one: Image.Image, other: Image.Image) -> Likeness:
    """Compare two pictures as proofs are compared."""
    return compare(opened(one), opened(other), width_px=one.width, policy=POLICY)


def stickered(image: Image.Image) -> Image.Image:
    """Put two stickers on it."""
    copy = image.copy()
    draw = ImageDraw.Draw(copy)
    for x, y in ((60, 600), (420, 1180)):
        draw.ellipse((x, y, x + 90, y + 90), fill=(255, 200, 40))
        draw.ellipse((x + 25, y + 30, x + 35, y + 40), fill="black")
        draw.arc((x + 20, y + 30, x + 70, y + 75), 20, 160, fill="black", width=5)
    return copy


def renamed(image: Image.Image) -> Image.Image:
    """Paint another name over a line of words."""
    copy = image.copy()
    draw = ImageDraw.Draw(copy)
    draw.rectangle((296, 550, 640, 584), fill=(250, 250, 250))
    draw.text((300, 552), "Rahim Uddin", fill=(30, 30, 30), font_size=26)
    return copy


def watermarked(image: Image.Image) -> Image.Image:
    """Write a faint mark all over it."""
    over = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(over)
    for row in range(6):
        for column in range(3):
            place_px = (20 + column * 230, 120 + row * 235)
            draw.text(place_px, "FastEarn", fill=(128, 128, 128, 90), font_size=44)
    return Image.alpha_composite(image.convert("RGBA"), over).convert("RGB")


def marked_between(image: Image.Image) -> Image.Image:
    """Write a faint mark wherever there is room, and another name."""
    copy, seen = renamed(image), np.asarray(image.convert("L"))
    draw = ImageDraw.Draw(copy)
    for y in range(60, HEIGHT_PX - 60, 70):
        for x in range(10, WIDTH_PX - 130, 150):
            if np.ptp(seen[y : y + 34, x : x + 130]) == 0:
                draw.text((x, y), "TaskZone", fill=(190, 190, 190), font_size=28)
    return copy


def photographed(image: Image.Image) -> Image.Image:
    """Show it tilted, softened and grainy, as a photo of the screen does."""
    pixels = np.asarray(image)
    source = np.array([[0, 0], [720, 0], [720, 1520], [0, 1520]], np.float32)
    target = np.array([[40, 50], [690, 70], [660, 1470], [30, 1450]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    tilted = cv2.warpPerspective(pixels, matrix, (720, 1520), borderValue=(60, 50, 45))
    soft = cv2.GaussianBlur(tilted, (0, 0), 0.8).astype(np.float64)
    grain = np.random.default_rng(3).normal(0, 4, soft.shape)
    return Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8))


def faint_across(image: Image.Image) -> Image.Image:
    """Write one large faint mark across pictures and words."""
    over = Image.new("RGBA", image.size)
    for x, y in ((40, 420), (120, 900)):
        ImageDraw.Draw(over).text((x, y), "TaskZone", fill=(90, 90, 90, 110), font_size=150)
    return Image.alpha_composite(image.convert("RGBA"), over.rotate(12)).convert("RGB")


def barred(image: Image.Image) -> Image.Image:
    """Cut the border off and set what is left between black bars."""
    return ImageOps.expand(image.crop((30, 60, 690, 1440)), border=(80, 0), fill="black")


def cropped(image: Image.Image) -> Image.Image:
    """Cut the status bar off."""
    return image.crop((0, 46, WIDTH_PX, HEIGHT_PX))


COPIES = {
    "resized": lambda image: image.resize((324, 684), Image.Resampling.BILINEAR),
    "toned": lambda image: ImageEnhance.Contrast(ImageEnhance.Brightness(image).enhance(0.85)).enhance(0.8),
    "bar cropped": cropped,
    "border cropped": lambda image: image.crop((30, 60, 690, 1440)),
    "letterboxed": lambda image: ImageOps.expand(image, border=(60, 120), fill="black"),
    "mirrored": ImageOps.mirror,
    "stickered": stickered,
    "renamed": renamed,
    "watermarked": watermarked,
    "watermarked across": faint_across,
    "watermarked between its words and renamed": marked_between,
    "photographed": photographed,
    "stickered and cropped": lambda image: cropped(stickered(image)),
    "mirrored and resized": lambda image: ImageOps.mirror(image).resize((480, 1013)),
}
# The whole capture shows a status bar that its part does not: it was not made of the part.
BARLESS = {"bar cropped", "border cropped", "stickered and cropped"}


@pytest.mark.parametrize("name", COPIES)
def test_an_altered_copy_is_found(name: str) -> None:
    """Whatever was done to one capture, it is known again; where a part came first, as one screen."""
    original, copy = drawn(ORIGINAL), COPIES[name](drawn(ORIGINAL))
    assert compared(copy, original).relation is Relation.ALTERED
    back = Relation.SAME_SCREEN if name in BARLESS else Relation.ALTERED
    assert compared(original, copy).relation is back


@pytest.mark.parametrize("name", sorted(BARLESS))
@pytest.mark.parametrize("counts", range(1, 7))
def test_a_page_of_ones_own_without_its_bar_is_no_copy(name: str, counts: int) -> None:
    """An honest person may crop a page; its counts are not those of the one who sent the whole page first."""
    own = COPIES[name](drawn(replace(TWIN, counts=counts)))
    assert compared(own, drawn(ORIGINAL)).relation is not Relation.ALTERED
    assert compared(drawn(ORIGINAL), own).relation is not Relation.ALTERED


def test_who_shows_more_than_a_part_did_not_make_a_copy_of_it() -> None:
    """Somebody's cropped copy came first: whose page goes on where it ends has a capture of their own."""
    whole = drawn(replace(ORIGINAL, bar=False))
    part = whole.crop((40, 100, 680, 1400))
    assert compared(part, whole).relation is Relation.ALTERED
    assert compared(whole, part).relation is Relation.SAME_SCREEN


def test_a_cropped_page_with_little_on_it_cannot_be_told() -> None:
    """What is left of a short page without its status bar may be anybody's."""
    short = drawn(replace(ORIGINAL, cards=1))
    assert compared(cropped(short), short).relation is Relation.SAME_SCREEN


@pytest.mark.parametrize("way", ["cropped and barred", "cropped and photographed", "bar painted black"])
def test_a_part_set_in_a_frame_is_not_let_through(way: str) -> None:
    """What lies around a part of a page, bars or a desk, says nothing against a copy."""
    original = drawn(ORIGINAL)
    copy = original.copy()
    if way == "bar painted black":
        ImageDraw.Draw(copy).rectangle((0, 0, WIDTH_PX, 46), fill="black")
    else:
        copy = barred(original) if way == "cropped and barred" else photographed(cropped(original))
    assert compared(copy, original).relation is not None


def test_a_gallerys_screenshot_of_a_capture_is_a_copy() -> None:
    """It shows the capture smaller, status bar and all, below a status bar of its own."""
    original, shown = drawn(ORIGINAL), drawn(replace(ORIGINAL, cards=0, clock="15:37", battery=34)).copy()
    shown.paste(original.resize((540, 1140)), (90, 190))
    assert compared(shown, original).relation is Relation.ALTERED


def test_a_copy_with_much_blacked_out_is_not_let_through() -> None:
    """Two long boxes over a quarter of the page are no other moment of it while the status bar agrees."""
    original = drawn(ORIGINAL)
    copy = original.copy()
    ImageDraw.Draw(copy).rectangle((20, 300, 700, 460), fill="black")
    ImageDraw.Draw(copy).rectangle((290, 760, 700, 900), fill="black")
    assert compared(copy, original).relation is Relation.SAME_SCREEN


def test_stickers_beside_an_edited_clock_are_not_let_through() -> None:
    """Stickers cover, they do not change words: with only the clock edited besides, it may be a copy."""
    copy = stickered(drawn(replace(ORIGINAL, clock="11:07")))
    ImageDraw.Draw(copy).ellipse((300, 300, 420, 420), fill=(235, 60, 80))
    ImageDraw.Draw(copy).ellipse((100, 900, 210, 1010), fill=(90, 180, 255))
    assert compared(copy, drawn(ORIGINAL)).relation is Relation.SAME_SCREEN


def small_print(page: int) -> Image.Image:
    """Draw a tablet's page of small words below one and the same bar."""
    words, image = np.random.default_rng(page), Image.new("RGB", (1200, 1600), (250, 250, 250))
    draw = ImageDraw.Draw(image)
    draw.text((28, 8), "10:42", fill=(20, 20, 20), font_size=22)
    draw.text((1100, 8), "71%", fill=(20, 20, 20), font_size=22)
    head = np.random.default_rng(1).integers(0, 255, (9, 32, 3), dtype=np.uint8)
    image.paste(Image.fromarray(head).resize((1152, 300), Image.Resampling.BICUBIC), (24, 60))
    for line in range(30):
        text = " ".join("".join(chr(97 + int(c)) for c in words.integers(0, 26, 5)) for _ in range(12))
        draw.text((40, 400 + 38 * line), text, fill=(30, 30, 30), font_size=20)
    return image


def test_small_words_are_told_apart() -> None:
    """Two pages of other small words differ on most of their lines, though lines lie where lines lay."""
    assert compared(small_print(1), small_print(2)).relation is None
    assert compared(small_print(1), ImageEnhance.Brightness(small_print(1)).enhance(0.8)).relation is not None


@pytest.mark.parametrize("ground", ["black", "white"])
def test_transparent_corners_are_no_part_of_a_capture(ground: str) -> None:
    """A capture with round corners and a camera's hole is known again whatever colour a tool put there."""
    alpha = Image.new("L", (WIDTH_PX, HEIGHT_PX), 0)
    ImageDraw.Draw(alpha).rounded_rectangle((0, 0, WIDTH_PX - 1, HEIGHT_PX - 1), radius=60, fill=255)
    ImageDraw.Draw(alpha).ellipse((330, 4, 374, 48), fill=0)
    holed = drawn(ORIGINAL).copy()
    holed.putalpha(alpha)
    copy = Image.new("RGB", holed.size, ground)
    copy.paste(holed, mask=alpha)
    file = BytesIO()
    holed.save(file, "PNG")
    original = sketched(decode(file.getvalue(), policy=POLICY), policy=POLICY)
    kept = Sketch.opened(encoded(original))
    assert kept.clear is not None
    assert original.clear is not None
    assert (kept.clear == original.clear).all()
    for one, other in ((kept, opened(copy)), (opened(copy), kept)):
        assert compare(one, other, width_px=WIDTH_PX, policy=POLICY).relation is Relation.ALTERED


def test_a_noisy_re_encoding_is_a_copy() -> None:
    """Strong JPEG noise is spread evenly and changes nothing."""
    pixels = np.asarray(drawn(ORIGINAL))
    done, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 25])
    assert done
    copy = Image.fromarray(np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8))
    assert compared(copy, drawn(ORIGINAL)).relation is Relation.ALTERED


@pytest.mark.parametrize("counts", range(1, 7))
def test_another_person_on_the_same_page_is_another_capture(counts: int) -> None:
    """The same phone, theme and page with another clock, battery and counts is no copy."""
    twin = drawn(replace(TWIN, counts=counts))
    assert compared(twin, drawn(ORIGINAL)).relation is None


@pytest.mark.parametrize("clock", ["10:43", "10:52", "23:59"])
def test_a_static_page_with_another_clock_cannot_be_told(clock: str) -> None:
    """Where only the clock differs, an honest person and an edited clock look the same."""
    likeness = compared(drawn(replace(ORIGINAL, clock=clock)), drawn(ORIGINAL))
    assert likeness.relation is Relation.SAME_SCREEN
    assert likeness.differing
    assert all(box.y + box.h <= 60 for box in likeness.differing)


def test_a_page_without_a_bar_cannot_be_told() -> None:
    """Two equal captures without clock and battery may be anybody's."""
    plain = drawn(replace(ORIGINAL, bar=False))
    copy = ImageEnhance.Contrast(plain).enhance(0.97)
    assert compared(copy, plain).relation is Relation.SAME_SCREEN


def test_a_nearly_empty_page_cannot_be_told() -> None:
    """A dialog with few words looks the same for everybody, even at the same minute."""
    dialog = drawn(replace(ORIGINAL, cards=0)).copy()
    draw = ImageDraw.Draw(dialog)
    for line, words in enumerate(("Your payment of 250 was sent", "to the number that you gave us", "OK")):
        draw.text((120, 640 + 50 * line), words, fill=(30, 30, 30), font_size=30)
    copy = ImageEnhance.Contrast(dialog).enhance(0.97)
    assert compared(copy, dialog).relation is Relation.SAME_SCREEN


def test_a_wider_window_is_no_crop() -> None:
    """The same static page in a wider window keeps its place at the top: anybody may have such a window."""
    page = drawn(replace(ORIGINAL, bar=False))
    window = Image.new("RGB", (960, HEIGHT_PX), (250, 250, 250))
    window.paste(page)
    assert compared(window, page).relation is not Relation.ALTERED
    assert compared(page, window).relation is not Relation.ALTERED


def test_a_page_scrolled_further_is_no_crop() -> None:
    """Two people who scrolled one static page differently each show a part that the other does not."""
    long = Image.new("RGB", (WIDTH_PX, HEIGHT_PX * 2), (250, 250, 250))
    long.paste(drawn(replace(ORIGINAL, bar=False)))
    long.paste(drawn(replace(ORIGINAL, bar=False, page=5)), (0, HEIGHT_PX))
    one, other = (long.crop((0, top, WIDTH_PX, top + HEIGHT_PX)) for top in (0, 240))
    assert compared(one, other).relation is not Relation.ALTERED
    assert compared(other, one).relation is not Relation.ALTERED


def test_a_header_of_small_words_is_no_clock() -> None:
    """Without a colon between digits nothing at the top tells one person's moment from another's."""
    page = drawn(replace(ORIGINAL, clock="Menu"))
    assert status_bar_px(sketch(np.asarray(page), policy=POLICY)) is None
    assert compared(ImageEnhance.Contrast(page).enhance(0.97), page).relation is Relation.SAME_SCREEN


def test_a_full_page_is_no_watermark_on_an_emptier_one() -> None:
    """A chat that shows one card of a page is no copy of it, though the page only seems to add."""
    page = drawn(ORIGINAL)
    chat = Image.new("RGB", page.size, (250, 250, 250))
    chat.paste(page.crop((0, 0, WIDTH_PX, 290)))
    draw = ImageDraw.Draw(chat)
    for line in range(5):
        draw.text((40, 330 + 200 * line), f"message {line} of someone", fill=(30, 30, 30), font_size=30)
    assert compared(page, chat).relation is None
    assert compared(chat, page).relation is None


def test_unrelated_pages_share_nothing() -> None:
    """Another page is another capture, though the layout is the same."""
    assert compared(drawn(replace(ORIGINAL, page=2)), drawn(ORIGINAL)).relation is None


def test_a_blank_page_is_no_copy_of_anything() -> None:
    """Without key points nothing is laid over anything."""
    blank = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), "white")
    assert compared(blank, drawn(ORIGINAL)) == Likeness(relation=None, score=0.0)
    assert compared(blank, blank) == Likeness(relation=None, score=0.0)


def test_boxes_lie_where_the_copy_differs() -> None:
    """The boxes of a painted name are in px of the judged original."""
    likeness = compared(renamed(drawn(ORIGINAL)), drawn(ORIGINAL))
    assert likeness.relation is Relation.ALTERED
    assert likeness.differing
    for box in likeness.differing:
        assert box.x >= 270
        assert box.y >= 530
        assert box.y + box.h <= 610
        assert box.x + box.w <= 670
    assert 0.9 < likeness.score < 1


def test_a_placement_maps_the_second_picture_into_the_first() -> None:
    """A crop's corner comes to lie where it was cut."""
    grey = sketch(np.asarray(drawn(ORIGINAL)), policy=POLICY)
    found = place(Sketch.of(grey), Sketch.of(np.ascontiguousarray(grey[100:900, 60:500])))
    assert found is not None
    assert found.matrix[:2, 2] == pytest.approx([60, 100], abs=1)
    assert not found.mirrored


@pytest.mark.parametrize("shade", [250, 10])
def test_a_status_bar_is_found_and_a_header_is_not(shade: int) -> None:
    """Small glyphs left and right are a status bar; a tall title is not."""

    def strip(font_px: int) -> NDArray[np.uint8]:
        image = Image.new("L", (540, 1170), shade)
        draw = ImageDraw.Draw(image)
        ink = 255 - shade
        draw.text((20, 8), "10:42", fill=ink, font_size=font_px)
        draw.text((440, 8), "87%", fill=ink, font_size=font_px)
        draw.text((40, 300), "page", fill=ink, font_size=30)
        return np.asarray(image)

    found = status_bar_px(strip(20))
    assert found is not None
    assert 20 <= found <= 40
    assert status_bar_px(strip(48)) is None
    assert status_bar_px(np.full((1170, 540), shade, np.uint8)) is None
    assert status_bar_px(np.ascontiguousarray(strip(20)[:600])) is None
