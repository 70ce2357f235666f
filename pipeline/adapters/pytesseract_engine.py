"""Tesseract as a program of the system, through `pytesseract`: the portable reader.

In: a grey picture. Out: its words with boxes, confidences and line numbers. Each call starts a process and
loads the models again, and is killed at the time limit; slower than `tesserocr`, but it needs no wheel.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PIL import Image

from pipeline.errors import EngineFailed, EngineTimeout
from pipeline.records import Box, Word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_MIN_SIDE_PX = 3


class PytesseractEngine:
    """A `TextEngine` on the `tesseract` program.

    Args:
        tessdata_dir: Where the `*.traineddata` files lie.
        limit_s: Wall time after which the program is killed.
    """

    name = "pytesseract"

    def __init__(self, *, tessdata_dir: Path, limit_s: float) -> None:
        # As in tesserocr_engine: several OpenMP threads make Tesseract slower. Source: tesseract issue 3109.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        try:
            import pytesseract  # noqa: PLC0415 (only where this engine is chosen)
        except ImportError as error:
            raise EngineFailed("pytesseract is not installed; install it") from error
        self._library = pytesseract
        self._tessdata_dir = tessdata_dir
        self._limit_s = limit_s

    @cached_property
    def version(self) -> str:
        """Engine version; asks the program once.

        Raises:
            EngineFailed: The program is not installed.
        """
        try:
            return f"pytesseract, tesseract {self._library.get_tesseract_version()}"
        except (self._library.TesseractNotFoundError, SystemExit) as error:
            raise EngineFailed(_NO_PROGRAM) from error

    def languages(self) -> frozenset[str]:
        """Return the installed languages by Tesseract's names."""
        return frozenset(path.stem for path in self._tessdata_dir.glob("*.traineddata"))

    def recognise(self, grey: NDArray[np.uint8], *, languages: str, page_mode: int) -> tuple[Word, ...]:
        """Return the words of `grey`, boxes in px of `grey`, `reader` 0.

        Raises:
            EngineFailed: The program is not installed, a model is missing, or it failed.
            EngineTimeout: The program outlived the limit and was killed.
        """
        if min(grey.shape) < _MIN_SIDE_PX:
            return ()
        try:
            rows = self._library.image_to_data(
                Image.fromarray(grey),
                lang=languages,
                config=f'--psm {page_mode} -c tessedit_do_invert=0 --tessdata-dir "{self._tessdata_dir}"',
                timeout=self._limit_s,
                output_type=self._library.Output.DICT,
            )
        except self._library.TesseractNotFoundError as error:
            raise EngineFailed(_NO_PROGRAM) from error
        except self._library.TesseractError as error:
            raise EngineFailed(f"tesseract with {languages}: {error.message.strip()[:300]}") from error
        except RuntimeError as error:  # how pytesseract tells that it killed the program
            raise EngineTimeout(f"tesseract ran for more than {self._limit_s:g} s and was killed") from error
        return tuple(_words(rows))

    def close(self) -> None:
        """Nothing stays open between calls."""


def _words(rows: dict[str, list[Any]]) -> Iterator[Word]:
    lines: dict[tuple[int, int, int], int] = {}
    for at, raw in enumerate(rows["text"]):
        text = str(raw).strip()
        if not text or float(rows["conf"][at]) < 0:
            continue
        place = (rows["block_num"][at], rows["par_num"][at], rows["line_num"][at])
        yield Word(
            text=text,
            box=Box(x=rows["left"][at], y=rows["top"][at], w=rows["width"][at], h=rows["height"][at]),
            confidence=min(1.0, float(rows["conf"][at]) / 100),
            line=lines.setdefault(place, len(lines)),
        )


_NO_PROGRAM = "the tesseract program is not installed; run: apt-get install tesseract-ocr"
