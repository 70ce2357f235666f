"""`annotate` shows a person where the evidence lies."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.annotate import COLOURS, annotate
from pipeline.records import Box, Picture, Status

PICTURE = Picture(pixels=np.full((800, 400, 3), 255, dtype=np.uint8), format="PNG", frames=1)


def opened(png: bytes) -> np.ndarray:
    """Return the pixels of a PNG."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("status", list(Status))
def test_a_box_has_the_colour_of_its_status(status: Status) -> None:
    """The frame runs around the box, its inside stays untouched."""
    shown = opened(annotate(PICTURE, [(Box(x=100, y=300, w=200, h=60), "text", status)]))
    coloured = (shown == COLOURS[status]).all(axis=2)
    assert coloured.any()
    assert (shown[305:355, 105:295] == 255).all()
    assert not coloured[400:].any()


def test_the_picture_keeps_its_size_and_pixels() -> None:
    """What is drawn on is a copy."""
    shown = opened(annotate(PICTURE, [(Box(x=0, y=0, w=400, h=800), "all", Status.FAIL)]))
    assert shown.shape == PICTURE.pixels.shape
    assert (PICTURE.pixels == 255).all()
    assert (opened(annotate(PICTURE, [])) == PICTURE.pixels).all()


@pytest.mark.parametrize("box", [(-50, -50, 900, 900), (390, 790, 40, 40), (500, 900, 10, 10), (5, 5, 0, 0)])
def test_boxes_at_and_beyond_the_edge_are_cut(box: tuple[int, int, int, int]) -> None:
    """A box that sticks out is drawn as far as the picture goes."""
    x, y, w, h = box
    annotate(PICTURE, [(Box(x=x, y=y, w=w, h=h), "edge", Status.UNCLEAR)])


def test_labels_in_other_scripts_are_left_to_the_page() -> None:
    """A label without ASCII draws its frame and no broken letters."""
    box = Box(x=100, y=300, w=200, h=60)
    bengali = opened(annotate(PICTURE, [(box, "যোগ দিন", Status.PASS)]))
    assert (bengali == opened(annotate(PICTURE, [(box, "", Status.PASS)]))).all()
