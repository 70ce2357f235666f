"""Costly answers are told again for a while."""

from __future__ import annotations

from pipeline.web.remembered import LEAST_S, TIMES_THE_COST, Remembered


def test_an_answer_lasts_as_its_cost_says() -> None:
    """A quick one for seconds, a slow one for twenty times what it took; each name has its own."""
    now, asked = [0.0], []

    def find(cost_s: float) -> int:
        now[0] += cost_s
        asked.append(cost_s)
        return len(asked)

    kept = Remembered(lambda: now[0])
    assert [kept("a", lambda: find(0.0)) for _ in range(3)] == [1, 1, 1]
    now[0] += LEAST_S
    assert kept("a", lambda: find(3.0)) == 2
    now[0] += TIMES_THE_COST * 3 - 0.1
    assert kept("a", lambda: find(0.0)) == 2
    assert kept("b", lambda: find(0.0)) == 3
    now[0] += 0.2
    assert kept("a", lambda: find(0.0)) == 4
