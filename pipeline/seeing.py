"""What looks at untrusted pictures and words, as roles: text engines, and the children that run them.

`ports` names them beside all others. Adapters fulfil both; a contract suite states what each promises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.records import (
        Ask,
        Box,
        Contrast,
        Fingerprint,
        Likeness,
        Proof,
        Reading,
        Resemblance,
        Status,
        Verdict,
        Word,
    )


class TextEngine(Protocol):
    """Recognises the words of one grey picture. Lives inside a child process, loaded once."""

    @property
    def name(self) -> str:
        """Short name for passes: `tesserocr`, `pytesseract`."""
        ...

    @property
    def version(self) -> str:
        """Engine and model version, kept with every reading."""
        ...

    def languages(self) -> frozenset[str]:
        """Return the installed languages by Tesseract's names (`eng`, `ben`)."""
        ...

    def recognise(self, grey: NDArray[np.uint8], *, languages: str, page_mode: int) -> tuple[Word, ...]:
        """Return the words of `grey`, boxes in px of `grey`, `reader` 0.

        Args:
            grey: uint8, shape (height_px, width_px); dark text on light works best.
            languages: Joined by `+`, most expected first.
            page_mode: Tesseract's page segmentation mode.

        Raises:
            EngineFailed: The engine raised or is not installed.
            EngineTimeout: It took longer than its own limit and was broken off.
        """
        ...


class Children(Protocol):
    """Does the work that touches untrusted bytes, in processes that can be killed.

    All work may raise NotReady: no child can start here, or none can read text, whatever the bytes.
    """

    def unready(self) -> str | None:
        """Return why no child can start or read here and what to do; None while they can.

        It waits for nothing: before anybody asked for work or called `probe`, nobody knows.
        """
        ...

    def probe(self) -> str | None:
        """Find out whether children can start and read, wait for it, and return what `unready` would.

        Raises:
            TryLater: They were closed meanwhile.
        """
        ...

    def fingerprint(self, content: bytes) -> Fingerprint:
        """Decode and fingerprint one picture.

        Raises:
            BadPicture: The bytes cannot become a picture that we judge.
            EngineTimeout: Killed at the time limit.
            ChildDied: Crashed or out of memory.
        """
        ...

    def read(self, contents: Mapping[int, bytes], ask: Ask) -> tuple[Reading, ...]:
        """Decode a proof's pictures and read what is asked, one reading a picture.

        Args:
            contents: The files by the pictures' places in the proof, from 0.
            ask: What the proof must show.

        Raises:
            BadPicture: The bytes cannot become a picture that we judge.
            EngineFailed: The text engine raised.
            EngineTimeout: Killed at the time limit.
            ChildDied: Crashed or out of memory.
        """
        ...

    def compare(
        self, sketch: bytes, other: bytes, *, width_px: int, mirrored: bool | None = None
    ) -> Likeness:
        """Compare two sketches, the other as it is, mirrored, or (None) as it agrees better.

        Boxes are of a first that is `width_px` wide.

        Raises:
            EngineTimeout: Killed at the time limit.
            ChildDied: Crashed or out of memory.
        """
        ...

    def look_closer(self, first: bytes, second: bytes) -> bool:
        """Decode two pictures of one page and tell whether the first was surely made of the second.

        Raises:
            BadPicture: One of them cannot become a picture that we judge.
            EngineTimeout: Killed at the time limit.
            ChildDied: Crashed or out of memory.
        """
        ...

    def judge(
        self, proof: Proof, readings: Sequence[Reading], *, resemblances: Sequence[Resemblance]
    ) -> Verdict:
        """Judge a proof by the words that were read of it, which are as untrusted as its pictures.

        Raises:
            EngineTimeout: Killed at the time limit.
            ChildDied: Crashed or out of memory.
        """
        ...

    def draw(self, content: bytes, boxes: Sequence[tuple[Box, str, Status]]) -> bytes:
        """Decode one picture and return it as a PNG of our own making, its evidence drawn on it.

        Raises:
            BadPicture: The bytes cannot become a picture that we judge.
            EngineTimeout: Killed at the time limit.
            ChildDied: Crashed or out of memory.
        """
        ...

    def contrast(self, first: bytes, second: bytes, *, names: tuple[str, str] | None) -> Contrast:
        """Decode two pictures and say what they say of each other, drawn too if they are named.

        Raises:
            BadPicture: One of them cannot become a picture that we judge.
            EngineTimeout: Killed at the time limit.
            ChildDied: Crashed or out of memory.
        """
        ...

    def lay_over(self, first: bytes, second: bytes) -> bytes | None:
        """Decode two pictures and return the second as it lies over the first; None where it does not.

        Raises:
            BadPicture: One of them cannot become a picture that we judge.
            EngineTimeout: Killed at the time limit.
            ChildDied: Crashed or out of memory.
        """
        ...

    def close(self) -> None:
        """End every child, working or not."""
        ...
