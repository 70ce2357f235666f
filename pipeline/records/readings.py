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
class Word:
    """One word as an engine read it.

    Attributes:
        box: In px of the upright original.
        confidence: The engine's own, scaled to 0..1.
        line: Number of the text line within its pass; words of one line share it.
        reader: Index of the `Pass` that found the word.
    """

    text: str
    box: Box
    confidence: float
    line: int
    reader: int = 0


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
class Reading:
    """The words of one picture and how they were found."""

    image: int
    width_px: int
    height_px: int
    words: tuple[Word, ...]
    passes: tuple[Pass, ...]
    engine_version: str
    out_of_budget: bool = False
    fault: ReasonCode | None = None
