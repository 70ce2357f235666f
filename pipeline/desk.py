"""One reading's desk: the pixels, the engine, and the words and costs so far.

In: a picture and an engine. Out: words in px of the upright original, each attempt noted as a `Pass`. It
makes the attempts that `read` orders, and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

import cv2

from pipeline import enhance
from pipeline.addresses import host_in
from pipeline.budget import Budget, cpu_ms
from pipeline.labels import Seen, see
from pipeline.records import Ask, Box, Pass, Picture, PositionCheck, Reading, Scene, Setting, Word
from pipeline.scene import scene
from pipeline.scripts import BENGALI as BENGALI_SCRIPT
from pipeline.scripts import letters, scripts_in, tokens
from pipeline.segments import BENGALI, OTHER, Stretch, stretches, words_in
from pipeline.surround import Surroundings, surroundings
from pipeline.wanted import asked_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.enhance import Bools, Grey
    from pipeline.lines import Line
    from pipeline.policy import Policy
    from pipeline.ports import TextEngine
    from pipeline.reasons import ReasonCode

_PART_LETTERS = 4  # of a word that a reader may have cut; shorter parts stand everywhere
SPARSE, BLOCK, ONE_LINE, RAW_LINE = 11, 6, 7, 13  # Tesseract's page segmentation modes


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One way of looking at a region: how large, how prepared, how cut into lines.

    Attributes:
        region: In px of the upright original.
        scale: Factor applied to the original.
        contrast: Absolute local contrast, else plain grey.
    """

    name: str
    region: Box
    scale: float
    contrast: bool
    page_mode: int
    languages: str


@dataclass(slots=True, kw_only=True, eq=False)
class Desk:
    """What one reading has at hand, and what it has so far.

    Attributes:
        width_px, height_px: Size of the upright original.
        pixels: The picture, RGB, at most `read_pixels` large.
        grey: The same in grey.
        shrink: Factor from the original to `pixels`.
        quick: Factor from the original to the size at which lines are found.
        contrast: `grey` at the quick factor, as absolute local contrast.
        budget: What reading the whole proof may take.
        needed: The models that the asked texts need.
        last_line: Words of the line that was read last.
        mixed: An asked text mixes Bengali with another script.
        asked: The words of all asked texts, and their folded letters; `timed`: a player's position, too.
        lines_found: Text lines that stand on the picture; `scene`: what a glance at it shows.
        unread: Those that were not read yet.
        unsure: Lines whose words were read with little confidence.
        follow_ups: Lines where a phrase may go on that another line begins or ends.
        closely_read: Regions that were looked at closely; `fault`: why the picture cannot be read.
        surroundings: The pixels around words, ready once the first word was read.
        lines_count: Lines read alone so far; `lines_read`: all that may hold what is asked.
    """

    width_px: int
    height_px: int
    pixels: NDArray[np.uint8]
    ask: Ask
    image: int
    engine: TextEngine
    policy: Policy
    grey: Grey
    shrink: float
    quick: float
    contrast: Grey
    budget: Budget
    needed: frozenset[str] = frozenset({"eng"})
    last_line: tuple[Word, ...] = ()
    mixed: bool = False
    asked: tuple[frozenset[str], str] = (frozenset(), "")
    timed: bool = False
    lines_read: bool = False
    lines_found: int = 0
    scene: Scene | None = None
    unread: set[Line] = field(default_factory=set)
    unsure: set[Line] = field(default_factory=set)
    follow_ups: set[Line] = field(default_factory=set)
    closely_read: set[Box] = field(default_factory=set)
    fault: ReasonCode | None = None
    surroundings: Surroundings | None = None
    lines_count: int = 0
    words: list[Word] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    _seen: Seen | None = None

    @property
    def models(self) -> str:
        """The needed models joined by `+`, Latin last: a model before another is preferred in doubt."""
        return "+".join(sorted(self.needed, key=lambda one: one == "eng"))

    @property
    def plain(self) -> bool:
        """Whether nothing but text stands on the picture: then an address tells a page from a note."""
        return self.scene is not None and self.scene.hues <= self.policy.plain_hues

    @property
    def whole(self) -> Box:
        """The whole picture."""
        return Box(x=0, y=0, w=self.width_px, h=self.height_px)

    def reading(self, *, cut_short: bool = False) -> Reading:
        """Return what was read so far."""
        return Reading(
            image=self.image,
            width_px=self.width_px,
            height_px=self.height_px,
            words=tuple(self.words),
            passes=tuple(self.passes),
            engine_version=self.engine.version,
            lines=self.lines_found,
            out_of_budget=cut_short,
            fault=self.fault,
            scene=self.scene,
        )

    def seen(self) -> Seen:
        """Return what was read so far, laid out as pages."""
        now = (len(self.words), len(self.passes))
        if self._seen is None or now != (len(self._seen.reading.words), len(self._seen.reading.passes)):
            self._seen = see(self.reading(), self.policy, self._seen)
        return self._seen

    def glance(self, lines: Sequence[Line]) -> None:
        """Note which lines stand on the picture, and what kind of screen it is."""
        self.unread, self.lines_found = set(lines), len(lines)
        talls = [line.tall_px / self.quick for line in lines]
        seen = scene(self.pixels, self.policy, shrink=self.shrink)
        self.scene = replace(seen, usual_px=median(talls) if talls else 0.0)

    def look(self, attempt: Attempt) -> None:
        """Make one attempt; note its words and its cost as a pass."""
        began_ms = cpu_ms()
        pixels = self._region(attempt)
        words = self.engine.recognise(pixels, languages=attempt.languages, page_mode=attempt.page_mode)
        reader = len(self.passes)
        origin = (float(attempt.region.x), float(attempt.region.y))
        self.words.extend(self._placed(word, origin, attempt.scale, word.line, reader) for word in words)
        self._note(attempt, cpu_ms() - began_ms, len(words))

    def read_line(self, line: Line, languages: str, *, reader: int, number: int) -> None:
        """Read one text line at the size its letters are known best; its words are `last_line` then.

        Where it may hold two scripts, each stretch of one script is read by its own model.
        """
        pixels, origin, scale = self._line(line)
        found = self._read_parts(pixels, self._parts(pixels, languages))
        if self.mixed and _sure(found) < self.policy.sure_mixed:
            apart = self._read_parts(pixels, words_in(pixels, self.policy.line_height_px, self.policy))
            found = max(found, apart, key=_sure)
        self.last_line = tuple(
            self._placed(word, (origin[0] + left / scale, origin[1]), scale, number, reader)
            for word, left in found
        )
        self.words.extend(self.last_line)
        if sureness(self.last_line) < self.policy.sure_line:
            self.unsure.add(line)

    def _parts(self, pixels: Grey, languages: str) -> tuple[Stretch, ...]:
        """Return the stretches of a line; it is one where one model reads it all."""
        if "+" in languages:
            return stretches(pixels, self.policy.line_height_px, self.policy)
        script = BENGALI if languages == "ben" else OTHER
        return (Stretch(left=0, right=pixels.shape[1], script=script, barred=0.0),)

    def _read_parts(self, pixels: Grey, parts: Sequence[Stretch]) -> list[tuple[Word, int]]:
        """Read stretches, each by the models that may know it, likeliest first; return words with offsets."""
        margin = self.policy.line_margin_px
        others = "+".join(sorted(self.needed - {"ben"})) or "ben"
        found: list[tuple[Word, int]] = []
        for one in parts:
            whole = (one.left, one.right) == (0, pixels.shape[1])
            room = 0 if whole else margin
            part = _framed(pixels[:, one.left : one.right], left=room, right=room)
            leaning = ("ben", others) if one.barred >= self.policy.lean_bengali else (others, "ben")
            models = {BENGALI: ("ben",), OTHER: (others,)}.get(one.script, leaning)
            found.extend((word, one.left - room) for word in self._one_line(part, models))
        return found

    def _one_line(self, pixels: Grey, models: tuple[str, ...]) -> tuple[Word, ...]:
        """Return the words of a line's pixels; what one model cannot read, the other needed ones try."""
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
        """Recognise a line.

        Words under one bar are few large blobs, which look like no text to the engine's layout step: what it
        leaves out, or cuts so that nothing sure is read, is read without that step.
        """
        found = self.engine.recognise(pixels, languages=languages, page_mode=ONE_LINE)
        covered = _covered(found, enhance.ink_columns(pixels, self.policy)) >= self.policy.covered_share
        wide = pixels.shape[1] > self.policy.worth_reading * pixels.shape[0]
        if covered and (sureness(found) >= self.policy.sure_line or not wide):
            return found
        raw = self.engine.recognise(pixels, languages=languages, page_mode=RAW_LINE)
        return raw if not covered else max(found, raw, key=sureness)

    def next_line(self) -> int:
        """Return the next free line number: lines of all rounds are told apart."""
        self.lines_count += 1
        return self.lines_count - 1

    def note_lines(self, name: str, languages: Sequence[str], spent_ms: float, words: int) -> None:
        """Note a round of lines as one pass."""
        models = sorted({one for used in languages for one in used.split("+")}, key=lambda one: one == "eng")
        attempt = Attempt(
            name=name,
            region=self.whole,
            scale=self.quick,
            contrast=True,
            page_mode=ONE_LINE,
            languages="+".join(models),
        )
        self._note(attempt, spent_ms, words)

    def _note(self, attempt: Attempt, spent_ms: float, words: int) -> None:
        self.passes.append(
            Pass(
                name=attempt.name,
                engine=self.engine.name,
                languages=attempt.languages,
                page_mode=attempt.page_mode,
                scale=round(attempt.scale, 4),
                region=attempt.region,
                cpu_ms=round(spent_ms),
                words=words,
            )
        )

    def _region(self, attempt: Attempt) -> Grey:
        box, shrink = attempt.region, self.shrink
        left, top = int(box.x * shrink), int(box.y * shrink)
        right, bottom = round((box.x + box.w) * shrink), round((box.y + box.h) * shrink)
        part = enhance.resized(self.grey[top:bottom, left:right], attempt.scale / shrink)
        return enhance.contrast(part, self.policy) if attempt.contrast else enhance.plain(part)

    def _line(self, line: Line) -> tuple[Grey, tuple[float, float], float]:
        """Return a line's pixels on white, where their corner lies in the original, and their scale.

        The contrast is taken anew from the original's pixels, at the scale that makes the letters
        `line_height_px` tall: small letters gain from what the quick size lost.
        """
        policy, to_grey = self.policy, self.shrink / self.quick
        factor = min(policy.largest_scale, policy.line_height_px / (line.tall_px * to_grey))
        around = round(policy.contrast_window_px / factor)
        height, width = self.grey.shape
        left, right = int((line.left - 1) * to_grey), int((line.right + 1) * to_grey) + 1
        top, bottom = int((line.top - 1) * to_grey), int((line.bottom + 1) * to_grey) + 1
        x0, y0 = max(0, left - around), max(0, top - around)
        x1, y1 = min(width, right + around), min(height, bottom + around)
        sized = enhance.contrast(enhance.resized(self.grey[y0:y1, x0:x1], factor), policy)
        cut_left, cut_top = round((max(0, left) - x0) * factor), round((max(0, top) - y0) * factor)
        cut_right, cut_bottom = (
            round((min(width, right) - x0) * factor),
            round((min(height, bottom) - y0) * factor),
        )
        part = sized[cut_top : max(cut_top + 1, cut_bottom), cut_left : max(cut_left + 1, cut_right)]
        margin = policy.line_margin_px
        framed = _framed(part, left=margin, right=margin, above=margin, below=margin)
        scale = factor * self.shrink
        origin = ((x0 * factor + cut_left - margin) / scale, (y0 * factor + cut_top - margin) / scale)
        return framed, origin, scale

    def _placed(
        self, word: Word, origin: tuple[float, float], scale: float, number: int, reader: int
    ) -> Word:
        """Return the word with its box in px of the upright original."""
        wide, tall = self.width_px, self.height_px
        left = min(wide - 1, max(0, round(origin[0] + word.box.x / scale)))
        top = min(tall - 1, max(0, round(origin[1] + word.box.y / scale)))
        box = Box(
            x=left,
            y=top,
            w=min(wide - left, max(1, round(word.box.w / scale))),
            h=min(tall - top, max(1, round(word.box.h / scale))),
        )
        return Word(
            text=word.text,
            box=box,
            confidence=word.confidence,
            line=number,
            reader=reader,
            setting=self._setting(word.text, box),
        )

    def _setting(self, text: str, box: Box) -> Setting | None:
        """Measure a word that may be an asked one; the others would only cost time."""
        asked, whole = self.asked
        wanted = any(one in asked or (len(one) >= _PART_LETTERS and one in whole) for one in tokens(text))
        if not (wanted or (self.timed and ":" in text) or (self.plain and host_in(text))):
            return None
        if self.surroundings is None:
            self.surroundings = surroundings(
                self.pixels, shrink=self.shrink, scale=self.quick, policy=self.policy
            )
        return self.surroundings.setting(box)


def set_up(
    picture: Picture, ask: Ask, *, image: int, engine: TextEngine, policy: Policy, budget: Budget
) -> Desk:
    """Return a desk with the picture's grey and contrast ready."""
    shrink = min(1.0, (policy.read_pixels / (picture.width_px * picture.height_px)) ** 0.5)
    pixels = enhance.resized(picture.pixels, shrink)
    grey = enhance.grey(pixels)
    quick = quick_scale(picture.width_px, picture.height_px, policy)
    contrast = enhance.contrast(
        enhance.resized(grey, quick / shrink), policy, window_px=policy.find_window_px
    )
    return Desk(
        width_px=picture.width_px,
        height_px=picture.height_px,
        pixels=pixels,
        ask=ask,
        image=image,
        engine=engine,
        policy=policy,
        grey=grey,
        shrink=shrink,
        quick=quick,
        contrast=contrast,
        budget=budget,
        asked=_asked_of(ask),
        timed=any(isinstance(check, PositionCheck) for check in ask.checks),
        mixed=any(
            {BENGALI_SCRIPT} < scripts_in(text) for check in ask.checks for text in asked_texts(check, ask)
        ),
    )


def _asked_of(ask: Ask) -> tuple[frozenset[str], str]:
    texts = [text for check in ask.checks for text in asked_texts(check, ask)]
    words = frozenset(token for text in texts for token in tokens(text))
    return words, " ".join("".join(letters(text)) for text in texts)


def _framed(pixels: Grey, *, left: int, right: int, above: int = 0, below: int = 0) -> Grey:
    """Return the pixels with white around them."""
    framed = cv2.copyMakeBorder(pixels, above, below, left, right, cv2.BORDER_CONSTANT, value=[255])
    return framed.astype("uint8", copy=False)


def sureness(words: Sequence[Word]) -> float:
    """Return the mean confidence of words, by their width; 0 for none."""
    return sum(word.confidence * word.box.w for word in words) / max(1, sum(word.box.w for word in words))


def _sure(found: Sequence[tuple[Word, int]]) -> float:
    return sureness([word for word, _ in found])


def _covered(words: Sequence[Word], inked: Bools) -> float:
    """Return the share of inked columns over which a word was read."""
    under = sum(int(inked[word.box.x : word.box.x + word.box.w].sum()) for word in words)
    return under / max(1, int(inked.sum()))


def quick_scale(width_px: int, height_px: int, policy: Policy) -> float:
    """Return the scale at which a phone's or a desktop's text is large enough to be found."""
    target = policy.wide_width_px if width_px > height_px else policy.quick_width_px
    largest = float((policy.read_pixels / (width_px * height_px)) ** 0.5)
    return min(policy.largest_scale, target / width_px, largest)
