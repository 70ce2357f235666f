"""Draws evidence on a picture: boxes in the colour of their status, a short label beside each.

In: a Picture and boxes in its px. Out: a PNG without metadata. Labels are codes in ASCII; text in other
scripts belongs into the page around the picture, where it is shaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.picture import encode_png
from pipeline.records import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.records import Box, Picture, Verdict

    Colour = tuple[int, int, int]
    Area = tuple[float, float, float, float]

# Told apart by lightness too, for eyes that confuse red and green.
COLOURS: Mapping[Status, Colour] = {
    Status.PASS: (0, 140, 70),
    Status.FAIL: (200, 20, 40),
    Status.UNCLEAR: (235, 150, 0),
}
_INK: Colour = (255, 255, 255)
_FRAME_SHARE = 1 / 270
_LETTER_SHARE = 1 / 36
_LEAST_LETTER_PX = 11
_MOST_LETTERS = 40


def annotate(picture: Picture, boxes: Sequence[tuple[Box, str, Status]]) -> bytes:
    """Return `picture` as a PNG with its evidence drawn on it.

    Args:
        picture: The upright original; its pixels are left alone.
        boxes: Each with its label and the status that colours it; parts outside the picture are cut off.
    """
    image = Image.fromarray(picture.pixels)
    pen = ImageDraw.Draw(image)
    letter_px = max(_LEAST_LETTER_PX, round(min(image.size) * _LETTER_SHARE))
    font = ImageFont.load_default(letter_px)
    frame_px = max(2, round(min(image.size) * _FRAME_SHARE))
    areas = [_area(box, image.size, margin_px=2 * frame_px) for box, _, _ in boxes]
    for area, (_, _, status) in zip(areas, boxes, strict=True):
        pen.rectangle(area, outline=COLOURS[status], width=frame_px)
    taken = list(areas)
    for area, (_, label, status) in zip(areas, boxes, strict=True):
        text = _plain(label)
        if text:
            taken.append(_write(pen, text, area=area, colour=COLOURS[status], font=font, taken=taken))
    return encode_png(np.asarray(image))


def evidence(verdict: Verdict, image: int) -> tuple[tuple[Box, str, Status], ...]:
    """Return what a verdict rests on in one picture: box, label and status of each check and reason."""
    checks = tuple(
        (one.box, one.code.value if one.code else one.check, one.status)
        for one in verdict.checks
        if one.box is not None and one.image == image
    )
    drawn = {box for box, _, _ in checks}
    reasons = tuple(
        (one.box, one.code.value, Status.FAIL)
        for one in verdict.reasons
        if one.box is not None and one.image == image and one.box not in drawn
    )
    return checks + reasons


def _area(box: Box, size: tuple[int, int], *, margin_px: int) -> Area:
    left, top = max(0, box.x - margin_px), max(0, box.y - margin_px)
    right, bottom = min(size[0] - 1, box.x + box.w + margin_px), min(size[1] - 1, box.y + box.h + margin_px)
    return (min(left, right), min(top, bottom), right, bottom)


def _plain(label: str) -> str:
    return label.encode("ascii", "ignore").decode().strip()[:_MOST_LETTERS]


def _write(
    pen: ImageDraw.ImageDraw,
    text: str,
    *,
    area: Area,
    colour: Colour,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    taken: Sequence[Area],
) -> Area:
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    pad = (bottom - top) / 3
    width, height = right - left + 2 * pad, bottom - top + 2 * pad
    x, y = _free_place(area, width=width, height=height, size=pen.im.size, taken=taken)
    pen.rectangle((x, y, x + width, y + height), fill=colour)
    pen.text((x + pad - left, y + pad - top), text, font=font, fill=_INK)
    return (x, y, x + width, y + height)


def _free_place(
    area: Area, *, width: float, height: float, size: tuple[int, int], taken: Sequence[Area]
) -> tuple[float, float]:
    """Return where the label hides no other box: above, below, right or left of its own, else above."""
    left, top, right, bottom = area
    places = [
        (left, top - height),
        (left, bottom),
        (right, top),
        (left - width, top),
        (right - width, bottom),
    ]
    kept = [(_within(x, size[0] - width), _within(y, size[1] - height)) for x, y in places]
    for x, y in kept:
        if not any(_overlap((x, y, x + width, y + height), other) for other in taken):
            return x, y
    return kept[0]


def _within(value: float, most: float) -> float:
    return max(0.0, min(value, most))


def _overlap(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
