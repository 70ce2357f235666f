"""Where the asked words stand on a picture, and how they are set there.

In: what a job asks, the pages of a picture with the setting of their words. Out: `Item`s, one for each place
of each asked text, and what can be said of two of them by geometry alone. `typed` and `painted` judge them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.labels import around
from pipeline.moments import position_labels
from pipeline.phrases import Finding, find
from pipeline.records import AnswerCheck, Box, CodeCheck, PositionCheck, StateCheck, TextCheck, UrlCheck
from pipeline.scripts import letters
from pipeline.states import done_findings
from pipeline.styles import Style, style_of
from pipeline.wanted import asked_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.labels import Label, Page
    from pipeline.policy import Policy
    from pipeline.reasons import ReasonCode
    from pipeline.records import Ask, Check, Reading, Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What speaks against the asked words: typed or painted, where, and whether surely."""

    code: ReasonCode
    box: Box
    found: str
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One asked text at one place.

    Attributes:
        asked: The number of its check.
        state: It is a state; `timed`: it is a player's position; `hosted`: it is an address; `named`: it is
            a plain text, which may stand in any place of a page.
    """

    asked: int
    finding: Finding
    style: Style | None
    state: bool = False
    timed: bool = False
    hosted: bool = False
    named: bool = False


def is_plain(scene: Scene, policy: Policy) -> bool:
    """Whether nothing but text stands on a picture: few colours, and few shades where it has none."""
    return scene.hues <= policy.plain_hues and scene.tones <= policy.plain_tones


def items_of(read: Sequence[Page], ask: Ask, policy: Policy) -> Iterator[Item]:
    """Yield every place of every asked text."""
    for asked, check in enumerate(ask.checks):
        for page in read:
            for finding in _findings(check, page, ask, policy):
                yield Item(
                    asked=asked,
                    finding=finding,
                    style=style_of(finding.tokens),
                    state=isinstance(check, StateCheck),
                    timed=isinstance(check, PositionCheck),
                    hosted=isinstance(check, UrlCheck),
                    named=isinstance(check, TextCheck),
                )


def _findings(check: Check, page: Page, ask: Ask, policy: Policy) -> Iterator[Finding]:
    """Yield where a check's text stands as words of the page."""
    if isinstance(check, StateCheck):
        yield from done_findings(check, page, policy)
    elif isinstance(check, PositionCheck):
        yield from (_whole(label, page.reader) for label in position_labels(page, policy))
    elif isinstance(check, TextCheck | CodeCheck | UrlCheck | AnswerCheck):
        for text in asked_texts(check, ask):
            enough = policy.similarity if len(letters(text)) >= policy.exact_below else 1.0
            yield from (one for one in find(text, page, policy) if one.similarity >= enough)


def _whole(label: Label, reader: int) -> Finding:
    """Return a label as a finding, its box that of its times alone: a pattern has no words of its own."""
    times = tuple(token for token in label.tokens if ":" in token.word.text) or label.tokens
    return Finding(
        text=label.text,
        letters=letters(label.text),
        edits=0,
        similarity=1.0,
        cut=False,
        confidence=min(word.confidence for word in label.words),
        reader=reader,
        box=around(token.word.box for token in times) if times else label.box,
        tokens=times,
        label=label,
    )


def trace_of(code: ReasonCode, item: Item, *, sure: bool = False) -> Trace:
    """Return a trace that points at one item."""
    return Trace(code=code, box=item.finding.box, found=item.finding.text, sure=sure)


def hugged(item: Item, policy: Policy, *, rows: float | None = None) -> bool:
    """Whether a plate holds an item and hardly more: no more than `rows` of its height beside it."""
    if item.style is None:
        return False
    plate, box, row = item.style.plate, item.finding.box, item.style.size
    holds = plate.x <= box.x and plate.y <= box.y + row and end(plate) >= box.x + box.w
    return (
        holds
        and plate.w - box.w <= policy.plate_room * row
        and plate.h - box.h <= (rows or policy.plate_rows) * row
    )


def in_title_strip(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a name stands where a window has its title: at the upper edge of a wide screen."""
    box, wide = item.finding.box, reading.width_px > reading.height_px
    return wide and item.named and box.y + box.h <= policy.title_strip * reading.height_px


def end(box: Box) -> int:
    """Return where a box ends at the right."""
    return box.x + box.w


def aligned(one: Box, other: Box, slack: float) -> bool:
    """Whether two boxes begin at one margin, or are centred on one axis."""
    centres = abs(one.x + one.w / 2 - other.x - other.w / 2)
    return abs(one.x - other.x) <= slack or centres <= slack


def meet(one: Box, other: Box) -> bool:
    """Whether two boxes share any px."""
    wide = min(end(one), end(other)) - max(one.x, other.x)
    tall = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return wide > 0 and tall > 0
