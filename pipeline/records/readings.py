"""What is asked of a picture, and the words that were read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.reasons import ReasonCode
from pipeline.records.jobs import Check
from pipeline.records.values import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a proof must show: the job's checks and what the submitter claimed beside them."""

    checks: tuple[Check, ...]
    submitted_at: datetime
    answer: str | None = None
    lang: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a word is set on the screen, measured in its pixels.

    Attributes:
        ink: Colour of its letters, RGB in 0..255.
        ground: Colour that it stands on, RGB in 0..255.
        tall_px: Height of its ink in px of the upright original.
        stroke: Width of its strokes as a share of `tall_px`.
        plate: Box of the connected area of the ground's colour: a button, a bubble, a field, the page.
        square: The plate has four sharp corners.
        straddles: Share of the plate's surroundings that has another colour than most of them, in 0..1.
        rough: Share of the px just above and below the word that have another colour than most, in 0..1.
        mixed: Share of its ink px that are no blend of ink and ground: an outline, a shadow, strokes of
            another text that it crosses, in 0..1.
        remains: How many strokes are left of a line that was cut just above or below the word.
        dots: How many of its letters wear a dot; None where it is too low to tell.
        cut: How many strokes reach the edge of a square plate from outside.
        bitten: The ground of its line takes a bite out of an element that lies around it.
        stepped: Rows of a low plate are far narrower than its widest, and yet as wide as the word.
    """

    ink: tuple[int, int, int]
    ground: tuple[int, int, int]
    tall_px: float
    stroke: float
    plate: Box
    square: bool = False
    straddles: float = 0.0
    rough: float = 0.0
    mixed: float = 0.0
    remains: int = 0
    dots: int | None = None
    cut: int = 0
    bitten: bool = False
    stepped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as an engine read it.

    Attributes:
        box: In px of the upright original.
        confidence: The engine's own, scaled to 0..1.
        line: Number of the text line within its pass; words of one line share it.
        reader: Index of the `Pass` that found the word.
        setting: How it is set; None where that was not measured.
    """

    text: str
    box: Box
    confidence: float
    line: int
    reader: int = 0
    setting: Setting | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One attempt of a text engine: what it was given and what it cost.

    Attributes:
        region: What part was read, in px of the upright original.
        scale: Factor applied to the original before reading.
    """

    name: str
    engine: str
    languages: str
    page_mode: int
    scale: float
    region: Box
    cpu_ms: int
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a glance at a whole picture shows.

    Attributes:
        hues: How many colours a thumbnail holds, greys left out; photos bring hundreds.
        usual_px: Height of the letters of a usual line, in px of the upright original; 0 without lines.
        keyboard: A keyboard is open.
        inset: Where another picture is shown inside this one, margins around it; None where none is.
        large_px: Height of letters that several lines reach, in px of the upright original; 0 with few lines.
        patch: Where a plate with words was laid over the page; None where none was seen, or nobody looked.
        steep: How steep the steepest edges are from px to px, as a share (0..1) of the picture's range; 0
            where nobody looked.
        tones: How many shades of grey pass softly into each other, of 32; photos have most, text a few.
    """

    hues: int
    usual_px: float = 0.0
    keyboard: bool = False
    inset: Box | None = None
    large_px: float = 0.0
    patch: Box | None = None
    tones: int = 0
    steep: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The words of one picture and how they were found.

    Attributes:
        lines: Text lines that stand on the picture, read or not; 0 where they were not counted.
        scene: What a glance at the picture shows; None where nobody looked.
    """

    image: int
    width_px: int
    height_px: int
    words: tuple[Word, ...]
    passes: tuple[Pass, ...]
    engine_version: str
    lines: int = 0
    out_of_budget: bool = False
    fault: ReasonCode | None = None
    scene: Scene | None = None
