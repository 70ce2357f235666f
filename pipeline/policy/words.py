"""When read words are the words that a check asks for.

In: nothing. Out: `WordPolicy`, part of `Policy`. Never: decides; it names the numbers that do.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.policy.threshold import threshold


@dataclass(frozen=True, kw_only=True)
class WordPolicy:
    """When read words are the words that a check asks for."""

    similarity: float = threshold(
        0.85,
        unit="of letters",
        why="a phrase read this alike is the phrase",
        measured="evidence.md: about 85",
    )
    near_similarity: float = threshold(
        0.7, unit="of letters", why="below it nothing resembles the phrase", measured="corpus, see docs"
    )
    exact_below: int = threshold(
        6,
        unit="letters",
        why="in a short word one letter is another word",
        measured="evidence.md: six letters",
    )
    dotted_px: int = threshold(
        18, unit="px", why="lower words join dot and stem", measured="305 drawn words: none misjudged"
    )
    contesting: float = threshold(
        0.5, unit="engine confidence", why="a Latin letter is seldom misread", measured="Klds for Kids: 0.68"
    )
    sure_other: float = threshold(
        0.93,
        unit="engine confidence",
        why="a Latin word in a sentence read this surely is that word",
        measured="still for skill: 0.96; right words 0.96",
    )
    confident: float = threshold(
        0.85, unit="engine confidence", why="a letter read this surely is that letter", measured="corpus"
    )
    noisy: float = threshold(
        0.7, unit="engine confidence", why="a letter read less surely is noise", measured="corpus"
    )
    part_share: float = threshold(
        0.5,
        unit="of letters",
        why="so much of a name standing alone is the name, half read",
        measured="by eye",
    )
    part_letters: int = threshold(3, unit="letters", why="a shorter part stands anywhere", measured="by eye")
    long_phrase: int = threshold(
        24,
        unit="letters",
        why="one letter of a sentence names nothing else",
        measured="longest drawn name: 22",
    )
    label_gap: float = threshold(
        1.1,
        unit="word heights",
        why="a wider gap ends a label",
        measured="a space is 0.3, buttons stand 1.5 apart",
    )
    row_gap: float = threshold(
        3.0, unit="word heights", why="a name may be spread along its row", measured="corpus"
    )
    wrap_gap: float = threshold(
        1.6, unit="word heights", why="lines of one text stand closer", measured="line spacing 1.2 to 1.8"
    )
    stray_tokens: int = threshold(
        2, unit="tokens", why="icons read as letters stand in a label", measured="bells, ticks and arrows"
    )
    stray_letters: int = threshold(
        2, unit="letters", why="an icon is read as one letter or two", measured="bells, ticks and arrows"
    )
    unread: float = threshold(
        0.4, unit="engine confidence", why="a word read less surely is no word", measured="corpus"
    )
    agreeing_passes: int = threshold(
        2, unit="passes", why="a slip seldom happens twice alike at two scales", measured="corpus"
    )
    agreeing_shapes: int = threshold(
        4, unit="passes", why="each size shows the digit's height anew", measured="drawn: look-alikes 5 of 5"
    )
    small_bengali_px: float = threshold(
        13.0, unit="px", why="a usual line this low hides short words", measured="drawn: lost at 11.7"
    )
    legible: float = threshold(
        3.5,
        unit="px of usual letters, times the steepness of edges",
        why="softer or lower letters are misread",
        measured="drawn as sent: 3.3, then 5.0 up; a wide screen at 480 px: 2.4 to 3.9",
    )
    legible_bengali: float = threshold(
        5.0,
        unit="px of usual letters, times the steepness of edges",
        why="softer or lower Bengali letters are misread",
        measured="drawn as sent: 5.1 up; rejected when worn: 0.7 to 4.8",
    )
    faint_levels: int = threshold(
        60,
        unit="grey levels",
        why="letters nearer to their ground are misread",
        measured="seen: misread at 53",
    )
    similar_code: float = threshold(
        0.5, unit="of letters", why="worth showing as the other code that was found", measured="by eye"
    )
    same_row: float = threshold(
        0.6, unit="word heights", why="times at both ends of a seek bar share a row", measured="by eye"
    )
    note_gap: float = threshold(
        1.3, unit="letter heights", why="lines of a note follow one another", measured="drawn notes: 0.9"
    )
    note_alike: float = threshold(
        0.88, unit="of the taller", why="a heading is larger than a button", measured="drawn: 0.4 to 0.8"
    )
    note_margin: float = threshold(
        0.4, unit="letter heights", why="a label stands inside its button", measured="padding 0.6 and more"
    )
    bar_share: float = threshold(
        0.16,
        unit="of height",
        why="the address bar lies in the top strip",
        measured="drawn browsers: 0.04-0.13",
    )
    legible_words: int = threshold(
        3,
        unit="words",
        why="with fewer surely read, nothing can be called missing",
        measured="blurred captures",
    )
