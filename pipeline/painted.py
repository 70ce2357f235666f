"""Judges paint: do the asked words lie on the page, rather than in it?

In: the `Item`s of a picture. Out: a `Trace` of words written over it, sure or as doubt, or None. What an
editor lays down brings a plate that cuts through the page, or one style for a name and its button.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.items import Item, Trace, aligned, hugged
from pipeline.labels import around
from pipeline.reasons import ReasonCode
from pipeline.styles import alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.policy import Policy
    from pipeline.records import Box, Reading

SEVERAL = 3  # asked texts that no page sets alike by chance


def pasted(items: Sequence[Item], reading: Reading, policy: Policy) -> Trace | None:
    """Return words on plates of their own that lie across the page's edges, or on no flat ground at all.

    A few of many asked texts do not count, for a page has words on pictures, too. Sure for two texts. One
    alone is doubt, and none where it is a state on a rounded plate, for pills curve away from what is behind
    them, too; nor a player's position, nor a name over a photo.
    """
    laid = [item for item in items if _laid(item, reading, policy) or _on_paint(item, items, policy)]
    laid_texts, texts = ({item.asked for item in some} for some in (laid, items))
    if len(texts) > SEVERAL and 2 * len(laid_texts) < len(texts) and not any(one.state for one in laid):
        return None
    sure = len(laid_texts) > 1
    only_names = all(item.named or item.hosted for item in items)
    told = (
        laid if sure else [one for one in laid if _tells_alone(one, reading, policy, only_names=only_names)]
    )
    if not told:
        return None
    box = around(one.finding.box for one in told)
    return Trace(code=ReasonCode.PASTED_TEXT, box=box, found=told[0].finding.text, sure=sure)


def _tells_alone(item: Item, reading: Reading, policy: Policy, *, only_names: bool) -> bool:
    """Whether one text's plate or ground is worth a person's look."""
    if _sharp(item, policy) and _laid(item, reading, policy):
        return True
    if item.state or item.timed or only_names:
        return False
    return not item.named or _laid(item, reading, policy)


def _laid(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a plate that holds just this text lies across edges of what is behind it."""
    if item.style is None or not hugged(item, policy):
        return False
    narrow = item.style.plate.w < policy.band_share * reading.width_px
    return narrow and (_sharp(item, policy) or item.style.straddles >= policy.straddling_pill)


def _sharp(item: Item, policy: Policy) -> bool:
    """Whether the plate that holds just this text has four corners and cuts through what is behind it."""
    square = item.style is not None and item.style.square and item.style.straddles >= policy.straddling
    return square and hugged(item, policy)


def _on_paint(item: Item, items: Sequence[Item], policy: Policy) -> bool:
    """Whether every place of a text has no flat ground: a photo's, a gradient's; a player has that, too."""
    places = [one for one in items if one.asked == item.asked]
    return not item.timed and all(_mixed(one, policy) for one in places)


def _mixed(item: Item, policy: Policy) -> bool:
    """Whether the ground of a text has many colours, or one colour in so small a spot as letters leave."""
    style, box = item.style, item.finding.box
    if style is None:
        return False
    spot = style.plate.w < policy.spot_of_text * box.w or style.plate.h < policy.spot_of_text * style.size
    return spot or style.rough >= policy.rough_ground


def captioned(items: Sequence[Item], reading: Reading, policy: Policy) -> Trace | None:
    """Return words on a band above or below a tall screen, as doubt: no page says it all at its very edge.

    A name alone may: on a bar of tabs, on a header.
    """
    told = [one for one in items if one.style is not None and not one.hosted]
    if not told or reading.height_px < reading.width_px:
        return None
    at_foot = all(one.finding.box.y >= (1 - policy.caption_share) * reading.height_px for one in told)
    several, band = len({one.asked for one in told}) > 1, _one_band(told, reading, policy)
    alone = band is not None and not told[0].named
    if not ((at_foot and (several or alone)) or (several and band is not None and band.y == 0)):
        return None
    box = around(one.finding.box for one in told)
    return Trace(code=ReasonCode.PASTED_TEXT, box=box, found=told[0].finding.text, sure=False)


def _one_band(told: Sequence[Item], reading: Reading, policy: Policy) -> Box | None:
    """Return the one low plate, as wide as the picture, that all texts stand on; None where there is none."""
    plates = {one.style.plate for one in told if one.style is not None}
    plate = plates.pop()
    low = plate.h <= policy.caption_tall * reading.height_px
    wide = plate.w >= policy.band_share * reading.width_px
    return plate if low and wide and not plates else None


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


def _straddles(item: Item, policy: Policy) -> bool:
    return item.style is not None and item.style.straddles >= policy.straddling_pill


def _one_pen(state: Item, name: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a state and a name are alike in size and weight, both outsized, and set in no order."""
    one, two, scene = state.style, name.style, reading.scene
    if not name.named or one is None or two is None or scene is None or not scene.usual_px:
        return False
    here, there = state.finding.box, name.finding.box
    in_one_row = here.y < there.y + there.h and there.y < here.y + here.h
    outsize = min(one.size, two.size) >= policy.outsize * scene.usual_px
    order = in_one_row or aligned(here, there, policy.one_margin * max(one.size, two.size))
    return outsize and not order and alike(one, two, policy, size_only=True)
