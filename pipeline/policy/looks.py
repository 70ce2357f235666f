"""How a picture is looked at again before anything is called missing.

In: nothing. Out: `LookPolicy`, part of `Policy`. Never: decides; it names the numbers that do.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.policy.threshold import threshold


@dataclass(frozen=True, kw_only=True)
class LookPolicy:
    """How a picture is looked at again before anything is called missing."""

    most_unsure: int = threshold(
        6, unit="lines", why="bounds the looks at unsure lines", measured="drawn: mostly 0 to 3 fit a text"
    )
    patchy: float = threshold(
        0.25,
        unit="of its px",
        why="soft bold letters have as many px between ground and ink as a photo has",
        measured="seen: 0.05",
    )
    faint_gain: float = threshold(
        2.5,
        unit="times",
        why="ink half as dark is ink at a second look",
        measured="seen: a red name on a red card",
    )
    faint_known: float = threshold(
        0.5,
        unit="of its length",
        why="of a paler line a part is found already",
        measured="seen: 0.4 of a name",
    )
    part_gap: float = threshold(
        0.4, unit="of a line's letters", why="an avatar stands so far from its name", measured="seen: 0.58"
    )
    bold_fill: float = threshold(
        0.3, unit="of its box", why="a word of soft bold letters", measured="seen: 0.39 to 0.53"
    )
    bold_alike: float = threshold(
        0.6, unit="of its height", why="words of one line", measured="Bengali words: 0.7 up"
    )
    pill_lowest: float = threshold(
        2.0, unit="usual line heights", why="a button has room above and below", measured="drawn: 2.4 up"
    )
    pill_highest: float = threshold(
        5.0, unit="usual line heights", why="a higher plate is a picture", measured="drawn: buttons to 4"
    )
    pill_shortest: float = threshold(
        1.5, unit="times its height", why="an icon is as wide as high", measured="by eye"
    )
    pill_longest: float = threshold(
        12.0, unit="times its height", why="a longer plate is a band of the page", measured="by eye"
    )
    pill_filled: float = threshold(
        0.25, unit="of its box", why="a ring around a label", measured="seen: 0.45 and 0.7"
    )
    pill_room: float = threshold(
        0.3, unit="of its height", why="rounded ends hold no letter", measured="drawn: 0.35 up"
    )
    pill_above: float = threshold(
        0.2, unit="of its height", why="above and below a label", measured="drawn: 0.25 up"
    )
    pill_letters: float = threshold(
        0.3, unit="of its height", why="a label's letters", measured="drawn: 0.27 to 0.4"
    )
    pill_taken: float = threshold(
        0.75,
        unit="of its middle",
        why="a line so long is its whole label",
        measured="seen: 0.68 of a cut one",
    )
    again_px: tuple[int, ...] = threshold(
        (20, 30, 40),
        unit="px",
        why="letter heights of further looks at a line",
        measured="one line reads well at one height and badly at another, see docs",
    )
    hanging: float = threshold(
        0.3, unit="letter heights", why="how far g, p and y hang down", measured="usual fonts: 0.2 to 0.3"
    )
    wider_heights: float = threshold(
        1.0, unit="letter heights", why="room for a wide type and the gap of a word", measured="by eye"
    )
