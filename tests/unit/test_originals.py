"""Two originals of a page without a status bar: a copy is told from a twin where sketches cannot."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from pipeline.compare import compare
from pipeline.contrast import contrast
from pipeline.fingerprint import sketched
from pipeline.originals import made_of
from pipeline.picture import decode
from pipeline.policy import Policy
from pipeline.records import Answer, Picture, Relation

POLICY = Policy()
SIZE_PX = (1366, 768)


def desktop(*, face: int = 1, likes: int = 431) -> Image.Image:
    """Draw a static page on a desktop: only a small face and a count are the person's own."""
    page = np.random.default_rng(7)
    image = Image.new("RGB", SIZE_PX, (250, 250, 250))
    draw = ImageDraw.Draw(image)
    for card in range(8):
        left, top = 40 + 330 * (card % 4), 120 + 320 * (card // 4)
        grain = page.integers(0, 255, (9, 16, 3), dtype=np.uint8)
        image.paste(Image.fromarray(grain).resize((300, 168), Image.Resampling.BICUBIC), (left, top))
        for line in range(4):
            words = " ".join("".join(chr(97 + int(c)) for c in page.integers(0, 26, 5)) for _ in range(6))
            draw.text((left, top + 178 + 24 * line), words, fill=(30, 30, 30), font_size=15)
    own = np.random.default_rng(face).integers(60, 190, (4, 4, 3), dtype=np.uint8)
    image.paste(Image.fromarray(own).resize((30, 30), Image.Resampling.BICUBIC), (1310, 20))
    draw.text((60, 40), f"{likes} likes", fill=(30, 30, 30), font_size=15)
    return image


def saved(image: Image.Image, form: str = "PNG", **options: int) -> bytes:
    """Return it as a file."""
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def lossy(image: Image.Image) -> bytes:
    """Return it as a JPEG of low quality."""
    return saved(image, "JPEG", quality=40)


def opened(content: bytes) -> Picture:
    """Decode it as a proof is decoded."""
    return decode(content, policy=POLICY)


def same(one: bytes, other: bytes) -> bool:
    """Look closer at two files."""
    return made_of(opened(one), opened(other), policy=POLICY)


EDITS: dict[str, Callable[[Image.Image], bytes]] = {
    "smaller": lambda image: saved(image.resize((1180, 663), Image.Resampling.BOX)),
    "grey": lambda image: saved(image.convert("L")),
    "dimmed": lambda image: saved(ImageEnhance.Brightness(image).enhance(0.8)),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_the_whole_is_a_copy(edit: str) -> None:
    """Nothing differs but what was done to all of the picture."""
    page = desktop()
    assert same(EDITS[edit](page), saved(page))


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("own", [{"face": 2}, {"likes": 897}, {"face": 3, "likes": 12}])
def test_somebody_elses_page_is_no_copy_whatever_was_done_to_it(edit: str, own: dict[str, int]) -> None:
    """A small face or a count of one's own is seen at full size, under noise and in other tones."""
    assert not same(EDITS[edit](desktop(**own)), saved(desktop()))


@pytest.mark.parametrize("sent", [saved, lossy])
def test_a_static_page_stays_a_doubt(sent: Callable[[Image.Image], bytes]) -> None:
    """Two people get the same pixels but for a cursor, and a messenger re-encodes: no trace of a copy."""
    other = desktop()
    other.putpixel((700, 500), (0, 0, 0))
    assert not same(sent(other), saved(desktop()))


@pytest.mark.parametrize("edit", ["smaller", "dimmed"])
def test_the_cleaner_picture_was_not_made_of_the_other(edit: str) -> None:
    """Who sends a static page as it was captured is no copier of somebody's re-encoded one."""
    assert not same(saved(desktop()), EDITS[edit](desktop()))


def test_a_highlighted_row_is_no_tone_of_the_whole() -> None:
    """A row under another person's pointer has another ground, and nothing else differs."""
    other = desktop()
    ImageDraw.Draw(other).rectangle((400, 60, 1000, 100), fill=(190, 220, 250))
    for one in (saved(other), lossy(other)):
        assert not same(one, saved(desktop()))


def test_too_small_a_picture_tells_nothing() -> None:
    """At half the size a count is a smudge: no honest person is rejected for that."""
    small = desktop().resize((683, 384), Image.Resampling.BOX)
    assert not same(saved(small), saved(desktop()))


def test_another_shape_tells_nothing() -> None:
    """A part of a page lies in no frame that could be laid over the whole."""
    assert not same(lossy(desktop().crop((0, 0, 1000, 768))), saved(desktop()))


@pytest.mark.parametrize(("own", "answer"), [({}, Answer.COPY), ({"face": 2}, Answer.CANNOT_TELL)])
def test_sketches_that_cannot_tell_ask_for_the_originals(own: dict[str, int], answer: Answer) -> None:
    """Two desktops look alike in their sketches; `praman compare` looks closer and says what it saw."""
    files = EDITS["dimmed"](desktop(**own)), saved(desktop())
    pictures = opened(files[0]), opened(files[1])
    one, other = (sketched(picture, policy=POLICY) for picture in pictures)
    likeness = compare(one, other, width_px=SIZE_PX[0], policy=POLICY)
    assert likeness.relation is Relation.SAME_SCREEN
    told = contrast(files, pictures, policy=POLICY)
    assert told.answer is answer
    assert any("at full size" in fact for fact in told.facts) == (answer is Answer.COPY)
