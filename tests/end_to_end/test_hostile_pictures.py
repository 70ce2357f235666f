"""Every bad picture gets a clear answer, and the honest ones beside it are accepted."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import TYPE_CHECKING

from PIL import Image

from tests.console import Folder, codes
from tests.screens import channel_page, encoded

if TYPE_CHECKING:
    from pathlib import Path

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1" + b"\x00" * 200
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def bomb(side_px: int = 50_000) -> bytes:
    """A PNG whose header promises a picture of 2.5 gigapixels."""
    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0)
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def animated(form: str) -> bytes:
    frames = [Image.new("RGB", (200, 200), (number, 0, 0)) for number in range(200)]
    buffer = io.BytesIO()
    frames[0].save(buffer, form, save_all=True, append_images=frames[1:], duration=20)
    return buffer.getvalue()


def rotated(person: int) -> bytes:
    """A JPEG that lies on its side and says so in its EXIF orientation."""
    picture = channel_page(person=person).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(picture, "JPEG", quality=92, exif=exif)


def noise() -> bytes:
    own = random.Random(5)
    return encoded(Image.frombytes("L", (700, 1400), own.randbytes(700 * 1400)))


def test_hostile_pictures_are_answered_and_harm_no_neighbour(tmp_path: Path) -> None:
    """Decoding faults reject with a remedy, odd but honest encodings are accepted, and nothing stops."""
    folder = Folder(tmp_path)
    page = channel_page(person=1)
    refused = [
        (b"", "picture.not_a_picture"),
        (b"I am text, renamed", "picture.not_a_picture"),
        (encoded(page)[:3000], "picture.not_a_picture"),
        (encoded(page, "JPEG")[:3000], "picture.not_a_picture"),
        (encoded(page, "WEBP")[:3000], "picture.not_a_picture"),
        (bomb(), "picture.too_large"),
        (animated("GIF"), "picture.not_a_picture"),
        (SVG, "picture.not_a_picture"),
        (b"%PDF-1.7 " + b"x" * 500, "picture.not_a_picture"),
        (HEIC, "picture.not_a_picture"),
        (encoded(Image.new("RGB", (1, 1))), "picture.too_small"),
        (encoded(Image.new("RGB", (720, 1600), "white")), "picture.blank"),
    ]
    refused_somehow = [animated("PNG"), animated("WEBP"), encoded(Image.new("RGB", (10, 20_000)))]
    honest = [
        rotated(11),
        encoded(channel_page(person=12).convert("CMYK"), "JPEG", quality=92),
        encoded(channel_page(person=13).convert("P", palette=Image.Palette.ADAPTIVE)),
        encoded(channel_page(person=14).convert("RGBA")),
        encoded(channel_page(person=15).convert("L").convert("I;16").point(lambda grey: grey * 257)),
        encoded(channel_page(person=16), "WEBP", quality=80),
    ]
    for content in (*(one for one, _ in refused), *refused_somehow, noise(), *honest):
        folder.add(content)
    ran = folder.verify()
    assert ran.returncode == 0, ran.stderr
    verdicts = folder.verdicts()
    assert [codes(one) for one in verdicts[: len(refused)]] == [[code] for _, code in refused]
    assert {one["reasons"][0]["remedy"] for one in verdicts[: len(refused)]} == {"resubmit"}
    somehow = verdicts[len(refused) : len(refused) + len(refused_somehow)]
    assert {one["verdict"] for one in somehow} == {"reject"}
    assert all(code.startswith("picture.") for one in somehow for code in codes(one))
    assert verdicts[-len(honest) - 1]["verdict"] in {"manual", "reject"}
    assert [one["verdict"] for one in verdicts[-len(honest) :]] == ["accept"] * len(honest)
