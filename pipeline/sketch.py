"""A sketch: the small grey rendering of a picture that is kept to compare it with others.

In: grey px to keep, or bytes that were kept. Out: a PNG that any viewer opens, with the key points in a
private chunk; or a Sketch, which decodes px and finds what is missing only when asked. Never: decides.
"""

from __future__ import annotations

import io
import struct
import zlib
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from pipeline import keypoints
from pipeline.bars import status_bar_px
from pipeline.tiles import spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pipeline.keypoints import KeyPoints
    from pipeline.tiles import Spread

    Grey = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

# Ancillary, private, not safe to copy to an edited picture (PNG specification, chunk naming).
_CHUNK = b"prKP"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Of the PNG specification: grey, grey with alpha; the filter that takes off the row above.
_COLOUR_TYPES = {1: 0, 2: 4}
_UP = 2
_SOFT_PX = 1.0
_FILL_PX = 3


def encoded(sketch: Sketch) -> bytes:
    """Return the sketch with its key points as a PNG.

    Written here, since one filter for all rows takes half the time of a library's search for the best one of
    each row, and 8 % more bytes.
    """
    shown = sketch.grey[:, :, None]
    if sketch.clear is not None:
        shown = np.dstack([sketch.grey, np.where(sketch.clear, 0, 255).astype(np.uint8)])
    height, width, channels = shown.shape
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE)
    rows = packer.compress(_filtered(shown)) + packer.flush()
    points = keypoints.packed(sketch.points)
    chunks = ((b"IHDR", head), (_CHUNK, points), (b"IDAT", rows), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(name, content) for name, content in chunks)


def _filtered(shown: NDArray[np.uint8]) -> bytes:
    """Return the rows as a PNG packs them, each as its difference from the row above."""
    height, width, channels = shown.shape
    rows = np.empty((height, 1 + width * channels), np.uint8)
    rows[:, 0] = _UP
    flat = shown.reshape(height, width * channels)
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    return rows.tobytes()


def _chunk(name: bytes, content: bytes) -> bytes:
    checked = name + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


class Sketch:
    """A sketch with what comparing it needs, each found once and only when asked for."""

    def __init__(
        self,
        shape: tuple[int, ...],
        px: Callable[[], Grey],
        *,
        clear: Callable[[], Bools | None] = lambda: None,
        points: KeyPoints | None = None,
    ) -> None:
        self.shape = shape
        self._px = px
        self._clear = clear
        if points is not None:
            self.points = points

    @classmethod
    def of(cls, grey: Grey, clear: Bools | None = None) -> Sketch:
        """Return the sketch that `grey` is, transparent where `clear` is set."""
        if clear is None:
            return cls(grey.shape, lambda: grey)
        # A hole takes on the colour around it, or it would hide a status bar and bring key points of its own.
        filled = np.asarray(cv2.inpaint(grey, clear.astype(np.uint8), _FILL_PX, cv2.INPAINT_TELEA), np.uint8)
        return cls(grey.shape, lambda: filled, clear=lambda: clear)

    @classmethod
    def opened(cls, content: bytes) -> Sketch:
        """Open what `encoded` made; key points that another version left are found anew."""
        with _image(content) as image:
            kept = next((one[1] for one in image.private_chunks if one[0] == _CHUNK), b"")
            shape = (image.height, image.width)
            holed = image.mode == "LA"
        clear = (lambda: _clear(content)) if holed else (lambda: None)
        return cls(shape, lambda: _grey(content), clear=clear, points=keypoints.unpacked(kept))

    @cached_property
    def grey(self) -> Grey:
        """Its px."""
        return self._px()

    @cached_property
    def clear(self) -> Bools | None:
        """Where it is transparent, None where nowhere: another tool may have put any colour there."""
        return self._clear()

    @cached_property
    def points(self) -> KeyPoints:
        """Its key points."""
        return keypoints.found(self.grey)

    @cached_property
    def mirrored(self) -> Sketch:
        """The sketch flipped left to right."""
        grey, clear = np.ascontiguousarray(self.grey[:, ::-1]), self.clear
        if clear is None:
            return Sketch.of(grey)
        flipped = np.ascontiguousarray(clear[:, ::-1])
        return Sketch(grey.shape, lambda: grey, clear=lambda: flipped)

    @cached_property
    def bar_px(self) -> int | None:
        """Height of its status bar, None where none is seen."""
        return status_bar_px(self.grey)

    @cached_property
    def softened(self) -> Floats:
        """Its px, softened: a resized copy is softer than its original; here the two are alike again."""
        return softened(self.grey)

    @cached_property
    def varies(self) -> Spread:
        """How much each of its tiles shows."""
        return spread(self.softened, self.softened)


def softened(grey: Grey) -> Floats:
    """Return `grey` as soft as any copy of it, as float32."""
    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _SOFT_PX), np.float32)


def _image(content: bytes) -> PngImageFile:
    image = Image.open(io.BytesIO(content), formats=("PNG",))
    assert isinstance(image, PngImageFile)
    return image


def _grey(content: bytes) -> Grey:
    with _image(content) as image:
        return np.asarray(image.convert("L"), np.uint8)


def _clear(content: bytes) -> Bools:
    with _image(content) as image:
        return np.equal(np.asarray(image.getchannel("A"), np.uint8), 0)
