"""Judges places: do the asked words stand where a page puts them, or were they typed or painted there?

In: what a job asks, the pages of a picture with the setting of their words. Out: a `Trace` of typing or
painting, sure or as doubt, or None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.glimpsed import glanced
from pipeline.items import Trace, items_of
from pipeline.painted import captioned, pasted
from pipeline.penned import giant, outsized, scattered, two_players
from pipeline.typed import typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.labels import Page
    from pipeline.policy import Policy
    from pipeline.records import Ask, Reading


def trace(read: Sequence[Page], reading: Reading, ask: Ask, policy: Policy) -> Trace | None:
    """Return what looks typed or painted, in this order.

    - PASTED_TEXT: asked words on a plate of their own that lies across the page's edges or cuts off a line,
      on a photo or a gradient, over the edge of a plate, or with ink of a third colour; sure for two apart.
    - TYPED_NOT_SHOWN: every place of the state (of every asked text where no state is asked) is typed with
      another asked text; sure where the field, the bubbles or the bare page around them were seen.
    - UNCLEAR: no asked text but in a browser's tab, above the address.
    - TYPED_NOT_SHOWN by a glance: a keyboard is open, the screen stands inside another picture, or a picture
      of nothing but text shows no address; sure for a single text above a keyboard.
    - PASTED_TEXT as doubt: all asked texts on a band above or below the screen; three asked texts or more in
      one style on the page, at three margins; a giant code; a second player's position.
    - PASTED_TEXT: state and name in one outsize, in no order; sure where the state's plate cuts, too.
    """
    items = tuple(items_of(read, ask, policy))
    return (
        pasted(items, reading, policy)
        or typed(items, read, reading, ask, policy)
        or glanced(items, read, reading, ask, policy)
        or captioned(items, reading, policy)
        or scattered(items, policy)
        or outsized(items, reading, policy)
        or giant(items, reading, policy)
        or two_players(items)
    )
