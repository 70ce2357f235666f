"""How long is a text on a screen, in heights of its own letters? So a line's length tells what it may say.

In: text. Out: its length as `lines` measures lines: width by the height of the letters (70th percentile).
Fonts of screens differ little from each other in this: within 8 % for Latin letters, 14 % for Bengali ones,
whose joined letters vary more.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Advance widths in hundredths of an em, rounded to 2, by width. Latin: the mean of Roboto, Open Sans, Lato,
# Liberation Sans, Inter, DejaVu Sans and Noto Sans, each within 9 % of it. Bengali: what each sign adds to a
# word, fitted to 924 words as six fonts set them (Noto Sans, Noto Sans UI, Noto Serif, Lohit, Mukti, Likhan;
# residual 4 %); the virama takes away what joining saves.
_LATIN = {
    20: "'",
    24: "ijl",
    26: " ,;",
    28: "I.:!",
    32: "(",
    34: "ft-)",
    38: "r/",
    42: "J",
    48: "?",
    50: "sz",
    52: "ckvxy",
    54: "L",
    56: "aeF1",
    58: "ghnopu023456789",
    60: "bdqESTZ",
    62: "PY",
    64: "BKRVX",
    66: "A",
    68: "C&",
    72: "DU",
    74: "GHN",
    76: "OQ",
    78: "w",
    88: "mM",
    94: "W",
}
_BENGALI = {
    -44: "\u09cd",
    -8: "\u09bc",
    0: "\u0981",
    6: "\u09c1\u09c2",
    22: "\u09c3",
    26: "\u09bf\u09c0",
    28: "\u09be",
    34: "ঢ",
    38: "ঃ\u09c7",
    44: "ঞ",
    46: "ং",
    48: "হ",
    50: "ইঙষ",
    54: "ধবর\u09c8",
    56: "চটঠণথদন১৩৪৫৬৭৯",
    58: "ম০২৮",
    60: "ঘ",
    62: "ছঝশ\u09cb\u09cc",
    64: "খগস",
    66: "তপযল",
    68: "ঈ",
    70: "উএওড",
    72: "কভ",
    76: "ঊঔফ",
    84: "অজ",
    92: "ঐ",
    108: "আ",
}
_OTHER = 58  # any other letter is as wide as most
_WIDTHS = {letter: width for group in (_LATIN, _BENGALI) for width, of in group.items() for letter in of}

# Heights in hundredths of an em, as the same fonts draw them.
_LOW, _TALL, _HANGING = 54, 73, 76  # x-height; capitals, digits, ascenders; g p q y
_LOW_LETTERS, _HANGING_LETTERS = frozenset("acemnorsuvwxzi"), frozenset("gpqyj")
_BENGALI_DIGIT, _BENGALI_WORD = 56, 70  # under the bar
_ABOVE, _BELOW = 20, 15  # what signs add that stand above the bar or below the letters
_SIGNS_ABOVE, _SIGNS_BELOW = frozenset("িীইঠট"), frozenset("\u09c1\u09c2\u09c3")
_BENGALI_LETTERS = frozenset("".join(_BENGALI.values()))
_PERCENTILE = 0.7  # of a line's spots, as `lines` takes it


@lru_cache(maxsize=8192)
def length_of(text: str) -> float:
    """Return the usual length of `text` on one line, in heights of its letters; 0 for nothing drawn."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    heights = sorted(height for word in plain.split() for height in _heights(word))
    if not heights:
        return 0.0
    return sum(_WIDTHS.get(letter, _OTHER) for letter in plain) / heights[int(_PERCENTILE * len(heights))]


def _heights(word: str) -> tuple[int, ...]:
    """Return the heights of a word's spots of ink: its letters, or one where a bar joins them."""
    joined = {letter for letter in word if letter in _BENGALI_LETTERS and not letter.isdecimal()}
    if joined:
        above = _ABOVE if joined & _SIGNS_ABOVE else 0
        return (_BENGALI_WORD + above + (_BELOW if joined & _SIGNS_BELOW else 0),)
    return tuple(_height(letter) for letter in word if letter.isalnum())


def _height(letter: str) -> int:
    if letter in _LOW_LETTERS:
        return _LOW
    if letter in _HANGING_LETTERS:
        return _HANGING
    return _BENGALI_DIGIT if letter in _BENGALI_LETTERS else _TALL
