"""Facts about which lines can hold what is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.lengths import length_of
from pipeline.lines import Line
from pipeline.policy import Policy
from pipeline.records import Ask, PositionCheck, StateCheck, TextCheck
from pipeline.wanted import Chance, barred, chance, denies, languages_for, misfit_of

POLICY = Policy()
NAME, STATE = TextCheck(value="Nodi Tech"), StateCheck(done=("Subscribed",), not_done=("Subscribe",))
ASK = Ask(checks=(NAME, STATE, PositionCheck()), submitted_at=datetime(2026, 11, 1, tzinfo=UTC))
BOTH = frozenset({"eng", "ben"})


def line(length: float, *, headline: float = 0.0, tall: float = 20.0) -> Line:
    """Return a line so many letter heights long."""
    return Line(left=0, top=100, right=round(length * tall), bottom=124, tall_px=tall, headline=headline)


def test_a_line_as_long_as_the_name_fits_best() -> None:
    """Neither a shorter nor a longer one is read before it."""
    usual = length_of("Nodi Tech")
    fits = [misfit_of(NAME, ASK, line(usual * factor), 0.5, POLICY) for factor in (0.7, 1.0, 1.4)]
    assert min(fits) == fits[1]


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, Chance.SOME), (0.64, Chance.SOME), (0.66, Chance.GOOD), (3.0, Chance.GOOD)]
)
def test_a_line_too_short_for_the_name_is_read_later(share: float, expected: Chance) -> None:
    """A longer line may hold it among other words; a shorter one only a part of it."""
    assert chance(NAME, ASK, line(share * length_of("Nodi Tech")), 0.5, POLICY) is expected


def test_a_line_much_longer_than_a_label_is_no_label() -> None:
    """A sentence is read only when no label was found."""
    assert chance(STATE, ASK, line(length_of("Subscribed")), 0.5, POLICY) is Chance.GOOD
    assert chance(STATE, ASK, line(3 * length_of("Subscribed") + 3), 0.5, POLICY) is Chance.SOME


@pytest.mark.parametrize(("length", "expected"), [(1.6, False), (6.0, True), (6.4, True), (12.0, False)])
def test_only_a_line_of_its_length_may_be_a_not_done_label(length: float, *, expected: bool) -> None:
    """What cannot say `Subscribe` need not be read once `Subscribed` was found."""
    assert denies(STATE, line(length), POLICY) is expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1.8, Chance.SOME), (2.8, Chance.GOOD), (11.5, Chance.GOOD), (30.0, Chance.SOME)],
)
def test_a_position_is_neither_an_icon_nor_a_sentence(length: float, expected: Chance) -> None:
    """From 0:10 alone to hours in both times."""
    assert chance(PositionCheck(), ASK, line(length), 0.5, POLICY) is expected


def test_a_page_with_hardly_a_bar_over_its_lines_is_not_bengali() -> None:
    """An icon or a channel's name under a bar makes no Bengali page; too few lines tell nothing."""
    latin = [line(8.0)] * 9
    assert not barred([*latin, line(8.0, headline=1.0)], POLICY)
    assert barred([*latin, *[line(8.0, headline=1.0)] * 4], POLICY)
    assert barred(latin[:4], POLICY)


def test_a_line_that_may_be_either_is_read_in_the_script_of_its_page() -> None:
    """What surely stands under a bar is Bengali on any page."""
    either, sure = line(4.0, headline=0.4), line(4.0, headline=0.95)
    assert languages_for(either, BOTH, POLICY, bengali=False) == "eng"
    assert languages_for(either, BOTH, POLICY, bengali=True) == "ben+eng"
    assert languages_for(sure, BOTH, POLICY, bengali=False) == "ben"
