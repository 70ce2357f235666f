"""Every threshold of judgement: value, unit, label, reason, how it was measured.

`judge`, `match`, `read`, `fingerprint` and `picture` take a `Policy`; none holds a number of its own.
A change here changes `POLICY_VERSION`, which every verdict stores.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TypeVar

T = TypeVar("T", int, float)

POLICY_VERSION = "2026-11-23.1"


def _threshold(value: T, *, unit: str, why: str, measured: str) -> T:
    return field(default=value, metadata={"unit": unit, "why": why, "measured": measured})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The thresholds in force; `explain` lists them with unit and reason."""

    # -- picture limits
    max_bytes: int = _threshold(
        25_000_000, unit="bytes", why="a screenshot of 10,000 px fits", measured="largest real one: 3.1 MB"
    )
    max_pixels: int = _threshold(
        40_000_000, unit="px", why="bounds memory at 120 MB of RGB", measured="reliability.md B5"
    )
    max_side: int = _threshold(
        10_000, unit="px", why="a long scrolling capture fits", measured="reliability.md B5"
    )
    min_side: int = _threshold(
        120, unit="px", why="below it no label has letters", measured="label height 8 px at 120 px width"
    )

    # -- picture and fingerprint
    max_frames: int = _threshold(
        50, unit="frames", why="a capture has one, a dual JPEG two", measured="200-frame APNG and WebP"
    )
    sketch_side: int = _threshold(
        540, unit="px", why="shorter side of the sketch", measured="evidence.md: aligned every copy at 540 px"
    )
    sketch_pixels: int = _threshold(
        1_300_000, unit="px", why="bounds the sketch of a long scrolling capture", measured="540 x 2,400 px"
    )
    status_bar_share: float = _threshold(
        0.075, unit="of the shorter side", why="height of the clock's strip", measured="24-27 dp of 360 dp"
    )
    navigation_bar_share: float = _threshold(
        0.135, unit="of the shorter side", why="height of the button strip", measured="48 dp of 360 dp"
    )
    structure_levels: float = _threshold(
        4.0, unit="grey levels", why="a tile with less shows nothing", measured="JPEG noise: below 2"
    )
    blank_share: float = _threshold(
        0.001, unit="of tiles", why="less structure than one word is blank", measured="one tile of 2,000"
    )
    flat_share: float = _threshold(
        0.03, unit="of tiles", why="with less, all pages hash alike", measured="real screens: 0.09 up"
    )

    # -- match: words and labels
    similarity: float = _threshold(
        0.85,
        unit="of letters",
        why="a phrase read this alike is the phrase",
        measured="evidence.md: about 85",
    )
    near_similarity: float = _threshold(
        0.7, unit="of letters", why="below it nothing resembles the phrase", measured="corpus, see docs"
    )
    exact_below: int = _threshold(
        6,
        unit="letters",
        why="in a short word one letter is another word",
        measured="evidence.md: six letters",
    )
    confident: float = _threshold(
        0.85, unit="engine confidence", why="a letter read this surely is that letter", measured="corpus"
    )
    noisy: float = _threshold(
        0.7, unit="engine confidence", why="a letter read less surely is noise", measured="corpus"
    )
    long_phrase: int = _threshold(
        24,
        unit="letters",
        why="one letter of a sentence names nothing else",
        measured="longest drawn name: 22",
    )
    label_gap: float = _threshold(
        1.1,
        unit="word heights",
        why="a wider gap ends a label",
        measured="a space is 0.3, buttons stand 1.5 apart",
    )
    row_gap: float = _threshold(
        3.0, unit="word heights", why="a name may be spread along its row", measured="corpus"
    )
    wrap_gap: float = _threshold(
        1.6, unit="word heights", why="lines of one text stand closer", measured="line spacing 1.2 to 1.8"
    )
    stray_tokens: int = _threshold(
        2, unit="tokens", why="icons read as letters stand in a label", measured="bells, ticks and arrows"
    )
    stray_letters: int = _threshold(
        2, unit="letters", why="an icon is read as one letter or two", measured="bells, ticks and arrows"
    )
    unread: float = _threshold(
        0.4, unit="engine confidence", why="a word read less surely is no word", measured="corpus"
    )
    agreeing_passes: int = _threshold(
        2, unit="passes", why="a slip seldom happens twice alike at two scales", measured="corpus"
    )
    similar_code: float = _threshold(
        0.5, unit="of letters", why="worth showing as the other code that was found", measured="by eye"
    )
    same_row: float = _threshold(
        0.6, unit="word heights", why="times at both ends of a seek bar share a row", measured="by eye"
    )
    note_gap: float = _threshold(
        1.3, unit="letter heights", why="lines of a note follow one another", measured="drawn notes: 0.9"
    )
    note_alike: float = _threshold(
        0.88, unit="of the taller", why="a heading is larger than a button", measured="drawn: 0.4 to 0.8"
    )
    note_margin: float = _threshold(
        0.4, unit="letter heights", why="a label stands inside its button", measured="padding 0.6 and more"
    )
    bar_share: float = _threshold(
        0.16,
        unit="of height",
        why="the address bar lies in the top strip",
        measured="drawn browsers: 0.04-0.13",
    )
    legible_words: int = _threshold(
        3,
        unit="words",
        why="with fewer surely read, nothing can be called missing",
        measured="blurred captures",
    )

    # -- candidates for likeness
    max_candidates: int = _threshold(
        12, unit="pictures", why="each costs an aligned comparison", measured="about 90 ms each, evidence.md"
    )

    # -- read: the cascade
    read_pixels: int = _threshold(
        4_000_000,
        unit="px",
        why="a larger picture shrinks before it is read",
        measured="1,440 x 2,560 is 3.7 MP",
    )
    quick_width_px: int = _threshold(
        720,
        unit="px",
        why="a phone's text has the size the models know",
        measured="evidence.md: drawn proofs",
    )
    wide_width_px: int = _threshold(
        1_440, unit="px", why="a desktop's or tablet's text stays readable", measured="corpus: jupyterlab"
    )
    larger_factor: float = _threshold(
        1.6, unit="times quick", why="the second scale", measured="evidence.md: 1.6x, contrast"
    )
    largest_scale: float = _threshold(
        3.0, unit="times", why="beyond it there is nothing more to see", measured="by eye"
    )
    closer_height_px: int = _threshold(
        40, unit="px", why="line height of a closer look", measured="evidence.md: capitals near 32 px"
    )
    contrast_window_px: int = _threshold(
        31, unit="px at half size", why="background median", measured="evidence.md: real screens"
    )
    find_window_px: int = _threshold(
        21,
        unit="px at half size",
        why="background median where lines are found",
        measured="halos of low pills",
    )
    contrast_gain: float = _threshold(
        2.2, unit="times", why="grey text becomes black enough", measured="evidence.md: real screens"
    )
    ink_levels: int = _threshold(
        80, unit="grey levels of contrast", why="fainter is no letter", measured="corpus: grey hints reach 90"
    )
    spot_px: int = _threshold(
        6,
        unit="px at quick size",
        why="smaller spots are dots and marks",
        measured="corpus: x-height 8 to 10",
    )
    widest_spot: float = _threshold(
        0.95, unit="of width", why="a wider spot is a frame or a rule", measured="corpus"
    )
    tallest_spot: float = _threshold(
        0.06, unit="of the longer side", why="a taller spot is a picture", measured="corpus: headings 0.04"
    )
    hollow_px: int = _threshold(
        60, unit="px at quick size", why="a tall spot with little ink is an outline", measured="by eye"
    )
    hollow_fill: float = _threshold(0.12, unit="of its box", why="ink of an outline", measured="by eye")
    line_gap: float = _threshold(
        0.9, unit="letter heights", why="a wider gap ends a line", measured="a space is 0.3 to 0.5"
    )
    icon_overhang: float = _threshold(
        0.8,
        unit="letter heights",
        why="what reaches further out of a row is an icon",
        measured="Bengali: 0.5",
    )
    frame_px: int = _threshold(
        30, unit="px at quick size", why="a smaller outline holds no text", measured="lowest pill: 34 px"
    )
    frame_holds: int = _threshold(
        2, unit="spots", why="a letter holds no two others inside", measured="corpus, by eye"
    )
    frame_filled: float = _threshold(
        0.3,
        unit="of its width",
        why="a label fills its button, a sign no word",
        measured="by eye",
    )
    mark_gap: float = _threshold(
        0.3, unit="letter heights", why="dots and marks stand this near to their letters", measured="corpus"
    )
    headline_run: float = _threshold(
        0.7, unit="line heights", why="a shorter bar is a Latin stroke", measured="corpus, by eye"
    )
    no_headline: float = _threshold(
        0.15,
        unit="of inked width",
        why="below it a line is not Bengali",
        measured="corpus: Latin 0.0 to 0.14",
    )
    mixed_headline: float = _threshold(
        0.6,
        unit="of inked width",
        why="above it a line is all Bengali",
        measured="corpus: Bengali 0.64 to 1.0",
    )
    narrowest_letter: float = _threshold(
        0.3,
        unit="letter heights",
        why="a line shorter than so many letters lacks some",
        measured="0.38 to 0.9",
    )
    widest_letter: float = _threshold(
        1.0, unit="letter heights", why="a line longer than so many letters says more", measured="0.38 to 0.9"
    )
    usual_letter: float = _threshold(
        0.55, unit="letter heights", why="width of a letter, to guess a line's length", measured="0.38 to 0.9"
    )
    pattern_letters: int = _threshold(
        11, unit="letters", why="length of a date or a position", measured="1:07 / 4:12"
    )
    tall_bonus: float = _threshold(
        0.5, unit="per factor e of height", why="names stand in headings", measured="by eye"
    )
    icon_letters: float = _threshold(
        3.0, unit="letter heights", why="room for icons inside a label", measured="by eye"
    )
    line_height_px: int = _threshold(
        30, unit="px", why="letters of this height are read best", measured="evidence.md: near 32 px"
    )
    line_margin_px: int = _threshold(
        10, unit="px", why="white around a line that is read alone", measured="Tesseract wants about 10"
    )
    beside_heights: float = _threshold(
        2.0,
        unit="letter heights",
        why="labels this near stand side by side",
        measured="by eye",
    )
    well_read_words: int = _threshold(
        25, unit="sure words, all passes", why="then a third scale finds nothing more", measured="corpus"
    )
    noise_specks: float = _threshold(
        20_000.0, unit="spots per MP", why="text has far fewer", measured="corpus: most 7,000; noise 50,000"
    )
    edge_px: int = _threshold(
        300, unit="px", why="edges of one short word", measured="drawn words of four letters: 400 and more"
    )
    blurred_levels: int = _threshold(
        16,
        unit="grey levels per px",
        why="no edge of a letter is left",
        measured="blurred 3 to 7, photos 74 and more",
    )

    # -- aligned comparison: tiles are 9 px of a sketch
    tile_likeness: float = _threshold(
        0.6, unit="likeness", why="below it a tile shows something else", measured="copies 0.85, digits 0.5"
    )
    bar_likeness: float = _threshold(
        0.9, unit="likeness", why="a bar's tile above it is the same", measured="one digit: up to 0.88"
    )
    bar_margin: float = _threshold(
        0.1, unit="likeness", why="a bar may be this much worse than the body", measured="412 drawn"
    )
    page_agreement: float = _threshold(
        0.6, unit="of tiles", why="with less, the mirror image is tried", measured="copies 0.7 up"
    )
    half_agreement: float = _threshold(
        0.5, unit="of tiles", why="with less, no closer placement helps", measured="photos: 0.6 up"
    )
    full_agreement: float = _threshold(
        0.97, unit="of tiles", why="with more, the placement is close enough", measured="photos: 0.99 refined"
    )
    patch_weight: float = _threshold(
        1.0, unit="tiles", why="a lighter patch may be noise", measured="one changed digit: 0.8-1.2"
    )
    overlay_tiles: int = _threshold(
        40, unit="tiles", why="a watermark adds many", measured="drawn watermarks: 60-500"
    )
    overlay_changes: float = _threshold(
        0.25, unit="of added", why="a watermark changes few others", measured="drawn watermarks: up to 0.2"
    )
    most_patches: int = _threshold(
        8, unit="patches", why="more is another moment of the page", measured="stickers: up to 7"
    )
    most_changed: float = _threshold(
        0.15, unit="of tiles", why="more is another moment of the page", measured="stickers: up to 0.1"
    )
    least_tiles: int = _threshold(
        40, unit="tiles", why="with fewer in common nothing is said", measured="unrelated pages: none aligned"
    )
    rich_tiles: int = _threshold(
        250, unit="tiles", why="an emptier page looks alike for all", measured="splash: 350, pages: 700 up"
    )
    bar_tiles: int = _threshold(
        10, unit="tiles", why="clock and battery at least", measured="tablets: 12-26, phones: 36 up"
    )
    changed_tiles: int = _threshold(
        2, unit="tiles", why="a single tile may be noise", measured="clock-edited copies: 0, most twins: 3 up"
    )
    clock_tiles: int = _threshold(
        9, unit="tiles", why="width of a clock: 81 of 540 px", measured="edited: 3-7, other people: 14 up"
    )
    unbarred_patches: int = _threshold(
        5, unit="patches", why="edits on a page without a status bar", measured="twins on desktops: 13 up"
    )
    doubtful_patches: int = _threshold(
        3, unit="patches", why="an edit beside an edited clock", measured="twins of the same phone: 4 up"
    )

    # -- surroundings of words: typed or painted ones
    plate_levels: int = _threshold(
        7, unit="grey levels", why="noise of one colour", measured="bubbles: 16 up"
    )
    most_plates: int = _threshold(200, unit="plates", why="bounds the work", measured="pages have 20 to 60")
    plate_room: float = _threshold(12.0, unit="letter heights", why="width of a time", measured="drawn: 9")
    plate_rows: float = _threshold(2.6, unit="letter heights", why="bubbles hug lines", measured="1.0 to 2.2")
    one_size: float = _threshold(0.8, unit="of the larger", why="one type size", measured="drawn: 0.85 to 1")
    one_weight: float = _threshold(0.72, unit="of the heavier", why="bold is 1.5", measured="drawn: 0.8 to 1")
    one_ink: int = _threshold(48, unit="grey levels", why="ink blends with its ground", measured="up to 35")
    bare_lines: int = _threshold(
        20, unit="lines", why="a note says little besides", measured="drawn: notes 8 to 18, pages 24 up"
    )
    band_share: float = _threshold(0.95, unit="of the width", why="a band of the page", measured="sites: 1.0")
    typed_share: float = _threshold(
        0.6, unit="of a line's letters", why="the rest is an address or a slip", measured="drawn: 0.78"
    )
    straddling: float = _threshold(0.15, unit="of a side", why="laid over an edge", measured="drawn: 0.3")

    @property
    def version(self) -> str:
        """What verdicts store."""
        return POLICY_VERSION


def explain(policy: Policy) -> tuple[tuple[str, float, str, str, str], ...]:
    """Return (name, value, unit, why, how measured) of every threshold."""
    return tuple(
        (
            one.name,
            getattr(policy, one.name),
            one.metadata["unit"],
            one.metadata["why"],
            one.metadata["measured"],
        )
        for one in fields(policy)
    )
