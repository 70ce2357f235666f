"""Judges places: do the asked words stand where a page puts them, or were they typed or painted there?

In: what a job asks, the pages of a picture with the setting of their words. Out: a `Trace` of typing or
painting, sure or as doubt, or None. A page sets its name as a heading and its state on a button: they differ
in size, weight, colour, margin or plate. Typed words share one style: on one line of a field, in bubbles, or
on the lines of a note. Painted words bring a plate with them that lies across the page's own edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.labels import around
from pipeline.phrases import Finding, find
from pipeline.reasons import ReasonCode
from pipeline.records import AnswerCheck, Ask, Box, Check, CodeCheck, StateCheck, TextCheck, UrlCheck
from pipeline.scripts import letters
from pipeline.states import done_findings
from pipeline.styles import Style, alike, style_of
from pipeline.wanted import asked_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.labels import Page
    from pipeline.policy import Policy
    from pipeline.records import Reading

_SEVERAL = 3  # asked texts that no page sets alike by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What speaks against the asked words: typed or painted, where, and whether surely."""

    code: ReasonCode
    box: Box
    found: str
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One asked text at one place, with its style; `asked` is the number of its check."""

    asked: int
    finding: Finding
    style: Style | None


def trace(read: Sequence[Page], reading: Reading, ask: Ask, policy: Policy) -> Trace | None:
    """Return what looks typed or painted, in this order.

    - PASTED_TEXT: asked words on a sharp plate of their own that lies across the page's edges; sure for two.
    - TYPED_NOT_SHOWN: every place of the state (of every asked text where no state is asked) is typed with
      another asked text; sure where the field, the bubbles or the bare page around them were seen.
    - UNCLEAR: no asked text but in a browser's tab, above the address.
    - PASTED_TEXT as doubt: three asked texts or more in one style on the page, at three margins.
    """
    items = tuple(_items(read, ask, policy))
    return _pasted(items, reading, policy) or _typed(items, reading, ask, policy) or _scattered(items, policy)


def _items(read: Sequence[Page], ask: Ask, policy: Policy) -> Iterator[Item]:
    for asked, check in enumerate(ask.checks):
        for page in read:
            for finding in _findings(check, page, ask, policy):
                yield Item(asked=asked, finding=finding, style=style_of(finding.tokens))


def _findings(check: Check, page: Page, ask: Ask, policy: Policy) -> Iterator[Finding]:
    """Yield where a check's text stands as words of the page."""
    if isinstance(check, StateCheck):
        yield from done_findings(check, page, policy)
        return
    if isinstance(check, TextCheck | CodeCheck | UrlCheck | AnswerCheck):
        for text in asked_texts(check, ask):
            enough = policy.similarity if len(letters(text)) >= policy.exact_below else 1.0
            yield from (one for one in find(text, page, policy) if one.similarity >= enough)


# -- typed


def _typed(items: Sequence[Item], reading: Reading, ask: Ask, policy: Policy) -> Trace | None:
    states = frozenset(at for at, check in enumerate(ask.checks) if isinstance(check, StateCheck))
    named = frozenset(at for at, check in enumerate(ask.checks) if isinstance(check, TextCheck | CodeCheck))
    asked = [item for item in items if item.asked in (states or named)]
    judged = [item for item in asked if states or not _above_address(item, items, ask, reading, policy)]
    if not judged:
        return _trace(ReasonCode.UNCLEAR, asked[0]) if asked else None
    marks = [(item, _how_typed(item, items, reading, policy)) for item in judged]
    places = _places(marks)
    if any(all(how is None for _, how in place) for place in places):
        return None
    sure = all(any(how for _, how in place) for place in places)
    item = next(item for item, how in marks if how is not None)
    return _trace(ReasonCode.TYPED_NOT_SHOWN, item, sure=sure)


def _trace(code: ReasonCode, item: Item, *, sure: bool = False) -> Trace:
    return Trace(code=code, box=item.finding.box, found=item.finding.text, sure=sure)


def _places(marks: Sequence[tuple[Item, bool | None]]) -> list[list[tuple[Item, bool | None]]]:
    """Return the marks gathered by place: several passes read one place."""
    places: list[list[tuple[Item, bool | None]]] = []
    for mark in marks:
        home = next((one for one in places if _meet(one[0][0].finding.box, mark[0].finding.box)), None)
        if home is None:
            places.append([mark])
        else:
            home.append(mark)
    return places


def _how_typed(item: Item, items: Sequence[Item], reading: Reading, policy: Policy) -> bool | None:
    """Return whether an item is surely typed (True), perhaps (False), or not at all (None)."""
    others = [
        one for one in items if one.asked != item.asked and not _meet(one.finding.box, item.finding.box)
    ]
    ways = [
        how
        for other in others
        for how in (
            _one_line(item, other, items, reading, policy),
            _bubbles(item, other, reading, policy),
            _note(item, other, reading, policy),
        )
        if how is not None
    ]
    return max(ways) if ways else None


def _one_line(
    item: Item, other: Item, items: Sequence[Item], reading: Reading, policy: Policy
) -> bool | None:
    """One label that says nothing but asked texts, or hardly more than three of them.

    Surely typed in a field that holds just this line, also where two passes read its parts; and in a wide
    field at the top, a search box, whatever else was typed there.
    """
    label = item.finding.label
    one_field = _one_field(item, other, policy)
    if one_field and (other.finding.label is not label or _search_box(item, reading, policy)):
        return True
    if other.finding.label is not label:
        return None
    here = [one for one in items if one.finding.label is label]
    told = {id(token): len(token.text) for one in here for token in one.finding.tokens}
    share = sum(told.values()) / max(1, sum(len(token.text) for token in label.tokens))
    if share < (policy.typed_share if len({one.asked for one in here}) >= _SEVERAL else 1.0):
        return None
    if item.style is None or other.style is None:
        return False
    if item.style.plate != other.style.plate or not alike(item.style, other.style, policy):
        return None
    return item.style.plate.h <= (1 + policy.plate_rows) * label.box.h


def _one_field(item: Item, other: Item, policy: Policy) -> bool:
    """Whether two texts of one style follow each other on a plate that holds just their row."""
    if item.style is None or other.style is None or item.style.plate != other.style.plate:
        return False
    here, there = sorted((item.finding.box, other.finding.box), key=lambda box: box.x)
    tall = max(here.h, there.h)
    shared = min(here.y + here.h, there.y + there.h) - max(here.y, there.y)
    follows = shared > tall / 2 and -tall / 2 <= there.x - _end(here) <= policy.label_gap * tall
    low = item.style.plate.h <= (1 + policy.plate_rows) * tall
    return follows and low and alike(item.style, other.style, policy)


def _search_box(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a text stands on a wide plate at the top of the picture."""
    plate = item.style.plate if item.style else None
    if plate is None:
        return False
    wide = plate.w >= policy.field_share * reading.width_px
    return wide and plate.y + plate.h <= policy.field_place * reading.height_px


def _bubbles(item: Item, other: Item, reading: Reading, policy: Policy) -> bool | None:
    """Two texts of one style, each alone on a plate of its own: messages of a chat.

    Surely so where a plate also holds a time of day, or the plates stand at opposite sides.
    """
    if (
        item.style is None
        or other.style is None
        or not alike(item.style, other.style, policy, size_only=True)
    ):
        return None
    if item.style.plate == other.style.plate or not (_hugged(item, policy) and _hugged(other, policy)):
        return None
    if item.style.square or other.style.square:
        return False
    plates = (item.style.plate, other.style.plate)
    leftward = [plate.x < reading.width_px - _end(plate) for plate in plates]
    return leftward[0] is not leftward[1] or any(_timed(plate, reading) for plate in plates)


def _note(item: Item, other: Item, reading: Reading, policy: Policy) -> bool | None:
    """Two whole lines under one another, alike in style and margin; surely typed on a bare page."""
    upper, lower = sorted((item.finding, other.finding), key=lambda one: one.box.y)
    tall = max(upper.box.h, lower.box.h)
    gap = lower.box.y - (upper.box.y + upper.box.h)
    measured = item.style is not None and other.style is not None
    near = -tall / 2 <= gap <= (policy.wrap_gap if measured else policy.note_gap) * tall
    if not (near and _alone(upper) and _alone(lower)):
        return None
    if abs(upper.box.x - lower.box.x) > policy.note_margin * tall:
        return None
    if item.style is None or other.style is None:
        return False if min(upper.box.h, lower.box.h) >= policy.note_alike * tall else None
    if item.style.plate != other.style.plate or not alike(item.style, other.style, policy):
        return None
    return 0 < reading.lines <= policy.bare_lines


def _alone(one: Finding) -> bool:
    return letters(one.label.text) == one.letters


def _hugged(item: Item, policy: Policy) -> bool:
    """Whether a plate holds an item and hardly more."""
    if item.style is None:
        return False
    plate, box, row = item.style.plate, item.finding.box, item.style.size
    holds = plate.x <= box.x and plate.y <= box.y + row and _end(plate) >= box.x + box.w
    return holds and plate.w - box.w <= policy.plate_room * row and plate.h - box.h <= policy.plate_rows * row


def _timed(plate: Box, reading: Reading) -> bool:
    """Whether a time of day stands on a plate."""
    return any(
        ":" in word.text and any(sign.isdigit() for sign in word.text) and _meet(word.box, plate)
        for word in reading.words
    )


def _above_address(item: Item, items: Sequence[Item], ask: Ask, reading: Reading, policy: Policy) -> bool:
    """Whether a name stands above the address, where a browser shows its tabs."""
    hosts = [
        one
        for one in items
        if isinstance(ask.checks[one.asked], UrlCheck)
        and one.finding.box.y <= policy.bar_share * reading.height_px
    ]
    first = min(hosts, key=lambda one: one.finding.box.y, default=None)
    if first is None or item.finding.box.y + item.finding.box.h > first.finding.box.y:
        return False
    return item.style is None or first.style is None or item.style.plate != first.style.plate


# -- painted


def _pasted(items: Sequence[Item], reading: Reading, policy: Policy) -> Trace | None:
    laid = [
        item
        for item in items
        if item.style is not None
        and item.style.square
        and item.style.straddles >= policy.straddling
        and _hugged(item, policy)
        and item.style.plate.w < policy.band_share * reading.width_px
    ]
    if not laid:
        return None
    boxes = [item.finding.box for item in laid]
    return Trace(
        code=ReasonCode.PASTED_TEXT,
        box=around(boxes),
        found=laid[0].finding.text,
        sure=len({item.asked for item in laid}) > 1,
    )


def _scattered(items: Sequence[Item], policy: Policy) -> Trace | None:
    first: dict[int, Item] = {}
    for item in items:
        if item.style is not None:
            first.setdefault(item.asked, item)
    chosen = list(first.values())
    if len(chosen) < _SEVERAL or any(_hugged(one, policy) for one in chosen):
        return None
    for one, other in combinations(chosen, 2):
        if one.style is None or other.style is None or not alike(one.style, other.style, policy):
            return None
        if one.style.plate != other.style.plate or _in_line(one, other):
            return None
    box = around(one.finding.box for one in chosen)
    return Trace(code=ReasonCode.PASTED_TEXT, box=box, found=chosen[0].finding.text, sure=False)


def _in_line(one: Item, other: Item) -> bool:
    """Whether two texts share a margin, as the texts of a page mostly do."""
    return one.style is not None and abs(one.finding.box.x - other.finding.box.x) <= one.style.size


def _end(box: Box) -> int:
    return box.x + box.w


def _meet(one: Box, other: Box) -> bool:
    wide = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    tall = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return wide > 0 and tall > 0
