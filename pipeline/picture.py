"""Untrusted bytes into a Picture.

In: bytes of unknown origin and the policy's limits. Out: upright RGB pixels and the facts about the file.
Never: trusts a name or MIME type, decodes a pixel before the header's size is known to be allowed, keeps
metadata, applies a colour profile. Runs inside a child that can be killed.
"""

from __future__ import annotations

import io
import struct
import warnings
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from pipeline.errors import BadPicture
from pipeline.magic import JPEG, PNG, WEBP, sniff
from pipeline.reasons import ReasonCode
from pipeline.records import Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

_MULTI_PICTURE = "MPO"
_ORIENTATION_TAG = 0x0112
# How a whole file ends; of others the libraries complain on standard error.
_ENDS = {PNG: b"IEND\xaeB`\x82", JPEG: b"\xff\xd9", WEBP: b""}
# Where a PNG may keep an orientation: its own chunk, ImageMagick's text, Adobe's XMP.
_PNG_EXIF = (b"eXIf", b"Raw profile type", b"adobe.xmp")
_WHITE = (255, 255, 255)
_CLEAR_MOST = 127
# Source: Exif 2.32, tag 0x0112: what turns each stored orientation upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_OTHER_FORMATS = (
    (b"GIF8", "a GIF"),
    (b"%PDF", "a PDF"),
    (b"II*\0", "a TIFF"),
    (b"MM\0*", "a TIFF"),
    (b"BM", "a BMP"),
    (b"%!PS", "an EPS"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (b"\0\0\x01\0", "an icon"),
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def decode(content: bytes, *, policy: Policy) -> Picture:
    """Decode the first frame of a PNG, JPEG or WebP.

    Args:
        content: The whole file; its name and MIME type play no part.
        policy: Limits of bytes, sides, pixels and frames.

    Returns:
        RGB pixels, upright, alpha laid over white.

    Raises:
        BadPicture: NOT_A_PICTURE for another format or a damaged file, TOO_LARGE or TOO_SMALL by the
            header, before a pixel is decoded.
    """
    if len(content) > policy.max_bytes:
        raise _too_large(f"{len(content):,} bytes; at most {policy.max_bytes:,} are opened")
    file_format = sniff(content)
    if file_format is None:
        raise BadPicture(ReasonCode.NOT_A_PICTURE, f"this is {_seems(content)}; send a PNG, JPEG or WebP")
    if file_format == WEBP:
        # Pillow's WebP decoder allocates two canvases on opening, so its header is looked at first.
        _check_size(*_webp_canvas(content), policy)
    try:
        return _decode_as(content, file_format, policy)
    except (BadPicture, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(str(error)) from error
    except Exception as error:
        # Pillow's plugins raise whatever the damaged bytes lead them into.
        raise _damaged(file_format, error) from error


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return `pixels` (RGB or grey, uint8) as a PNG without any metadata."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format=PNG, compress_level=4)
    return out.getvalue()


def _decode_as(content: bytes, file_format: str, policy: Policy) -> Picture:
    with (
        warnings.catch_warnings(action="ignore"),
        Image.open(io.BytesIO(content), formats=(file_format,)) as image,
    ):
        _check_size(*image.size, policy)
        if image.format not in {file_format, _MULTI_PICTURE}:
            raise BadPicture(ReasonCode.NOT_A_PICTURE, f"this is a {image.format}; send a PNG, JPEG or WebP")
        frames = int(getattr(image, "n_frames", 1))
        if frames > policy.max_frames:
            raise _too_large(f"an animation of {frames} frames; send one capture")
        orientation = _orientation(image, content)
        simple = image.mode == "RGB" and frames == 1 and not _has_alpha(image)
        if simple and orientation not in _UPRIGHT and content.endswith(_ENDS[file_format]):
            pixels = _plain(content, image.size)
            if pixels is not None:
                return Picture(pixels=pixels, format=file_format, frames=frames)
        image.load()
        upright, opaque = _rgb(image), _opaque(image)
    if orientation in _UPRIGHT:
        upright = upright.transpose(_UPRIGHT[orientation])
        opaque = opaque and opaque.transpose(_UPRIGHT[orientation])
    clear = None if opaque is None else np.asarray(opaque) <= _CLEAR_MOST
    return Picture(pixels=np.asarray(upright), format=file_format, frames=frames, clear=clear)


def _plain(content: bytes, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """Return the pixels of a file that is neither animated nor transparent; None where Pillow has to look.

    Both get the same pixels from their libraries; Pillow copies them once more, reads a JPEG in small pieces,
    and goes through an animation's canvas for a WebP: a sixth, a third and half of the time.
    """
    try:
        flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error:
        return None
    # OpenCV answers None, against its own types, where the file is damaged.
    if pixels is None or pixels.shape != (size[1], size[0], 3):
        return None
    return np.asarray(pixels, np.uint8)


def _check_size(width_px: int, height_px: int, policy: Policy) -> None:
    if max(width_px, height_px) > policy.max_side or width_px * height_px > policy.max_pixels:
        raise _too_large(
            f"{width_px} x {height_px} px; at most {policy.max_side} px a side and {policy.max_pixels:,} px"
        )
    if min(width_px, height_px) < policy.min_side:
        raise BadPicture(
            ReasonCode.TOO_SMALL, f"{width_px} x {height_px} px; at least {policy.min_side} px a side"
        )


def _orientation(image: Image.Image, content: bytes) -> int:
    if image.format == PNG and not any(mark in content for mark in _PNG_EXIF):
        return 1  # Pillow would decode all pixels to see whether anything comes after them
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001 (a damaged Exif block says nothing; the pixels are whole all the same)
        return 1


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits a sample; convert("L") would clip instead of scale.
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if _has_alpha(image):
        rgba = image.convert("RGBA")
        page = Image.new("RGB", rgba.size, _WHITE)
        page.paste(rgba, mask=rgba.getchannel("A"))
        return page
    return image if image.mode == "RGB" else image.convert("RGB")  # to convert is to copy


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info


def _opaque(image: Image.Image) -> Image.Image | None:
    """Return how opaque each px is, None where all are."""
    if not _has_alpha(image):
        return None
    alpha = image.convert("RGBA").getchannel("A")
    return None if int(alpha.getextrema()[0]) > _CLEAR_MOST else alpha  # type: ignore[arg-type]


def _webp_canvas(content: bytes) -> tuple[int, int]:
    """Return width and height of a WebP in px.

    Source: RFC 9649 (WebP container, lossy and lossless bitstream headers).
    """
    kind, body = content[12:16], content[20:30]
    try:
        if kind == b"VP8X":
            return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
        if kind == b"VP8L":
            bits = struct.unpack_from("<I", body, 1)[0]
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        width, height = struct.unpack_from("<HH", body, 6)
    except struct.error as error:
        raise _damaged(WEBP, error) from error
    return width & 0x3FFF, height & 0x3FFF


def _too_large(detail: str) -> BadPicture:
    return BadPicture(ReasonCode.TOO_LARGE, detail)


def _damaged(file_format: str, error: Exception) -> BadPicture:
    return BadPicture(
        ReasonCode.NOT_A_PICTURE, f"a damaged {file_format} ({type(error).__name__}: {error}); send it again"
    )


def _seems(content: bytes) -> str:
    if not content:
        return "an empty file"
    for magic, name in _OTHER_FORMATS:
        if content.startswith(magic):
            return name
    if content[4:8] == b"ftyp":
        return _seems_boxed(content[8:12])
    head = content[:1024].lstrip().lower()
    if b"<svg" in head:
        return "an SVG"
    if head.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "no picture" if b"\0" in head else "text"


def _seems_boxed(brand: bytes) -> str:
    if brand in _AVIF_BRANDS:
        return "an AVIF"
    return "a HEIC" if brand in _HEIF_BRANDS else "a video"
