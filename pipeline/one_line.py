"""One text line's pixels into words: each stretch by the model that knows its script.

In: a line's pixels, dark on white, and the models that may be needed. Out: words in px of these pixels. It
knows neither where the line lies nor what is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2

from pipeline import enhance
from pipeline.records import Box, Word
from pipeline.segments import BENGALI, OTHER, Stretch, stretches, words_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.enhance import Bools, Grey
    from pipeline.policy import Policy
    from pipeline.ports import TextEngine

ONE_LINE, RAW_LINE = 7, 13  # Tesseract's page segmentation modes


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReader:
    """Reads single lines with a warm engine.

    Attributes:
        needed: The models that the asked texts need.
        mixed: An asked text mixes Bengali with another script.
        thorough: What the layout step kept whole and left unsure is read without it, too: on a first look
            that costs a twelfth of all reading, and changed no verdict of 516 drawn proofs.
    """

    engine: TextEngine
    needed: frozenset[str]
    mixed: bool
    policy: Policy
    thorough: bool = False

    def read(self, pixels: Grey, languages: str, *, tall_px: int) -> tuple[Word, ...]:
        """Read a line whose letters are `tall_px` tall with the models of `languages`, joined by `+`.

        Where it may hold two scripts, each stretch of one script is read by its own model.

        Raises:
            EngineFailed: The engine raised.
            EngineTimeout: The engine took longer than its own limit.
        """
        found = self._by_stretches(pixels, self._stretches(pixels, languages, tall_px))
        if self.mixed and sureness(found) < self.policy.sure_mixed:
            apart = self._by_stretches(pixels, words_in(pixels, tall_px, self.policy))
            found = max(found, apart, key=sureness)
        return found

    def _stretches(self, pixels: Grey, languages: str, tall_px: int) -> tuple[Stretch, ...]:
        """Return the stretches of a line; it is one where one model reads it all."""
        if "+" in languages:
            return stretches(pixels, tall_px, self.policy)
        script = BENGALI if languages == "ben" else OTHER
        return (Stretch(left=0, right=pixels.shape[1], script=script, barred=0.0),)

    def _by_stretches(self, pixels: Grey, parts: Sequence[Stretch]) -> tuple[Word, ...]:
        """Read stretches, each by the models that may know it, likeliest first."""
        others = "+".join(sorted(self.needed - {"ben"})) or "ben"
        found: list[Word] = []
        for one in parts:
            whole = (one.left, one.right) == (0, pixels.shape[1])
            room = 0 if whole else self.policy.line_margin_px
            part = framed(pixels[:, one.left : one.right], left=room, right=room)
            leaning = ("ben", others) if one.barred >= self.policy.lean_bengali else (others, "ben")
            models = {BENGALI: ("ben",), OTHER: (others,)}.get(one.script, leaning)
            found.extend(
                replace(word, box=replace(word.box, x=word.box.x + one.left - room))
                for word in self._by_models(part, models)
            )
        return tuple(found)

    def _by_models(self, pixels: Grey, models: tuple[str, ...]) -> tuple[Word, ...]:
        """Return the words of a stretch; what one model cannot read, the other needed ones try."""
        found: tuple[Word, ...] = ()
        for one in models:
            found = max(found, self._recognised(pixels, one), key=sureness)
            if sureness(found) >= self.policy.sure_word:
                return found
        others = "+".join(sorted(self.needed - {name for one in models for name in one.split("+")}))
        if not others or sureness(found) >= self.policy.unread:
            return found
        return max(found, self._recognised(pixels, others), key=sureness)

    def _recognised(self, pixels: Grey, languages: str) -> tuple[Word, ...]:
        """Recognise a stretch.

        Words under one bar are few large blobs, which look like no text to the engine's layout step: what it
        leaves out is read without that step, or at another size.
        """
        found = self.engine.recognise(pixels, languages=languages, page_mode=ONE_LINE)
        covers = self._covers(found, pixels)
        wide = pixels.shape[1] > self.policy.worth_reading * pixels.shape[0]
        if covers and (not self.thorough or sureness(found) >= self.policy.sure_line or not wide):
            return found
        raw = self.engine.recognise(pixels, languages=languages, page_mode=RAW_LINE)
        if covers:
            return max(found, raw, key=sureness)
        if sureness(found) < self.policy.sure_word or sureness(raw) >= self.policy.sure_line:
            return raw
        return self._resized(pixels, languages) or raw

    def _resized(self, pixels: Grey, languages: str) -> tuple[Word, ...]:
        """Return the words as read at another size, where they cover the line and are sure; else none."""
        for factor in self.policy.retry_factors:
            other = enhance.resized(pixels, factor)
            found = self.engine.recognise(other, languages=languages, page_mode=ONE_LINE)
            if self._covers(found, other) and sureness(found) >= self.policy.sure_line:
                return tuple(replace(word, box=_scaled(word.box, 1 / factor)) for word in found)
        return ()

    def _covers(self, words: Sequence[Word], pixels: Grey) -> bool:
        """Whether words were read over most inked columns."""
        inked: Bools = enhance.ink_columns(pixels, self.policy)
        under = sum(int(inked[max(0, word.box.x) : word.box.x + word.box.w].sum()) for word in words)
        return under >= self.policy.covered_share * max(1, int(inked.sum()))


def sureness(words: Sequence[Word]) -> float:
    """Return the mean confidence of words, by their width; 0 for none."""
    return sum(word.confidence * word.box.w for word in words) / max(1, sum(word.box.w for word in words))


def framed(pixels: Grey, *, left: int, right: int, above: int = 0, below: int = 0) -> Grey:
    """Return the pixels with white around them."""
    wider = cv2.copyMakeBorder(pixels, above, below, left, right, cv2.BORDER_CONSTANT, value=[255])
    return wider.astype("uint8", copy=False)


def _scaled(box: Box, factor: float) -> Box:
    left, top, wide, tall = (round(side * factor) for side in (box.x, box.y, box.w, box.h))
    return Box(x=left, y=top, w=max(1, wide), h=max(1, tall))
