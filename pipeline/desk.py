"""One reading's desk: the pixels, the engine, and the words and costs so far.

In: a picture and an engine. Out: words in px of the upright original, each attempt noted as a `Pass`. It
makes the attempts that `read` orders, and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pipeline import enhance
from pipeline.addresses import host_in
from pipeline.budget import Budget, cpu_ms
from pipeline.glyphs import as_shaped
from pipeline.items import is_plain
from pipeline.labels import Seen, see
from pipeline.lines import find_lines, ink_in
from pipeline.one_line import ONE_LINE, LineReader, framed, sureness
from pipeline.records import Ask, Box, Pass, Picture, PositionCheck, Reading, Scene, Setting, UrlCheck, Word
from pipeline.scales import larger_scale, quick_scale, reading_scale
from pipeline.scene import scene, sized
from pipeline.scripts import BENGALI as BENGALI_SCRIPT
from pipeline.scripts import scripts_in, skeleton
from pipeline.surround import Surroundings, surroundings
from pipeline.wanted import asked_of, asked_texts, barred, is_among, needed_languages, texty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.enhance import Grey
    from pipeline.lines import Ink, Line
    from pipeline.policy import Policy
    from pipeline.ports import TextEngine
    from pipeline.reasons import ReasonCode
    from pipeline.records import Check
    from pipeline.wanted import Asked

_ROOM_SHARE = 0.15  # around a word, of its height: enough to see its ground
SPARSE, BLOCK = 11, 6  # Tesseract's page segmentation modes


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
        small: The picture, RGB, at the quick factor, or as `pixels` where that is smaller.
        quick: Factor from the original to the size at which lines are found.
        contrast: `grey` at the quick factor, as absolute local contrast.
        budget: What reading the whole proof may take.
        needed: The models that the asked texts need.
        last_line: Words of the line that was read last.
        mixed: An asked text mixes Bengali with another script.
        hosts: Skeletons of the asked addresses' hosts.
        asked: The words of all asked texts, and their folded letters; `timed`: a player's position, too.
        lines: The text lines that stand on the picture; `scene`: what a glance at it shows.
        unread: Those that were not read yet.
        unsure: Lines whose words were read with little confidence.
        sure: The words of each line that was surely read.
        unlooked: Words of the checks that are still open, and their folded letters, as `asked`.
        follow_ups: Lines where a phrase may go on that another line begins or ends.
        closely_read: Lines, and places without any, that were looked at closely.
        fault: Why the picture cannot be read.
        bengali: The page's labels may be Bengali, by the bars over its lines.
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
    small: NDArray[np.uint8]
    quick: float
    contrast: Grey
    budget: Budget
    needed: frozenset[str] = frozenset({"eng"})
    last_line: tuple[Word, ...] = ()
    mixed: bool = False
    asked: Asked = (frozenset(), "")
    hosts: frozenset[str] = frozenset()
    timed: bool = False
    lines_read: bool = False
    lines: tuple[Line, ...] = ()
    scene: Scene | None = None
    unread: set[Line] = field(default_factory=set)
    unsure: set[Line] = field(default_factory=set)
    sure: dict[Line, tuple[Word, ...]] = field(default_factory=dict)
    unlooked: Asked = (frozenset(), "")
    follow_ups: set[Line] = field(default_factory=set)
    closely_read: set[Line | Box] = field(default_factory=set)
    fault: ReasonCode | None = None
    bengali: bool = True
    surroundings: Surroundings | None = None
    lines_count: int = 0
    words: list[Word] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    _ink: Ink | None = None
    _seen: Seen | None = None

    @property
    def models(self) -> str:
        """The needed models joined by `+`, Latin last: a model before another is preferred in doubt."""
        return "+".join(sorted(self.needed, key=lambda one: one == "eng"))

    @property
    def ink(self) -> Ink:
        """The ink of `contrast`."""
        self._ink = self._ink or ink_in(self.contrast, self.policy)
        return self._ink

    @property
    def plain(self) -> bool:
        """Whether nothing but text stands on the picture: then an address tells a page from a note."""
        return self.scene is not None and is_plain(self.scene, self.policy)

    @property
    def whole(self) -> Box:
        """The whole picture."""
        return Box(x=0, y=0, w=self.width_px, h=self.height_px)

    def box_of(self, line: Line) -> Box:
        """Return where a line lies, in px of the original."""
        left, top = int(line.left / self.quick), int(line.top / self.quick)
        right, bottom = round(line.right / self.quick), round(line.bottom / self.quick)
        return Box(x=left, y=top, w=max(1, right - left), h=max(1, bottom - top))

    def reading(self, *, cut_short: bool = False) -> Reading:
        """Return what was read so far."""
        return Reading(
            image=self.image,
            width_px=self.width_px,
            height_px=self.height_px,
            words=tuple(self.words),
            passes=tuple(self.passes),
            engine_version=self.engine.version,
            lines=len(self.lines),
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

    def look_for(self, checks: Sequence[Check], languages: str) -> None:
        """From now on look for what these checks ask alone, with those of the models that it needs."""
        self.needed = needed_languages(checks, self.ask, languages)
        self.unlooked = asked_of(checks, self.ask)

    def find(self) -> None:
        """Find the text lines, where most are low once more at a larger size, and glance at the screen."""
        self.lines = find_lines(self.contrast, self.ink, self.policy)
        larger = larger_scale(self.lines, self.contrast.shape[1], self.contrast.shape[0], self.policy)
        if larger > 1.0:
            self.quick *= larger
            self.small = enhance.shrunk(self.pixels, self.quick / self.shrink)
            self.contrast = _contrast(self.grey, self.quick / self.shrink, self.policy)
            self._ink = None
            self.lines = find_lines(self.contrast, self.ink, self.policy)
        self.unread, self.bengali = set(self.lines), barred(self.lines, self.policy)
        talls = [line.tall_px / self.quick for line in self.lines]
        seen = scene(self.small, self.policy, shrink=min(self.quick, self.shrink))
        self.scene = sized(seen, talls, self.policy)

    def look(self, attempt: Attempt) -> None:
        """Make one attempt; note its words and its cost as a pass."""
        began_ms = cpu_ms()
        pixels = self._region(attempt)
        words = self.engine.recognise(pixels, languages=attempt.languages, page_mode=attempt.page_mode)
        reader = len(self.passes)
        origin = (float(attempt.region.x), float(attempt.region.y))
        self.words.extend(self._placed(word, origin, attempt.scale, word.line, reader) for word in words)
        self._note(attempt, cpu_ms() - began_ms, len(words))

    def read_line(self, line: Line, languages: str, *, reader: int, tall_px: int | None = None) -> None:
        """Read one text line with letters `tall_px` tall; its words are `last_line` then."""
        policy, again, number = self.policy, tall_px is not None, self._next_line()
        tall_px = tall_px or policy.line_height_px
        pixels, origin, scale = self._line(line, tall_px)
        engine, needed = self.engine, self.needed
        lines = LineReader(engine=engine, needed=needed, mixed=self.mixed, policy=policy, thorough=again)
        found = lines.read(pixels, languages, tall_px=tall_px)
        self.last_line = tuple(self._placed(word, origin, scale, number, reader) for word in found)
        self.words.extend(self.last_line)
        sure = sureness(self.last_line)
        if sure < self.policy.sure_line:
            self.unsure.add(line)
        elif sure >= self.policy.sure_word:
            self.sure[line] = self.last_line

    def _next_line(self) -> int:
        """Return the next free line number: lines of all rounds are told apart."""
        self.lines_count += 1
        return self.lines_count - 1

    def note_lines(
        self, name: str, region: Box, languages: Sequence[str], spent_ms: float, words: int
    ) -> None:
        """Note a round of lines as one pass."""
        models = sorted({one for used in languages for one in used.split("+")}, key=lambda one: one == "eng")
        attempt = Attempt(
            name=name,
            region=region,
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
        ready = enhance.contrast(part, self.policy) if attempt.contrast else enhance.plain(part)
        return self._without_settled(ready, attempt) if box == self.whole else ready

    def _without_settled(self, ready: Grey, attempt: Attempt) -> Grey:
        """Return the whole picture with the lines painted over that need no second look: each costs time.

        They were surely read, and hold no word of what is still looked for, or are no text.
        """
        settled = [line for line in self.lines if not texty(line, self.policy) or self._done_with(line)]
        boxes = np.array([line.sides for line in settled]).reshape(-1, 4)
        return enhance.without(ready, boxes * (attempt.scale / self.quick))

    def _done_with(self, line: Line) -> bool:
        return line in self.sure and not any(is_among(one.text, self.unlooked) for one in self.sure[line])

    def _line(self, line: Line, tall_px: int) -> tuple[Grey, tuple[float, float], float]:
        """Return a line's pixels on white, where their corner lies in the original, and their scale.

        The contrast is taken anew from the original's pixels, at the scale that makes the letters `tall_px`
        tall: small letters gain from what the quick size lost.
        """
        policy, to_grey = self.policy, self.shrink / self.quick
        factor = min(policy.largest_scale, tall_px / (line.tall_px * to_grey))
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
        on_white = framed(part, left=margin, right=margin, above=margin, below=margin)
        scale = factor * self.shrink
        origin = ((x0 * factor + cut_left - margin) / scale, (y0 * factor + cut_top - margin) / scale)
        return on_white, origin, scale

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
            text=self._as_shaped(word.text, box),
            box=box,
            confidence=word.confidence,
            line=number,
            reader=reader,
            setting=self._setting(word.text, box),
        )

    def _as_shaped(self, text: str, box: Box) -> str:
        """Return a word's text, an asked host's look-alike digits as their shapes show them."""
        if not any(host in skeleton(text) for host in self.hosts):
            return text
        left, top = int(box.x * self.shrink), int(box.y * self.shrink)
        right, bottom = round((box.x + box.w) * self.shrink), round((box.y + box.h) * self.shrink)
        pad = round(_ROOM_SHARE * (bottom - top))
        part = self.grey[max(0, top - pad) : bottom + pad, max(0, left - 1) : right + 1]
        return as_shaped(part, text, self.policy)

    def _setting(self, text: str, box: Box) -> Setting | None:
        """Measure a word that may be an asked one; the others would only cost time."""
        if not (is_among(text, self.asked) or (self.timed and ":" in text) or (self.plain and host_in(text))):
            return None
        if self.surroundings is None:
            self.surroundings = surroundings(
                self.small,
                scale=min(self.quick, self.shrink),
                policy=self.policy,
                lines=[self.box_of(line) for line in self.lines],
                usual_px=self.scene.usual_px if self.scene else 0.0,
            )
        return self.surroundings.setting(box)


def set_up(
    picture: Picture, ask: Ask, *, image: int, engine: TextEngine, policy: Policy, budget: Budget
) -> Desk:
    """Return a desk with the picture's grey and contrast ready."""
    shrink = reading_scale(picture.width_px, picture.height_px, policy)
    pixels = enhance.shrunk(picture.pixels, shrink)
    grey = enhance.grey(pixels)
    quick = quick_scale(picture.width_px, picture.height_px, policy)
    small = enhance.shrunk(pixels, quick / shrink)
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
        small=small,
        quick=quick,
        contrast=_contrast(grey, quick / shrink, policy)
        if quick > shrink
        else enhance.contrast(enhance.grey(small), policy, window_px=policy.find_window_px),
        budget=budget,
        asked=asked_of(ask.checks, ask),
        hosts=frozenset(skeleton(check.host) for check in ask.checks if isinstance(check, UrlCheck)),
        timed=any(isinstance(check, PositionCheck) for check in ask.checks),
        mixed=any(
            {BENGALI_SCRIPT} < scripts_in(text) for check in ask.checks for text in asked_texts(check, ask)
        ),
    )


def _contrast(grey: Grey, scale: float, policy: Policy) -> Grey:
    return enhance.contrast(enhance.resized(grey, scale), policy, window_px=policy.find_window_px)
