"""Judges places: do the asked words stand where a page puts them, or were they typed or painted there?

In: what a job asks, the pages of a picture with the setting of their words. Out: a `Trace` of typing or
painting, sure or as doubt, or None.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.denied import contradicted
from pipeline.glimpsed import glanced
from pipeline.items import items_of
from pipeline.painted import captioned, pasted, tiled
from pipeline.penned import giant, large_label, one_pen, outsized, scattered, titled_player, two_players
from pipeline.typed import typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.items import Item, Trace
    from pipeline.labels import Page
    from pipeline.policy import Policy
    from pipeline.records import Ask, Reading


def trace(read: Sequence[Page], reading: Reading, ask: Ask, policy: Policy) -> Trace | None:
    """Return what looks typed or painted: the first sure sign, else the first doubt, in this order.

    Doubts of two families (plates, typing, another picture around, sizes, a denial, a second player) are sure
    together.

    - PASTED_TEXT: asked words on a plate of their own that lies across the page's edges or cuts off a line,
      on a photo or a gradient, over the edge of a plate, or with ink of a third colour; sure for two apart.
    - TYPED_NOT_SHOWN: every place of the state (of every asked text where no state is asked) is typed with
      another asked text; sure where the field, the bubbles or the bare page around them were seen.
    - UNCLEAR: no asked text but in a browser's tab, above the address.
    - TYPED_NOT_SHOWN by a glance: a keyboard is open, the screen stands inside another picture, or a picture
      of nothing but text shows no address; sure for a single text above a keyboard.
    - PASTED_TEXT as doubt: a plate laid over the page beside the words; all asked texts on a band above or
      below the screen; three asked texts or more in one style on the page, at three margins; two names of one
      outsize; a button's label as large as a heading; a giant code; a second position, or a large one that is
      set like its title.
    - PASTED_TEXT: a done label that looks foreign where a button beside the name still offers to; sure where
      it is too large as well.
    - PASTED_TEXT: state and name in one outsize, in no order; sure where the state's plate cuts, too.
    - PASTED_TEXT as doubt, where nothing else speaks: the name stands on plates of its own alone.
    """
    items = tuple(items_of(read, ask, policy))
    found = [one for one in _signs(items, read, reading, ask, policy) if one[1] is not None]
    sure = next((trace for _, trace in found if trace is not None and trace.sure), None)
    if sure is not None:
        return sure
    if not found:  # a chip, a bubble and a painted plate look alike: with any of them it is one sign
        return tiled(items, reading, policy)
    first = found[0][1]
    # Signs of one family may have one cause; two of different families are hardly an accident.
    several = len({family for family, _ in found}) > 1
    return replace(first, sure=True) if several and first is not None else first


def _signs(
    items: Sequence[Item], read: Sequence[Page], reading: Reading, ask: Ask, policy: Policy
) -> Iterator[tuple[str, Trace | None]]:
    """Yield what each measure says with its family, in the order in which doubts are told."""
    yield "plates", pasted(items, reading, policy)
    yield "typing", typed(items, read, reading, ask, policy)
    scene = reading.scene
    framed = scene is not None and (scene.keyboard or scene.inset is not None)
    # Alike lines on a page of nothing but text are one sign, not two.
    yield "picture" if framed else "typing", glanced(items, read, reading, ask, policy)
    yield "denial", contradicted(items, read, reading, ask, policy)
    yield "sizes", captioned(items, reading, policy)
    yield "sizes", scattered(items, policy)
    yield "sizes", outsized(items, reading, policy)
    yield "sizes", large_label(items, reading, ask, policy)
    yield "sizes", one_pen(items, reading, policy)
    yield "sizes", giant(items, reading, policy)
    yield "players", two_players(items)
    yield "players", titled_player(items, reading, policy)
