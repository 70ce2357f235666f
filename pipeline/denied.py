"""Judges denials: does a button beside the asked name still offer what a done label says was done?

In: the `Item`s and pages of a picture. Out: a `Trace` of a done label that was laid over the page, sure or as
doubt, or None. A page shows one of the two labels; who paints the done one mostly leaves the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.items import Item, Trace, hugged, meet, trace_of
from pipeline.painted import is_outsized
from pipeline.reasons import ReasonCode
from pipeline.records import StateCheck
from pipeline.states import not_done_findings
from pipeline.styles import far_apart, style_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.labels import Page
    from pipeline.policy import Policy
    from pipeline.records import Ask, Box, Reading
    from pipeline.styles import Style


def foreign(state: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a done label does not look like a button: without a plate, over edges, or too large."""
    style = state.style
    if style is None:
        return False
    return (
        not hugged(state, policy)
        or style.straddles >= (policy.straddling if style.square else policy.straddling_pill)
        or is_outsized(state, reading, policy)
    )


def contradicted(
    items: Sequence[Item], read: Sequence[Page], reading: Reading, ask: Ask, policy: Policy
) -> Trace | None:
    """Return a done label beside whose name a button still offers the opposite.

    Doubt where the label looks foreign, and where the button stands out from the page and is near, or is that
    of the whole screen; sure where the label lies over the page's edges and is too large.
    """
    states = [item for item in items if item.state and item.style is not None]
    names = [item for item in items if item.named and item.style is not None]
    if not states or not names:
        return None
    offers = [
        box
        for box, style in _offers(read, ask, policy)
        if near_name(box, names, reading.height_px, policy) and stands_out(style.ground, names, policy)
    ]
    offers = [box for box in offers if not any(meet(box, one.finding.box) for one in states)]
    if not offers or not all(foreign(one, reading, policy) for one in states):
        return None
    sure = all(is_outsized(one, reading, policy) and hugged(one, policy) for one in states)
    return trace_of(ReasonCode.PASTED_TEXT, states[0], sure=sure)


def near_name(box: Box, names: Sequence[Item], height_px: int, policy: Policy) -> bool:
    """Whether a box stands as near to an asked name as its buttons do, or at the foot of the whole screen."""
    middle = box.y + box.h / 2
    return middle >= (1 - policy.bar_share) * height_px or any(
        abs(middle - one.finding.box.y - one.finding.box.h / 2) <= policy.near_name * one.finding.box.h
        for one in names
    )


def stands_out(ground: tuple[int, int, int], names: Sequence[Item], policy: Policy) -> bool:
    """Whether a plate's colour is far from that of the page on which the names stand."""
    grounds = [one.style.ground for one in names if one.style is not None]
    return all(far_apart(ground, page) >= policy.button_levels for page in grounds)


def _offers(read: Sequence[Page], ask: Ask, policy: Policy) -> Iterator[tuple[Box, Style]]:
    """Yield the labels that deny a state, with how they are set."""
    for check in (one for one in ask.checks if isinstance(one, StateCheck)):
        for page in read:
            for finding in not_done_findings(check, page, policy):
                style = style_of(finding.tokens)
                if style is not None:
                    yield finding.box, style
