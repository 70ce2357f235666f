"""`picture` opens what it says it opens, and answers everything else from the first bytes or the header."""

from __future__ import annotations

import io
import struct
import time
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from pipeline.errors import BadPicture
from pipeline.magic import sniff
from pipeline.picture import decode, encode_png
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.records import Picture

POLICY = Policy()
ORIENTATION_TAG = 0x0112
QUADRANTS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))


def saved(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """Return the file that Pillow writes."""
    out = io.BytesIO()
    image.save(out, format=file_format, **options)
    return out.getvalue()


def four_colours(width_px: int = 160, height_px: int = 200) -> Image.Image:
    """Return red, green, blue and white quadrants: any turn or flip shows."""
    image = Image.new("RGB", (width_px, height_px))
    draw = ImageDraw.Draw(image)
    for index, colour in enumerate(QUADRANTS):
        left, top = (index % 2) * width_px // 2, (index // 2) * height_px // 2
        draw.rectangle((left, top, left + width_px // 2 - 1, top + height_px // 2 - 1), fill=colour)
    return image


def corners(picture: Picture) -> list[tuple[int, ...]]:
    """Return the colours near the four corners, row by row, rounded to what JPEG keeps."""
    height, width = picture.pixels.shape[:2]
    points = [(20, 20), (width - 20, 20), (20, height - 20), (width - 20, height - 20)]
    return [tuple(255 if value > 127 else 0 for value in picture.pixels[y, x]) for x, y in points]


def refused(content: bytes) -> BadPicture:
    """Return the error that `content` is answered with."""
    with pytest.raises(BadPicture) as caught:
        decode(content, policy=POLICY)
    return caught.value


def png_header(width_px: int, height_px: int) -> bytes:
    """Return a PNG that claims a size and holds one row of it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width_px, height_px, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_the_three_formats_open(file_format: str) -> None:
    """A PNG, a JPEG and a WebP are known by their first bytes and decode to their colours."""
    content = saved(four_colours(), file_format)
    picture = decode(content, policy=POLICY)
    assert sniff(content) == picture.format == file_format
    assert picture.frames == 1
    assert (picture.width_px, picture.height_px) == (160, 200)
    assert picture.pixels.dtype == np.uint8
    assert corners(picture) == list(QUADRANTS)


@pytest.mark.parametrize(
    ("content", "seems"),
    [
        (b"", "an empty file"),
        (b"just text, renamed to .png", "text"),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG"),
        (b"<!DOCTYPE html><html></html>", "an HTML page"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "an AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a video"),
        (b"PK\x03\x04\x14\0", "a ZIP archive"),
        (b"\x7fELF\x02\x01\x01\0\0", "no picture"),
    ],
)
def test_other_files_are_named(content: bytes, seems: str) -> None:
    """What is no picture is refused with the name of what it seems to be."""
    error = refused(content)
    assert error.code is ReasonCode.NOT_A_PICTURE
    assert seems in error.detail
    assert sniff(content) is None


@pytest.mark.parametrize(("file_format", "seems"), [("GIF", "a GIF"), ("TIFF", "a TIFF"), ("BMP", "a BMP")])
def test_other_picture_formats_are_refused(file_format: str, seems: str) -> None:
    """A format outside the list is refused by its first bytes, whatever Pillow could make of it."""
    error = refused(saved(four_colours(), file_format))
    assert (error.code, seems in error.detail) == (ReasonCode.NOT_A_PICTURE, True)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_truncated_files_are_refused(file_format: str, share: float) -> None:
    """A file cut anywhere is no picture, never half of one."""
    noise = np.random.default_rng(5).integers(0, 255, (300, 200, 3), dtype=np.uint8)
    whole = saved(Image.fromarray(noise), file_format)
    assert refused(whole[: int(len(whole) * share)]).code is ReasonCode.NOT_A_PICTURE


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_damaged_files_never_raise_anything_else(file_format: str) -> None:
    """Bytes changed at random give a picture or a BadPicture, and no other error."""
    random = np.random.default_rng(11)
    whole = bytearray(saved(four_colours(), file_format))
    for _ in range(60):
        damaged = bytearray(whole)
        for place in random.integers(8, len(whole), 12):
            damaged[place] = random.integers(0, 256)
        try:
            decode(bytes(damaged), policy=POLICY)
        except BadPicture as error:
            assert error.code in {  # noqa: PT017 (either outcome is right)
                ReasonCode.NOT_A_PICTURE,
                ReasonCode.TOO_LARGE,
                ReasonCode.TOO_SMALL,
            }


@pytest.mark.parametrize("size", [(50_000, 50_000), (12_000, 12_000), (10_001, 200), (10, 20_000)])
def test_a_bomb_is_answered_from_its_header(size: tuple[int, int]) -> None:
    """A picture larger than we open costs its header, not its pixels."""
    started = time.perf_counter()
    error = refused(png_header(*size))
    assert error.code is ReasonCode.TOO_LARGE
    assert time.perf_counter() - started < 0.2


def test_a_webp_bomb_is_answered_from_its_header() -> None:
    """A WebP canvas of 16,384 px a side is refused before a decoder allocates it."""
    side = (16_383).to_bytes(3, "little")
    body = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + side + side
    error = refused(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)
    assert error.code is ReasonCode.TOO_LARGE
    assert "16384 x 16384" in error.detail


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_sizes_are_read_right(*, lossless: bool) -> None:
    """Both WebP bitstreams tell their size before decoding."""
    error = refused(saved(Image.new("RGB", (90, 200)), "WEBP", lossless=lossless))
    assert error.code is ReasonCode.TOO_SMALL
    assert "90 x 200" in error.detail


def test_more_bytes_than_allowed_are_refused() -> None:
    """A file over the byte limit is not looked into."""
    content = saved(four_colours(), "PNG")
    with pytest.raises(BadPicture) as caught:
        decode(content, policy=Policy(max_bytes=len(content) - 1))
    assert caught.value.code is ReasonCode.TOO_LARGE
    assert decode(content, policy=Policy(max_bytes=len(content))).frames == 1


def test_sizes_at_the_limits() -> None:
    """The smallest and the longest allowed side open, one px beyond does not."""
    least, most = POLICY.min_side, POLICY.max_side
    assert decode(saved(Image.new("L", (least, most)), "PNG"), policy=POLICY).height_px == most
    assert refused(saved(Image.new("L", (least - 1, most)), "PNG")).code is ReasonCode.TOO_SMALL
    assert refused(saved(Image.new("L", (least, most + 1)), "PNG")).code is ReasonCode.TOO_LARGE
    assert refused(saved(Image.new("RGB", (1, 1)), "PNG")).code is ReasonCode.TOO_SMALL


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_animations_show_their_first_frame(file_format: str) -> None:
    """A short animation is judged by its first frame and its frames are counted."""
    rest = [Image.new("RGB", (160, 200), (shade, 0, 0)) for shade in range(40, 200, 40)]
    content = saved(four_colours(), file_format, save_all=True, append_images=rest, duration=50)
    picture = decode(content, policy=POLICY)
    assert picture.frames == 5
    assert corners(picture) == list(QUADRANTS)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "GIF"])
def test_an_animation_of_200_frames_is_refused(file_format: str) -> None:
    """Nobody's screenshot has 200 frames."""
    rest = [Image.new("RGB", (130, 130), (index, 255 - index, index * 7 % 256)) for index in range(1, 200)]
    content = saved(Image.new("RGB", (130, 130)), file_format, save_all=True, append_images=rest, duration=20)
    expected = ReasonCode.NOT_A_PICTURE if file_format == "GIF" else ReasonCode.TOO_LARGE
    assert refused(content).code is expected


def test_a_multi_picture_jpeg_is_a_jpeg() -> None:
    """The dual pictures that phones save open as the JPEG that they begin with."""
    content = saved(four_colours(), "MPO", save_all=True, append_images=[Image.new("RGB", (160, 200))])
    picture = decode(content, policy=POLICY)
    assert (picture.format, picture.frames) == ("JPEG", 2)
    assert corners(picture) == list(QUADRANTS)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(file_format: str, orientation: int) -> None:
    """However the camera lay, the pixels come out upright."""
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = four_colours() if stored is None else four_colours().transpose(stored)
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    picture = decode(saved(image, file_format, exif=exif), policy=POLICY)
    assert (picture.width_px, picture.height_px) == (160, 200)
    assert corners(picture) == list(QUADRANTS)


@pytest.mark.parametrize("keyword", ["Raw profile type exif", "XML:com.adobe.xmp"])
def test_an_orientation_in_a_png_text_is_applied(keyword: str) -> None:
    """ImageMagick and Adobe's programs keep it there."""
    if keyword.startswith("XML"):
        told = '<rdf:Description tiff:Orientation="3"/>'
    else:
        exif = Image.Exif()
        exif[ORIENTATION_TAG] = 3
        told = f"\nexif\n{len(exif.tobytes()):8}\n{exif.tobytes().hex()}\n"
    info = PngImagePlugin.PngInfo()
    if keyword.startswith("XML"):
        info.add_itxt(keyword, told)
    else:
        info.add_text(keyword, told, zip=True)
    page = four_colours()
    found = corners(decode(saved(page, "PNG", pnginfo=info), policy=POLICY))
    assert found == corners(decode(saved(page.transpose(Image.Transpose.ROTATE_180), "PNG"), policy=POLICY))


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("PNG", {}),
        ("PNG", {"compress_level": 0, "dpi": (300, 300)}),
        ("JPEG", {"quality": 60}),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}),
        ("WEBP", {"quality": 70}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_the_quick_way_to_decode_gets_the_same_pixels(file_format: str, options: dict[str, Any]) -> None:
    """Hashes of pixels must not depend on which library decoded them, on a photo's noise too."""
    noise = np.random.default_rng(5).normal(128, 50, (333, 211, 3)).clip(0, 255).astype(np.uint8)
    content = saved(Image.fromarray(noise), file_format, **options)
    expected = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert np.array_equal(decode(content, policy=POLICY).pixels, expected)
    assert np.array_equal(decode(content + b"\0" * 9, policy=POLICY).pixels, expected)


def test_a_damaged_exif_block_is_ignored() -> None:
    """Metadata that cannot be read does not cost a whole picture its verdict."""
    content = saved(four_colours(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f\x01\x02\x03")
    assert corners(decode(content, policy=POLICY)) == list(QUADRANTS)


def _grey16() -> Image.Image:
    return Image.fromarray(np.linspace(0, 65_535, 256).astype(np.uint16)[None].repeat(130, axis=0))


@pytest.mark.parametrize(
    ("make", "file_format"),
    [
        (lambda: four_colours().convert("CMYK"), "JPEG"),
        (lambda: four_colours().convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
        (lambda: four_colours().convert("RGBA"), "PNG"),
        (lambda: four_colours().convert("RGBA"), "WEBP"),
    ],
)
def test_colour_modes_become_rgb(make: Callable[[], Image.Image], file_format: str) -> None:
    """CMYK, palette and alpha pictures show the colours they mean."""
    assert corners(decode(saved(make(), file_format), policy=POLICY)) == list(QUADRANTS)


def test_sixteen_bits_are_scaled() -> None:
    """A 16-bit ramp becomes an 8-bit ramp instead of clipping to white."""
    picture = decode(saved(_grey16(), "PNG"), policy=POLICY)
    ramp = picture.pixels[60, :, 0].astype(int)
    assert np.abs(ramp - np.arange(256)).max() <= 1
    assert (picture.pixels[:, :, 0] == picture.pixels[:, :, 2]).all()


@pytest.mark.parametrize(("mode", "shade"), [("1", 1), ("L", 200), ("LA", (200, 255))])
def test_grey_becomes_rgb(mode: str, shade: int | tuple[int, ...]) -> None:
    """One-bit, grey and grey with alpha keep their shade."""
    picture = decode(saved(Image.new(mode, (130, 130), shade), "PNG"), policy=POLICY)
    expected = 255 if mode == "1" else 200
    assert (picture.pixels == expected).all()


def test_alpha_lies_over_white() -> None:
    """What is transparent shows white, what is half transparent shows half."""
    image = Image.new("RGBA", (130, 260), (0, 0, 0, 0))
    image.paste((0, 0, 0, 128), (0, 130, 130, 260))
    picture = decode(saved(image, "PNG"), policy=POLICY)
    assert (picture.pixels[:130] == 255).all()
    assert np.abs(picture.pixels[130:].astype(int) - 127).max() <= 1
    assert picture.clear is not None
    assert picture.clear[:130].all()
    assert not picture.clear[130:].any()


def test_a_transparent_palette_colour_lies_over_white() -> None:
    """A palette or grey picture with one transparent colour shows white there."""
    for mode in ("P", "L"):
        content = saved(Image.new(mode, (130, 130), 0), "PNG", transparency=0)
        assert (decode(content, policy=POLICY).pixels == 255).all()


def test_appended_bytes_and_metadata_are_dropped() -> None:
    """A PNG with text, a profile and a ZIP behind it is re-encoded as pixels alone."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "somebody", zip=True)
    content = saved(four_colours(), "PNG", pnginfo=notes, icc_profile=b"\0" * 200) + b"PK\x03\x04secret"
    again = encode_png(decode(content, policy=POLICY).pixels)
    assert b"somebody" not in again
    assert b"secret" not in again
    with Image.open(io.BytesIO(again)) as image:
        assert image.info == {}
        assert image.size == (160, 200)


def test_the_extension_decides_nothing() -> None:
    """Two first bytes of one format before the body of another make a damaged file, not a crash."""
    jpeg, png = saved(four_colours(), "JPEG"), saved(four_colours(), "PNG")
    assert refused(png[:8] + jpeg[8:]).code is ReasonCode.NOT_A_PICTURE
    assert refused(jpeg[:4] + png[4:]).code is ReasonCode.NOT_A_PICTURE
