"""How a picture is read: sizes, contrast, lines, when to stop.

In: nothing. Out: `ReadingPolicy`, part of `Policy`. Never: decides; it names the numbers that do.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.policy.threshold import threshold


@dataclass(frozen=True, kw_only=True)
class ReadingPolicy:
    """How a picture is read: sizes, contrast, lines, when to stop."""

    read_pixels: int = threshold(
        4_000_000,
        unit="px",
        why="a larger picture shrinks before it is read",
        measured="1,440 x 2,560 is 3.7 MP",
    )
    quick_width_px: int = threshold(
        720,
        unit="px",
        why="a phone's text has the size the models know",
        measured="evidence.md: drawn proofs",
    )
    wide_width_px: int = threshold(
        1_440, unit="px", why="a desktop's or tablet's text stays readable", measured="corpus: jupyterlab"
    )
    larger_factor: float = threshold(
        1.6, unit="times quick", why="the second scale", measured="evidence.md: 1.6x, contrast"
    )
    largest_scale: float = threshold(
        3.0, unit="times", why="beyond it there is nothing more to see", measured="by eye"
    )
    closer_height_px: int = threshold(
        40, unit="px", why="line height of a closer look", measured="evidence.md: capitals near 32 px"
    )
    contrast_window_px: int = threshold(
        31, unit="px at half size", why="background median", measured="evidence.md: real screens"
    )
    least_text: float = threshold(
        3.0, unit="letter heights", why="a shorter line may be an icon", measured="by eye"
    )
    small_text_px: float = threshold(
        13.0,
        unit="px at quick size",
        why="lower lines are found at a larger size",
        measured="median line: phones 14 to 23, desktops 8 to 11, tablets 11",
    )
    found_text_px: float = threshold(
        16.0, unit="px", why="median height of a line that is found well", measured="phones"
    )
    found_pixels: int = threshold(
        2_200_000,
        unit="px",
        why="a larger picture for lines costs too much",
        measured="a desktop's 1,920 x 1,080",
    )
    find_window_px: int = threshold(
        21,
        unit="px at half size",
        why="background median where lines are found",
        measured="halos of low pills",
    )
    contrast_gain: float = threshold(
        2.2, unit="times", why="grey text becomes black enough", measured="evidence.md: real screens"
    )
    ink_levels: int = threshold(
        80, unit="grey levels of contrast", why="fainter is no letter", measured="corpus: grey hints reach 90"
    )
    ground_levels: int = threshold(
        40,
        unit="grey levels of contrast",
        why="fainter is ground",
        measured="JPEG's noise beside bold letters: 10 to 40",
    )
    full_levels: int = threshold(
        125, unit="grey levels of contrast", why="stronger is ink through and through", measured="as above"
    )
    most_mottled: float = threshold(
        0.03,
        unit="of its px",
        why="a line with so many more px between ground and ink than on its ground is a patch of a photo",
        measured="surely read lines of drawn and real screens: 6 of 2,900 have more (33 with 15 levels as "
        "ground and 0.2 as limit), five of them times on a video; of lines that read as nothing half",
    )
    spot_px: int = threshold(
        6,
        unit="px at quick size",
        why="smaller spots are dots and marks",
        measured="corpus: x-height 8 to 10",
    )
    widest_spot: float = threshold(
        0.95, unit="of width", why="a wider spot is a frame or a rule", measured="corpus"
    )
    tallest_spot: float = threshold(
        0.06, unit="of the longer side", why="a taller spot is a picture", measured="corpus: headings 0.04"
    )
    hollow_px: int = threshold(
        30, unit="px at quick size", why="a tall spot with little ink is an outline", measured="by eye"
    )
    big_icon_px: int = threshold(
        60, unit="px at quick size", why="taller than most headings", measured="drawn headings: up to 56"
    )
    hollow_fill: float = threshold(0.12, unit="of its box", why="ink of an outline", measured="by eye")
    line_gap: float = threshold(
        0.9, unit="letter heights", why="a wider gap ends a line", measured="a space is 0.3 to 0.5"
    )
    one_row: float = threshold(
        1.5, unit="letter heights", why="a taller row may be several lines", measured="Bengali marks: 1.6"
    )
    valley: float = threshold(
        0.3, unit="of a row's width", why="less has its middle between two lines", measured="by eye"
    )
    icon_overhang: float = threshold(
        0.8,
        unit="letter heights",
        why="what reaches further out of a row is an icon",
        measured="Bengali: 0.5",
    )
    frame_px: int = threshold(
        30, unit="px at quick size", why="a smaller outline holds no text", measured="lowest pill: 34 px"
    )
    frame_holds: int = threshold(
        2, unit="spots", why="a letter holds no two others inside", measured="corpus, by eye"
    )
    frame_filled: float = threshold(
        0.3,
        unit="of its width",
        why="a label fills its button, a sign no word",
        measured="by eye",
    )
    mark_gap: float = threshold(
        0.3, unit="letter heights", why="dots and marks stand this near to their letters", measured="corpus"
    )
    word_fill: float = threshold(
        0.25, unit="of its box", why="bold letters fill more than outlines do", measured="seen: 0.3 up"
    )
    speck_height: float = threshold(
        0.25,
        unit="of a word's height",
        why="lower is no letter of it",
        measured="seen: 0.2; labels in rings 0.27",
    )
    icon_shape: float = threshold(
        2.0, unit="longer to shorter side", why="a longer spot is a word", measured="Bengali words: 1.2 up"
    )
    icon_height: float = threshold(
        1.8,
        unit="times its neighbours",
        why="a taller spot is a picture",
        measured="avatars 2.1 up, letters 1.5",
    )
    big_icon_height: float = threshold(
        1.5, unit="times its neighbours", why="no letter is so tall", measured="arcs of avatars: 1.65"
    )
    rule_shape: float = threshold(
        8.0, unit="widths to height", why="a longer filled spot is a rule", measured="by eye: dashes 4"
    )
    rule_fill: float = threshold(0.9, unit="of its box", why="letters leave gaps", measured="by eye: 0.7")
    no_headline: float = threshold(
        0.15,
        unit="of words' width",
        why="below it a line is not Bengali",
        measured="corpus: Latin 0.0 to 0.14",
    )
    least_barred: float = threshold(
        2.0, unit="letter heights", why="a shorter bar may be an icon's", measured="icons: 1.0 to 1.6"
    )
    telling_lines: int = threshold(
        8, unit="lines", why="fewer do not tell a page's script", measured="by eye"
    )
    barred_lines: float = threshold(
        0.25,
        unit="of a page's lines",
        why="fewer under bars are icons and names on a page of another script",
        measured="28 drawn pages: English up to 0.20, Bengali 0.43 and more",
    )
    mixed_headline: float = threshold(
        0.6, unit="of words' width", why="above it a line is mostly Bengali", measured="Bengali 0.64 to 1.0"
    )
    all_headline: float = threshold(
        0.9, unit="of words' width", why="above it no word is in another script", measured="corpus"
    )
    word_gap: float = threshold(
        0.3, unit="letter heights", why="a wider gap parts two words", measured="spaces 0.35 up, letters 0.2"
    )
    barred_gap: float = threshold(
        0.2, unit="letter heights", why="so do narrower ones where letters are joined", measured="0.25 up"
    )
    barred_word: float = threshold(
        0.62, unit="of a word's width", why="its longest bar; Bengali", measured="Latin words: up to 0.6"
    )
    unbarred_word: float = threshold(
        0.3, unit="of a word's width", why="its longest bar; not Bengali", measured="Bengali words: 0.41 up"
    )
    narrow_word: float = threshold(
        1.2, unit="line heights", why="a narrower word may be a digit: 7 has a bar too", measured="7, 5, T"
    )
    narrow_barred: float = threshold(
        0.5, unit="of a word's width", why="what the bar of a narrow word counts at most", measured="7, 5, T"
    )
    lean_bengali: float = threshold(
        0.45, unit="of words' width", why="with more under bars, Bengali is tried first", measured="corpus"
    )
    sure_word: float = threshold(
        0.8, unit="engine confidence", why="read less surely, the other script is tried", measured="corpus"
    )
    long_word: float = threshold(
        4.0, unit="line heights", why="a longer run of ink may be several words", measured="by eye"
    )
    headline_run: float = threshold(
        1.2, unit="line heights", why="a shorter bar is a Latin stroke", measured="bold n and o: 0.9"
    )
    sure_mixed: float = threshold(
        0.9, unit="engine confidence", why="TV read as one Bengali letter: 0.8", measured="corpus"
    )
    worth_reading: float = threshold(
        2.5, unit="heights of a framed line", why="what is narrower is an icon or two", measured="by eye"
    )
    covered_share: float = threshold(
        0.7, unit="of a line's ink", why="less was not read, only cut off", measured="whole readings: 0.9 up"
    )
    least_line: float = threshold(
        1.5, unit="letter heights", why="a shorter line is an icon or a letter", measured="9:4: 1.6"
    )
    least_letters: int = threshold(
        3, unit="letters", why="shorter words hardly stand alone in a line", measured="by eye"
    )
    shortest_position: float = threshold(
        2.2, unit="letter heights", why="0:10 alone is longer", measured="2.7 in usual fonts"
    )
    longest_position: float = threshold(
        15.0,
        unit="letter heights",
        why="hours in both times, and an icon",
        measured="1:02:33 / 12:10:20: 11.5",
    )
    near_name: float = threshold(
        12.0,
        unit="heights of the name",
        why="the button that counts stands this near",
        measured="by eye: 2 to 8",
    )
    tight_label: float = threshold(
        0.75, unit="of its usual length", why="a narrow type", measured="399 lines: 5 % below 0.73 to 0.89"
    )
    wide_label: float = threshold(
        1.3, unit="of its usual length", why="a wide type", measured="399 lines: 5 % above 1.08 to 1.23"
    )
    sure_line: float = threshold(
        0.6, unit="engine confidence", why="a line read less surely may say anything", measured="corpus: 0.9"
    )
    short_line: float = threshold(
        6.0, unit="letter heights", why="a shorter line shows its script badly", measured="noon, Herbs"
    )
    narrowest_letter: float = threshold(
        0.3,
        unit="letter heights",
        why="a line shorter than so many letters holds no word",
        measured="0.38 to 0.9",
    )
    least_part: float = threshold(
        0.2,
        unit="of its usual length",
        why="of a text on three lines one is longer; once it is read, so are the lines above and below it",
        measured="a third of the narrowest: 0.22",
    )
    narrowest: float = threshold(
        0.65,
        unit="of its usual length",
        why="a shorter line lacks letters",
        measured="399 lines, see docs: 1 % below 0.77 (Latin), 0.70 (Bengali)",
    )
    widest: float = threshold(
        1.45,
        unit="of its usual length",
        why="a longer line says more",
        measured="399 lines: 1 % above 1.21 (Latin), 1.35 (Bengali), icons beside it included",
    )
    pattern_length: float = threshold(
        6.8, unit="letter heights", why="length of a date", measured="5 Nov 2026: 6.9"
    )
    position_lengths: tuple[float, ...] = threshold(
        (2.7, 3.5, 6.8, 8.2),
        unit="letter heights",
        why="players show both times in one line, or one at each end of their bar",
        measured="1:07, 11:07, 1:07 / 4:12, 11:07 / 14:12 in usual fonts",
    )
    tall_bonus: float = threshold(
        0.5, unit="per factor e of height", why="names stand in headings", measured="by eye"
    )
    usual_tall_px: float = threshold(
        16.0, unit="px at quick size", why="letters of running text", measured="drawn phones: 13 to 18"
    )
    out_of_bar: float = threshold(
        1.0, unit="factors e of length", why="an address stands in its bar", measured="by eye"
    )
    level_letter: float = threshold(
        0.85, unit="of the tallest", why="lower letters have no ascender", measured="x-height 0.7 to 0.76"
    )
    uneven: float = threshold(
        1.0, unit="factors e of length", why="digits and capitals share one height", measured="by eye"
    )
    icon_letters: float = threshold(
        3.0, unit="letter heights", why="room for icons inside a label", measured="by eye"
    )
    line_height_px: int = threshold(
        24,
        unit="px",
        why="letters of this height are read best, and quickly",
        measured="352 lines: Bengali 85 %, 82 % at 30 px",
    )
    retry_factors: tuple[float, ...] = threshold(
        (1.33, 0.9, 1.67),
        unit="times",
        why="a word that the layout step cuts off at one size is whole at another",
        measured="by eye: one word at thirteen sizes, whole at eight of them, in no order",
    )
    line_margin_px: int = threshold(
        10, unit="px", why="white around a line that is read alone", measured="Tesseract wants about 10"
    )
    few_lines: int = threshold(
        14,
        unit="lines",
        why="a page with no more is read whole before it is believed",
        measured="notes: 4 to 10",
    )
    beside_heights: float = threshold(
        2.0,
        unit="letter heights",
        why="labels this near stand side by side",
        measured="by eye",
    )
    well_read_words: int = threshold(
        25, unit="sure words, all passes", why="then a third scale finds nothing more", measured="corpus"
    )
    many_spots: float = threshold(
        1_500.0, unit="spots per MP", why="with more a page may be noise", measured="corpora: most 832"
    )
    much_ink: float = threshold(
        0.3, unit="of px", why="with more a page may be noise", measured="corpora: most 0.11; noise 0.4 to 1"
    )
    noise_specks: float = threshold(
        20_000.0, unit="spots per MP", why="text has far fewer", measured="corpus: most 7,000; noise 50,000"
    )
    edge_px: int = threshold(
        300, unit="px", why="edges of one short word", measured="drawn words of four letters: 400 and more"
    )
    blurred_levels: int = threshold(
        16,
        unit="grey levels per px",
        why="no edge of a letter is left",
        measured="blurred 3 to 7, photos 74 and more",
    )
