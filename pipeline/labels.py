"""Words into labels: what stands together on a screen, and what follows on what.

In: a reading. Out: one `Page` a pass, holding its labels (words of one line without a wide gap); it tells
for each label where its text may go on: to the right in the same row, or in the line below. Pure geometry;
it knows nothing of what the words mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from pipeline.records import Box, Reading, Word
from pipeline.scripts import signs, tokens

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from pipeline.phrases import Finding
    from pipeline.policy import Policy


SINGLE_LINE = 7  # Tesseract's page segmentation mode for one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A run of folded letters inside a word; `signs` has one character a cluster."""

    text: str
    signs: str
    word: Word


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words that stand together in one row.

    Attributes:
        tokens: Their folded letters, in order.
    """

    words: tuple[Word, ...]
    tokens: tuple[Token, ...]
    box: Box

    @property
    def text(self) -> str:
        """The words as read."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def rests(self) -> tuple[str, ...]:
        """The signs from each token on."""
        return tuple(
            "".join(token.signs for token in self.tokens[start:]) for start in range(len(self.tokens))
        )


@dataclass(frozen=True, kw_only=True)
class Page:
    """The labels that one pass found in one picture.

    Attributes:
        words: Those that the labels are made of, in order.
        found: What was searched on this page and where it stands: a page never changes.
    """

    reader: int
    words: tuple[Word, ...]
    labels: tuple[Label, ...]
    policy: Policy
    found: dict[str, tuple[Finding, ...]] = field(default_factory=dict, compare=False, repr=False)
    _next: dict[int, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def alphabet(self) -> frozenset[str]:
        """The signs that occur on the page."""
        return frozenset("".join(label.rests[0] for label in self.labels if label.tokens))

    def after(self, at: int) -> tuple[int, ...]:
        """Return the indexes of the labels that may continue label `at`: beside it, and below it."""
        if at not in self._next:
            ways = (_nearest(at, self.labels, self.policy, rightwards=way) for way in (True, False))
            self._next[at] = tuple(one for one in ways if one is not None)
        return self._next[at]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A reading with its words laid out as pages.

    Attributes:
        judged: What was asked of it before and answered: a reading never changes.
    """

    reading: Reading
    pages: tuple[Page, ...]
    judged: dict[Hashable, object] = field(default_factory=dict, compare=False, repr=False)


def see(reading: Reading, policy: Policy, before: Seen | None = None) -> Seen:
    """Lay out a reading: one page for each pass that found words, in the order of the passes.

    Passes that read single lines share a page: a text may begin in one of them and end in another.

    Args:
        reading: What was read.
        policy: The thresholds in force.
        before: An earlier state of the same reading; pages that did not change since are taken over with all
            that was found on them.
    """
    sheet = _sheets(reading)
    known = {page.reader: page for page in before.pages} if before else {}

    def page_of(word: Word) -> int:
        return sheet.get(word.reader, word.reader)

    ordered = sorted(reading.words, key=lambda word: (page_of(word), word.line))
    return Seen(
        reading=reading,
        pages=tuple(
            _page(reader, tuple(words), known.get(reader), policy)
            for reader, words in groupby(ordered, key=page_of)
        ),
    )


def _page(reader: int, words: tuple[Word, ...], known: Page | None, policy: Policy) -> Page:
    if known is not None and known.words == words:
        return known
    labels = tuple(_labels(words, policy, known.labels if known else ()))
    return Page(reader=reader, words=words, labels=labels, policy=policy)


def _sheets(reading: Reading) -> dict[int, int]:
    """Return which page each pass of single lines belongs to: that of the first such pass."""
    whole = [
        number
        for number, past in enumerate(reading.passes)
        if past.page_mode == SINGLE_LINE
        and (past.region.w, past.region.h) == (reading.width_px, reading.height_px)
    ]
    return dict.fromkeys(whole, whole[0]) if whole else {}


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest box that holds all of `boxes`."""
    held = tuple(boxes)
    left, top = min(box.x for box in held), min(box.y for box in held)
    right, bottom = max(box.x + box.w for box in held), max(box.y + box.h for box in held)
    return Box(x=left, y=top, w=right - left, h=bottom - top)


def _labels(words: Sequence[Word], policy: Policy, known: Sequence[Label]) -> list[Label]:
    return [_label(tuple(run), known) for run in _runs(words, policy)]


def _runs(words: Sequence[Word], policy: Policy) -> list[list[Word]]:
    """Return the words that stand together, line by line."""
    found: list[list[Word]] = []
    for _, line in groupby(words, key=lambda word: word.line):
        row = list(line)
        tall = median(word.box.h for word in row)
        run = [row[0]]
        for word in row[1:]:
            gap = word.box.x - (run[-1].box.x + run[-1].box.w)
            if gap > policy.label_gap * tall or word.box.x < run[-1].box.x:
                found.append(run)
                run = []
            run.append(word)
        found.append(run)
    return found


def _label(words: tuple[Word, ...], known: Sequence[Label]) -> Label:
    """Return a label of these words: the one that an earlier page made of them, if any."""
    for label in known:
        if label.words[0] is words[0] and label.words == words:
            return label
    return Label(
        words=words,
        tokens=tuple(
            Token(text=text, signs=signs(text), word=word) for word in words for text in tokens(word.text)
        ),
        box=around(word.box for word in words),
    )


def _nearest(at: int, labels: Sequence[Label], policy: Policy, *, rightwards: bool) -> int | None:
    here = labels[at].box
    gap_to, limit = (_gap_right, policy.row_gap) if rightwards else (_gap_below, policy.wrap_gap)
    best, nearest = limit * here.h, None
    for other, label in enumerate(labels):
        there = label.box
        gap = gap_to(here, there, best)
        if gap is not None and gap <= limit * there.h and other != at and (gap < best or nearest is None):
            best, nearest = gap, other
    return nearest


def _gap_right(here: Box, there: Box, most: float) -> float | None:
    gap = there.x - (here.x + here.w)
    if gap > most or gap < -here.h / 2 or there.x <= here.x:
        return None
    shared = min(here.y + here.h, there.y + there.h) - max(here.y, there.y)
    return gap if shared >= min(here.h, there.h) / 2 else None


def _gap_below(here: Box, there: Box, most: float) -> float | None:
    gap = there.y - (here.y + here.h)
    if gap > most or gap < -min(here.h, there.h) / 2 or there.y <= here.y:
        return None
    shared = min(here.x + here.w, there.x + there.w) - max(here.x, there.x)
    return gap if shared > min(here.w, there.w) / 4 else None
