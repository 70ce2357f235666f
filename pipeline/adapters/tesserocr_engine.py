"""Warm Tesseract inside this process, through `tesserocr`: the quick reader.

In: a grey picture. Out: its words with boxes, confidences and line numbers. It loads a model once per set of
languages and keeps it; pixels travel in memory, never through a file. It is not safe for threads: a child
process holds its own.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline.errors import EngineFailed, EngineTimeout
from pipeline.records import Box, Word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_MIN_SIDE_PX = 3


class TesserocrEngine:
    """A `TextEngine` on the Tesseract that the `tesserocr` wheel carries.

    Args:
        tessdata_dir: Where the `*.traineddata` files lie.
        limit_s: Wall time after which one recognition is broken off.
    """

    name = "tesserocr"

    def __init__(self, *, tessdata_dir: Path, limit_s: float) -> None:
        # Several OpenMP threads make Tesseract slower, and many times so on a busy machine; the library
        # reads the variable once, while it loads. Source: tesseract issue 3109.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        try:
            import tesserocr  # noqa: PLC0415 (loads a native library: only where this engine is chosen)
        except ImportError as error:
            told = "tesserocr is not installed; install it, or set PRAMAN_OCR_ENGINE=pytesseract"
            if not isinstance(error, ModuleNotFoundError):
                told = f"tesserocr does not load ({error}); raise PRAMAN_CHILD_MEMORY_BYTES, or reinstall"
            raise EngineFailed(told) from error
        self._library = tesserocr
        self._tessdata_dir = tessdata_dir
        self._limit_ms = int(limit_s * 1000)
        self._apis: dict[str, Any] = {}

    @cached_property
    def version(self) -> str:
        """Library and engine version; the models are named by their language."""
        engine = str(self._library.tesseract_version()).split("\n", 1)[0].strip()
        return f"tesserocr {self._library.__version__}, {engine}"

    def languages(self) -> frozenset[str]:
        """Return the installed languages by Tesseract's names."""
        return frozenset(path.stem for path in self._tessdata_dir.glob("*.traineddata"))

    def recognise(self, grey: NDArray[np.uint8], *, languages: str, page_mode: int) -> tuple[Word, ...]:
        """Return the words of `grey`, boxes in px of `grey`, `reader` 0.

        Raises:
            EngineFailed: A model is missing, or the engine raised.
            EngineTimeout: Recognition took longer than the limit and was broken off.
        """
        height, width = grey.shape
        if min(height, width) < _MIN_SIDE_PX:
            return ()
        api = self._api(languages)
        try:
            api.SetPageSegMode(page_mode)
            api.SetImageBytes(grey.tobytes(), width, height, 1, width)
            api.SetSourceResolution(_RESOLUTION_DPI)
            if not api.Recognize(self._limit_ms):
                raise EngineTimeout(f"tesserocr read for more than {self._limit_ms} ms and was broken off")
            return tuple(self._words(api))
        except RuntimeError as error:
            raise EngineFailed(f"tesserocr: {error}") from error
        finally:
            api.Clear()

    def close(self) -> None:
        """Free every loaded model."""
        for api in self._apis.values():
            api.End()
        self._apis.clear()

    def _api(self, languages: str) -> Any:
        if languages not in self._apis:
            try:
                self._apis[languages] = self._library.PyTessBaseAPI(
                    path=str(self._tessdata_dir),
                    lang=languages,
                    psm=self._library.PSM.SPARSE_TEXT,
                    variables=dict(NO_INVERSION),
                )
            except RuntimeError as error:
                raise EngineFailed(
                    f"tesserocr cannot load {languages} from {self._tessdata_dir}: install the "
                    "tesseract-ocr-<language> packages, or correct PRAMAN_TESSDATA_DIR"
                ) from error
        return self._apis[languages]

    def _words(self, api: Any) -> Iterator[Word]:
        levels = self._library.RIL
        found = api.GetIterator()
        line = -1
        while found is not None:
            if found.IsAtBeginningOf(levels.TEXTLINE):
                line += 1
            word = self._word(found, levels.WORD, line)
            if word is not None:
                yield word
            if not found.Next(levels.WORD):
                return

    def _word(self, found: Any, level: int, line: int) -> Word | None:
        if found.Empty(level):
            return None
        text = found.GetUTF8Text(level).strip()
        box = found.BoundingBox(level)
        if not text or box is None:
            return None
        left, top, right, bottom = box
        return Word(
            text=text,
            box=Box(x=left, y=top, w=right - left, h=bottom - top),
            confidence=min(1.0, max(0.0, found.Confidence(level) / 100)),
            line=max(line, 0),
        )


# Text comes dark on light already; reading each unsure line again inverted found nothing on 352 lines, and
# took a fifth of the time.
NO_INVERSION = (("tessedit_do_invert", "0"), ("invert_threshold", "0.0"))

# Silences Tesseract's guess for pictures that name no resolution; page modes 6, 7 and 11 do not depend on it.
_RESOLUTION_DPI = 150
