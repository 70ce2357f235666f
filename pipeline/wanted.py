"""Which text lines can hold what is asked? So that only those are recognised.

In: the checks, the lines that `lines` found. Out: how likely each line holds what a check asks, from its
length, script and place. Widths of letters vary, so the bounds are wide: a line called unlikely is read
later, not never.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, assert_never

from pipeline.lengths import length_of
from pipeline.records import (
    AbsentCheck,
    AnswerCheck,
    Ask,
    Check,
    CodeCheck,
    FreshCheck,
    PositionCheck,
    StateCheck,
    TextCheck,
    UrlCheck,
)
from pipeline.scripts import BENGALI, languages_of, letters, scripts_in, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.lines import Line
    from pipeline.policy import Policy


_THREE = 3
_PART_LETTERS = 4  # of a word that a reader may have cut; shorter parts stand everywhere
_LEAST_SHARED = 4  # letters; fewer are shared by chance


Asked = tuple[frozenset[str], str]
"""The words of texts, and all their folded letters."""


class Chance(IntEnum):
    """How likely a line holds what a check asks."""

    NONE = 0
    SOME = 1
    GOOD = 2


def asked_texts(check: Check, ask: Ask) -> tuple[str, ...]:
    """Return the texts that a check looks for; empty where it looks for a pattern."""
    match check:
        case TextCheck() | CodeCheck():
            return (check.value,)
        case StateCheck():
            return (*check.done, *check.not_done)
        case UrlCheck():
            return (check.host,)
        case AbsentCheck():
            return check.any
        case AnswerCheck():
            return (ask.answer,) if ask.answer and check.appears else ()
        case FreshCheck() | PositionCheck():
            return ()
        case _ as never:
            assert_never(never)


def asked_of(checks: Iterable[Check], ask: Ask) -> Asked:
    """Return what the checks ask, word by word."""
    texts = [text for check in checks for text in asked_texts(check, ask)]
    words = frozenset(token for text in texts for token in tokens(text))
    return words, " ".join("".join(letters(text)) for text in texts)


def is_among(text: str, asked: Asked) -> bool:
    """Whether a text has an asked word in it, or a part of one."""
    words, whole = asked
    return any(one in words or (len(one) >= _PART_LETTERS and one in whole) for one in tokens(text))


def needed_languages(checks: Sequence[Check], ask: Ask, allowed: str) -> frozenset[str]:
    """Return which of the allowed models (joined by `+`) the checks need; patterns are read in both."""
    wanted: set[str] = set()
    for check in checks:
        texts = asked_texts(check, ask)
        wanted.update(one for text in texts for one in languages_of(text))
        if isinstance(check, FreshCheck | PositionCheck):
            wanted.update(("eng", "ben") if ask.lang == "bn" else ("eng",))
    offered = frozenset(allowed.split("+"))
    return offered & wanted or offered


def chance(check: Check, ask: Ask, line: Line, place: float, policy: Policy) -> Chance:
    """Return how likely `line` holds what `check` asks.

    Args:
        check: One of `ask.checks`.
        ask: For the submitter's answer.
        line: A text line.
        place: Where the middle of the line lies, 0 at the top of the picture, 1 at its bottom.
        policy: The thresholds in force.
    """
    if not texty(line, policy) and not isinstance(check, PositionCheck | AbsentCheck):
        return Chance.NONE  # a player's position is set on the video itself; a warning may stand anywhere
    match check:
        case UrlCheck():
            in_bar = place <= policy.bar_share or place >= 1 - policy.bar_share
            return Chance.GOOD if in_bar and line.headline < policy.mixed_headline else Chance.SOME
        case PositionCheck():
            usual = policy.shortest_position <= line.length <= policy.longest_position
            digits = line.headline < policy.all_headline  # digits of no script hang from a bar
            return Chance.GOOD if usual and digits else Chance.SOME
        case FreshCheck():
            return Chance.GOOD if line.length >= policy.least_line else Chance.NONE
        case StateCheck():
            return max(
                (_label_chance(text, line, policy) for text in asked_texts(check, ask)), default=Chance.NONE
            )
        case _:
            return max(
                (_text_chance(text, line, policy) for text in asked_texts(check, ask)), default=Chance.NONE
            )


def misfit_of(check: Check, ask: Ask, line: Line, place: float, policy: Policy) -> float:
    """Return how badly a line fits the check's texts standing alone: 0 for an exact fit.

    It is the logarithm of the ratio of lengths, less something for tall lines: names stand in headings. An
    address is looked for in the address bar first, and a pattern of digits has the size of small print.

    Args:
        check: One of `ask.checks`.
        ask: For the submitter's answer.
        line: A text line.
        place: Where the middle of the line lies, 0 at the top of the picture, 1 at its bottom.
        policy: The thresholds in force.
    """
    patterns = policy.position_lengths if isinstance(check, PositionCheck) else (policy.pattern_length,)
    lengths = [length_of(text) for text in asked_texts(check, ask)] or patterns
    misfit = min(abs(log(line.length / max(1.0, length))) for length in lengths)
    if isinstance(check, PositionCheck | FreshCheck | CodeCheck) or _level(asked_texts(check, ask)):
        misfit += policy.uneven * (1 - line.even)
    if isinstance(check, UrlCheck):
        return misfit + (0.0 if place <= policy.bar_share else policy.out_of_bar)
    if isinstance(check, PositionCheck | FreshCheck):
        return misfit
    return misfit - policy.tall_bonus * log(line.tall_px / policy.usual_tall_px)


def texty(line: Line, policy: Policy) -> bool:
    """Whether a line may be text at all, and not a patch of a photo."""
    return line.mottled <= policy.most_mottled


def fits(check: Check, ask: Ask, line: Line, policy: Policy) -> bool:
    """Whether a line is about as long as one of the check's texts alone."""
    return any(_alone(text, line, policy) for text in asked_texts(check, ask))


def has_room(check: Check, ask: Ask, line: Line, policy: Policy) -> bool:
    """Whether a line is long enough for one of the check's texts, whatever room is left beside it."""
    return any(line.length >= policy.tight_label * length_of(text) for text in asked_texts(check, ask))


def denies(check: StateCheck, line: Line, policy: Policy) -> bool:
    """Whether a line may be a label that says the task is not done."""
    alone = (text for text in check.not_done if _alone(text, line, policy))
    return texty(line, policy) and any(_script_fits(text, line, policy) for text in alone)


def _alone(text: str, line: Line, policy: Policy) -> bool:
    usual = length_of(text)
    return policy.tight_label * usual <= line.length <= policy.wide_label * usual


def split_at(check: Check, ask: Ask, line: str) -> bool | None:
    """Tell where a phrase goes on that a line is a part of: True after it, False before it; else None."""
    read = "".join(tokens(line))
    for text in asked_texts(check, ask):
        wanted = "".join(letters(text))
        for count in range(len(wanted) - 1, _LEAST_SHARED - 1, -1):
            if read.endswith(wanted[:count]):
                return True
            if read.startswith(wanted[-count:]):
                return False
    return None


def touches(check: Check, ask: Ask, line: str) -> bool:
    """Whether a line may hold a part of what a check asks: a quick look before the thorough one.

    It has three letters in a row of an asked text; a pattern is left to the thorough look. A line that is
    misread everywhere is passed over here, and weighed with all others when its round ends.
    """
    texts = asked_texts(check, ask)
    return not texts or not _threes(line).isdisjoint(set().union(*(_threes(text) for text in texts)))


@lru_cache(maxsize=4096)
def _threes(text: str) -> frozenset[str]:
    """Return all runs of three letters of a text, whatever its words; the text itself where it is shorter."""
    plain = "".join(letters(text))
    return frozenset(plain[at : at + _THREE] for at in range(max(1, len(plain) - _THREE + 1)))


def _level(texts: Sequence[str]) -> bool:
    """Whether texts are capitals and digits only, all of one height."""
    return bool(texts) and all(text.isascii() and text == text.upper() for text in texts)


def barred(lines: Iterable[Line], policy: Policy) -> bool:
    """Whether so many lines stand under a bar that the page's own labels may be Bengali."""
    long = [line for line in lines if line.length >= policy.least_barred]
    under = sum(line.headline >= policy.mixed_headline for line in long)
    return len(long) < policy.telling_lines or under >= policy.barred_lines * len(long)


def languages_for(line: Line, needed: frozenset[str], policy: Policy, *, bengali: bool = True) -> str:
    """Return the models to read `line` with, joined by `+`: those of its own script that are needed.

    Args:
        line: A text line.
        needed: The models that the asked texts need.
        policy: The thresholds in force.
        bengali: Whether the page's labels may be Bengali; if not, what may be either is not.
    """
    other = not bengali and line.headline < policy.mixed_headline
    if "ben" not in needed or other or line.headline <= policy.no_headline:
        plain = sorted(needed - {"ben"})
        return "+".join(plain) if plain else "ben"
    others = sorted(needed - {"ben"})
    if line.headline >= policy.all_headline or not others:
        return "ben"
    return "+".join(("ben", *others))


def _script_fits(text: str, line: Line, policy: Policy) -> bool:
    scripts = scripts_in(text)
    if not scripts:
        return True
    if scripts == {BENGALI}:
        return line.headline > policy.no_headline
    return BENGALI in scripts or line.headline < policy.all_headline


def _text_chance(text: str, line: Line, policy: Policy) -> Chance:
    if not _script_fits(text, line, policy):
        if line.length < policy.least_line:
            return Chance.NONE
        short = line.length < policy.short_line  # too short to be sure of its script
        return Chance.SOME if short else Chance.NONE
    if line.length < max(
        policy.narrowest_letter * _fewest(text, policy.least_letters), policy.least_part * length_of(text)
    ):
        return Chance.NONE
    mostly_other = line.headline >= policy.mixed_headline and BENGALI not in scripts_in(text)
    whole = line.length >= policy.narrowest * length_of(text)
    return Chance.GOOD if whole and not mostly_other else Chance.SOME


@lru_cache(maxsize=1024)
def _fewest(text: str, least_letters: int) -> int:
    """Return the letters of the shortest word that may stand alone in a line, where a phrase wraps."""
    words = [len(letters(word)) for word in tokens(text)]
    return max(min(words, default=0), min(least_letters, sum(words)))


def _label_chance(text: str, line: Line, policy: Policy) -> Chance:
    fits = _text_chance(text, line, policy)
    most = policy.widest * length_of(text) + policy.icon_letters
    return Chance.SOME if fits is Chance.GOOD and line.length > most else fits
