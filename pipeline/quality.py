"""How good decisions are, measured: which are drawn for a second look, and what the looks say. Pure.

In: a verdict's id and a share; counts. Out: whether it is drawn; a rate with its interval. Nothing here
changes a verdict.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

SURE_95 = 1.959964
"""Standard deviations within which a normal value lies 95 times in a hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of so many, and between which rates the true one lies 95 times in a hundred.

    Attributes:
        low, high: Bounds of the share, 0..1; the whole range where nothing was seen.
    """

    hits: int
    seen: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The measured share; None where nothing was seen."""
        return self.hits / self.seen if self.seen else None


def drawn(verdict: str, share: float) -> bool:
    """Tell whether a verdict is drawn: by its id alone, so that whoever asks again gets the same answer.

    An id is random where it is not a time, and its digest says nothing of what was decided.
    """
    digest = hashlib.sha256(verdict.encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2.0**64


def rate(hits: int, seen: int) -> Rate:
    """Return a share with Wilson's score interval at 95 %.

    Source: Wilson 1927, Probable inference, the law of succession, and statistical inference, JASA 22. No
    deviation; it holds for few cases and for shares near 0, where the normal interval does not.
    """
    if seen == 0:
        return Rate(hits=0, seen=0, low=0.0, high=1.0)
    share, z2 = hits / seen, SURE_95**2
    middle = share + z2 / (2 * seen)
    spread = SURE_95 * math.sqrt(share * (1 - share) / seen + z2 / (4 * seen**2))
    whole = 1 + z2 / seen
    low, high = (middle - spread) / whole, (middle + spread) / whole
    return Rate(hits=hits, seen=seen, low=0.0 if hits == 0 else low, high=1.0 if hits == seen else high)
