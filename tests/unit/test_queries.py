"""Queries: words typed into a search box, or repeated by what it found, are no page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.reasons import ReasonCode
from pipeline.records import Box, CodeCheck, PositionCheck, Scene, StateCheck, Status, TextCheck
from tests.unit.test_places import BODY, NAME, STATE, TALL_PX, WIDE_PX, judged

MUTE = (NAME, StateCheck(done=("Mute now",)))


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [("“Nodi Tech", "Mute now”", Status.FAIL), ("Nodi Tech", "Mute now", Status.UNCLEAR)],
    ids=["in quotes", "bare"],
)
def test_name_and_state_in_one_breath_are_a_query(first: str, last: str, status: Status) -> None:
    """A page sets its state apart from its name; a search quotes what it sought."""
    more = ("for ever and a day", 400, 800, BODY)
    result = judged((first, 40, 800, BODY), (last, 200, 800, BODY), more, checks=MUTE)
    assert (result.status, result.code) == (status, ReasonCode.TYPED_NOT_SHOWN)


def test_a_word_between_name_and_state_makes_a_sentence() -> None:
    """What a page says of its name is no query."""
    row = (("Mute now", 40, 800, BODY), ("the channel", 180, 800, BODY), ("Nodi Tech", 370, 800, BODY))
    assert judged(*row, checks=MUTE).status is Status.PASS


def test_what_a_search_found_nothing_for_is_typed_with_its_field() -> None:
    """The state's second place repeats the field's line, though the name was misread there."""
    field = replace(BODY, plate=Box(x=20, y=90, w=640, h=70))
    typed = (("Nodi Tech", 40, 110, field), ("Mute now", 200, 110, field), ("for ever", 340, 110, field))
    echo = (("Nodl Tecn", 40, 700, BODY), ("Mute now", 200, 700, BODY), ("for ever", 340, 700, BODY))
    result = judged(*typed, *echo, checks=MUTE)
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_a_quote_read_as_a_letter_still_repeats_the_query() -> None:
    """A search quotes what it did not find; a model makes a letter of the first quote."""
    field = replace(BODY, plate=Box(x=20, y=90, w=640, h=70))
    typed = (("Nodi Tech", 40, 110, field), ("Mute now", 200, 110, field))
    echo = (("qNodi Tecn", 40, 700, BODY), ("Mute now”", 200, 700, BODY))
    result = judged(*typed, *echo, checks=MUTE)
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_a_code_in_a_search_field_of_a_plain_page_is_doubt() -> None:
    """A code stands on a page, not in the field at its top."""
    field = replace(BODY, plate=Box(x=20, y=90, w=640, h=70))
    row = (("PX-4471", 40, 110, field), ("second lesson", 200, 110, field), ("Recent", 40, 300, BODY))
    result = judged(*row, checks=(CodeCheck(value="PX-4471"),), at=0, scene=Scene(hues=4))
    assert (result.status, result.code) == (Status.UNCLEAR, ReasonCode.TYPED_NOT_SHOWN)


def test_a_title_with_a_position_in_quotes_is_no_player() -> None:
    """A player shows no quotes around its title and its clock."""
    checks = (TextCheck(value="The boat makers"), PositionCheck(above_s=0))
    quote = (("“The boat makers", 40, 800, BODY), ("2:14 / 5:09”", 310, 800, BODY))
    result = judged(*quote, checks=checks, at=0)
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_a_message_leaves_room_for_its_time() -> None:
    """A state off the middle of its rounded plate is a message, even where the time was not read."""
    bubble = replace(BODY, plate=Box(x=20, y=590, w=300, h=60), straddles=0.0)
    button = replace(BODY, plate=Box(x=20, y=590, w=190, h=60))
    heading = ("Nodi Tech", 40, 200, replace(BODY, tall_px=48, stroke=0.2))
    said = judged(heading, ("Subscribed", 40, 600, bubble), checks=(NAME, STATE))
    assert (said.status, said.code) == (Status.UNCLEAR, ReasonCode.TYPED_NOT_SHOWN)
    assert judged(heading, ("Subscribed", 40, 600, button)).status is Status.PASS


def test_a_bubble_needs_less_width_than_the_page() -> None:
    """The measure is of plates that hug their line: a page's own ground leaves room everywhere."""
    assert BODY.plate.w == WIDE_PX
    assert BODY.plate.h < TALL_PX
    rows = (("Nodi Tech", 40, 200, replace(BODY, tall_px=48, stroke=0.2)), ("Subscribed", 40, 600, BODY))
    assert judged(*rows).status is Status.PASS
