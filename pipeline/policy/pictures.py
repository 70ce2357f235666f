"""Limits of a picture, and what its fingerprint rests on.

In: nothing. Out: `PicturePolicy`, part of `Policy`. Never: decides; it names the numbers that do.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.policy.threshold import threshold


@dataclass(frozen=True, kw_only=True)
class PicturePolicy:
    """Limits of a picture, and what its fingerprint rests on."""

    # -- picture limits
    max_bytes: int = threshold(
        25_000_000, unit="bytes", why="a screenshot of 10,000 px fits", measured="largest real one: 3.1 MB"
    )
    max_pixels: int = threshold(
        40_000_000, unit="px", why="bounds memory at 120 MB of RGB", measured="reliability.md B5"
    )
    max_side: int = threshold(
        10_000, unit="px", why="a long scrolling capture fits", measured="reliability.md B5"
    )
    min_side: int = threshold(
        120, unit="px", why="below it no label has letters", measured="label height 8 px at 120 px width"
    )

    # -- picture and fingerprint
    max_frames: int = threshold(
        50, unit="frames", why="a capture has one, a dual JPEG two", measured="200-frame APNG and WebP"
    )
    sketch_side: int = threshold(
        540, unit="px", why="shorter side of the sketch", measured="evidence.md: aligned every copy at 540 px"
    )
    sketch_pixels: int = threshold(
        1_300_000, unit="px", why="bounds the sketch of a long scrolling capture", measured="540 x 2,400 px"
    )
    status_bar_share: float = threshold(
        0.075, unit="of the shorter side", why="height of the clock's strip", measured="24-27 dp of 360 dp"
    )
    navigation_bar_share: float = threshold(
        0.135, unit="of the shorter side", why="height of the button strip", measured="48 dp of 360 dp"
    )
    structure_levels: float = threshold(
        4.0, unit="grey levels", why="a tile with less shows nothing", measured="JPEG noise: below 2"
    )
    most_clear: float = threshold(
        0.05, unit="of px", why="more is a page on a transparent ground", measured="corners, cameras: 0.006"
    )
    blank_share: float = threshold(
        0.001, unit="of tiles", why="less structure than one word is blank", measured="one tile of 2,000"
    )
    flat_share: float = threshold(
        0.03, unit="of tiles", why="with less, all pages hash alike", measured="real screens: 0.09 up"
    )
