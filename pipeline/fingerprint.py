"""Picture into Fingerprint: what is remembered of a picture to find it again.

In: the file's bytes and its decoded pixels. Out: exact digests, perceptual hashes, words for its key points,
a small grey sketch and whether the picture can be judged at all. Never: decides that two pictures are one;
hashes and words only propose candidates, `compare` looks at them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import cv2
import imagehash
import numpy as np
import PIL

from pipeline import enhance, keypoints
from pipeline.reasons import ReasonCode
from pipeline.records import Fingerprint
from pipeline.scales import reading_scale
from pipeline.sketch import Sketch, encoded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy
    from pipeline.records import Picture

    Grey = NDArray[np.uint8]
    Floats = NDArray[np.float32]

ALGORITHM = "praman-4"
_TILE_PX = 18
_BORDER_LEVELS = 24
_PORTRAIT = 1.2
_LEAST_PX = 24
_MOST_TRIMS = 4
_HASH_SHRINK = 2
_HASHED_PX = 32
_HASH_SIDE = 8
# Flipping a picture left to right changes the sign of its odd waves across, and nothing else.
_FLIP = np.tile(np.array([1, -1], np.float32), _HASH_SIDE // 2)


def version() -> str:
    """Return what hashes and words rest on; upgrades of these libraries move bits."""
    return f"{ALGORITHM} pillow-{PIL.__version__} opencv-{cv2.__version__}"


def fingerprint(content: bytes, picture: Picture, *, policy: Policy) -> Fingerprint:
    """Return the fingerprint of one decoded picture.

    Args:
        content: The file as sent.
        picture: What `picture.decode` made of it.
        policy: Sizes of bars and sketch, thresholds of structure.
    """
    whole = enhance.grey(picture.pixels)
    small = _sketched(picture, whole, policy)
    grey = small.grey
    structure = structured_share(grey, policy=policy)
    return Fingerprint(
        version=version(),
        bytes_sha256=hashlib.sha256(content).hexdigest(),
        pixels_sha256=_pixels_sha256(picture),
        width_px=picture.width_px,
        height_px=picture.height_px,
        hashes=_hashes(grey, policy),
        flat=structure < policy.flat_share,
        words=keypoints.words(small.points),
        sketch=encoded(small),
        fault=_fault(whole, structure, policy),
    )


def sketch(pixels: NDArray[np.uint8], *, policy: Policy) -> Grey:
    """Return a grey rendering of RGB `pixels`, shorter side `policy.sketch_side` px.

    Larger and smaller originals get the same scale, so that a resized copy has the same sketch. A very long
    capture is scaled further down, to `policy.sketch_pixels`.
    """
    return _shrunk(enhance.grey(pixels), policy)


def sketched(picture: Picture, *, policy: Policy) -> Sketch:
    """Return the sketch of `picture`; corners and holes that are transparent are no part of the capture.

    A picture that is transparent at large is one on white.
    """
    return _sketched(picture, enhance.grey(picture.pixels), policy)


def _sketched(picture: Picture, whole: Grey, policy: Policy) -> Sketch:
    grey = _shrunk(whole, policy)
    if picture.clear is None or picture.clear.mean() > policy.most_clear:
        return Sketch.of(grey)
    size = (grey.shape[1], grey.shape[0])
    clear = cv2.resize(picture.clear.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 0
    return Sketch.of(grey, cv2.dilate(clear.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool))


def structured_share(grey: Grey, *, policy: Policy) -> float:
    """Return the share (0..1) of tiles of 18 px that show anything."""
    rows, columns = grey.shape[0] // _TILE_PX, grey.shape[1] // _TILE_PX
    if not rows or not columns:
        return 0.0
    whole = grey[: rows * _TILE_PX, : columns * _TILE_PX].astype(np.float32)
    mean = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    square = cv2.resize(whole * whole, (columns, rows), interpolation=cv2.INTER_AREA)
    return float((square - mean * mean >= policy.structure_levels**2).mean())


def body(grey: Grey, *, policy: Policy) -> Grey:
    """Return a portrait screen without its status and navigation bars, any other picture as it is."""
    height, width = grey.shape
    if height < _PORTRAIT * width:
        return grey
    top = round(policy.status_bar_share * width)
    bottom = round(policy.navigation_bar_share * width)
    return grey[top : height - bottom]


def trimmed(grey: Grey) -> Grey:
    """Return `grey` without the even rows and columns at its edges (letterbox bars, empty margins).

    Repeated, since a bar at the side hides that a row beside it is even.
    """
    for _ in range(_MOST_TRIMS):
        rows, columns = _uneven(grey, axis=1), _uneven(grey, axis=0)
        if not rows.any() or not columns.any():
            break
        (top, bottom), (left, right) = _ends(rows), _ends(columns)
        inner = grey[top:bottom, left:right]
        if inner.shape == grey.shape or min(inner.shape) < _LEAST_PX:
            break
        grey = inner
    return grey


def _shrunk(whole: Grey, policy: Policy) -> Grey:
    height, width = whole.shape
    scale = policy.sketch_side / min(width, height)
    return _resized(whole, min(scale, (policy.sketch_pixels / (width * height)) ** 0.5))


def _hashes(grey: Grey, policy: Policy) -> tuple[tuple[str, int], ...]:
    # Half the sketch holds far more than an 8 x 8 spectrum keeps, at half the time.
    grey = _resized(grey, 1 / _HASH_SHRINK)
    page = _spectrum(grey)
    return (
        ("page", _bits(page)),
        ("body", _bits(_spectrum(body(grey, policy=policy)))),
        ("trimmed", _bits(_spectrum(body(trimmed(grey), policy=policy)))),
        ("mirrored", _bits(page * _FLIP)),
    )


def _spectrum(grey: Grey) -> Floats:
    """Return the lowest frequencies of `grey`, shape (8, 8).

    Source: the DCT hash of pHash (Zauner 2010), as imagehash computes it, with means of areas in place of a
    Lanczos filter, and OpenCV's transform in place of SciPy's (docs/decisions/0012).
    """
    small = cv2.resize(grey.astype(np.float32), (_HASHED_PX, _HASHED_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.dct(small)[:_HASH_SIDE, :_HASH_SIDE], np.float32)


def _bits(spectrum: Floats) -> int:
    """Return which frequencies are stronger than their median: the 64 bits of imagehash's hash."""
    return int(str(imagehash.ImageHash(spectrum > np.median(spectrum))), 16)


def _pixels_sha256(picture: Picture) -> str:
    digest = hashlib.sha256(f"{picture.width_px}x{picture.height_px}:".encode())
    digest.update(np.ascontiguousarray(picture.pixels).data)
    return digest.hexdigest()


def _fault(whole: Grey, structure: float, policy: Policy) -> ReasonCode | None:
    if min(whole.shape) < policy.min_side:
        return ReasonCode.TOO_SMALL
    if structure < policy.blank_share:
        return ReasonCode.BLANK
    height, width = whole.shape
    read = enhance.shrunk(whole, reading_scale(width, height, policy))
    return ReasonCode.UNREADABLE if enhance.blurred(read, policy) else None


def _uneven(grey: Grey, *, axis: int) -> NDArray[np.bool_]:
    return np.asarray(grey.max(axis=axis) - grey.min(axis=axis) >= _BORDER_LEVELS)


def _ends(lines: NDArray[np.bool_]) -> tuple[int, int]:
    found = np.flatnonzero(lines)
    return int(found[0]), int(found[-1]) + 1


def _resized(grey: Grey, scale: float) -> Grey:
    height, width = grey.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.uint8)
