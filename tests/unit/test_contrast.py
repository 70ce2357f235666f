"""`contrast` tells and shows a person what two pictures say of each other; `compare` decides."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from pipeline.contrast import contrast, lay_over
from pipeline.picture import decode
from pipeline.policy import Policy
from pipeline.records import Answer, Box, Contrast, Relation
from pipeline.sheet import AGREES, DIFFERS
from tests.screens import SIZE_PX, channel_page, encoded

POLICY = Policy()
SAMPLE = Path(__file__).parents[2] / "fixtures" / "sample" / "images"
STICKER = (400, 900, 490, 990)


def contrasted(first: bytes, second: bytes, *, drawn: bool = False) -> Contrast:
    """Contrast two files as a child does."""
    pictures = decode(first, policy=POLICY), decode(second, policy=POLICY)
    return contrast((first, second), pictures, policy=POLICY, names=("one", "other") if drawn else None)


def stickered() -> Image.Image:
    """Return a page with one sticker on it."""
    page = channel_page()
    ImageDraw.Draw(page).ellipse(STICKER, fill=(255, 200, 40), outline="black", width=6)
    return page


def covers(box: Box, area: tuple[int, int, int, int], *, within_px: int = 30) -> bool:
    """Tell whether `box` is where `area` is, give or take."""
    corners = (box.x, box.y, box.x + box.w, box.y + box.h)
    return all(abs(one - other) <= within_px for one, other in zip(corners, area, strict=True))


def test_the_same_file_and_the_same_pixels_are_copies_for_certain() -> None:
    """Nothing has to be laid over anything."""
    png, webp = encoded(channel_page()), encoded(channel_page(), "WEBP", lossless=True)
    for other, fact in ((png, "byte for byte"), (webp, "same pixels")):
        found = contrasted(png, other)
        assert (found.answer, found.relation, found.confidence) == (Answer.COPY, Relation.EXACT, 1.0)
        assert fact in found.facts[0]
        assert not found.regions


def test_an_altered_copy_names_its_regions_in_both_pictures() -> None:
    """The sticker is the one region, in px of either original, however large that is."""
    copy = stickered().resize((SIZE_PX[0] // 2, SIZE_PX[1] // 2))
    found = contrasted(encoded(channel_page()), encoded(copy, "JPEG", quality=90))
    assert (found.answer, found.relation) == (Answer.COPY, Relation.ALTERED)
    assert "the status bars agree" in found.facts
    (region,) = found.regions
    assert covers(region.box, STICKER)
    assert covers(region.other_box, tuple(side // 2 for side in STICKER), within_px=15)
    assert not region.in_bar


def test_the_regions_of_a_mirrored_copy_lie_on_its_other_side() -> None:
    """What stands at the right of the first stands at the left of the second."""
    found = contrasted(encoded(channel_page()), encoded(ImageOps.mirror(stickered())))
    assert found.facts[0] == "the second lies over the first mirrored"
    (region,) = found.regions
    left, top, right, bottom = STICKER
    assert covers(region.other_box, (SIZE_PX[0] - right, top, SIZE_PX[0] - left, bottom))


def test_an_honest_twin_is_another_capture_and_its_status_bar_speaks_first() -> None:
    """Clock and battery come before what moved on the page."""
    found = contrasted(encoded(channel_page(person=1)), encoded(channel_page(person=2)))
    assert (found.answer, found.relation) == (Answer.ANOTHER_CAPTURE, None)
    assert found.confidence is not None
    assert found.confidence > 0.5
    in_bar = [one.in_bar for one in found.regions]
    assert in_bar[0]
    assert in_bar == sorted(in_bar, reverse=True)


def test_pages_that_share_nothing_are_another_capture_without_regions() -> None:
    """There is nothing to point at; both are drawn as they are."""
    found = contrasted((SAMPLE / "p0026.webp").read_bytes(), (SAMPLE / "p0007.webp").read_bytes(), drawn=True)
    assert (found.answer, found.score, found.regions) == (Answer.ANOTHER_CAPTURE, 0.0, ())
    assert opened(found.drawn).shape[1] > 700


@pytest.mark.parametrize("flat", ["white", "black"])
def test_a_flat_picture_cannot_be_told_from_another(flat: str) -> None:
    """Two empty screens are not called a copy or anything else; the same file still is the same file."""
    one, other = encoded(Image.new("RGB", SIZE_PX, flat)), encoded(Image.new("RGB", SIZE_PX, "gray"))
    found = contrasted(one, other, drawn=True)
    assert (found.answer, found.confidence) == (Answer.CANNOT_TELL, None)
    assert contrasted(one, one, drawn=True).answer is Answer.COPY


def test_the_drawing_marks_what_differs_and_tints_what_agrees() -> None:
    """Frames and numbers stand in all three panels; without differences none is there."""
    page = encoded(channel_page())
    altered = opened(contrasted(page, encoded(stickered()), drawn=True).drawn)
    same = opened(contrasted(page, encoded(channel_page(), "JPEG", quality=90), drawn=True).drawn)
    assert shares(altered, DIFFERS) > 3 * shares(same, DIFFERS)
    assert shares(same, AGREES) > 0
    assert contrasted(page, page).drawn == b""


def test_a_photo_is_laid_flat_over_its_source() -> None:
    """Tilted by its camera, it agrees all over."""
    found = contrasted((SAMPLE / "p0033.jpg").read_bytes(), (SAMPLE / "p0022.webp").read_bytes())
    assert found.answer is Answer.COPY
    assert "cropped, moved or tilted" in found.facts[0]


def opened(png: bytes) -> np.ndarray:
    """Return the pixels of a PNG."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return np.asarray(image)


def shares(pixels: np.ndarray, colour: tuple[int, int, int]) -> int:
    """Return how many px have exactly this colour."""
    return int((pixels == colour).all(axis=2).sum())


def test_a_copy_is_laid_over_its_original_where_it_lies() -> None:
    """Cropped and shrunk, it lies on the original's pixels; what it does not show is grey."""
    page = channel_page()
    cropped = page.crop((0, 300, *SIZE_PX)).resize((SIZE_PX[0] * 3 // 4, (SIZE_PX[1] - 300) * 3 // 4))
    pictures = decode(encoded(page), policy=POLICY), decode(encoded(cropped), policy=POLICY)
    drawn = lay_over(pictures, policy=POLICY)
    assert drawn is not None
    laid = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB"), np.int16)
    original = np.asarray(page.convert("RGB"), np.int16)
    assert laid.shape == original.shape
    assert np.abs(laid - original)[360:-40, 40:-40].mean() < 6
    assert (laid[:250] == 128).mean() > 0.9


def test_pictures_that_share_no_page_are_not_laid_over_each_other() -> None:
    """There is nothing to lay them by."""
    noise = Image.effect_noise(SIZE_PX, 80).convert("RGB")
    pictures = decode(encoded(channel_page()), policy=POLICY), decode(encoded(noise), policy=POLICY)
    assert lay_over(pictures, policy=POLICY) is None
