"""A photo's status bar that lies a px or two off is laid closer before it is said to differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pipeline.records import Relation
from tests.unit.test_compare import ORIGINAL, compared, drawn, photographed


def askew(image: Image.Image, off_px: int) -> Image.Image:
    """Photograph it with a lens that moves the top of the screen by some px."""
    pixels = np.asarray(photographed(image)).copy()
    pixels[44:106] = np.roll(pixels[44:106], off_px, axis=0)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("off_px", [0, 3, 4])
def test_a_photo_with_its_bar_a_little_off_is_a_copy(off_px: int) -> None:
    """The bar shows the same clock and battery once it lies as the page does."""
    original = drawn(ORIGINAL)
    assert compared(askew(original, off_px), original).relation is Relation.ALTERED


@pytest.mark.parametrize("off_px", [0, 3, 4])
@pytest.mark.parametrize("own", [{"clock": "15:37"}, {"battery": 34}, {"clock": "9:26", "battery": 8}])
def test_a_photo_of_ones_own_bar_is_no_copy(off_px: int, own: dict[str, str | int]) -> None:
    """However a strip is tilted, another clock or battery stays another."""
    page = askew(drawn(replace(ORIGINAL, **own)), off_px)  # type: ignore[arg-type]
    assert compared(page, drawn(ORIGINAL)).relation is not Relation.ALTERED


def test_a_page_stretched_one_way_is_a_copy() -> None:
    """A form that wants one shape stretches a capture; its corners stay where they were, nothing else does."""
    original = drawn(ORIGINAL)
    for size in ((720, 1610), (720, 1430), (770, 1520)):
        assert compared(original.resize(size), original).relation is Relation.ALTERED
