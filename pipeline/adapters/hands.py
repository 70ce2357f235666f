"""The work that touches untrusted bytes and words: decode, fingerprint, read, compare, judge, draw.

In: bytes and what is asked. Out: records. Holds the text engine, opened once. Imports the heavy libraries, so
a child imports it only after its limits are set.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline import annotate as annotating
from pipeline import compare as comparison
from pipeline import contrast as contrasting
from pipeline import fingerprint as fingerprinting
from pipeline import judge as judging
from pipeline import picture as pictures
from pipeline import read as reading
from pipeline.adapters.engines import open_engine, require_languages
from pipeline.errors import EngineFailed, EngineTimeout, NotReady, SettingsError
from pipeline.originals import made_of
from pipeline.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.adapters.child import Outfit
    from pipeline.ports import TextEngine
    from pipeline.records import (
        Ask,
        Box,
        Contrast,
        Fingerprint,
        Likeness,
        Picture,
        Proof,
        Reading,
        Resemblance,
        Status,
        Verdict,
    )

_WARM_SIDE_PX = 240
_SPARSE = 11  # Tesseract's page mode that looks everywhere
_OPENED = 16
_RECENT_PX = 8_000_000  # kept decoded: two of a phone's pictures or three, 24 MB


class Hands:
    """Does one piece of work at a time; one text engine each."""

    def __init__(self, outfit: Outfit) -> None:
        self._outfit = outfit
        # One picture is compared with several, and those of one job come back with the next.
        self._opened = lru_cache(_OPENED)(Sketch.opened)
        self._recent: deque[tuple[bytes, Picture]] = deque()

    def warm(self) -> None:
        """Load what the first task would otherwise wait for."""
        cv2.setNumThreads(1)
        blank = np.full((_WARM_SIDE_PX, _WARM_SIDE_PX, 3), 255, dtype=np.uint8)
        self.fingerprint(pictures.encode_png(blank))
        square = np.ones((_WARM_SIDE_PX, _WARM_SIDE_PX), np.float32)
        _ = square @ square  # OpenBLAS takes its memory now, or ends a process that has too little of it

    def why_blind(self) -> str | None:
        """Read an empty page and return why no text can be read here, None where it can."""
        languages = self._outfit.languages
        empty = np.full((_WARM_SIDE_PX, _WARM_SIDE_PX), 255, dtype=np.uint8)
        try:
            require_languages(self._engine, languages)
            self._engine.recognise(empty, languages=languages, page_mode=_SPARSE)
        except (NotReady, SettingsError, EngineFailed, EngineTimeout) as error:
            return str(error)
        return None

    def fingerprint(self, content: bytes) -> Fingerprint:
        """Decode and fingerprint one picture."""
        picture = self._decoded(content)
        return fingerprinting.fingerprint(content, picture, policy=self._outfit.policy)

    def read(self, contents: Mapping[int, bytes], ask: Ask) -> tuple[Reading, ...]:
        """Decode the pictures and read what is asked."""
        return reading.read(
            ((image, self._decoded(content)) for image, content in contents.items()),
            ask,
            engine=self._engine,
            policy=self._outfit.policy,
            budget_ms=self._outfit.budget_ms,
            languages=self._outfit.languages,
        )

    def compare(
        self, sketch: bytes, other: bytes, *, width_px: int, mirrored: bool | None = None
    ) -> Likeness:
        """Compare two sketches, the other as it is or mirrored."""
        return comparison.compare(
            self._opened(sketch),
            self._opened(other),
            width_px=width_px,
            mirrored=mirrored,
            policy=self._outfit.policy,
        )

    def look_closer(self, first: bytes, second: bytes) -> bool:
        """Decode two pictures and tell whether the first was surely made of the second."""
        policy = self._outfit.policy
        return made_of(self._decoded(first), pictures.decode(second, policy=policy), policy=policy)

    def judge(
        self, proof: Proof, readings: Sequence[Reading], *, resemblances: Sequence[Resemblance]
    ) -> Verdict:
        """Judge a proof by the words that were read of it."""
        return judging.judge(proof, readings, resemblances=resemblances, policy=self._outfit.policy)

    def draw(self, content: bytes, boxes: Sequence[tuple[Box, str, Status]]) -> bytes:
        """Decode one picture and draw its evidence on it."""
        return annotating.annotate(pictures.decode(content, policy=self._outfit.policy), boxes)

    def contrast(self, first: bytes, second: bytes, *, names: tuple[str, str] | None) -> Contrast:
        """Decode two pictures and say what they say of each other."""
        policy = self._outfit.policy
        decoded = pictures.decode(first, policy=policy), pictures.decode(second, policy=policy)
        return contrasting.contrast((first, second), decoded, policy=policy, names=names)

    def lay_over(self, first: bytes, second: bytes) -> bytes | None:
        """Decode two pictures and return the second as it lies over the first."""
        policy = self._outfit.policy
        decoded = pictures.decode(first, policy=policy), pictures.decode(second, policy=policy)
        return contrasting.lay_over(decoded, policy=policy)

    def _decoded(self, content: bytes) -> Picture:
        """Decode a picture, or return it where it was one of the last.

        Most are read right after their fingerprint, with those of other threads between. Those kept are
        bounded by their size, so that a child's memory is.
        """
        for known, picture in self._recent:
            if known == content:
                return picture
        picture = pictures.decode(content, policy=self._outfit.policy)
        self._recent.append((content, picture))
        while sum(one.width_px * one.height_px for _, one in self._recent) > _RECENT_PX:
            self._recent.popleft()
        return picture

    @cached_property
    def _engine(self) -> TextEngine:
        outfit = self._outfit
        try:
            return open_engine(outfit.engine, tessdata_dir=outfit.tessdata_dir, limit_s=outfit.limit_s)
        except SettingsError as error:
            raise NotReady(str(error)) from error
