"""The role Children without processes: for tests and for pictures one trusts.

In: bytes. Out: records. Never use it on submitted pictures: a crash here is a crash of the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.adapters.hands import Hands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.adapters.child import Outfit
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
    )


class InlineChildren:
    """Fulfils `ports.Children` in the calling process, without limits."""

    def __init__(self, outfit: Outfit) -> None:
        self._hands = Hands(outfit)

    def unready(self) -> str | None:
        """Return None: there is nothing to start."""
        return None

    def probe(self) -> str | None:
        """Return why no text can be read, None where it can."""
        return self._hands.why_blind()

    def fingerprint(self, content: bytes) -> Fingerprint:
        """Decode and fingerprint one picture."""
        return self._hands.fingerprint(content)

    def read(self, contents: Mapping[int, bytes], ask: Ask) -> tuple[Reading, ...]:
        """Decode the pictures and read what is asked."""
        return self._hands.read(contents, ask)

    def compare(
        self, sketch: bytes, other: bytes, *, width_px: int, mirrored: bool | None = None
    ) -> Likeness:
        """Compare two sketches."""
        return self._hands.compare(sketch, other, width_px=width_px, mirrored=mirrored)

    def look_closer(self, first: bytes, second: bytes) -> bool:
        """Decode two pictures and tell whether the first was surely made of the second."""
        return self._hands.look_closer(first, second)

    def judge(
        self, proof: Proof, readings: Sequence[Reading], *, resemblances: Sequence[Resemblance]
    ) -> Verdict:
        """Judge a proof by the words that were read of it."""
        return self._hands.judge(proof, readings, resemblances=resemblances)

    def draw(self, content: bytes, boxes: Sequence[tuple[Box, str, Status]]) -> bytes:
        """Decode one picture and draw its evidence on it."""
        return self._hands.draw(content, boxes)

    def contrast(self, first: bytes, second: bytes, *, names: tuple[str, str] | None) -> Contrast:
        """Decode two pictures and say what they say of each other."""
        return self._hands.contrast(first, second, names=names)

    def lay_over(self, first: bytes, second: bytes) -> bytes | None:
        """Decode two pictures and return the second as it lies over the first."""
        return self._hands.lay_over(first, second)

    def close(self) -> None:
        """Do nothing: there is no process to end."""
