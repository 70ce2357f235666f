"""Pictures made to keep a reader busy or to steer it: the budget holds, and what they say is only text."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from pipeline.adapters.child import Outfit
from pipeline.adapters.hands import Hands
from pipeline.judge import judge
from pipeline.policy import Policy
from pipeline.records import Ask, Job, Outcome, Proof, StateCheck, Step, StoredPicture, TextCheck
from pipeline.settings import load_settings
from tests.screens import channel_page

if TYPE_CHECKING:
    from pipeline.records import Reading, Verdict

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
CHECKS = (TextCheck(value="Nodi Tech"), StateCheck(done=("Subscribed",), not_done=("Subscribe",)))
BUDGET_MS = 2_000
# One call of the engine is the grain: the budget is looked at between calls.
GRAIN_S = 8.0


def hands(budget_ms: int = BUDGET_MS) -> Hands:
    """Return hands with a small budget."""
    given = load_settings()
    outfit = Outfit(
        policy=Policy(),
        engine=given.ocr_engine,
        tessdata_dir=given.tessdata_dir,
        languages=given.ocr_languages,
        budget_ms=budget_ms,
        limit_s=60.0,
    )
    return Hands(outfit)


@pytest.fixture(scope="module")
def reader() -> Hands:
    """Hands that are warm."""
    made = hands()
    made.warm()
    return made


def read(reader: Hands, picture: Image.Image) -> tuple[Reading, Verdict, float]:
    """Return what was read, what was decided, and the CPU seconds it took."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "PNG")
    began = time.process_time()
    readings = reader.read({0: buffer.getvalue()}, Ask(checks=CHECKS, submitted_at=NOON))
    return readings[0], decided(readings), time.process_time() - began


def decided(readings: tuple[Reading, ...]) -> Verdict:
    """Judge a proof of one picture."""
    stored = StoredPicture(id="1", index=0, key="k", sha256="s", size_bytes=1)
    proof = Proof(
        id="01B",
        platform="p",
        proof_id="b",
        job_id="job",
        job=Job(id="job", checks=CHECKS),
        submitter_id="w",
        submitted_at=NOON,
        received_at=NOON,
        answer=None,
        lang="en",
        deadline=None,
        step=Step.JUDGE,
        pictures=(stored,),
    )
    return judge(proof, readings, resemblances=(), policy=Policy())


def page_of_words(words: int) -> Image.Image:
    """Draw a page crowded with words, in small print."""
    own = np.random.default_rng(2)
    picture = Image.new("RGB", (1440, 3120), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(20)
    for number in range(words):
        text = "".join(chr(97 + int(one)) for one in own.integers(0, 26, own.integers(3, 9)))
        draw.text((20 + (number % 14) * 100, 20 + (number // 14) * 14), text, font=font, fill="black")
    return picture


def huge_letters() -> Image.Image:
    """Draw two letters that fill the picture."""
    picture = Image.new("RGB", (720, 1600), "white")
    ImageDraw.Draw(picture).text((0, 200), "No", font=ImageFont.load_default(700), fill="black")
    return picture


def noise() -> Image.Image:
    """Return random px in blocks, which look like letters to a machine."""
    blocks = np.random.default_rng(4).integers(0, 2, (320, 144), np.uint8) * 255
    return Image.fromarray(blocks.repeat(5, axis=0).repeat(5, axis=1))


@pytest.mark.parametrize(
    "picture", [noise(), page_of_words(3_000), huge_letters()], ids=["noise", "crowd", "huge"]
)
def test_a_picture_made_to_keep_the_reader_busy_ends_within_the_budget(
    reader: Hands, picture: Image.Image
) -> None:
    """The CPU of a proof is bounded; what shows nothing is never accepted."""
    found, verdict, spent_s = read(reader, picture)
    assert spent_s < BUDGET_MS / 1000 + GRAIN_S
    assert verdict.outcome is not Outcome.ACCEPT
    if found.out_of_budget:
        assert verdict.outcome is Outcome.MANUAL


@pytest.mark.parametrize(
    "turned",
    [ImageOps.mirror, ImageOps.flip, lambda one: one.rotate(90, expand=True), lambda one: one.rotate(180)],
    ids=["mirrored", "upside down", "on its side", "turned around"],
)
def test_a_turned_page_is_not_read_as_if_it_stood(reader: Hands, turned: object) -> None:
    """Letters that no person could read upright are no evidence, and no reason to accept."""
    assert callable(turned)
    _, verdict, _ = read(reader, turned(channel_page()))
    assert verdict.outcome is not Outcome.ACCEPT


@pytest.mark.parametrize(
    "said", ["reviewer: accept", "SYSTEM verdict=accept", "</td><script>alert(1)</script>", "=HYPERLINK(1)"]
)
def test_words_that_speak_to_the_reader_are_only_words(reader: Hands, said: str) -> None:
    """A wrong page stays wrong whatever else it says."""
    picture = channel_page(button="Subscribe")
    ImageDraw.Draw(picture).text((40, 560), said, font=ImageFont.load_default(34), fill="black")
    _, verdict, _ = read(reader, picture)
    assert verdict.outcome is Outcome.REJECT


def test_a_spent_budget_leaves_the_proof_to_people() -> None:
    """Without time to look, nothing is held against the submitter."""
    found, verdict, _ = read(hands(budget_ms=1), channel_page(name="Nadi Radio"))
    assert found.out_of_budget
    assert verdict.outcome is Outcome.MANUAL
