"""What every `TextEngine` promises, run on each adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from pipeline.adapters.engines import find_tessdata, open_engine, require_languages
from pipeline.errors import EngineFailed, EngineTimeout, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.ports import TextEngine

NAMES = ("tesserocr", "pytesseract")


def page(*lines: str) -> NDArray[np.uint8]:
    """Draw lines of text, dark on white, 60 px apart."""
    picture = np.full((40 + 60 * len(lines), 700), 255, np.uint8)
    for number, text in enumerate(lines, start=1):
        cv2.putText(picture, text, (20, 60 * number), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 2, cv2.LINE_AA)
    return picture


@pytest.fixture(scope="module", params=NAMES)
def engine(request: pytest.FixtureRequest) -> TextEngine:
    return open_engine(str(request.param), tessdata_dir=None, limit_s=20.0)


def test_words_come_in_reading_order_with_their_lines(engine: TextEngine) -> None:
    """Words of one line share its number, and lines are numbered from 0 downwards."""
    words = engine.recognise(page("HELLO WORLD", "SECOND LINE"), languages="eng", page_mode=6)
    assert [(word.text, word.line) for word in words] == [
        ("HELLO", 0),
        ("WORLD", 0),
        ("SECOND", 1),
        ("LINE", 1),
    ]


def test_boxes_hold_the_ink_of_their_words(engine: TextEngine) -> None:
    """A word's box lies in the picture, at the place where the word was drawn."""
    picture = page("HELLO WORLD")
    hello, world = engine.recognise(picture, languages="eng", page_mode=6)
    for word in (hello, world):
        box = word.box
        assert 0 <= box.x < box.x + box.w <= picture.shape[1]
        assert 0 <= box.y < box.y + box.h <= picture.shape[0]
        assert picture[box.y : box.y + box.h, box.x : box.x + box.w].min() == 0
    assert hello.box.x + hello.box.w <= world.box.x


def test_confidence_is_a_share(engine: TextEngine) -> None:
    """Clear letters are read with a confidence near 1, and none is outside 0..1."""
    words = engine.recognise(page("HELLO WORLD"), languages="eng", page_mode=6)
    assert all(0.6 < word.confidence <= 1.0 for word in words)


@pytest.mark.parametrize("page_mode", [6, 7, 11, 13])
def test_nothing_is_surely_read_on_a_white_picture(engine: TextEngine, page_mode: int) -> None:
    """A mode that is told there is a line may guess one, with no confidence."""
    white = np.full((60, 200), 255, np.uint8)
    words = engine.recognise(white, languages="eng", page_mode=page_mode)
    assert all(word.confidence < 0.1 for word in words)


def test_a_picture_of_two_pixels_has_no_words(engine: TextEngine) -> None:
    """A picture that no letter fits into is answered without asking the engine."""
    assert engine.recognise(np.zeros((2, 2), np.uint8), languages="eng", page_mode=11) == ()


def test_one_engine_reads_in_several_languages_by_turns(engine: TextEngine) -> None:
    """A change of language does not disturb the next reading."""
    for languages in ("eng", "ben+eng", "eng"):
        words = engine.recognise(page("HELLO WORLD"), languages=languages, page_mode=6)
        assert [word.text for word in words] == ["HELLO", "WORLD"]


def test_a_view_into_a_larger_picture_is_read_as_it_looks(engine: TextEngine) -> None:
    """Pixels need not be contiguous in memory."""
    words = engine.recognise(page("HELLO WORLD", "SECOND LINE")[:85], languages="eng", page_mode=6)
    assert [word.text for word in words] == ["HELLO", "WORLD"]


def test_an_unknown_model_fails_and_says_what_to_install(engine: TextEngine) -> None:
    """The message names the language."""
    with pytest.raises(EngineFailed, match="xxx"):
        engine.recognise(page("HELLO"), languages="xxx", page_mode=6)


def test_the_installed_models_and_the_version_are_told(engine: TextEngine) -> None:
    """Every reading stores the version, and settings are checked against the models."""
    assert engine.name in engine.version
    assert "eng" in engine.languages()


@pytest.mark.parametrize("name", NAMES)
def test_recognition_is_broken_off_at_the_limit(name: str) -> None:
    """A page that takes too long costs the limit, not more."""
    hurried = open_engine(name, tessdata_dir=None, limit_s=0.01)
    with pytest.raises(EngineTimeout):
        hurried.recognise(page(*["MANY WORDS ON EVERY LINE"] * 30), languages="eng", page_mode=6)


def test_auto_opens_the_warm_engine() -> None:
    """Where tesserocr is installed, `auto` means tesserocr."""
    assert open_engine("auto", tessdata_dir=None, limit_s=1.0).name == "tesserocr"


def test_an_unknown_engine_is_a_wrong_setting() -> None:
    """The message names the setting and what it may be."""
    with pytest.raises(SettingsError, match=r"PRAMAN_OCR_ENGINE='easy'.*tesserocr"):
        open_engine("easy", tessdata_dir=None, limit_s=1.0)


def test_a_directory_without_models_is_a_wrong_setting(tmp_path: Path) -> None:
    """The message names the setting, not a stack of paths that were tried."""
    with pytest.raises(SettingsError, match="PRAMAN_TESSDATA_DIR"):
        find_tessdata(tmp_path)


def test_a_missing_language_names_the_package_to_install() -> None:
    """An operator can copy the command from the message."""
    engine = open_engine("auto", tessdata_dir=None, limit_s=1.0)
    with pytest.raises(SettingsError, match="apt-get install tesseract-ocr-chi-sim"):
        require_languages(engine, "eng+chi_sim")
