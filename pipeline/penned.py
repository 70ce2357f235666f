"""Judges the pen: are the asked words set by one hand, where a page would set them apart?

In: the `Item`s of a picture. Out: a `Trace` of words written over it, sure or as doubt, or None. An editor's
pen keeps one size for a name and its button, knows no margins, and adds a second position to a player.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.items import Item, Trace, aligned, hugged, meet, trace_of
from pipeline.labels import around
from pipeline.painted import SEVERAL
from pipeline.reasons import ReasonCode
from pipeline.records import StateCheck
from pipeline.scripts import fold
from pipeline.styles import alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.policy import Policy
    from pipeline.records import Ask, Reading

_STEM_SIGNS = 3


def scattered(items: Sequence[Item], policy: Policy) -> Trace | None:
    """Return three texts or more in one style at three margins, as doubt."""
    first: dict[int, Item] = {}
    for item in items:
        if item.style is not None and not item.timed:
            first.setdefault(item.asked, item)
    chosen = list(first.values())
    if len(chosen) < SEVERAL or any(hugged(one, policy) for one in chosen):
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


def outsized(items: Sequence[Item], reading: Reading, policy: Policy) -> Trace | None:
    """Return a state and a name in one size far above the page's usual one, in no line and at no margin.

    A page sets its button smaller than its heading; an editor's pen keeps one size. Sure where the state also
    has a plate of its own that lies across the page's edges. A bare page has no usual size.
    """
    states = [item for item in items if item.state]
    if not states or reading.lines <= policy.bare_lines:
        return None
    pens = [next((one for one in items if _one_pen(item, one, reading, policy)), None) for item in states]
    if not all(pens):
        return None
    boxes = (item.finding.box for item in (*states, *pens) if item is not None)
    laid = all(hugged(item, policy) and _straddles(item, policy) for item in states)
    return Trace(code=ReasonCode.PASTED_TEXT, box=around(boxes), found=states[0].finding.text, sure=laid)


def large_label(items: Sequence[Item], reading: Reading, ask: Ask, policy: Policy) -> Trace | None:
    """Return a done label in a heading's size on the page itself, as doubt: its page has it on a button.

    Only a label that names what a button offers: what was ordered or signed up for is told in headings. Where
    many lines are larger, the usual one is small print.
    """
    labels, scene = [item for item in items if item.state], reading.scene
    if not labels or scene is None or not scene.usual_px or reading.lines <= policy.bare_lines:
        return None
    least_px = max(policy.large_label * scene.usual_px, policy.large_share * scene.large_px)
    large = all(
        one.style is not None
        and one.style.size >= least_px
        and not hugged(one, policy)
        and _names_a_button(one, ask)
        for one in labels
    )
    return trace_of(ReasonCode.PASTED_TEXT, labels[0]) if large else None


def _names_a_button(label: Item, ask: Ask) -> bool:
    """Whether a done label begins as what its button says before: "Subscribed" as "Subscribe"."""
    check, said = ask.checks[label.asked], fold(label.finding.text)
    if not isinstance(check, StateCheck):
        return False
    stems = (fold(one).split()[0][:-1] for one in check.not_done if one.strip())
    return any(len(stem) >= _STEM_SIGNS and said.startswith(stem) for stem in stems)


def one_pen(items: Sequence[Item], reading: Reading, policy: Policy) -> Trace | None:
    """Return two names in one style far above the page's usual size, as doubt: a heading has no equal.

    Each place of both must be so: a page may repeat its heading.
    """
    usual = reading.scene.usual_px if reading.scene else 0.0
    names = [item for item in items if item.named and item.style is not None]
    large = [one for one in names if one.style is not None and one.style.size >= policy.outsize * usual > 0]
    if len({one.asked for one in names}) < 2 or len(large) < len(names):  # noqa: PLR2004 (a pair)
        return None
    first = large[0]
    alike_all = all(
        one.style is not None and first.style is not None and alike(first.style, one.style, policy)
        for one in large
    )
    return trace_of(ReasonCode.PASTED_TEXT, first) if alike_all else None


def giant(items: Sequence[Item], reading: Reading, policy: Policy) -> Trace | None:
    """Return a single code so large that no page sets it so, as doubt."""
    usual = reading.scene.usual_px if reading.scene else 0.0
    codes = [one for one in items if one.style is not None and not (one.named or one.hosted or one.timed)]
    others = reading.lines > policy.bare_lines
    if not codes or not others or any(one.state for one in codes):
        return None
    if all(one.style is not None and one.style.size >= policy.giant * usual > 0 for one in codes):
        return trace_of(ReasonCode.PASTED_TEXT, codes[0])
    return None


def two_players(items: Sequence[Item]) -> Trace | None:
    """Return a second player's position, as doubt: a page plays one film, and knows one length of it."""
    timed = [item for item in items if item.timed]
    for one, other in combinations(timed, 2):
        lengths = [_length(item) for item in (one, other)]
        if lengths[0] != lengths[1] and not meet(one.finding.box, other.finding.box):
            return trace_of(ReasonCode.PASTED_TEXT, other)
    return None


def titled_player(items: Sequence[Item], reading: Reading, policy: Policy) -> Trace | None:
    """Return a position set like the film's title, in more than small print, as doubt."""
    usual = reading.scene.usual_px if reading.scene else 0.0
    names = [one.style for one in items if one.named and one.style is not None]
    for item in (one for one in items if one.timed):
        style = item.style
        if style is None or not style.size >= policy.large_position * usual > 0:
            continue
        if any(alike(name, style, policy) for name in names):
            return trace_of(ReasonCode.PASTED_TEXT, item)
    return None


def _length(item: Item) -> str:
    """Return the last time of a position: the film's length."""
    return item.finding.tokens[-1].word.text.rpartition("/")[2].strip(" .,;|")


def _straddles(item: Item, policy: Policy) -> bool:
    return item.style is not None and item.style.straddles >= policy.straddling_pill


def _one_pen(state: Item, name: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a state and a name are alike in size and weight, both outsized, and set in no order."""
    one, two, scene = state.style, name.style, reading.scene
    if not name.named or one is None or two is None or scene is None or not scene.usual_px:
        return False
    here, there = state.finding.box, name.finding.box
    in_one_row = here.y < there.y + there.h and there.y < here.y + here.h
    # Where many lines are as large, the usual one is small print.
    outsize = min(one.size, two.size) >= max(policy.outsize * scene.usual_px, scene.large_px)
    order = in_one_row or aligned(here, there, policy.one_margin * max(one.size, two.size))
    return outsize and not order and alike(one, two, policy, size_only=True)
