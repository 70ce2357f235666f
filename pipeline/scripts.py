"""Unicode and scripts: when two written forms are the same text.

In: text as a person typed it or an engine read it. Out: its folded form, letters as grapheme clusters, the
scripts in it and the models that read them. It never guesses what was meant: folding only removes differences
that no reader of the screen could see.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from zlib import crc32

import regex

LATIN, BENGALI = "Latin", "Bengali"

# Tesseract's model for each script that it reads and a platform may meet.
LANGUAGE_OF_SCRIPT = {
    LATIN: "eng",
    BENGALI: "ben",
    "Devanagari": "hin",
    "Arabic": "ara",
    "Tamil": "tam",
    "Telugu": "tel",
    "Gujarati": "guj",
    "Gurmukhi": "pan",
    "Oriya": "ori",
    "Sinhala": "sin",
    "Cyrillic": "rus",
    "Greek": "ell",
    "Hebrew": "heb",
    "Thai": "tha",
    "Han": "chi_sim",
    "Hiragana": "jpn",
    "Katakana": "jpn",
    "Hangul": "kor",
}
_ALWAYS_READ = frozenset({LATIN, BENGALI})

_INVISIBLE = regex.compile(r"[\p{Cf}\p{Cs}\p{Co}\p{Cn}\uFE00-\uFE0F\u034F]")
_LETTERS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
# Bengali "open a" is typed as short a or e + virama + ya + aa; readers return long a + (virama) + ya + aa, or
# a second aa.
_OPEN_A = regex.compile("[\u0985\u0986\u098f]\u09cd\u09af\u09be?|\u0986\u09af?\u09be")
_OPEN_A_AS_TYPED = "\u0985\u09cd\u09af\u09be"
_SMALL_MARKS = regex.compile("[\u0981\u09bc\u09cd]")  # chandrabindu, nukta, virama: a px or two on a screen
# Joined consonants that the models take for one another at any size: phra as kra, bra as tra, dbha as dta.
_CONFUSED_JOINED = (
    (regex.compile("\u09ab(?=\u09cd\u09b0)"), "\u0995"),
    (regex.compile("\u09ac(?=\u09cd\u09b0)"), "\u09a4"),
    (regex.compile("(?<=\u09a6\u09cd)\u09ad"), "\u09a4"),
)
_PRIVATE, _PRIVATE_SIZE = 0xF0000, 0xFFFE  # plane 15: nothing that is read stands there
_CLUSTER = regex.compile(r"\X")
_SCRIPT = regex.compile(
    "|".join(rf"(?P<{name}>\p{{Script={name}}})" for name in LANGUAGE_OF_SCRIPT) + r"|(?P<other>\p{L})"
)


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return `text` as it is compared: case, invisible characters, digit forms and nukta forms made one.

    NFKC joins compatibility forms and splits the Bengali letters that have a nukta (the composed ones are
    excluded from composition), so both spellings end alike; digits of every script become 0-9.
    Source: Unicode UAX #15 (composition exclusions).
    """
    seen = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    plain = _OPEN_A.sub(_OPEN_A_AS_TYPED, "".join(_digit(letter) for letter in seen))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def tokens(text: str) -> list[str]:
    """Return the folded runs of letters, marks and digits of `text`; punctuation and symbols separate."""
    found: list[str] = _LETTERS.findall(fold(text))
    return found


@lru_cache(maxsize=8192)
def clusters(folded: str) -> tuple[str, ...]:
    """Return the grapheme clusters of folded text: what a reader calls its letters."""
    return tuple(_CLUSTER.findall(folded))


@lru_cache(maxsize=8192)
def signs(folded: str) -> str:
    """Return folded text with one character a cluster, so that strings can be searched for clusters.

    Clusters of several characters become private-use characters; two may share one, so a match of signs is
    only probable.
    """
    return "".join(
        one if len(one) == 1 else chr(_PRIVATE + crc32(one.encode()) % _PRIVATE_SIZE)
        for one in clusters(folded)
    )


def letters(text: str) -> tuple[str, ...]:
    """Return the clusters of `text` without spaces and punctuation."""
    return clusters("".join(tokens(text)))


def as_readers_see(letters: tuple[str, ...]) -> str:
    """Return folded letters with the differences gone that readers of Bengali miss, however sure they are.

    These are marks of a px or two, the tail of an "open a", and joined consonants that look alike.
    """
    text = "".join(letters).replace(_OPEN_A_AS_TYPED, "\u0986")
    for confused, seen in _CONFUSED_JOINED:
        text = confused.sub(seen, text)
    bare: str = _SMALL_MARKS.sub("", text)
    return bare


@lru_cache(maxsize=8192)
def scripts_in(text: str) -> frozenset[str]:
    """Return Unicode's names of the scripts whose letters occur in `text`; `other` for any not listed."""
    return frozenset(
        match.lastgroup
        for match in _SCRIPT.finditer(unicodedata.normalize("NFKC", text))
        if match.lastgroup is not None
    )


def languages_of(text: str) -> frozenset[str]:
    """Return the models that `text` needs; digits and signs alone need the Latin one."""
    return frozenset(LANGUAGE_OF_SCRIPT.get(script, script) for script in scripts_in(text)) or frozenset(
        {"eng"}
    )


def readable(text: str, languages: frozenset[str]) -> bool:
    """Whether models of `languages`, Latin and Bengali included, cover every script of `text`."""
    return all(
        script in _ALWAYS_READ or LANGUAGE_OF_SCRIPT.get(script) in languages for script in scripts_in(text)
    )


@lru_cache(maxsize=2048)
def _digit(letter: str) -> str:
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    return letter


# Letters that readers and copycats exchange: each group is drawn alike in common screen fonts.
_CONFUSED = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "5": "s", "8": "b", "2": "z", "6": "b"}
)


def dotted(text: str) -> int:
    """Return how many letters of a text wear a dot: what `dots` counts in its ink."""
    return sum(sign in "ij" for sign in text)


def skeleton(text: str) -> str:
    """Return `text` with letters that look alike made one: equal skeletons cannot be told apart at a glance.

    Source: the idea of Unicode UTS #39 skeletons, narrowed to what Tesseract confuses in Latin screen text.
    """
    return fold(text).translate(_CONFUSED).replace("rn", "m").replace("vv", "w")
