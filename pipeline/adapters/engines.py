"""Chooses and opens the text engine, and finds Tesseract's models.

In: the settings' names. Out: an open `TextEngine`, or a `SettingsError` that says what to install. It never
opens an engine that was not asked for, and loads no model before the first recognition.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import EngineFailed, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.ports import TextEngine

_PLACES = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_NAMES = ("auto", "tesserocr", "pytesseract")


def open_engine(name: str, *, tessdata_dir: Path | None, limit_s: float) -> TextEngine:
    """Return the engine called `name`; `auto` takes tesserocr where it is installed.

    Args:
        name: `auto`, `tesserocr` or `pytesseract`.
        tessdata_dir: Where the models lie; searched for when None.
        limit_s: Wall time that one recognition may take.

    Raises:
        SettingsError: The name is unknown, the engine is not installed, or no model was found.
    """
    if name not in _NAMES:
        raise SettingsError(f"PRAMAN_OCR_ENGINE={name!r} is no engine; use one of {', '.join(_NAMES)}")
    models = find_tessdata(tessdata_dir)
    if name == "auto":
        name = "tesserocr" if find_spec("tesserocr") else "pytesseract"
    try:
        return _open(name, models, limit_s)
    except EngineFailed as error:
        raise SettingsError(f"PRAMAN_OCR_ENGINE={name}: {error}") from error


def find_tessdata(given: Path | None) -> Path:
    """Return the directory that holds `*.traineddata`.

    Args:
        given: The setting; when None, `TESSDATA_PREFIX` and the places of the usual packages are tried.

    Raises:
        SettingsError: No model is there; the message names the packages to install.
    """
    if given is not None:
        if _has_models(given):
            return given
        raise SettingsError(
            f"PRAMAN_TESSDATA_DIR={given} holds no *.traineddata; point it to Tesseract's models, or unset it"
        )
    for place in _candidates():
        if _has_models(place):
            return place
    raise SettingsError(
        "Tesseract's models were not found; run: apt-get install tesseract-ocr tesseract-ocr-eng "
        "tesseract-ocr-ben, or set PRAMAN_TESSDATA_DIR to where *.traineddata lie"
    )


def require_languages(engine: TextEngine, languages: str) -> None:
    """Check that every language of `languages` (joined by `+`) is installed.

    Raises:
        SettingsError: One is missing; the message names the Debian package that brings it.
    """
    missing = [one for one in languages.split("+") if one and one not in engine.languages()]
    if missing:
        packages = " ".join(f"tesseract-ocr-{one.replace('_', '-')}" for one in missing)
        raise SettingsError(
            f"PRAMAN_OCR_LANGUAGES={languages}: no model for {', '.join(missing)}; "
            f"run: apt-get install {packages}"
        )


def _open(name: str, models: Path, limit_s: float) -> TextEngine:
    if name == "tesserocr":
        from pipeline.adapters.tesserocr_engine import TesserocrEngine  # noqa: PLC0415 (only when chosen)

        return TesserocrEngine(tessdata_dir=models, limit_s=limit_s)
    from pipeline.adapters.pytesseract_engine import PytesseractEngine  # noqa: PLC0415 (only when chosen)

    engine = PytesseractEngine(tessdata_dir=models, limit_s=limit_s)
    _ = engine.version  # fails here, at start, when the program is missing
    return engine


def _candidates() -> Iterator[Path]:
    prefix = os.environ.get("TESSDATA_PREFIX")
    if prefix:
        yield from (Path(prefix), Path(prefix) / "tessdata")
    for pattern in _PLACES:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)


def _has_models(place: Path) -> bool:
    return place.is_dir() and any(place.glob("*.traineddata"))
