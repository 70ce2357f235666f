"""Shares and their intervals, and which verdicts are drawn."""

from __future__ import annotations

import pytest
from ulid import ULID

from pipeline.quality import drawn, rate


@pytest.mark.parametrize(
    ("hits", "seen", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (3, 200, 0.0051, 0.0432),
        (5, 10, 0.2366, 0.7634),
    ],
)
def test_an_interval_is_wilsons(hits: int, seen: int, low: float, high: float) -> None:
    """As computed by R's binom.confint(method="wilson") and by hand."""
    found = rate(hits, seen)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.share == (hits / seen if seen else None)


def test_a_share_is_drawn_and_always_the_same() -> None:
    """None at 0, all at 1, about a tenth at 0.1; what was drawn at a share is drawn at a larger one."""
    ids = [str(ULID()) for _ in range(4000)]
    assert not any(drawn(one, 0.0) for one in ids)
    assert all(drawn(one, 1.0) for one in ids)
    tenth = {one for one in ids if drawn(one, 0.1)}
    assert 300 < len(tenth) < 500
    assert tenth == {one for one in ids if drawn(one, 0.1)} <= {one for one in ids if drawn(one, 0.2)}
