"""`read` with an engine that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.desk import BLOCK, SPARSE
from pipeline.one_line import ONE_LINE
from pipeline.policy import Policy
from pipeline.read import read
from pipeline.reasons import ReasonCode
from pipeline.records import (
    AbsentCheck,
    Ask,
    Box,
    Check,
    CodeCheck,
    Picture,
    Reading,
    StateCheck,
    TextCheck,
    Word,
)

NOW = datetime(2026, 11, 1, 8, 4, 6, tzinfo=UTC)
LINES = ("Nodi Tech", "A longer line of words below", "Subscribed", "Last line here")
Grey = NDArray[np.uint8]


class FakeEngine:
    """Answers each recognition by a function of the pixels' number, and remembers what it was asked."""

    name = "fake"
    version = "fake 1"

    def __init__(self, answer: Callable[[int], str], *, confidence: float = 0.95) -> None:
        self.asked: list[tuple[tuple[int, ...], str, int]] = []
        self._answer, self._confidence = answer, confidence

    def languages(self) -> frozenset[str]:
        return frozenset({"eng", "ben"})

    def recognise(self, grey: Grey, *, languages: str, page_mode: int) -> tuple[Word, ...]:
        self.asked.append((grey.shape, languages, page_mode))
        height, width = grey.shape
        box = Box(x=10, y=10, w=max(1, width - 20), h=max(1, height - 20))
        return tuple(
            Word(text=text, box=box, confidence=self._confidence, line=0)
            for text in self._answer(len(self.asked)).split("|")
            if text
        )


def screen(*lines: str, width: int = 720, height: int = 1280, heading: float = 0.0) -> Picture:
    """Draw lines of text, dark on light grey, 120 px apart; the first a heading over a photo at the foot."""
    pixels = np.full((height, width, 3), 240, np.uint8)
    for number, text in enumerate(lines, start=1):
        size, place = heading if number == 1 and heading else 1.1, (40, 120 * number)
        cv2.putText(pixels, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, (20, 20, 20), 2, cv2.LINE_AA)
    if heading:
        photo = np.random.default_rng(1).integers(0, 256, (4, 5, 3), np.uint8)
        pixels[-160:] = cv2.resize(photo, (width, 160), interpolation=cv2.INTER_LINEAR)
    return Picture(pixels=pixels, format="PNG", frames=1)


def reading(picture: Picture, engine: FakeEngine, *checks: Check, budget_ms: int = 60_000) -> Reading:
    (result,) = read(
        [(0, picture)],
        Ask(checks=checks, submitted_at=NOW),
        engine=engine,
        policy=Policy(),
        budget_ms=budget_ms,
        languages="eng+ben",
    )
    return result


def test_without_checks_nothing_is_recognised() -> None:
    """A job that judges likeness only costs no reading."""
    engine = FakeEngine(lambda _: "x")
    result = reading(screen(*LINES), engine)
    assert (result.words, result.passes, engine.asked) == ((), (), [])


def test_the_first_line_that_shows_the_name_ends_the_reading() -> None:
    """Accepting is quick: one line is recognised, in the one language that the name needs."""
    engine = FakeEngine(lambda _: "Nodi Tech")
    result = reading(screen(*LINES, heading=1.8), engine, TextCheck(value="Nodi Tech"))
    assert [(one.name, one.words) for one in result.passes] == [("likely", 1)]
    assert [languages for _, languages, _ in engine.asked] == ["eng"]


def test_nothing_is_missing_before_every_way_was_tried() -> None:
    """Rejecting has looked at every line, and at the whole picture."""
    engine = FakeEngine(lambda number: f"other{number}")
    result = reading(screen(*LINES), engine, TextCheck(value="Nodi Tech"))
    assert {"likely", "page"} <= {one.name for one in result.passes}
    assert len(engine.asked) >= len(LINES) + 1


def test_what_was_read_badly_is_looked_at_in_every_way() -> None:
    """Unsure letters may be the asked ones: the picture is read plain and larger, too."""
    engine = FakeEngine(lambda number: f"other{number}", confidence=0.3)
    result = reading(screen(*LINES), engine, TextCheck(value="Nodi Tech"))
    assert {"likely", "page", "plain", "larger"} <= {one.name for one in result.passes}


def test_what_almost_fits_is_looked_at_again_larger() -> None:
    """A near miss costs two closer looks at its own place."""
    engine = FakeEngine(lambda _: "Nodi Teck")
    result = reading(screen(*LINES), engine, TextCheck(value="Nodi Tech"))
    closer = [one for one in result.passes if one.name.startswith("closer")]
    assert closer
    assert all(one.region.h < result.height_px / 4 for one in closer)


def test_words_lie_in_the_upright_original() -> None:
    """Boxes come back in px of the original, whatever the scale that was read."""
    engine = FakeEngine(lambda _: "Nodi Tech")
    tall = screen("Nodi Tech", width=1440, height=2560)
    (word,) = reading(tall, engine, TextCheck(value="Nodi Tech")).words
    assert abs(word.box.x - 40) <= 6
    assert word.box.y + word.box.h <= 150
    assert word.box.y >= 80


def test_a_done_label_far_from_the_name_does_not_end_the_search_near_it() -> None:
    """Labels are read outwards from the name, so the nearer one is known before the farther."""
    engine = FakeEngine(lambda number: ("Nodi Tech", "Subscribed")[min(number, 2) - 1])
    result = reading(
        screen(*LINES, heading=1.8),
        engine,
        TextCheck(value="Nodi Tech"),
        StateCheck(done=("Subscribed",), not_done=("Subscribe",)),
    )
    assert [one.name for one in result.passes] == ["likely", "labels"]


@pytest.mark.parametrize(("filled", "passes"), [(True, ["denials"]), (False, [])])
def test_a_button_that_may_still_offer_is_read_once_all_is_settled(filled: bool, passes: list[str]) -> None:  # noqa: FBT001 (a table)
    """Below the done label a filled button as long as a not-done word is looked at; plain text is not."""
    picture = screen("Nodi Tech", "Subscribed", "Subscribe", heading=1.8)
    if filled:
        cv2.rectangle(picture.pixels, (20, 310), (260, 390), (0, 60, 160), -1)
        cv2.putText(picture.pixels, "Subscribe", (40, 360), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (255,) * 3, 2)
    engine = FakeEngine(lambda number: ("Nodi Tech", "Subscribed", "Subscribe")[min(number, 3) - 1])
    state = StateCheck(done=("Subscribed",), not_done=("Subscribe",))
    result = reading(picture, engine, TextCheck(value="Nodi Tech"), state)
    assert [one.name for one in result.passes if one.name == "denials"] == passes


def test_absence_takes_a_sure_look_at_each_line() -> None:
    """What must not be there is looked for in every line that may hold it."""
    engine = FakeEngine(lambda number: f"word{number}|more|text")
    result = reading(screen(*LINES), engine, AbsentCheck(any=("Last line",)))
    assert len(engine.asked) == len(LINES)
    assert [one.name for one in result.passes] == ["likely"]


def test_absence_takes_another_look_where_a_line_is_unsure() -> None:
    """Letters read with little confidence may be the forbidden ones."""
    engine = FakeEngine(lambda number: f"word{number}|more|text", confidence=0.3)
    result = reading(screen(*LINES), engine, AbsentCheck(any=("Last line",)))
    assert "closer" in {one.name for one in result.passes}


def test_before_a_text_is_missing_unsure_lines_of_its_length_are_read_at_other_sizes() -> None:
    """One size shows what another hides: a clearly legible heading was once called missing."""
    engine = FakeEngine(
        lambda _: "Nodi Tech" if 200 < engine.asked[-1][0][1] < 250 else "alata", confidence=0.5
    )
    result = reading(
        screen("Nodi Tech", "A longer line of words below"), engine, TextCheck(value="Nodi Tech")
    )
    assert [one.name for one in result.passes][:1] == ["likely"]
    assert [one.name for one in result.passes][-1] == "unsure"
    assert "Nodi Tech" in {word.text for word in result.words}


def test_a_word_that_touches_the_line_below_is_read_with_its_own_line() -> None:
    """A large title's descender joins two lines; the title is read on to the side where it was cut off."""
    picture = screen("Nodi Tech Bangla", heading=1.8)
    picture.pixels[110:200, 44:50] = 20
    cv2.putText(picture.pixels, "by Karim", (40, 190), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (20, 20, 20), 2)
    engine = FakeEngine(lambda _: _read_in(engine.asked[-1][0][1]))
    result = reading(picture, engine, TextCheck(value="Nodi Tech Bangla"))
    assert [one.name for one in result.passes] == ["likely", "wider"]


def _read_in(width: int) -> str:
    if width < 240:
        return "by"
    return "Nodi Tech Bangla" if width > 300 else "Tech Bangla"


def test_only_the_models_of_what_is_still_looked_for_are_used() -> None:
    """Once a Bengali name was found, a Latin code costs no Bengali reading."""
    engine = FakeEngine(lambda number: "নদী" if number == 1 else f"other{number}")
    reading(screen(*LINES), engine, TextCheck(value="নদী"), CodeCheck(value="KD8842"))
    whole = {languages for _, languages, page_mode in engine.asked if page_mode in {BLOCK, SPARSE}}
    assert whole == {"eng"}


def test_equal_pixels_are_recognised_once() -> None:
    """An icon that stands in every row of a list costs as much as one."""
    engine = FakeEngine(lambda number: f"other{number}")
    reading(screen(*LINES, *LINES), engine, TextCheck(value="Nodi Tech"))
    lines = [one for one in engine.asked if one[2] == ONE_LINE]
    assert len(lines) < 2 * len(LINES)


def test_a_spent_budget_is_told() -> None:
    """Out of budget is a fact about us, and the reading says so."""
    engine = FakeEngine(lambda _: "other")
    result = reading(screen(*LINES), engine, TextCheck(value="Nodi Tech"), budget_ms=0)
    assert result.out_of_budget


def test_noise_is_never_given_to_an_engine() -> None:
    """A picture of noise would keep it busy for minutes."""
    engine = FakeEngine(lambda _: "x")
    noise = np.random.default_rng(1).integers(0, 256, (1280, 720, 3), dtype=np.uint8)
    result = reading(Picture(pixels=noise, format="PNG", frames=1), engine, TextCheck(value="Nodi Tech"))
    assert (result.fault, engine.asked) == (ReasonCode.UNREADABLE, [])


@pytest.mark.parametrize("checks", [(TextCheck(value="Nodi Tech"),), ()])
def test_a_picture_without_an_edge_is_unreadable(checks: tuple[Check, ...]) -> None:
    """Blurred beyond reading asks for a new capture, whatever else the job asks."""
    engine = FakeEngine(lambda _: "x")
    sharp = screen(*LINES)
    blurred = cv2.GaussianBlur(sharp.pixels, (0, 0), 18).astype(np.uint8)
    result = reading(Picture(pixels=blurred, format="PNG", frames=1), engine, *checks)
    assert (result.fault, engine.asked) == (ReasonCode.UNREADABLE, [])


@pytest.mark.parametrize(("width", "height"), [(120, 120), (130, 9_000), (9_000, 130), (4_000, 4_000)])
def test_any_shape_that_passes_the_limits_can_be_read(width: int, height: int) -> None:
    """Extreme shapes end like others."""
    engine = FakeEngine(lambda _: "other")
    result = reading(screen("Hi", width=width, height=height), engine, TextCheck(value="Nodi Tech"))
    assert (result.width_px, result.height_px) == (width, height)


def test_a_large_picture_shrinks_before_it_is_read() -> None:
    """No recognition sees more than the policy's pixels."""
    engine = FakeEngine(lambda _: "other")
    reading(screen(*LINES, width=4_000, height=4_000), engine, TextCheck(value="Nodi Tech"))
    assert engine.asked
    assert all(shape[0] * shape[1] <= Policy().read_pixels * 1.01 for shape, _, _ in engine.asked)


def test_a_page_of_few_lines_is_read_whole_before_it_is_believed() -> None:
    """The lines beside the asked ones tell a note from a page, and there each of them is cheap."""
    engine = FakeEngine(lambda _: "Nodi Tech")
    result = reading(screen(*LINES), engine, TextCheck(value="Nodi Tech"))
    assert [one.name for one in result.passes][-1] == "rest"
    assert len(engine.asked) == len(LINES)
