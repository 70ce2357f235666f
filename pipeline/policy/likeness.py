"""Which pictures are compared, and what two aligned pictures say.

In: nothing. Out: `LikenessPolicy`, part of `Policy`. Never: decides; it names the numbers that do.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.policy.threshold import threshold


@dataclass(frozen=True, kw_only=True)
class LikenessPolicy:
    """Which pictures are compared, and what two aligned pictures say."""

    # -- candidates for likeness
    max_candidates: int = threshold(
        16, unit="pictures", why="each costs an aligned comparison", measured="2 to 20 ms each"
    )

    least_likeness: int = threshold(
        -25,
        unit="shared words less bits",
        why="with less it is looked at only where nobody else shows the page",
        measured="other pages -25, sources of crops and photos -21 up",
    )

    first_looks: int = threshold(
        6, unit="pictures", why="the source is among the first", measured="drawn 98.7 %, real screens 86 %"
    )
    later_likeness: int = threshold(
        -20,
        unit="shared words less bits",
        why="after the first, with less it is looked at only where nobody else shows the page",
        measured="of an honest proof's candidates two or three have more",
    )

    mirrored_likeness: int = threshold(
        -20,
        unit="shared words less bits",
        why="with less nobody looks for a mirror image: the hash of one is near",
        measured="mirrored and altered besides: -20 up",
    )

    # -- aligned comparison: tiles are 9 px of a sketch
    tile_likeness: float = threshold(
        0.6, unit="likeness", why="below it a tile shows something else", measured="copies 0.85, digits 0.5"
    )
    bar_likeness: float = threshold(
        0.9, unit="likeness", why="a bar's tile above it is the same", measured="one digit: up to 0.88"
    )
    bar_margin: float = threshold(
        0.1, unit="likeness", why="a bar may be this much worse than the body", measured="412 drawn"
    )
    page_agreement: float = threshold(
        0.8, unit="of tiles", why="with less, its mirror image is tried", measured="even pages: 0.72"
    )
    upright_inliers: int = threshold(
        100,
        unit="key points",
        why="with so many on a page as it is, nobody asks whether it is mirrored",
        measured="mirror images over pages as they are: up to 68",
    )
    half_agreement: float = threshold(
        0.2, unit="of tiles", why="with less, no closer placement helps", measured="photos: 0.25 up"
    )
    even_agreement: float = threshold(
        0.6,
        unit="of tiles",
        why="where one lies over the other unmoved, with less no shift by a px helps",
        measured="copies: 0.73 up",
    )
    closer_agreement: float = threshold(
        0.5,
        unit="of tiles",
        why="below it a step has to gain much to be followed by another",
        measured="a photo: 0.61, 0.62, 1.0",
    )
    closer_gain: float = threshold(
        0.03,
        unit="of tiles",
        why="a step that gains less gained little",
        measured="photos: 0.2 to 0.6 a step",
    )
    full_agreement: float = threshold(
        0.97, unit="of tiles", why="with more, the placement is close enough", measured="photos: 0.99 refined"
    )
    patch_weight: float = threshold(
        1.0, unit="tiles", why="a lighter patch may be noise", measured="one changed digit: 0.8-1.2"
    )
    overlay_tiles: int = threshold(
        40, unit="tiles", why="a watermark adds many", measured="drawn watermarks: 60-500"
    )
    overlay_kept: float = threshold(
        0.4,
        unit="of contrast",
        why="under a watermark the page shows through",
        measured="0.5 up; replaced: 0",
    )
    overlay_noise: float = threshold(
        0.05,
        unit="of added, of plain",
        why="a watermark replaces nothing",
        measured="up to 0.05; twins: 0.1 up",
    )
    overlay_place: int = threshold(3, unit="tiles", why="fewer are noise", measured="by eye")
    overlay_scattered: int = threshold(
        6,
        unit="places",
        why="a watermark repeats all over the page",
        measured="two unseen ones: 6, 18; of 60 pairs of twins 8 had 6 to 9, beside 19 edits and more",
    )
    overlay_edits: int = threshold(
        3,
        unit="places",
        why="a name and two stickers",
        measured="the two: 1 and 3",
    )
    overlay_changes: float = threshold(
        0.15,
        unit="of added, of plain",
        why="where it shows through elsewhere, another edit may lie beside it",
        measured="with a name edited: up to 0.06; twins: 0.1 up, nothing shows through",
    )
    most_patches: int = threshold(
        8, unit="patches", why="more is another moment of the page", measured="stickers: up to 7"
    )
    most_changed: float = threshold(
        0.15, unit="of tiles", why="more is another moment of the page", measured="stickers: up to 0.1"
    )
    most_covered: float = threshold(
        0.3,
        unit="of tiles",
        why="stickers cover no more of a page that is to serve as proof",
        measured="up to 0.2",
    )
    beside_blobs: int = threshold(
        2, unit="patches", why="an edit beside stickers", measured="twins with a changed avatar: 4 up"
    )
    least_tiles: int = threshold(
        40, unit="tiles", why="with fewer in common nothing is said", measured="unrelated pages: none aligned"
    )
    rich_tiles: int = threshold(
        250, unit="tiles", why="an emptier page looks alike for all", measured="splash: 350, pages: 700 up"
    )
    bar_tiles: int = threshold(
        10, unit="tiles", why="clock and battery at least", measured="tablets: 12-26, phones: 36 up"
    )
    bar_shared: float = threshold(
        0.25, unit="of tiles", why="two bars show something at the same places", measured="blanked: 0.1"
    )
    changed_tiles: int = threshold(
        2, unit="tiles", why="a single tile may be noise", measured="clock-edited copies: 0, most twins: 3 up"
    )
    clock_tiles: int = threshold(
        12, unit="tiles", why="width of a clock: 108 of 540 px", measured="edited: 3-11, other people: 14 up"
    )
    clock_apart_px: float = threshold(
        0.45,
        unit="px of a sketch",
        why="one phone writes the colon of every time at one height",
        measured="other people's 0.26 at most, painted: 0.5 up",
    )
    unbarred_rich_tiles: int = threshold(
        600, unit="tiles", why="an emptier part is anybody's", measured="other people's crops: up to 458"
    )
    beyond_tiles: int = threshold(
        10,
        unit="tiles",
        why="what shows more of a page was not made of the part",
        measured="copies: 0 but for letterboxes of themselves blown up; other captures over a crop: 72 up",
    )
    unbarred_copy_patches: int = threshold(
        2,
        unit="patches",
        why="more is another's own crop",
        measured="copies: 0-2, other crops: 3 up",
    )
    unbarred_patches: int = threshold(
        5, unit="patches", why="edits on a page without a status bar", measured="twins on desktops: 13 up"
    )
    doubtful_patches: int = threshold(
        3, unit="patches", why="an edit beside an edited clock", measured="twins of the same phone: 4 up"
    )

    # -- the closer look at two originals
    closer_side_px: int = threshold(
        640,
        unit="px",
        why="of what was made smaller, too little is left to tell two people apart",
        measured="one digit of another count: weight 1.5 up at 720 px, 0 to 0.5 at 430",
    )
    closer_weight: float = threshold(
        0.6,
        unit="tiles",
        why="a lighter patch may be noise",
        measured="re-encoded, toned: up to 0.45; other captures: 0.86 up",
    )
