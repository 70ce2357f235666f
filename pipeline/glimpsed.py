"""Judges by a glance: what the whole picture betrays about the asked words on it.

In: the `Item`s of a picture and its `Scene`. Out: a `Trace` of typing, sure or as doubt, or None. A keyboard
is open, the screen stands inside another picture, or a picture of nothing but text shows no address.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.addresses import host_in
from pipeline.items import Item, Trace, end, hugged, is_plain, trace_of
from pipeline.reasons import ReasonCode
from pipeline.records import AnswerCheck, CodeCheck, PositionCheck, StateCheck, TextCheck
from pipeline.styles import alike, far_apart, style_of
from pipeline.wanted import asked_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.labels import Page
    from pipeline.policy import Policy
    from pipeline.records import Ask, Box, Reading
    from pipeline.styles import Style

_JUDGED = (TextCheck, StateCheck, CodeCheck, AnswerCheck, PositionCheck)


def glanced(
    items: Sequence[Item], read: Sequence[Page], reading: Reading, ask: Ask, policy: Policy
) -> Trace | None:
    """Return what the whole picture betrays, in this order.

    - Nothing, where a name alone is asked: it may stand in any place of any page. With its address, it must
      not stand inside another picture.
    - Every asked text stands inside another picture: doubt.
    - A player's position on a picture of nothing but text, for a film has colours: doubt.
    - A keyboard is open: sure where it is asked for one text and nothing but text is there, else doubt.
    - Nothing but text is there and no address: doubt for one text that is not set apart, and for
      several in one colour on one ground, sure where the address is noted with them; doubt for a marked one,
      which an address makes no better on a page of a few lines.
    """
    scene, asked = reading.scene, [one for one in items if one.style is not None]
    judged = [one for one in asked if isinstance(ask.checks[one.asked], _JUDGED)]
    single = len({asked_texts(ask.checks[one.asked], ask) or one.asked for one in judged}) == 1
    named_alone = single and judged[0].named
    if scene is None or not judged or (named_alone and not any(one.hosted for one in asked)):
        return None  # a name alone may stand in any place of any page
    framed = scene.inset is not None and all(_within(one.finding.box, scene.inset) for one in asked)
    plain = is_plain(scene, policy)
    film = plain and any(one.timed for one in judged)
    if framed or (film and not named_alone):
        return trace_of(ReasonCode.TYPED_NOT_SHOWN, judged[0])
    if named_alone:
        return None
    if scene.keyboard:
        return trace_of(ReasonCode.TYPED_NOT_SHOWN, judged[0], sure=plain and single)
    if not plain:
        return None
    address = _addressed(asked, read, reading, policy)
    return _noted(judged, read, reading, policy, single=single, address=address)


def _noted(
    judged: Sequence[Item],
    read: Sequence[Page],
    reading: Reading,
    policy: Policy,
    *,
    single: bool,
    address: bool,
) -> Trace | None:
    """Judge words on a picture of nothing but text: how they are set, and whether an address is there."""
    marked = next((one for one in judged if not single and _marked(one, policy)), None)
    few = 0 < reading.lines <= policy.bare_lines
    noted = few and _noted_with_host(judged, read, policy)
    if address and noted and not all(one.named for one in judged):
        return trace_of(ReasonCode.TYPED_NOT_SHOWN, judged[0])  # a browser's own note: no page lists its host
    if address:
        return trace_of(ReasonCode.TYPED_NOT_SHOWN, marked) if few and marked else None
    bare = not _set_apart(judged, reading, policy) if single else _one_ground(judged, policy)
    if bare:
        return trace_of(ReasonCode.TYPED_NOT_SHOWN, judged[0], sure=noted)
    return trace_of(ReasonCode.TYPED_NOT_SHOWN, marked) if marked else None


def _within(box: Box, frame: Box) -> bool:
    """Whether a box stands inside another picture, whose edges end where its ground is its viewer's."""
    beside = frame.x <= box.x + box.h and end(box) <= end(frame) + box.h
    room = frame.h // 8
    return beside and frame.y - room <= box.y + box.h and box.y <= frame.y + frame.h + room


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


def _noted_with_host(judged: Sequence[Item], read: Sequence[Page], policy: Policy) -> bool:
    """Whether a line that says nothing but a host is set like the asked text, at its margin."""
    hosts = [
        label
        for page in read
        for label in page.labels
        if len(label.words) == 1 and host_in(label.text) is not None
    ]
    return any(
        _typed_with(style_of(label.tokens), label.box, one, policy) for label in hosts for one in judged
    )


def _marked(item: Item, policy: Policy) -> bool:
    """Whether a text lies on a plate hardly larger than itself: marked with a pen, for buttons have room."""
    style = item.style
    if style is None or item.named or not hugged(item, policy):
        return False
    beside = style.plate.w - item.finding.box.w <= 2 * policy.marker_side * style.latin_size
    return beside and style.plate.h <= policy.marker_rows * style.latin_size


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
