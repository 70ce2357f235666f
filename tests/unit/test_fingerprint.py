"""`fingerprint` finds the same page again, and knows what it cannot know."""

from __future__ import annotations

import io
import time
from functools import cache

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from pipeline.fingerprint import fingerprint, sketch, structured_share, version
from pipeline.picture import decode
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import Fingerprint, Picture

POLICY = Policy()


@cache
def screen(seed: int, *, size: tuple[int, int] = (720, 1600)) -> Image.Image:
    """Draw a page of header, cards and lines; the seed chooses its layout."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.rectangle((0, 0, width, 40), fill=(40, 40, 40))
    draw.text((30, 10), "10:42", fill="white", font_size=22)
    y = 70
    while y < height - 260:
        shade = tuple(int(v) for v in random.integers(30, 220, 3))
        tall = int(random.integers(60, 220))
        draw.rectangle((24, y, int(width * random.uniform(0.3, 0.9)), y + tall), fill=shade)
        for line in range(int(random.integers(1, 4))):
            words = " ".join("".join(chr(97 + int(c)) for c in random.integers(0, 26, 6)) for _ in range(4))
            draw.text((40, y + tall + 8 + 34 * line), words, fill="black", font_size=26)
        y += tall + 130
    return image


def of(image: Image.Image, file_format: str = "PNG", **options: object) -> Fingerprint:
    """Fingerprint the file that Pillow writes of `image`."""
    out = io.BytesIO()
    image.save(out, format=file_format, **options)
    content = out.getvalue()
    return fingerprint(content, decode(content, policy=POLICY), policy=POLICY)


def bits(one: Fingerprint, other: Fingerprint, first: str = "page", second: str = "page") -> int:
    """Return the Hamming distance of two named hashes."""
    return (dict(one.hashes)[first] ^ dict(other.hashes)[second]).bit_count()


def test_the_same_pixels_in_another_file_share_their_digest() -> None:
    """PNG and lossless WebP of one capture differ in bytes and agree in pixels."""
    one, other = of(screen(1)), of(screen(1), "WEBP", lossless=True)
    assert one.bytes_sha256 != other.bytes_sha256
    assert one.pixels_sha256 == other.pixels_sha256


def test_the_pixel_digest_covers_the_size() -> None:
    """The same run of white pixels in another shape is another picture."""
    tall, wide = of(Image.new("RGB", (200, 400), "white")), of(Image.new("RGB", (400, 200), "white"))
    assert tall.pixels_sha256 != wide.pixels_sha256


def test_one_pixel_changes_the_digest_and_not_the_hashes() -> None:
    """A copy with one pixel touched is no exact copy and is found all the same."""
    touched = screen(1).copy()
    touched.putpixel((300, 700), (1, 2, 3))
    assert of(touched).pixels_sha256 != of(screen(1)).pixels_sha256
    assert of(touched).hashes == of(screen(1)).hashes


@pytest.mark.parametrize("seed", range(5))
def test_the_page_hash_is_the_phash_that_imagehash_computes(seed: int) -> None:
    """Who knows a picture's pHash finds it: another filter and another transform move a few bits at most."""
    image = screen(seed)
    known = imagehash.phash(image)
    ours = imagehash.hex_to_hash(f"{dict(of(image).hashes)['page']:016x}")
    assert known - ours <= 6
    assert min(imagehash.phash(screen(other)) - ours for other in range(5) if other != seed) > known - ours


@pytest.mark.parametrize("seed", range(5))
def test_re_encoded_resized_and_toned_copies_stay_near(seed: int) -> None:
    """Re-encoding, resizing and a change of tone move few bits."""
    image = screen(seed)
    original = of(image)
    small = image.resize((324, 720), Image.Resampling.BICUBIC)
    assert bits(original, of(image, "JPEG", quality=40)) <= 4
    assert bits(original, of(small)) <= 4
    assert bits(original, of(ImageEnhance.Brightness(image).enhance(0.8))) <= 6
    assert bits(original, of(image.convert("L"))) <= 2


@pytest.mark.parametrize("seed", range(5))
def test_a_letterboxed_copy_is_near_in_its_trimmed_hash(seed: int) -> None:
    """Bars around a copy are trimmed before the body is hashed."""
    boxed = ImageOps.expand(screen(seed), border=(0, 150), fill="black")
    pillared = ImageOps.expand(screen(seed), border=(180, 0), fill=(90, 20, 20))
    assert bits(of(screen(seed)), of(boxed), "trimmed", "trimmed") <= 6
    assert bits(of(screen(seed)), of(pillared), "trimmed", "trimmed") <= 6


@pytest.mark.parametrize("seed", range(5))
def test_a_mirrored_copy_is_found_by_the_mirrored_hash(seed: int) -> None:
    """The mirrored hash of a copy is the page hash of its original."""
    mirrored = of(ImageOps.mirror(screen(seed)))
    assert bits(mirrored, of(screen(seed)), "mirrored", "page") <= 2


def test_an_edited_status_bar_leaves_the_body_hash() -> None:
    """Another clock and battery change nothing below the bar."""
    edited = screen(3).copy()
    ImageDraw.Draw(edited).rectangle((0, 0, 720, 40), fill=(230, 230, 230))
    assert bits(of(edited), of(screen(3)), "body", "body") == 0


def test_unrelated_pages_are_far() -> None:
    """No two of ten unrelated pages come near each other."""
    prints = [of(screen(seed)) for seed in range(10)]
    distances = [bits(a, b) for i, a in enumerate(prints) for b in prints[:i]]
    assert min(distances) > 10


@pytest.mark.parametrize("colour", ["white", "black", (12, 80, 200)])
def test_a_blank_picture_is_blank_and_flat(colour: str | tuple[int, int, int]) -> None:
    """One colour all over is answered BLANK, also after JPEG has put its noise on it."""
    blank = of(Image.new("RGB", (720, 1600), colour), "JPEG", quality=30)
    assert (blank.fault, blank.flat) == (ReasonCode.BLANK, True)


def test_a_blurred_page_has_a_fault_whatever_is_asked() -> None:
    """A job that asks for no word gets no blurred picture accepted, either."""
    page = screen(3)
    assert of(page).fault is None
    assert of(page.filter(ImageFilter.GaussianBlur(24))).fault is ReasonCode.UNREADABLE


def test_a_nearly_empty_page_is_flat_and_not_blank() -> None:
    """A page with one line of text can be read, but hashes like any other page with one line."""
    image = Image.new("RGB", (720, 1600), "white")
    ImageDraw.Draw(image).text((60, 800), "Channel joined", fill="black", font_size=40)
    found = of(image)
    assert (found.fault, found.flat) == (None, True)


def test_a_page_is_neither_flat_nor_faulty() -> None:
    """A page with its usual content can be compared."""
    found = of(screen(2))
    assert (found.fault, found.flat) == (None, False)


def test_a_picture_below_the_smallest_side_has_a_fault() -> None:
    """Pixels that came in some other way than `decode` are held to the same limit."""
    pixels = np.zeros((400, POLICY.min_side - 1, 3), dtype=np.uint8)
    picture = Picture(pixels=pixels, format="PNG", frames=1)
    assert fingerprint(b"", picture, policy=POLICY).fault is ReasonCode.TOO_SMALL


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1080, 2400), (540, 1200)), ((320, 640), (540, 1080)), ((1920, 1080), (960, 540))],
)
def test_sketches_share_one_scale(size: tuple[int, int], expected: tuple[int, int]) -> None:
    """The shorter side of every sketch is 540 px, whatever the original's size."""
    grey = sketch(np.zeros((size[1], size[0], 3), dtype=np.uint8), policy=POLICY)
    assert grey.shape == expected[::-1]


def test_the_sketch_of_a_scrolling_capture_is_bounded() -> None:
    """A capture of 10,000 px keeps its shape within the limit of pixels."""
    grey = sketch(np.zeros((10_000, 720, 3), dtype=np.uint8), policy=POLICY)
    assert grey.size <= POLICY.sketch_pixels * 1.01
    assert grey.shape[0] / grey.shape[1] == pytest.approx(10_000 / 720, rel=0.01)


def test_the_sketch_opens_as_it_was_made() -> None:
    """The stored sketch is a grey PNG without loss."""
    image = screen(4)
    with Image.open(io.BytesIO(of(image).sketch), formats=("PNG",)) as stored:
        assert stored.mode == "L"
        assert (np.asarray(stored) == sketch(np.asarray(image), policy=POLICY)).all()


def test_structure_counts_tiles() -> None:
    """Half a picture of noise has structure in half of its tiles."""
    grey = np.full((360, 360), 128, dtype=np.uint8)
    grey[:180] = np.random.default_rng(1).integers(0, 255, (180, 360))
    assert structured_share(grey, policy=POLICY) == pytest.approx(0.5)


def test_the_version_names_what_moves_bits() -> None:
    """The algorithm and the versions of Pillow and OpenCV travel with every hash."""
    assert of(screen(1)).version == version()
    assert "opencv-" in version()
    assert "pillow-" in version()


def test_a_fingerprint_is_cheap() -> None:
    """A 1080 x 2400 screenshot costs well under the 250 ms that a loaded machine is allowed here."""
    image = screen(1, size=(1080, 2400))
    picture = Picture(pixels=np.asarray(image), format="PNG", frames=1)
    fingerprint(b"", picture, policy=POLICY)
    started = time.process_time()
    fingerprint(b"", picture, policy=POLICY)
    assert time.process_time() - started < 0.25
