"""Judges typing: were the asked words typed somewhere, rather than shown by the page that has them?

In: the `Item`s of a picture and what a glance at it shows. Out: a `Trace` of typing, sure or as doubt, or
None. A page sets its name as a heading and its state on a button; typed words share one style: on one line of
a field, in bubbles, or on the lines of a note, with no picture beside them and no address above.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.addresses import host_in
from pipeline.items import Item, Trace, aligned, end, hugged, meet, trace_of
from pipeline.painted import SEVERAL
from pipeline.reasons import ReasonCode
from pipeline.records import AnswerCheck, CodeCheck, PositionCheck, StateCheck, TextCheck
from pipeline.scripts import letters
from pipeline.styles import alike, far_apart, style_of
from pipeline.wanted import asked_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.labels import Page
    from pipeline.phrases import Finding
    from pipeline.policy import Policy
    from pipeline.records import Ask, Box, Reading
    from pipeline.styles import Style


def typed(
    items: Sequence[Item], read: Sequence[Page], reading: Reading, ask: Ask, policy: Policy
) -> Trace | None:
    """Return typing that the asked words betray among themselves: every place of them must be typed."""
    states = frozenset(at for at, check in enumerate(ask.checks) if isinstance(check, StateCheck))
    named = frozenset(at for at, check in enumerate(ask.checks) if isinstance(check, TextCheck | CodeCheck))
    asked = [item for item in items if item.asked in (states or named)]
    judged = [item for item in asked if states or not _above_address(item, items, read, reading, policy)]
    if not judged:
        return trace_of(ReasonCode.UNCLEAR, asked[0]) if asked else None
    marks = [(item, _how_typed(item, items, reading, policy)) for item in judged]
    places = _places(marks)
    if any(all(how is None for _, how in place) for place in places):
        return None
    sure = all(any(how for _, how in place) for place in places)
    item = next(item for item, how in marks if how is not None)
    return trace_of(ReasonCode.TYPED_NOT_SHOWN, item, sure=sure)


def _places(marks: Sequence[tuple[Item, bool | None]]) -> list[list[tuple[Item, bool | None]]]:
    """Return the marks gathered by place: several passes read one place."""
    places: list[list[tuple[Item, bool | None]]] = []
    for mark in marks:
        home = next((one for one in places if meet(one[0][0].finding.box, mark[0].finding.box)), None)
        if home is None:
            places.append([mark])
        else:
            home.append(mark)
    return places


def _how_typed(item: Item, items: Sequence[Item], reading: Reading, policy: Policy) -> bool | None:
    """Return whether an item is surely typed (True), perhaps (False), or not at all (None)."""
    others = [one for one in items if one.asked != item.asked and not meet(one.finding.box, item.finding.box)]
    in_field = [False] if others and _in_field(item, reading, policy) else []
    in_message = [False] if _in_message(item, items, reading, policy) else []
    ways = (
        in_field
        + in_message
        + [
            how
            for other in others
            for how in (
                _one_line(item, other, items, reading, policy),
                _bubbles(item, other, reading, policy),
                _note(item, other, reading, policy),
                _run(item, other, reading, policy),
            )
            if how is not None
        ]
    )
    return max(ways) if ways else None


def _one_line(
    item: Item, other: Item, items: Sequence[Item], reading: Reading, policy: Policy
) -> bool | None:
    """One label that says nothing but asked texts, or hardly more than three of them.

    Surely typed in a field that holds just this line, also where two passes read its parts; and in a wide
    field at the top, a search box, whatever else was typed there. Three in one colour are doubt whatever
    their sizes: where lines touch, the marks of the next one count as theirs.
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
    several = len({one.asked for one in here}) >= SEVERAL
    if share < (policy.typed_share if several else 1.0):
        return None
    if item.style is None or other.style is None:
        return False
    same = alike(item.style, other.style, policy)
    one_ink = several and far_apart(item.style.ink, other.style.ink) <= policy.one_run_ink
    if item.style.plate != other.style.plate or not (same or one_ink):
        return None
    return same and item.style.plate.h <= (1 + policy.plate_rows) * label.box.h


def _one_field(item: Item, other: Item, policy: Policy) -> bool:
    """Whether two texts of one style follow each other on a plate that holds just their row."""
    if item.style is None or other.style is None or item.style.plate != other.style.plate:
        return False
    here, there = sorted((item.finding.box, other.finding.box), key=lambda box: box.x)
    tall = max(here.h, there.h)
    shared = min(here.y + here.h, there.y + there.h) - max(here.y, there.y)
    follows = shared > tall / 2 and -tall / 2 <= there.x - end(here) <= policy.label_gap * tall
    low = item.style.plate.h <= (1 + policy.plate_rows) * tall
    return follows and low and alike(item.style, other.style, policy)


def _search_box(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a text stands on a wide plate at the top of the picture."""
    plate = item.style.plate if item.style else None
    if plate is None:
        return False
    wide = plate.w >= policy.field_share * reading.width_px
    return wide and plate.y + plate.h <= policy.field_place * reading.height_px


def _in_field(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a plain picture shows a text in a field at its top: wide, low, the line not in its middle."""
    if item.style is None or reading.scene is None or reading.scene.hues > policy.plain_hues:
        return False
    plate, box = item.style.plate, item.finding.box
    low = plate.h <= (1 + policy.plate_rows) * max(box.h, item.style.size)
    narrow = plate.w < policy.band_share * reading.width_px
    line = item.finding.label.box
    before, after = line.x - plate.x, end(plate) - end(line)
    central = (
        abs(before - after) <= policy.centred * plate.w and min(before, after) > policy.centred * plate.w
    )
    return low and narrow and not central and _search_box(item, reading, policy)


def _in_message(item: Item, items: Sequence[Item], reading: Reading, policy: Policy) -> bool:
    """Whether a state shares a rounded plate with nothing but a time of day; a player shows times, too."""
    if item.style is None or not item.state or any(one.timed for one in items):
        return False
    return hugged(item, policy) and not item.style.square and _timed(item.style.plate, reading)


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
    if item.style.plate == other.style.plate or not (hugged(item, policy) and hugged(other, policy)):
        return None
    if item.style.square or other.style.square:
        return False
    plates = (item.style.plate, other.style.plate)
    leftward = [plate.x < reading.width_px - end(plate) for plate in plates]
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


def _run(item: Item, other: Item, reading: Reading, policy: Policy) -> bool | None:
    """Two texts of one size, weight and colour that follow one another, at one margin or in one line.

    Surely typed where nothing but a little text stands on the picture, or above an open keyboard.
    """
    one, two, scene = item.style, other.style, reading.scene
    if one is None or two is None or scene is None or not alike(one, two, policy):
        return None
    if far_apart(one.ink, two.ink) > policy.one_run_ink:
        return None
    here, there, tall = item.finding.box, other.finding.box, max(one.size, two.size)
    apart = abs(here.y - there.y) / tall
    in_order = aligned(here, there, policy.one_margin * tall)
    plain = scene.hues <= policy.plain_hues
    if apart > policy.one_run or not (in_order or (plain and one.plate == two.plate)):
        return None
    bare = plain and 0 < reading.lines <= policy.bare_lines
    return (bare or scene.keyboard) and apart <= policy.one_run_sure


def _alone(one: Finding) -> bool:
    return letters(one.label.text) == one.letters


def _timed(plate: Box, reading: Reading) -> bool:
    """Whether a time of day stands on a plate."""
    return any(
        ":" in word.text and any(sign.isdigit() for sign in word.text) and meet(word.box, plate)
        for word in reading.words
    )


def _above_address(
    item: Item, items: Sequence[Item], read: Sequence[Page], reading: Reading, policy: Policy
) -> bool:
    """Whether a name stands above the address, where a browser shows its tabs."""
    asked = [(one.finding.box, one.style) for one in items if one.hosted]
    shown = [
        (label.box, style_of(label.tokens))
        for page in read
        for label in page.labels
        if any(host_in(word.text) for word in label.words) and label.box != item.finding.label.box
    ]
    hosts = [one for one in (*asked, *shown) if one[0].y <= policy.bar_share * reading.height_px]
    first = min(hosts, key=lambda one: one[0].y, default=None)
    if first is None or item.finding.box.y + item.finding.box.h > first[0].y:
        return False
    return item.style is None or first[1] is None or item.style.plate != first[1].plate


# -- at a glance


def glanced(
    items: Sequence[Item], read: Sequence[Page], reading: Reading, ask: Ask, policy: Policy
) -> Trace | None:
    """Return what the whole picture betrays, in this order.

    - Nothing, where a name alone is asked: it may stand in any place of any page.
    - Every asked text stands inside another picture: doubt.
    - A keyboard is open: sure where it is asked for one text and nothing but text is there, else doubt.
    - Nothing but text is there and no address: doubt for one text that is not set apart, and for several in
      one colour on one ground.
    """
    scene, asked = reading.scene, [one for one in items if one.style is not None]
    judged = [one for one in asked if isinstance(ask.checks[one.asked], _JUDGED)]
    single = len({asked_texts(ask.checks[one.asked], ask) or one.asked for one in judged}) == 1
    if scene is None or not judged or (single and judged[0].named):
        return None  # a name alone may stand in any place of any page
    if scene.inset is not None and all(_within(one.finding.box, scene.inset) for one in asked):
        return trace_of(ReasonCode.TYPED_NOT_SHOWN, judged[0])
    plain = scene.hues <= policy.plain_hues
    if scene.keyboard:
        return trace_of(ReasonCode.TYPED_NOT_SHOWN, judged[0], sure=plain and single)
    if not plain or _addressed(asked, read, reading, policy):
        return None
    bare = not _set_apart(judged, reading, policy) if single else _one_ground(judged, policy)
    return trace_of(ReasonCode.TYPED_NOT_SHOWN, judged[0]) if bare else None


_JUDGED = (TextCheck, StateCheck, CodeCheck, AnswerCheck, PositionCheck)


def _within(box: Box, frame: Box) -> bool:
    beside = frame.x <= box.x + box.h and end(box) <= end(frame) + box.h
    return beside and frame.y <= box.y + box.h and box.y <= frame.y + frame.h


def _addressed(asked: Sequence[Item], read: Sequence[Page], reading: Reading, policy: Policy) -> bool:
    """Whether an address stands in a bar, set apart from the asked words."""
    texts = [one for one in asked if host_in(one.finding.text) is None]
    return any(
        _in_bar(label.box, reading, policy)
        and not any(one.finding.label.box == label.box for one in texts)
        and not any(_typed_with(style_of(label.tokens), label.box, one, policy) for one in texts)
        for page in read
        for label in page.labels
        if any(host_in(word.text) for word in label.words)
    )


def _in_bar(box: Box, reading: Reading, policy: Policy) -> bool:
    middle = (box.y + box.h / 2) / max(1, reading.height_px)
    return middle <= policy.bar_share or middle >= 1 - policy.bar_share


def _typed_with(address: Style | None, label: Box, one: Item, policy: Policy) -> bool:
    """Whether an address is set like an asked text: on its plate, or at its margin as in a sheet's cells."""
    if address is None or one.style is None or not alike(address, one.style, policy):
        return False
    margin = abs(label.x - one.finding.box.x) <= policy.one_margin * one.style.size
    return margin or address.plate == one.style.plate


def _set_apart(judged: Sequence[Item], reading: Reading, policy: Policy) -> bool:
    """Whether a text is far larger than what else stands on a page that says more than a note."""
    usual = reading.scene.usual_px if reading.scene else 0.0
    large = any(one.style is not None and one.style.size >= policy.set_apart * usual for one in judged)
    return usual > 0 and large and reading.lines >= policy.least_page_lines


def _one_ground(judged: Sequence[Item], policy: Policy) -> bool:
    """Whether all texts have one colour, and one ground: a plate, or the lines and cells of a sheet."""
    styles = [one.style for one in judged if one.style is not None]
    return all(
        far_apart(one.ink, two.ink) <= policy.one_run_ink
        and far_apart(one.ground, two.ground) <= policy.one_ground
        for one, two in combinations(styles, 2)
    )
