"""Key points of a sketch: places that are found again in a crop, a photo or a mirror image, and their look.

In: a grey sketch. Out: KeyPoints, and the bytes that keep them beside the sketch, so that they are found once
a picture and not once a pair. Never: says what agreeing key points mean; `align` does.

Source: ORB (Rublee et al. 2011), matched both ways.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]

MOST_POINTS = 900
MOST_BITS = 64
MOST_WORDS = 96
WORD_BITS = 20
_FAST_LEVELS = 12
_BITS_BYTES = 32
_BITS_WORDS = 4
_PLACE_BITS = 32
# Sixteenths of a px: a sketch's longer side stays below 4,096 px.
_PARTS = 16
_HEAD = struct.Struct("<IH")
_VERSION = crc32(f"orb-1 {MOST_POINTS} {_FAST_LEVELS} opencv-{cv2.__version__}".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPoints:
    """Key points of one sketch, strongest first.

    Attributes:
        at: Where they stand, in px, float32 of shape (n, 2).
        bits: How they look: 256 bits each, uint64 of shape (n, 4).
    """

    at: NDArray[np.float32]
    bits: NDArray[np.uint64]

    def strongest(self, count: int) -> KeyPoints:
        """Return the `count` strongest of them."""
        return KeyPoints(at=self.at[:count], bits=self.bits[:count])


def found(grey: Grey) -> KeyPoints:
    """Find the key points of `grey`."""
    orb = cv2.ORB.create(MOST_POINTS, fastThreshold=_FAST_LEVELS)
    points, bits = orb.detectAndCompute(grey, None)
    if not points:
        return KeyPoints(at=np.empty((0, 2), np.float32), bits=np.empty((0, 4), np.uint64))
    order = np.argsort([-one.response for one in points], kind="stable")[:MOST_POINTS]
    at = np.array([one.pt for one in points], np.float32)[order]
    # What is kept must be what was found, or a pair would depend on which of the two was stored.
    return KeyPoints(
        at=np.round(at * _PARTS) / np.float32(_PARTS),
        bits=np.ascontiguousarray(np.asarray(bits, np.uint8)[order]).view(np.uint64),
    )


def packed(points: KeyPoints) -> bytes:
    """Return `points` as bytes, 36 a point."""
    at = np.round(points.at * _PARTS).astype("<u2")
    return _HEAD.pack(_VERSION, len(at)) + at.tobytes() + points.bits.tobytes()


def unpacked(content: bytes) -> KeyPoints | None:
    """Return what `packed` made, None where another version made it."""
    if len(content) < _HEAD.size:
        return None
    version, count = _HEAD.unpack_from(content)
    places = _HEAD.size + 4 * count
    if version != _VERSION or len(content) != places + _BITS_BYTES * count:
        return None
    at = np.frombuffer(content, "<u2", 2 * count, _HEAD.size).reshape(count, 2)
    bits = np.frombuffer(content[places:], np.uint64).reshape(count, 4)
    return KeyPoints(at=at.astype(np.float32) / np.float32(_PARTS), bits=bits)


def words(points: KeyPoints) -> tuple[int, ...]:
    """Return a word for the look of each of the strongest key points, strongest first, none twice.

    The first bits of an ORB descriptor are those that tell most. A copy keeps some words to the bit, whatever
    was cut off or put around it.
    """
    first = points.strongest(MOST_WORDS).bits[:, 0] & np.uint64((1 << WORD_BITS) - 1)
    return tuple(dict.fromkeys(first.tolist()))


def matched(first: KeyPoints, second: KeyPoints) -> Pairs:
    """Return the indices of pairs that are each other's nearest, in `first` and in `second`."""
    if not len(first.bits) or not len(second.bits):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    # A table of all distances: two passes over it cost less than OpenCV's matcher run both ways.
    apart = np.bitwise_count(first.bits[:, :1] ^ second.bits[:, 0]).astype(np.uint16)
    for word in range(1, _BITS_WORDS):
        apart += np.bitwise_count(first.bits[:, word : word + 1] ^ second.bits[:, word])
    return _nearest(apart)


def matched_near(first: KeyPoints, second: KeyPoints, *, reach_px: float) -> Pairs:
    """Return the same of pairs that stand within `reach_px` of each other: few, so most need no look."""
    if not len(first.bits) or not len(second.bits):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    ours, theirs = _near(first.at, second.at, reach_px)
    apart = np.zeros(len(ours), np.int64)
    for word in range(_BITS_WORDS):
        apart += np.bitwise_count(first.bits[ours, word] ^ second.bits[theirs, word])
    close = apart < MOST_BITS
    return _mutual(ours[close], theirs[close], apart[close])


def _mutual(ours: NDArray[np.intp], theirs: NDArray[np.intp], apart: NDArray[np.int64]) -> Pairs:
    """Return those of the pairs, sorted by `ours`, that are each other's nearest; of equals the first."""
    if not len(ours):
        return ours, theirs
    order = np.arange(len(ours))
    mine = _first_least(ours, apart, order)
    by_theirs = np.argsort(theirs, kind="stable")
    their = _first_least(theirs[by_theirs], apart[by_theirs], by_theirs)
    kept = np.intersect1d(mine, their, assume_unique=True)
    return ours[kept], theirs[kept]


def _first_least(
    groups: NDArray[np.intp], apart: NDArray[np.int64], places: NDArray[np.intp]
) -> NDArray[Any]:
    """Return the place of the least in each group of neighbours."""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    return np.minimum.reduceat(apart << _PLACE_BITS | places, starts) & ((1 << _PLACE_BITS) - 1)


def _near(first: NDArray[np.float32], second: NDArray[np.float32], reach_px: float) -> Pairs:
    """Return the indices of all pairs of places that differ by at most `reach_px` across and down."""
    by_row = np.argsort(second[:, 1])
    rows = second[by_row, 1]
    start = np.searchsorted(rows, first[:, 1] - reach_px, "left")
    count = np.searchsorted(rows, first[:, 1] + reach_px, "right") - start
    ours = np.repeat(np.arange(len(first)), count)
    step = np.arange(len(ours)) - np.repeat(np.cumsum(count) - count, count)
    theirs = by_row[np.repeat(start, count) + step]
    kept = np.abs(first[ours, 0] - second[theirs, 0]) <= reach_px
    return ours[kept], theirs[kept]


def _nearest(apart: NDArray[np.uint16]) -> Pairs:
    ours = np.arange(len(apart))
    theirs = apart.argmin(axis=1)
    kept = (apart.argmin(axis=0)[theirs] == ours) & (apart[ours, theirs] < MOST_BITS)
    return ours[kept], theirs[kept]
