"""Judges paint: do the asked words lie on the page, rather than in it?

In: the `Item`s of a picture. Out: a `Trace` of words written over it, sure or as doubt, or None. What an
editor lays down brings a plate that cuts through the page or a line of it, or lies across its edges.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.addresses import host_in
from pipeline.items import Item, Trace, end, hugged, in_title_strip, meet, trace_of
from pipeline.labels import around
from pipeline.reasons import ReasonCode

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
    laid = [
        item
        for item in items
        if _laid(item, reading, policy)
        or _on_paint(item, items, policy)
        or _cuts(item, policy)
        or _ragged(item, reading, policy)
    ]
    laid_texts, texts = ({item.asked for item in some} for some in (laid, items))
    if len(texts) > SEVERAL and 2 * len(laid_texts) < len(texts) and not any(one.state for one in laid):
        return None
    if laid and all(one.named for one in laid):  # one pen: other words that it wrote may stand elsewhere, too
        laid += [
            one for one in items if one.asked not in laid_texts and not one.timed and _mixed(one, policy)
        ]
        penned = len({one.asked for one in laid}) > len(laid_texts)
    else:
        penned = False
    # Ink of a third colour may be a neighbour's that the word's box holds: it makes nothing sure. Nor do the
    # plates of low type, which lossy files fray.
    telling = [one for one in laid if not _only_outlined(one, reading, policy)]
    sure = _several_apart([one for one in telling if one.style and one.style.size >= policy.telling_px])
    only_names = all(item.named or item.hosted for item in items)
    told = (
        laid if sure else [one for one in laid if _tells_alone(one, reading, policy, only_names=only_names)]
    )
    told = told or (laid if penned else [])
    if not told:
        return _patched(items, reading)
    box = around(one.finding.box for one in told)
    return Trace(code=ReasonCode.PASTED_TEXT, box=box, found=told[0].finding.text, sure=sure)


def tiled(items: Sequence[Item], reading: Reading, policy: Policy) -> Trace | None:
    """Return a name that stands on plates of its own alone, as doubt, where more than names is asked.

    It is the first text of a job: what was said in a comment may stand in a bubble.
    """
    if all(one.named or one.hosted for one in items):
        return None
    asked = min((one.asked for one in items if one.named), default=None)
    places = [one for one in items if one.asked == asked and not in_title_strip(one, reading, policy)]
    if places and all(_on_tile(one, reading, policy) for one in places):
        return trace_of(ReasonCode.PASTED_TEXT, places[0])
    return None


def _patched(items: Sequence[Item], reading: Reading) -> Trace | None:
    """Return a plate that was laid over the page beside the asked words, as doubt."""
    box = reading.scene.patch if reading.scene else None
    if box is None or not items:
        return None
    return Trace(code=ReasonCode.PASTED_TEXT, box=box, found=items[0].finding.text, sure=False)


def _several_apart(laid: Sequence[Item]) -> bool:
    """Whether several texts are laid over the page; a name inside the address is at one place with it."""
    apart = any(not meet(one.finding.box, other.finding.box) for one, other in combinations(laid, 2))
    return apart and len({one.asked for one in laid}) > 1


def _only_outlined(item: Item, reading: Reading, policy: Policy) -> bool:
    return _outlined(item, policy) and not (
        _laid(item, reading, policy) or _cuts(item, policy) or _off_ground(item, policy)
    )


def _tells_alone(item: Item, reading: Reading, policy: Policy, *, only_names: bool) -> bool:
    """Whether one text's plate or ground is worth a person's look."""
    cut = _cuts(item, policy) or _ragged(item, reading, policy)
    if cut or (_sharp(item, policy) and _laid(item, reading, policy)):
        return True
    if not only_names and _off_plate(item, policy) and _outlined(item, policy):
        return True
    if item.state and _laid(item, reading, policy) and is_outsized(item, reading, policy):
        return True  # a pill curves away from what is behind it, but no page sets its button so large
    if item.state or item.timed or only_names:
        return False
    return not item.named or _laid(item, reading, policy)


def _laid(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a plate that holds just this text lies across edges of what is behind it."""
    if item.style is None or not hugged(item, policy):
        return False
    return not _from_edge_to_edge(item.style.plate, reading, policy) and (
        _sharp(item, policy) or item.style.straddles >= policy.straddling_pill
    )


def _from_edge_to_edge(plate: Box, reading: Reading, policy: Policy) -> bool:
    """Whether a plate is a band of the page: wide, and no further from one edge than from the other."""
    margin = (1 - policy.band_share) * reading.width_px
    return plate.x <= margin / 2 and reading.width_px - end(plate) <= margin / 2


def _sharp(item: Item, policy: Policy) -> bool:
    """Whether the plate that holds just this text has four corners and cuts through what is behind it."""
    style = item.style
    if style is None or not style.square:
        return False
    return hugged(item, policy) and (style.straddles >= policy.straddling or style.cut >= policy.least_cut)


def _on_paint(item: Item, items: Sequence[Item], policy: Policy) -> bool:
    """Whether every place of a text has no flat ground: a photo's, a gradient's; a player has that, too."""
    places = [one for one in items if one.asked == item.asked]
    return not item.timed and all(_mixed(one, policy) for one in places)


def _mixed(item: Item, policy: Policy) -> bool:
    """Whether the ground of a text has many colours, or one colour in so small a spot as letters leave."""
    return _off_ground(item, policy) or _outlined(item, policy)


def _off_ground(item: Item, policy: Policy) -> bool:
    """Whether a text stands on a spot no larger than itself, on a rough ground or over its plate's edge."""
    style, box = item.style, item.finding.box
    if style is None:
        return False
    spot = style.plate.w < policy.spot_of_text * box.w or style.plate.h < policy.spot_of_text * style.size
    return spot or style.rough >= policy.rough_ground or _off_plate(item, policy)


def _off_plate(item: Item, policy: Policy) -> bool:
    """Whether a text reaches over the edge of the plate that it stands on; a wrapped one has several."""
    style, box = item.style, item.finding.box
    if style is None or len({token.word.line for token in item.finding.tokens}) > 1:
        return False
    plate = style.plate
    wide = min(box.x + box.w, plate.x + plate.w) - max(box.x, plate.x)
    tall = min(box.y + box.h, plate.y + plate.h) - max(box.y, plate.y)
    return min(wide / box.w, tall / box.h) < policy.off_plate


def _outlined(item: Item, policy: Policy) -> bool:
    """Whether a text has ink of a third colour: an outline, a shadow, strokes that it crosses."""
    return item.style is not None and item.style.mixed >= policy.mixed_ink


def _cuts(item: Item, policy: Policy) -> bool:
    """Whether a text's plate cut off the line beside it, or took a bite out of an element around it."""
    style = item.style
    if style is None:
        return False
    return style.remains > 0 or (style.bitten and not item.timed and not hugged(item, policy))


def _ragged(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a text's low plate has no page's shape: one of an element's own colour reaches over its edge.

    What goes on beyond the picture's edges has no shape, nor has a film below its position.
    """
    style = item.style
    if style is None or item.timed or style.rough >= policy.rough_ground:
        return False
    plate = style.plate
    inside = plate.x > 0 and plate.y > 0
    inside = inside and end(plate) < reading.width_px and plate.y + plate.h < reading.height_px
    return inside and style.stepped


def _on_tile(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a name lies on a plate of its own: a page sets it on its ground, or on a band."""
    own = hugged(item, policy) and host_in(item.finding.text) is None
    return own and item.style is not None and not _from_edge_to_edge(item.style.plate, reading, policy)


def captioned(items: Sequence[Item], reading: Reading, policy: Policy) -> Trace | None:
    """Return words on a band above or below a tall screen, as doubt: no page says it all at its very edge.

    A name alone may: on a bar of tabs, on a header. A wide screen's bars hold small type.
    """
    shown = [one for one in items if one.style is not None and not one.hosted]
    told = [one for one in shown if not in_title_strip(one, reading, policy)]
    wide = reading.height_px < reading.width_px
    if not told or (wide and not all(is_outsized(one, reading, policy) for one in told)):
        return None
    at_foot = all(one.finding.box.y >= (1 - policy.caption_share) * reading.height_px for one in told)
    several, band = len({one.asked for one in told}) > 1, _one_band(told, reading, policy)
    alone = band is not None and not told[0].named
    at_head = several and (_above_all(items, reading, policy) or (band is not None and band.y == 0))
    if not ((at_foot and (several or alone)) or at_head):
        return None
    box = around(one.finding.box for one in told)
    return Trace(code=ReasonCode.PASTED_TEXT, box=box, found=told[0].finding.text, sure=False)


def _above_all(items: Sequence[Item], reading: Reading, policy: Policy) -> bool:
    """Whether large words begin where a screen has its status bar, and all asked ones stand below them."""
    tops = [one.finding.box.y / max(1, reading.height_px) for one in items]
    large = all(is_outsized(one, reading, policy) for one in items)
    return large and min(tops) <= policy.caption_top and max(tops) <= policy.caption_share


def _one_band(told: Sequence[Item], reading: Reading, policy: Policy) -> Box | None:
    """Return the one low plate, as wide as the picture, that all texts stand on; None where there is none."""
    plates = {one.style.plate for one in told if one.style is not None}
    plate = plates.pop()
    low = plate.h <= policy.caption_tall * reading.height_px
    wide = plate.w >= policy.band_share * reading.width_px
    return plate if low and wide and not plates else None


def is_outsized(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a text is far larger than a usual line of the page."""
    usual = reading.scene.usual_px if reading.scene else 0.0
    return item.style is not None and item.style.size >= policy.outsize * usual > 0
