"""Key points are found once, kept beside the sketch, and found anew where another version left them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.keypoints import MOST_POINTS, KeyPoints, found, matched, matched_near, packed, unpacked
from pipeline.sketch import Sketch, encoded


@pytest.fixture
def grey() -> np.ndarray:
    """A page of words."""
    image = Image.new("L", (540, 1170), 250)
    draw = ImageDraw.Draw(image)
    letters = np.random.default_rng(1)
    for line in range(36):
        words = " ".join("".join(chr(97 + int(c)) for c in letters.integers(0, 26, 6)) for _ in range(4))
        draw.text((30, 30 + line * 30), words, fill=20, font_size=20)
    return np.asarray(image)


def test_what_is_kept_is_what_was_found(grey: np.ndarray) -> None:
    """Packing loses nothing, so a pair does not depend on which of the two was stored."""
    points = found(grey)
    again = unpacked(packed(points))
    assert again is not None
    assert 100 < len(points.at) <= MOST_POINTS
    assert (again.at == points.at).all()
    assert (again.bits == points.bits).all()


@pytest.mark.parametrize("damage", [b"", b"\0", b"\0\0\0\0\1\0"])
def test_another_versions_key_points_are_not_used(damage: bytes) -> None:
    """Bytes of another version, cut off or missing, are no key points."""
    assert unpacked(damage) is None


def test_a_sketch_keeps_its_key_points_in_a_plain_png(grey: np.ndarray) -> None:
    """Any viewer opens it; a sketch without the chunk gets the same key points, found anew."""
    plain = io.BytesIO()
    Image.fromarray(grey).save(plain, format="PNG")
    kept, bare = Sketch.opened(encoded(Sketch.of(grey))), Sketch.opened(plain.getvalue())
    assert kept.shape == bare.shape == grey.shape
    assert (kept.points.at == bare.points.at).all()
    assert (kept.points.bits == bare.points.bits).all()
    assert (kept.grey == grey).all()


def test_pairs_are_each_others_nearest(grey: np.ndarray) -> None:
    """Key points of one picture match themselves; an empty page matches nothing."""
    points = found(grey)
    turned = KeyPoints(at=points.at[::-1], bits=points.bits[::-1])
    ours, theirs = matched(points, turned)
    assert len(ours) > 0.9 * len(points.at)
    assert (points.bits[ours] == turned.bits[theirs]).all()
    blank = found(np.full((540, 540), 255, np.uint8))
    assert [len(one) for one in matched(points, blank)] == [0, 0]


def test_near_pairs_are_those_that_stand_together(grey: np.ndarray) -> None:
    """A shift within reach finds every point again, one beyond it none."""
    points = found(grey)
    moved = KeyPoints(at=points.at + np.float32(6), bits=points.bits)
    ours, theirs = matched_near(points, moved, reach_px=6)
    assert len(ours) > 0.9 * len(points.at)
    assert (np.abs(points.at[ours] - moved.at[theirs]) <= 6).all()
    assert (points.bits[ours] == points.bits[theirs]).mean() > 0.95
    away = KeyPoints(at=points.at + np.float32(2000), bits=points.bits)
    assert len(matched_near(points, away, reach_px=6)[0]) == 0
