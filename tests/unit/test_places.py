"""Places: words that were typed or painted are told from words that a page shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.labels import see
from pipeline.match import check
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import (
    Ask,
    Box,
    Check,
    CheckResult,
    Pass,
    Reading,
    Setting,
    StateCheck,
    Status,
    TextCheck,
    UrlCheck,
    Word,
)

WIDE_PX, TALL_PX = 720, 1600
PAGE = Box(x=0, y=60, w=WIDE_PX, h=1500)
BODY = Setting(ink=(20, 20, 20), ground=(255, 255, 255), tall_px=28, stroke=0.11, plate=PAGE)
HEADING = replace(BODY, tall_px=48, stroke=0.2)
NAME, STATE = TextCheck(value="Nodi Tech"), StateCheck(done=("Subscribed",), not_done=("Subscribe",))
Spot = tuple[str, int, int, Setting]


def test_a_heading_and_its_button_are_a_page() -> None:
    """Name and state of different size and plate pass."""
    pill = replace(BODY, plate=Box(x=20, y=280, w=220, h=60))
    assert judged(("Nodi Tech", 40, 200, HEADING), ("Subscribed", 40, 295, pill)).status is Status.PASS


def test_two_lines_of_a_bare_note_are_surely_typed() -> None:
    """One style, one margin and nothing else on the page: no proof."""
    result = judged(("Nodi Tech", 40, 200, BODY), ("Subscribed", 40, 245, BODY), lines=8)
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_two_alike_lines_of_a_full_page_are_doubt() -> None:
    """A page that says much more may set two texts alike: a person looks."""
    result = judged(("Nodi Tech", 40, 200, BODY), ("Subscribed", 40, 245, BODY), lines=60)
    assert (result.status, result.code) == (Status.UNCLEAR, ReasonCode.TYPED_NOT_SHOWN)


@pytest.mark.parametrize(
    "other",
    [replace(BODY, ink=(0, 90, 220)), replace(BODY, stroke=0.2), replace(BODY, tall_px=40)],
    ids=["colour", "weight", "size"],
)
def test_another_style_under_a_name_is_a_page(other: Setting) -> None:
    """A link, a bold word or a larger one under a name was not typed with it."""
    assert judged(("Nodi Tech", 40, 200, BODY), ("Subscribed", 40, 245, other)).status is Status.PASS


def test_one_line_of_a_search_field_is_surely_typed() -> None:
    """A field that holds just name and state is no page."""
    field = replace(BODY, plate=Box(x=20, y=90, w=640, h=70))
    result = judged(("Nodi Tech", 40, 110, field), ("Subscribed", 200, 110, field))
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_a_search_box_is_typed_into_whatever_else_it_holds() -> None:
    """More words behind name and state make a query no page."""
    field = replace(BODY, plate=Box(x=20, y=90, w=640, h=70))
    result = judged(
        ("Nodi Tech", 40, 110, field), ("Subscribed", 200, 110, field), ("Too many ads", 340, 110, field)
    )
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_messages_at_both_sides_are_surely_typed() -> None:
    """Name and state alone in bubbles, one received and one sent, are a chat."""
    got = replace(BODY, plate=Box(x=20, y=280, w=200, h=60))
    sent = replace(BODY, ground=(217, 253, 211), plate=Box(x=500, y=350, w=200, h=60))
    result = judged(("Nodi Tech", 40, 295, got), ("Subscribed", 520, 365, sent))
    assert (result.status, result.code) == (Status.FAIL, ReasonCode.TYPED_NOT_SHOWN)


def test_bubbles_at_one_side_without_a_time_are_doubt() -> None:
    """Two chips of a page look like bubbles."""
    first = replace(BODY, plate=Box(x=20, y=280, w=200, h=60))
    second = replace(BODY, plate=Box(x=20, y=350, w=220, h=60))
    result = judged(("Nodi Tech", 40, 295, first), ("Subscribed", 40, 365, second))
    assert (result.status, result.code) == (Status.UNCLEAR, ReasonCode.TYPED_NOT_SHOWN)


def test_a_state_that_also_stands_on_a_button_is_shown() -> None:
    """A typed line beside the page's own button spoils nothing."""
    pill = replace(BODY, plate=Box(x=20, y=880, w=220, h=60), stroke=0.2)
    rows = (("Nodi Tech", 40, 200, BODY), ("Subscribed", 40, 245, BODY), ("Subscribed", 40, 895, pill))
    assert judged(*rows, lines=8).status is Status.PASS


@pytest.mark.parametrize(("both", "status"), [(True, Status.FAIL), (False, Status.UNCLEAR)])
def test_sharp_plates_across_the_page_are_painted(both: bool, status: Status) -> None:  # noqa: FBT001 (a table)
    """Two words on plates that cut through the page were painted; a single one is doubt."""
    laid = {"square": True, "straddles": 0.5}
    name = replace(BODY, plate=Box(x=30, y=190, w=180, h=50), **laid)
    state = replace(HEADING, plate=Box(x=300, y=590, w=220, h=60), **(laid if both else {}))
    result = judged(("Nodi Tech", 40, 200, name), ("Subscribed", 310, 600, state))
    assert (result.status, result.code) == (status, ReasonCode.PASTED_TEXT)


def test_a_title_in_a_tab_alone_is_doubt() -> None:
    """A browser's tab above the address shows no page."""
    tab = replace(BODY, plate=Box(x=0, y=0, w=WIDE_PX, h=70))
    bar = replace(BODY, plate=Box(x=60, y=80, w=600, h=50))
    rows = (("Winter offers", 40, 20, tab), ("nodiherbs.com", 80, 90, bar))
    checks = (TextCheck(value="Winter offers"), UrlCheck(host="nodiherbs.com"))
    assert judged(*rows, checks=checks, at=0).status is Status.UNCLEAR


def judged(
    *spots: Spot, lines: int = 40, checks: tuple[Check, ...] = (NAME, STATE), at: int = 1
) -> CheckResult:
    """Return the result of one check on a page with these texts, each a line unless at one height."""
    rows = sorted({y for _, _, y, _ in spots})
    words = tuple(
        Word(
            text=one,
            box=Box(
                x=x + 16 * len(" ".join(text.split()[:number])) + 12 * bool(number),
                y=y,
                w=15 * len(one),
                h=30,
            ),
            confidence=0.95,
            line=rows.index(y),
            setting=setting,
        )
        for text, x, y, setting in spots
        for number, one in enumerate(text.split())
    )
    whole = Box(x=0, y=0, w=WIDE_PX, h=TALL_PX)
    past = Pass(
        name="page",
        engine="fake",
        languages="eng",
        page_mode=11,
        scale=1.0,
        region=whole,
        cpu_ms=1,
        words=len(words),
    )
    reading = Reading(
        image=0,
        width_px=WIDE_PX,
        height_px=TALL_PX,
        words=words,
        passes=(past,),
        engine_version="0",
        lines=lines,
    )
    ask = Ask(checks=checks, submitted_at=datetime(2026, 11, 1, tzinfo=UTC))
    return check(checks[at], (see(reading, Policy()),), ask, Policy())
