"""Judges typing: were the asked words typed somewhere, rather than shown by the page that has them?

In: the `Item`s of a picture. Out: a `Trace` of typing, sure or as doubt, or None. A page sets its name as a
heading and its state on a button; typed words share one style: in one query, in bubbles, or on the lines of a
note, with no picture beside them and no address above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.addresses import host_in
from pipeline.items import Item, Trace, aligned, end, hugged, in_title_strip, is_plain, meet, trace_of
from pipeline.queries import beside_host, follow, in_field, one_breath, one_line, quoted, repeats
from pipeline.reasons import ReasonCode
from pipeline.records import CodeCheck, StateCheck, TextCheck
from pipeline.scripts import letters
from pipeline.styles import alike, far_apart, style_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.labels import Page
    from pipeline.phrases import Finding
    from pipeline.policy import Policy
    from pipeline.records import Ask, Box, Reading


def typed(
    items: Sequence[Item], read: Sequence[Page], reading: Reading, ask: Ask, policy: Policy
) -> Trace | None:
    """Return typing that the asked words betray among themselves: every place of them must be typed."""
    states = frozenset(at for at, check in enumerate(ask.checks) if isinstance(check, StateCheck))
    named = frozenset(at for at, check in enumerate(ask.checks) if isinstance(check, TextCheck | CodeCheck))
    asked = [item for item in items if item.asked in (states or named)]
    judged = [item for item in asked if states or not _above_address(item, items, read, reading, policy)]
    judged = [item for item in judged if not in_title_strip(item, reading, policy)] or judged
    if not judged:
        return trace_of(ReasonCode.UNCLEAR, asked[0]) if asked else None
    known = [(item, _how_typed(item, items, reading, policy)) for item in items]
    known = [(item, False if how is None and beside_host(item, ask) else how) for item, how in known]
    marks = _echoed([one for one in known if one[0] in judged], known, policy)
    places = _places(marks)
    if any(all(how is None for _, how in place) for place in places):
        return None
    # Where every place is typed, one that is surely so tells what program the others stand in.
    sure = any(how for place in places for _, how in place)
    item = max((one for one in marks if one[1] is not None), key=lambda one: one[1] is True)[0]
    return trace_of(ReasonCode.TYPED_NOT_SHOWN, item, sure=sure)


def _echoed(
    marks: Sequence[tuple[Item, bool | None]], known: Sequence[tuple[Item, bool | None]], policy: Policy
) -> list[tuple[Item, bool | None]]:
    """Return the marks, and of those places too that repeat what was typed: in quotes a search tells it."""
    typed_there = [item for item, how in known if how is not None]
    return [
        (item, quoted(item.finding.label))
        if how is None and any(repeats(item, one, policy) for one in typed_there)
        else (item, how)
        for item, how in marks
    ]


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
    others = [one for one in items if one.asked != item.asked and not _same_place(one, item)]
    asked = bool(others) or not (item.named or item.state)
    alone = (
        asked and in_field(item, reading, policy),
        _in_message(item, items, reading, policy),
        _in_a_row(item, items, policy),
    )
    ways = [False for one in alone if one] + (
        [
            how
            for other in others
            for how in (
                one_breath(item, other, items, policy),
                one_line(item, other, items, reading, policy),
                _bubbles(item, other, reading, policy),
                _note(item, other, reading, policy),
                _run(item, other, reading, policy),
            )
            if how is not None
        ]
    )
    return max(ways) if ways else None


def _same_place(one: Item, other: Item) -> bool:
    """Whether two texts are read from one place; boxes of lines that follow each other may overlap."""
    here, there = one.finding.box, other.finding.box
    shared = min(here.y + here.h, there.y + there.h) - max(here.y, there.y)
    return meet(here, there) and 2 * shared > min(here.h, there.h) and not follow(one, other)


def _in_a_row(item: Item, items: Sequence[Item], policy: Policy) -> bool:
    """Whether a state or a position is the line below the one asked name on a low card: a notification.

    A page sets what is done on a button or below its own heading, and a site may greet below its name.
    """
    names = [one for one in items if one.named]
    alone = len({one.asked for one in names}) == 1 and not any(one.hosted for one in items)
    if item.named:
        return alone and any(one.timed and _below(one, item, policy) for one in items)
    if not item.state or item.style is None or hugged(item, policy) or not alone:
        return False
    return any(_below(item, one, policy) for one in names)


def _below(item: Item, name: Item, policy: Policy) -> bool:
    """Whether a text is the next line below a name, at its margin and on its low card."""
    here, there = item.finding.box, name.finding.box
    if item.style is None or name.style is None or item.style.plate != name.style.plate:
        return False
    size = item.style.size
    gap = (here.y - there.y - there.h) / size
    at_margin = abs(here.x - there.x) <= policy.one_margin * size
    low = item.style.plate.h <= policy.row_card * size
    return low and at_margin and -policy.row_gap / 2 <= gap <= policy.row_gap


def _in_message(item: Item, items: Sequence[Item], reading: Reading, policy: Policy) -> bool:
    """Whether a state or a code shares a rounded plate with nothing but a time; a player shows times, too.

    The time may not have been read: it leaves room behind the words, where a button's label is centred.
    """
    style = item.style
    if style is None or item.named or item.hosted or any(one.timed for one in items):
        return False
    before, after = item.finding.label.box.x - style.plate.x, end(style.plate) - end(item.finding.label.box)
    room = after - before >= policy.time_room * style.size
    return hugged(item, policy) and not style.square and (room or _timed(style.plate, reading))


def _bubbles(item: Item, other: Item, reading: Reading, policy: Policy) -> bool | None:
    """Two texts of one style, each alone on a plate of its own: messages of a chat.

    Surely so where a plate also holds a time of day, or the plates stand at opposite sides. An address bar is
    no bubble.
    """
    if (
        item.style is None
        or other.style is None
        or not alike(item.style, other.style, policy, size_only=True)
    ):
        return None
    if item.style.plate == other.style.plate or any(_in_bar(one, reading, policy) for one in (item, other)):
        return None
    if not (hugged(item, policy) and hugged(other, policy)):
        return False if _one_talk(item, other, reading, policy) else None
    if item.style.square or other.style.square:
        return False
    plates = (item.style.plate, other.style.plate)
    leftward = [plate.x < reading.width_px - end(plate) for plate in plates]
    return leftward[0] is not leftward[1] or any(_timed(plate, reading) for plate in plates)


def _in_bar(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether an address, or a name in it, stands where a browser has its bar, rounded as a bubble is."""
    middle = (item.finding.box.y + item.finding.box.h / 2) / max(1, reading.height_px)
    address = item.hosted or host_in(item.finding.text) is not None
    return address and min(middle, 1 - middle) <= policy.bar_share


def _one_talk(item: Item, other: Item, reading: Reading, policy: Policy) -> bool:
    """Whether two plates hold a text and room for a time each, as messages do.

    Those of one person have one colour and one side; those of two stand as far from the two edges.
    """
    one, two = item.style, other.style
    if one is None or two is None or not alike(one, two, policy, size_only=True):
        return False
    if not all(hugged(each, policy, rows=policy.timed_rows) for each in (item, other)):
        return False
    slack = policy.one_margin * one.size
    (left, right), (far_left, far_right) = (
        (plate.x, reading.width_px - end(plate)) for plate in (one.plate, two.plate)
    )
    if far_apart(one.ground, two.ground) <= policy.one_ground and alike(one, two, policy):
        return abs(left - far_left) <= slack or abs(right - far_right) <= slack
    opposite = abs(left - far_right) <= slack if left < right else abs(right - far_left) <= slack
    return opposite and (left < right) is not (far_left < far_right) and not (one.square or two.square)


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
    # A stroke thinner than its px never reaches its ink: low letters of one colour differ by what is missing.
    thin = min(one.stroke, two.stroke) < policy.thin_stroke_px
    if far_apart(one.ink, two.ink) > policy.one_run_ink * (2 if thin else 1):
        return None
    here, there, tall = item.finding.box, other.finding.box, max(one.size, two.size)
    apart = abs(here.y - there.y) / tall
    in_order = aligned(here, there, policy.one_margin * tall)
    plain = is_plain(scene, policy)
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
