"""A name that goes on is another name: a word of its type beside it, at every place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import Status, TextCheck
from tests.unit.test_places import BODY, HEADING, NAME, STATE, judged

PILL = replace(BODY, plate=replace(BODY.plate, x=280, y=585, w=220, h=60))
STATED = ("Subscribed", 300, 600, PILL)


@pytest.mark.parametrize("longer", ["Nodi Tech Backup", "My Nodi Tech", "Nodi Tech 2"])
def test_a_name_within_a_longer_one_is_doubt(longer: str) -> None:
    """Who joined another channel of a longer name did not join this one."""
    told = judged((longer, 40, 200, HEADING), STATED, at=0)
    assert (told.status, told.code) == (Status.UNCLEAR, ReasonCode.TARGET_NEAR_MISS)
    assert told.found == longer


def test_one_place_where_the_name_stands_alone_clears_it() -> None:
    """A page may say its name in a sentence, too."""
    rows = (("Nodi Tech Backup", 40, 200, HEADING), ("Nodi Tech", 40, 900, HEADING), STATED)
    assert judged(*rows, at=0).status is Status.PASS


def test_a_text_without_a_state_may_stand_in_a_sentence() -> None:
    """A job that asks for words alone finds them anywhere."""
    row = ("My Nodi Tech", 40, 200, HEADING)
    assert judged(row, checks=(NAME,), at=0).status is Status.PASS


def test_another_asked_text_may_go_on() -> None:
    """Whoever was to comment may have said more."""
    checks = (NAME, TextCheck(value="Great tips"), STATE)
    rows = (("Nodi Tech", 40, 200, HEADING), ("Great tips bro", 40, 900, replace(BODY, stroke=0.2)), STATED)
    assert judged(*rows, checks=checks, at=1).status is Status.PASS


def test_a_word_far_from_the_name_is_none_of_it() -> None:
    """A count or an age beside a name leaves more than a space."""
    policy = Policy()
    assert policy.longer_gap < 1.0
    rows = (("Nodi Tech", 40, 200, HEADING), ("24K", 400, 200, HEADING), STATED)
    assert judged(*rows, at=0).status is Status.PASS
