"""Draws a comparison: the two pictures side by side, the second laid over the first, and what differs.

In: a Contrast, the pixels of both, how the second lies. Out: a PNG without metadata: the answer and what
it rests on above, three panels, a legend. Agreeing tiles are tinted, regions that differ are framed and
numbered as the Contrast lists them. Labels are ASCII: other scripts belong into the page around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.picture import encode_png
from pipeline.records import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.records import Box, Contrast, Region

    Pixels = NDArray[np.uint8]
    Bools = NDArray[np.bool_]
    Colour = tuple[int, int, int]
    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Told apart by lightness too, for eyes that confuse red and green.
AGREES: Colour = (46, 160, 110)
DIFFERS: Colour = (205, 32, 52)
ADDED: Colour = (235, 150, 0)
BARE: Colour = (222, 226, 232)
_PAPER: Colour = (246, 247, 249)
_CARD: Colour = (255, 255, 255)
_EDGE: Colour = (214, 219, 226)
_INK: Colour = (26, 34, 46)
_SOFT: Colour = (92, 102, 116)
_SAID: dict[Answer, tuple[str, Colour]] = {
    Answer.COPY: ("Copy", DIFFERS),
    Answer.ANOTHER_CAPTURE: ("Another capture", AGREES),
    Answer.CANNOT_TELL: ("Cannot tell", (190, 118, 0)),
}
_PANEL_PX = (620, 1380)
_LEAST_PANEL_PX = 300
_GAP_PX = 28
_TITLE_PX, _FACT_PX, _LABEL_PX, _BADGE_PX = 40, 20, 20, 16
_NUMBERED = 12
_TINT, _FADE = 0.2, 0.72
_DRAWN_TINT = 0.5
_DARK = 110
_MOST_LETTERS = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How the second picture lies in the first, and what each tile of the first says.

    Attributes:
        lay: Maps px of the second original to px of the first, shape (3, 3).
        agrees, differs, added: A value a tile, shape (rows, columns).
        tile_px: Side of a tile in px of the first original.
    """

    lay: NDArray[np.float64]
    agrees: Bools
    differs: Bools
    added: Bools
    tile_px: float


def sheet(
    found: Contrast, pixels: tuple[Pixels, Pixels], shown: Shown | None, *, names: tuple[str, str]
) -> bytes:
    """Return the comparison as a PNG.

    Args:
        pixels: Both pictures, RGB, upright.
        shown: How the second lies; None where it cannot be laid, and the two just stand side by side.
        names: What to call them.
    """
    panels = _panels(found.regions, pixels, shown)
    labels = [f"A  {_plain(names[0])}", f"B  {_plain(names[1])}"]
    if shown is not None:
        labels = [labels[0], f"{labels[1]}, laid over A", "What agrees and what differs"]
    facts = _lines(found)
    top = _GAP_PX + _TITLE_PX + 12 + len(facts) * (_FACT_PX + 9) + _GAP_PX
    height = top + _LABEL_PX + 12 + max(one.height for one in panels) + _GAP_PX + _LABEL_PX + _GAP_PX
    width = _GAP_PX + sum(max(one.width, _LEAST_PANEL_PX) + _GAP_PX for one in panels)
    page = Image.new("RGB", (max(width, 760), height), _PAPER)
    pen = ImageDraw.Draw(page)
    _write_head(pen, found, facts)
    left = _GAP_PX
    for label, panel in zip(labels, panels, strict=True):
        _put(page, pen, panel, at=(left, top), label=label)
        left += max(panel.width, _LEAST_PANEL_PX) + _GAP_PX
    if shown is not None:
        _write_legend(pen, top=height - _GAP_PX - _LABEL_PX, watermarked=bool(shown.added.any()))
    return encode_png(np.asarray(page))


# ---- panels ---------------------------------------------------------------------------------------


def _panels(
    regions: Sequence[Region], pixels: tuple[Pixels, Pixels], shown: Shown | None
) -> list[Image.Image]:
    first, scale = _fitted(pixels[0])
    if shown is None:
        return [Image.fromarray(first), Image.fromarray(_fitted(pixels[1])[0])]
    size = (first.shape[1], first.shape[0])
    second = _laid(pixels[1], np.diag([scale, scale, 1.0]) @ shown.lay, size)
    tile_px = shown.tile_px * scale
    masks = {
        AGREES: _spread(shown.agrees, tile_px, size),
        DIFFERS: _spread(shown.differs, tile_px, size),
        ADDED: _spread(shown.added, tile_px, size),
    }
    covered = _covered(shown, pixels[1], scale, size)
    marked = [
        _framed(_tinted(one, {AGREES: masks[AGREES]}, _TINT), regions, scale) for one in (first, second)
    ]
    difference = np.where(covered[..., None], _faded(first), np.array(BARE)).astype(np.uint8)
    return [*marked, _framed(_tinted(difference, masks, _DRAWN_TINT), regions, scale)]


def _faded(pixels: Pixels) -> NDArray[np.float64]:
    """Return the picture in light grey, a dark page turned light, so that tints show."""
    grey = pixels.mean(axis=2, keepdims=True)
    grey = 255 - grey if np.median(grey) < _DARK else grey
    return np.asarray((grey * (1 - _FADE) + 255 * _FADE).repeat(3, axis=2))


def _fitted(pixels: Pixels) -> tuple[Pixels, float]:
    """Return a picture at the size of a panel, and by which factor it shrank."""
    height, width = pixels.shape[:2]
    scale = min(_PANEL_PX[0] / width, _PANEL_PX[1] / height, 1.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _laid(pixels: Pixels, matrix: NDArray[np.float64], size: tuple[int, int]) -> Pixels:
    """Return the second picture as it lies in a panel of `size`; what it leaves bare is grey."""
    # Shrunk by half first while that is more than wanted: one step to a fifth would leave stairs.
    step = np.eye(3)
    while np.sqrt(abs(np.linalg.det((matrix @ step)[:2, :2]))) < 0.5:  # noqa: PLR2004 (by half)
        pixels = np.asarray(cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        step = step @ np.diag([2.0, 2.0, 1.0])
    over = cv2.warpPerspective(
        pixels, matrix @ step, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=BARE
    )
    return np.asarray(over, np.uint8)


def _covered(shown: Shown, pixels: Pixels, scale: float, size: tuple[int, int]) -> Bools:
    """Return which px of the panel the second picture covers."""
    height, width = pixels.shape[:2]
    square = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    placed = cv2.perspectiveTransform(square, np.diag([scale, scale, 1.0]) @ shown.lay)[0]
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillConvexPoly(mask, placed.round().astype(np.int32), 1)
    return mask.astype(bool)


def _spread(tiles: Bools, tile_px: float, size: tuple[int, int]) -> Bools:
    """Return a value a px of the panel; a strip at the right and below may have no tile."""
    down, across = ((np.arange(length) / tile_px).astype(int) for length in (size[1], size[0]))
    padded = np.pad(tiles, ((0, 1), (0, 1)))
    rows, columns = tiles.shape
    return np.asarray(padded[np.minimum(down, rows)][:, np.minimum(across, columns)])


def _tinted(pixels: Pixels, masks: dict[Colour, Bools], share: float) -> Image.Image:
    mixed = pixels.astype(np.float32)
    for colour, mask in masks.items():
        mixed[mask] = mixed[mask] * (1 - share) + np.array(colour, np.float32) * share
    return Image.fromarray(mixed.astype(np.uint8))


def _framed(panel: Image.Image, regions: Sequence[Region], scale: float) -> Image.Image:
    pen = ImageDraw.Draw(panel)
    font = ImageFont.load_default(_BADGE_PX)
    areas = [_area(one.box, scale, panel.size) for one in regions]
    for area, region in zip(areas, regions, strict=True):
        pen.rounded_rectangle(area, radius=5, outline=ADDED if region.added else DIFFERS, width=3)
    for number, (area, region) in enumerate(zip(areas[:_NUMBERED], regions, strict=False), start=1):
        _badge(pen, str(number), at=area[:2], colour=ADDED if region.added else DIFFERS, font=font)
    return panel


def _area(box: Box, scale: float, size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top = max(0.0, box.x * scale - 4), max(0.0, box.y * scale - 4)
    right, bottom = (box.x + box.w) * scale + 4, (box.y + box.h) * scale + 4
    return left, top, max(left, min(right, size[0] - 1)), max(top, min(bottom, size[1] - 1))


def _badge(
    pen: ImageDraw.ImageDraw, text: str, *, at: tuple[float, float], colour: Colour, font: Font
) -> None:
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    side = max(right - left, bottom - top) + 10
    x, y = max(0.0, at[0] - side / 2), max(0.0, at[1] - side / 2)
    pen.ellipse((x, y, x + side, y + side), fill=colour, outline=_CARD, width=2)
    middle = (x + side / 2 - (left + right) / 2, y + side / 2 - (top + bottom) / 2)
    pen.text(middle, text, font=font, fill=_CARD)


# ---- words ----------------------------------------------------------------------------------------


def _lines(found: Contrast) -> list[str]:
    """Return the facts, and how many regions of which kind are marked."""
    counts = [
        (sum(one.in_bar for one in found.regions), "in the status bar"),
        (sum(not one.in_bar and not one.added for one in found.regions), "on the page"),
        (sum(one.added for one in found.regions), "added by a watermark"),
    ]
    marked = ", ".join(f"{count} {where}" for count, where in counts if count)
    return [*found.facts, *([f"marked: {marked}"] if marked else [])]


def _write_head(pen: ImageDraw.ImageDraw, found: Contrast, facts: Sequence[str]) -> None:
    said, colour = _SAID[found.answer]
    title = ImageFont.load_default(_TITLE_PX)
    top = float(_GAP_PX)
    pen.rounded_rectangle((_GAP_PX, top + 4, _GAP_PX + 10, top + _TITLE_PX + 6), radius=5, fill=colour)
    pen.text((_GAP_PX + 24, top), said, font=title, fill=_INK)
    if found.confidence is not None:
        after = _GAP_PX + 24 + pen.textlength(said, font=title) + 18
        sure = f"confidence {found.confidence:.2f}"
        pen.text(
            (after, top + _TITLE_PX), sure, font=ImageFont.load_default(_FACT_PX + 2), fill=_SOFT, anchor="ls"
        )
    for line, fact in enumerate(facts):
        y = top + _TITLE_PX + 16 + line * (_FACT_PX + 9)
        pen.text((_GAP_PX + 24, y), fact, font=ImageFont.load_default(_FACT_PX), fill=_SOFT)


def _put(
    page: Image.Image, pen: ImageDraw.ImageDraw, panel: Image.Image, *, at: tuple[int, int], label: str
) -> None:
    left, top = at
    pen.text((left, top), label, font=ImageFont.load_default(_LABEL_PX), fill=_INK)
    top += _LABEL_PX + 12
    pen.rectangle((left - 1, top - 1, left + panel.width, top + panel.height), fill=_CARD, outline=_EDGE)
    page.paste(panel, (left, top))


def _write_legend(pen: ImageDraw.ImageDraw, *, top: int, watermarked: bool) -> None:
    font = ImageFont.load_default(_FACT_PX)
    entries = [("agrees", AGREES), ("differs", DIFFERS), ("nothing of B lies here", BARE)]
    if watermarked:
        entries.insert(2, ("added by a watermark", ADDED))
    left = float(_GAP_PX)
    for text, colour in entries:
        pen.rounded_rectangle((left, top, left + _LABEL_PX, top + _LABEL_PX), radius=4, fill=colour)
        pen.text((left + _LABEL_PX + 10, top - 1), text, font=font, fill=_SOFT)
        left += _LABEL_PX + 10 + pen.textlength(text, font=font) + 34


def _plain(name: str) -> str:
    """Return what the font can draw of a name, its end where it is long."""
    told = name.encode("ascii", "ignore").decode().strip()
    return told if len(told) <= _MOST_LETTERS else f"...{told[-_MOST_LETTERS:]}"
