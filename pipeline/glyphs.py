"""Look-alike digits in an address: `o` or `0`, `s` or `5`, `z` or `2`, told by the height of the shape.

In: the pixels of one word and what an engine read there. Out: the text with each such sign as its shape
shows it. An engine's language model makes letters of digits among letters; digits are a third taller than
`x`. Where the word cannot be cut into as many shapes as it has signs, the text stays as it was read.
Source: the idea of Unicode UTS #39 (confusables), here decided by ink instead of forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Grey = NDArray[np.uint8]

_DIGIT_OF = {"o": "0", "s": "5", "z": "2"}
_LETTER_OF = {digit: letter for letter, digit in _DIGIT_OF.items()}
_LOW = frozenset("acemnruvwx")  # as tall as x, and no look-alikes themselves
_HIGH = frozenset("bdfhkl")
_INK_SHARES = (0.5, 0.4, 0.6, 0.7, 0.3)  # the middle first: thin strokes need less, touching letters more
_WORD_PX = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """One sign's ink: where it lies, in px of the enlarged word."""

    left: int
    right: int
    top: int
    foot: int


def as_shaped(grey: Grey, text: str, policy: Policy) -> str:
    """Return `text` with its look-alikes as their shapes show them.

    Args:
        grey: The word's pixels, dark on light or light on dark, with a little ground around it.
        text: What was read there; spaces are not expected.
        policy: The thresholds in force.
    """
    if not any(sign.casefold() in _DIGIT_OF or sign in _LETTER_OF for sign in text):
        return text
    heights = _heights(grey, text, policy)
    return "".join(_shown(text, at, height, policy) for at, height in enumerate(heights)) or text


def _shown(text: str, at: int, height: float, policy: Policy) -> str:
    """Return the sign at a place, `height` being in heights of x; a capital may begin a name."""
    sign = text[at]
    begins = at == 0 or not text[at - 1].isalnum()
    if height >= policy.digit_height and not (begins and sign.isupper()):
        return _DIGIT_OF.get(sign.casefold(), sign)
    if height <= policy.letter_height:
        return _LETTER_OF.get(sign, sign)
    return sign


def _heights(grey: Grey, text: str, policy: Policy) -> list[float]:
    """Return each sign's height in heights of x, empty where no way of cutting fits the text."""
    coverage = _coverage(grey)
    for share in _INK_SHARES:
        shapes = _joined(_cut(coverage >= share))
        if len(shapes) == len(text):
            talls = [shape.foot - shape.top for shape in shapes]
            low = [tall for sign, tall in zip(text, talls, strict=True) if sign in _LOW]
            heights = [tall / median(low) for tall in talls] if len(low) >= policy.glyph_witnesses else []
            if _fit(heights, text, policy):
                return heights
    return []


def _fit(heights: list[float], text: str, policy: Policy) -> bool:
    """Whether the signs that are no look-alikes are as tall as they should be: else the cut went wrong."""
    return all(
        height <= policy.letter_height if sign in _LOW else height >= policy.digit_height
        for sign, height in zip(text, heights, strict=False)
        if sign in _LOW or sign in _HIGH
    )


def _coverage(grey: Grey) -> NDArray[np.float32]:
    """Return how much of each px is ink, enlarged: 0 for the ground, which the border shows, to 1."""
    factor = _WORD_PX / max(1, grey.shape[0])
    large = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    border = np.concatenate([large[0], large[-1]])
    apart: NDArray[np.float32] = np.abs(large.astype(np.float32) - np.float32(np.median(border)))
    apart /= max(1.0, float(np.percentile(apart, 99)))
    return apart


def _cut(ink: NDArray[np.bool_]) -> list[_Shape]:
    """Return the connected areas of ink, specks left out."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    least = (_WORD_PX // 24) ** 2
    return [
        _Shape(left=x, right=x + w, top=y, foot=y + h)
        for x, y, w, h, area in stats[1:count].tolist()
        if area >= least
    ]


def _joined(shapes: list[_Shape]) -> list[_Shape]:
    """Return the shapes with dots joined to the stems below them."""
    joined: list[_Shape] = []
    for shape in sorted(shapes, key=lambda one: one.left):
        last = joined[-1] if joined else None
        if last is None or (last.right - shape.left) * 2 < min(
            last.right - last.left, shape.right - shape.left
        ):
            joined.append(shape)
            continue
        joined[-1] = _Shape(
            left=min(last.left, shape.left),
            right=max(last.right, shape.right),
            top=min(last.top, shape.top),
            foot=max(last.foot, shape.foot),
        )
    return joined
