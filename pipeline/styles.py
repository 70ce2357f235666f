"""Styles of type: are two texts set in one size, weight and colour?

In: the tokens of a finding, whose words know their setting. Out: a `Style`; whether two are alike. The ink's
height depends on the letters ("now" is lower than "Play"), so it is put in terms of what letters are there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.labels import Token
    from pipeline.policy import Policy
    from pipeline.records import Box

_HANGING = frozenset("gjpqy,;Q")
_LOW = frozenset("acemnorsuvwxzgpqy.,:;-")
_ABOVE = frozenset("িীৈৌঁইঈউঊঐঔটঠ")
_BELOW = frozenset("ুূৃ")
_BENGALI_SHARE = 0.86  # height of a Bengali letter in heights of a Latin capital of one type size
_SCRIPT_SLACK = 0.92
_LOW_SHARE, _HANGING_SHARE, _ABOVE_SHARE, _BELOW_SHARE = 0.74, 0.27, 0.4, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a text is set: sizes in px of the upright original, colour in RGB.

    Attributes:
        size: Height of a capital, or from the bar to the foot of a Bengali letter.
        stroke: Width of a stroke.
        bengali: In which of the two scripts most of it is.
        mixed: Share of ink of a third colour, of the word that has most.
        remains: Strokes of a line beside it that was cut, of the word that has most.
        cut: Strokes that reach the edge of its square plate from outside.
        bitten: Its ground takes a bite out of an element around it.
        stepped: Its low plate is no rectangle.
    """

    size: float
    stroke: float
    ink: tuple[int, int, int]
    ground: tuple[int, int, int]
    plate: Box
    square: bool
    straddles: float
    rough: float
    bengali: bool
    mixed: float = 0.0
    remains: int = 0
    cut: int = 0
    bitten: bool = False
    stepped: bool = False

    @property
    def latin_size(self) -> float:
        """Height of a Latin capital of the same type size."""
        return _as_latin(self.size, self)


def style_of(tokens: Sequence[Token]) -> Style | None:
    """Return the style of a run of tokens, None where none of its words was measured."""
    words = {id(token.word): token.word for token in tokens}.values()
    measured = [(word, word.setting) for word in words if word.setting is not None]
    if not measured:
        return None
    bengali = sum(_bengali(word.text) for word, _ in measured) * 2 >= len(measured)
    # In a text of both scripts the words of one tell its size: capitals are taller than Bengali letters.
    known = [one for one in measured if _bengali(one[0].text) is bengali] or measured
    plates = Counter(setting.plate for _, setting in known)
    plate = max(plates, key=lambda one: (plates[one], one.w * one.h))
    base = next(setting for _, setting in known if setting.plate == plate)
    red, green, blue = (int(median(setting.ink[one] for _, setting in known)) for one in range(3))
    return Style(
        size=median(setting.tall_px / _expected(word.text) for word, setting in known),
        stroke=median(setting.stroke * setting.tall_px for _, setting in known),
        ink=(red, green, blue),
        ground=base.ground,
        plate=plate,
        square=base.square,
        straddles=base.straddles,
        rough=median(setting.rough for _, setting in known),
        bengali=bengali,
        mixed=max(setting.mixed for _, setting in known),
        remains=max(setting.remains for _, setting in known),
        cut=base.cut,
        stepped=base.stepped,
        bitten=any(setting.bitten for _, setting in known),
    )


def lightness(colour: tuple[int, int, int]) -> float:
    """Return how light an RGB colour is, 0 to 255, as a grey picture shows it (ITU-R BT.601)."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def far_apart(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    """Return how far two colours are apart in the channel where they differ most, in grey levels."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def alike(one: Style, other: Style, policy: Policy, *, size_only: bool = False) -> bool:
    """Whether two texts share size and weight (roughly, where their scripts differ) and colour.

    Sent and received messages differ in colour; `size_only` leaves colour out, and weight between scripts.
    """
    if not size_only and far_apart(one.ink, other.ink) > policy.one_ink:
        return False
    slack = _SCRIPT_SLACK if one.bengali != other.bengali else 1.0
    sizes = sorted(style.latin_size for style in (one, other))
    strokes = sorted(_as_latin(style.stroke, style) for style in (one, other))
    if sizes[0] < slack * policy.one_size * sizes[1]:
        return False
    unlike_scripts = one.bengali != other.bengali
    return (size_only and unlike_scripts) or strokes[0] >= slack * policy.one_weight * strokes[1]


def _as_latin(length: float, style: Style) -> float:
    """Return what a length of Bengali type would be in Latin type of the same size."""
    return length / _BENGALI_SHARE if style.bengali else length


def _expected(text: str) -> float:
    """Return the height of a word's ink in heights of a capital, or of a Bengali letter without marks."""
    signs = frozenset(text)
    if _bengali(text):
        return 1.0 + _ABOVE_SHARE * bool(signs & _ABOVE) + _BELOW_SHARE * bool(signs & _BELOW)
    return (_LOW_SHARE if signs <= _LOW else 1.0) + _HANGING_SHARE * bool(signs & _HANGING)


def _bengali(text: str) -> bool:
    return any("\u0980" <= sign <= "\u09ff" for sign in text)
