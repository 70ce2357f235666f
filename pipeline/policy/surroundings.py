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
    timed_rows: float = threshold(
        3.6, unit="letter heights", why="a message with its time below", measured="drawn: 3.1 to 3.5"
    )
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
    straddling: float = threshold(
        0.08, unit="of a side", why="laid over an edge", measured="drawn: painted 0.1 up, square buttons 0"
    )
    field_share: float = threshold(
        0.45, unit="of the width", why="a search box is wide", measured="drawn: 0.7 and more"
    )
    field_place: float = threshold(
        0.25, unit="of the height", why="a search box lies at the top", measured="drawn: up to 0.11"
    )
    colour_levels: int = threshold(
        32, unit="grey levels", why="from the least to the most channel: a colour, no grey", measured="by eye"
    )
    plain_hues: int = threshold(
        90, unit="colours", why="no photo, no drawing", measured="drawn: typed pages 0 to 79, apps 171 up"
    )
    plain_tones: int = threshold(
        8,
        unit="shades of 32",
        why="no photo, in colour or grey",
        measured="drawn: notes to 2, chats 5, photos 12 up",
    )
    soft_slope: int = threshold(
        24, unit="grey levels", why="between neighbours in a photo, not at a letter's edge", measured="by eye"
    )
    tone_share: float = threshold(
        0.0015, unit="of the px", why="fewer are a shade's accident", measured="drawn, see plain_tones"
    )
    key_alike: float = threshold(
        0.45, unit="correlation", why="keys repeat", measured="drawn: letters alone 0.5, keys 0.8"
    )
    key_strips: int = threshold(
        7, unit="strips", why="three rows of keys", measured="drawn: keyboards 10 up, other screens 3 or less"
    )
    inset_margins: float = threshold(
        0.14, unit="of the width", why="cards fill more", measured="drawn: cards 0.09, viewers 0.18"
    )
    inset_one_margin: float = threshold(
        0.285,
        unit="of the width",
        why="a margin at one side alone",
        measured="seen: a pane 0.278, viewers mostly more",
    )
    inset_one_tall: float = threshold(
        0.85, unit="of the height", why="a drawer reaches from top to foot", measured="seen: drawers 0.9"
    )
    inset_margin_most: float = threshold(
        0.62, unit="of the width", why="a message stands at one side", measured="drawn: up to 0.51"
    )
    inset_upright: float = threshold(
        1.3, unit="of the width", why="wider screens set cards like pictures", measured="phones 1.6 up"
    )
    inset_shape: float = threshold(
        1.25,
        unit="times the picture's shape",
        why="a screen on a wide screen is wide",
        measured="drawn: 0.9 to 1.1",
    )
    inset_wide: float = threshold(0.35, unit="of the width", why="a thumbnail is smaller", measured="by eye")
    inset_tall: float = threshold(
        0.42, unit="of the height", why="a whole screen is tall", measured="drawn: 0.5 to 0.82"
    )
    inset_flat: float = threshold(0.9, unit="of the rows", why="a margin is empty", measured="by eye")
    one_run: float = threshold(
        6.0, unit="letter heights", why="typed lines follow one another", measured="drawn: 1.6 to 5.4"
    )
    one_run_sure: float = threshold(
        3.8, unit="letter heights", why="one or two lines further", measured="drawn: notes 1.6 to 3.6"
    )
    one_run_ink: int = threshold(24, unit="grey levels", why="one colour of type", measured="drawn: 0 to 15")
    one_margin: float = threshold(
        0.6, unit="letter heights", why="typed lines share a margin", measured="drawn: 0 to 0.3"
    )
    least_host: float = threshold(
        4.0, unit="letter heights", why="an address is no shorter", measured="t.co: 2, most 8 up"
    )
    set_apart: float = threshold(
        1.5, unit="times the usual line", why="a page shows its code large", measured="drawn: 1.6 to 2"
    )
    least_page_lines: int = threshold(
        15, unit="lines", why="a note says little besides", measured="drawn: notes 8 to 14, pages 16 up"
    )
    telling_px: float = threshold(
        10.0, unit="px", why="plates of lower type fray in lossy files", measured="seen: 9, at 480 px in all"
    )
    straddling_pill: float = threshold(
        0.25, unit="of a side", why="laid over an edge", measured="drawn: names on a page never, painted 0.4"
    )
    rough_ground: float = threshold(
        0.5,
        unit="of the px",
        why="a photo or a gradient",
        measured="drawn: names up to 0.32, gradients 0.74 up",
    )
    spot_of_text: float = threshold(
        0.7, unit="of a text's width or height", why="no plate", measured="drawn: gradients 0.1, pages 1 up"
    )
    caption_share: float = threshold(
        0.18, unit="of the height", why="a caption's band", measured="drawn: captions 0.18, pages one text"
    )
    caption_top: float = threshold(
        0.015,
        unit="of the height",
        why="a status bar's place",
        measured="drawn: captions 0.005, headers 0.02",
    )
    caption_tall: float = threshold(
        0.25, unit="of the height", why="a caption's band is low", measured="drawn: 0.08 to 0.2"
    )
    one_ground: int = threshold(
        10, unit="grey levels", why="one paper", measured="drawn: cells of a sheet 0 to 2, cards 13 up"
    )
    centred: float = threshold(
        0.1, unit="of a plate's width", why="a button's label stands in its middle", measured="by eye"
    )
    digit_height: float = threshold(
        1.2, unit="heights of x", why="a digit among letters", measured="drawn: digits 1.28 to 1.4"
    )
    letter_height: float = threshold(
        1.1, unit="heights of x", why="o and s reach over x a little", measured="drawn: 0.95 to 1.06"
    )
    glyph_witnesses: int = threshold(
        2, unit="signs", why="heights of x that can be compared with", measured="by eye"
    )
    outsize: float = threshold(
        1.4,
        unit="times the usual line",
        why="a pen that suits no page",
        measured="drawn: pages 1.21, pens 1.5",
    )
    mixed_levels: int = threshold(
        45, unit="grey levels", why="off the line between ink and ground", measured="lossy files: 30 and less"
    )
    beyond_ink: float = threshold(
        1.3, unit="of the way from ground to ink", why="thin strokes never reach their ink", measured="by eye"
    )
    remains_reach: float = threshold(
        0.9, unit="letter heights", why="a plate reaches hardly further than its line", measured="drawn: 0.7"
    )
    remains_least_px: int = threshold(2, unit="px", why="rules and underlines are lower", measured="by eye")
    remains_levels: int = threshold(
        60, unit="grey levels", why="small print is grey", measured="drawn: 90 up"
    )
    remains_strokes: int = threshold(
        12, unit="strokes", why="two words and more", measured="drawn: cut 16 up, dashes 13"
    )
    remains_share: float = threshold(
        0.75, unit="of a line's strokes", why="letters begin at several heights", measured="drawn: cut 0.8 up"
    )
    remains_thin: float = threshold(
        0.22, unit="of a usual line", why="a letter's middle is stems", measured="drawn: stems 0.15"
    )
    remains_mostly: float = threshold(
        0.8,
        unit="of the strokes",
        why="whole letters begin with arcs and bars",
        measured="drawn: cut 0.82 up",
    )
    remains_on: float = threshold(
        0.6, unit="of the strokes", why="letters go on for two px at least", measured="drawn: cut 0.8 up"
    )
    remains_foot: float = threshold(
        1.3, unit="times what its strokes are apart", why="a whole line is higher", measured="whole 1.4 up"
    )
    remains_head: float = threshold(
        0.8,
        unit="times what its strokes are apart",
        why="as its foot, without hanging letters",
        measured="1.0",
    )
    mixed_ink: float = threshold(
        0.15, unit="of its ink", why="an outline, a shadow, a crossing", measured="drawn: pages 0 to 0.12"
    )
    off_plate: float = threshold(
        0.85, unit="of a text's width or height", why="a text lies on one ground", measured="pages: 1.0"
    )
    giant: float = threshold(
        3.5, unit="times the usual line", why="no page's code is so large", measured="drawn: pages 2.1"
    )
    thin_stroke_px: float = threshold(
        2.0, unit="px", why="thinner strokes blend with their ground", measured="drawn: 0.9 to 1.7"
    )
    time_room: float = threshold(
        2.5, unit="letter heights", why="a time behind a message", measured="drawn: 3.4, arrows on buttons 2"
    )
    title_strip: float = threshold(
        0.05, unit="of the height", why="a window's title and tabs", measured="drawn: 0.01 to 0.04"
    )
    button_levels: int = threshold(
        60,
        unit="grey levels",
        why="a button that still offers is filled",
        measured="drawn: soft ones 13, filled 90",
    )
    most_denials: int = threshold(2, unit="lines", why="bounds the second look", measured="drawn: 0 to 2")
    letter_run: float = threshold(
        0.06,
        unit="of a plate's side",
        why="letters of a line that touches it are shorter",
        measured="drawn: 0.02",
    )
    marker_side: float = threshold(
        1.0,
        unit="heights of a capital, on each side",
        why="a button leaves more room beside its label",
        measured="drawn: marks 0.77, 0.84; a low pill 1.2",
    )
    marker_rows: float = threshold(
        2.4,
        unit="heights of a capital",
        why="a button leaves room",
        measured="drawn: marks 2.3, buttons 2.5 up",
    )
    barred_upright: float = threshold(
        1.7, unit="of the width", why="phones are so tall", measured="phones 1.78 up"
    )
    barred_row: float = threshold(
        0.03, unit="of the height", why="a status bar is low", measured="drawn: 0.015"
    )
    barred_from: float = threshold(
        0.05, unit="of the height", why="the picture's own bar is above", measured="phones up to 0.04"
    )
    barred_wide: float = threshold(
        0.84, unit="of the width", why="cards fill more", measured="drawn: cards 0.87, viewers up to 0.8"
    )
    barred_tall: float = threshold(
        0.6, unit="of what is below the bar", why="a caption may follow", measured="drawn: 0.63 and more"
    )
    cut_stroke: float = threshold(0.5, unit="of a plate's height", why="strokes are thin", measured="by eye")
    cut_ground: float = threshold(
        0.5, unit="of a side", why="strokes of text stand on one ground", measured="by eye"
    )
    least_cut: int = threshold(
        4, unit="strokes", why="a line that a plate hides in part", measured="drawn: cut 5 up, pages 2"
    )
    row_card: float = threshold(
        8.0, unit="letter heights", why="a card of a name and a line", measured="drawn: 5.8 to 6.4"
    )
    row_gap: float = threshold(
        1.2, unit="letter heights", why="the second line of a list's row", measured="drawn: 0.4 to 0.9"
    )
    card_margin: float = threshold(
        0.1,
        unit="of the width",
        why="a page's own cards fill more",
        measured="drawn: cards 0.09, recent 0.11",
    )
    card_margin_most: float = threshold(
        0.22, unit="of the width", why="recent apps are shown large", measured="drawn: up to 0.19"
    )
    card_tall: float = threshold(
        0.55, unit="of the height", why="a whole screen is tall", measured="drawn: 0.62 up"
    )
    patch_room: float = threshold(
        1.3,
        unit="line heights",
        why="a label's plate has little room beside it",
        measured="drawn: 0.3 to 0.9",
    )
    patch_steps: int = threshold(12, unit="px looked at a side", why="bounds the look", measured="by eye")
    patch_cut: int = threshold(
        6,
        unit="strokes",
        why="as for an asked text, but nobody asked",
        measured="drawn: painted 6 up, pages 0",
    )
    stark_levels: int = threshold(
        120,
        unit="grey levels",
        why="a square plate so far from the page's shade was laid there",
        measured="167 real screens: no such plate; 1,600 honest drawn ones: 1; painted ones: every third",
    )
    stark_wide: float = threshold(
        0.5, unit="of a plate", why="it holds just a line", measured="drawn: 0.6 up"
    )
    stark_tall: float = threshold(0.25, unit="of a plate", why="as above", measured="drawn: 0.4 up")
    patch_ground: float = threshold(
        0.15, unit="of a line's middle", why="two grounds in one line", measured="by eye"
    )
    patch_long: float = threshold(
        1.8, unit="times its height", why="a plate that holds a line", measured="drawn: 2.4 up"
    )
    large_lines: int = threshold(
        7, unit="lines", why="so many large lines are a page's own", measured="drawn: painted 2 to 4"
    )
    low_plate: float = threshold(
        0.15, unit="of the height", why="a row, a button, a card of a few lines", measured="drawn: 0.12"
    )
    large_label: float = threshold(
        1.5,
        unit="times the usual line",
        why="a button's label is no heading",
        measured="320 honest pages with a button, seeds 540 to 545: up to 1.4",
    )
    large_share: float = threshold(
        0.9,
        unit="of what several lines reach",
        why="lines of Bengali type are higher than its letters",
        measured="drawn: marks add a tenth and more",
    )
    bite_reach: float = threshold(
        1.2, unit="letter heights", why="a painted plate has little room", measured="drawn: 0.4 to 1"
    )
    bite_thick: float = threshold(
        0.35, unit="letter heights", why="lines and borders are thin", measured="drawn: borders 2 px"
    )
    bite_levels: int = threshold(40, unit="grey levels", why="an element that stands out", measured="by eye")
    bite_share: float = threshold(
        0.5, unit="of a text's box", why="the text stands where the element was", measured="by eye"
    )
    large_position: float = threshold(
        1.25, unit="times the usual line", why="a player's times are small", measured="drawn: players 1.06"
    )
