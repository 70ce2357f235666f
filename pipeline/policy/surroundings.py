"""What stands around words that were typed or painted rather than shown.

In: nothing. Out: `SurroundingPolicy`, part of `Policy`. Never: decides; it names the numbers that do.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.policy.threshold import threshold


@dataclass(frozen=True, kw_only=True)
class SurroundingPolicy:
    """What stands around words that were typed or painted rather than shown."""

    plate_levels: int = threshold(7, unit="grey levels", why="noise of one colour", measured="bubbles: 16 up")
    most_plates: int = threshold(200, unit="plates", why="bounds the work", measured="pages have 20 to 60")
    plate_room: float = threshold(12.0, unit="letter heights", why="width of a time", measured="drawn: 9")
    plate_rows: float = threshold(2.6, unit="letter heights", why="bubbles hug lines", measured="1.0 to 2.2")
    one_size: float = threshold(0.8, unit="of the larger", why="one type size", measured="drawn: 0.85 to 1")
    one_weight: float = threshold(0.72, unit="of the heavier", why="bold is 1.5", measured="drawn: 0.8 to 1")
    one_ink: int = threshold(48, unit="grey levels", why="ink blends with its ground", measured="up to 35")
    bare_lines: int = threshold(
        20, unit="lines", why="a note says little besides", measured="drawn: notes 8 to 18, pages 24 up"
    )
    band_share: float = threshold(0.95, unit="of the width", why="a band of the page", measured="sites: 1.0")
    typed_share: float = threshold(
        0.6, unit="of a line's letters", why="the rest is an address or a slip", measured="drawn: 0.78"
    )
    straddling: float = threshold(0.15, unit="of a side", why="laid over an edge", measured="drawn: 0.3")
    field_share: float = threshold(
        0.45, unit="of the width", why="a search box is wide", measured="drawn: 0.7 and more"
    )
    field_place: float = threshold(
        0.25, unit="of the height", why="a search box lies at the top", measured="drawn: up to 0.11"
    )
