"""A text engine that reads nothing twice: icons repeat on a page, and some lines are looked at again.

In: a text engine. Out: a text engine for one proof, which answers equal pixels from memory.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.ports import TextEngine
    from pipeline.records import Word

_KEY_BYTES = 16


class Recalling:
    """A `TextEngine` that remembers what another one read; make one for each proof.

    Args:
        engine: The one that reads.
    """

    def __init__(self, engine: TextEngine) -> None:
        self._engine = engine
        self._read: dict[tuple[bytes, tuple[int, ...], str, int], tuple[Word, ...]] = {}
        self.name, self.version = engine.name, engine.version

    def languages(self) -> frozenset[str]:
        """Return the other engine's languages."""
        return self._engine.languages()

    def recognise(self, grey: NDArray[np.uint8], *, languages: str, page_mode: int) -> tuple[Word, ...]:
        """Return the words of `grey`, as the other engine reads or has read them.

        Raises:
            EngineFailed: The other engine failed; asked again, it is asked again.
            EngineTimeout: The other engine took too long.
        """
        pixels = blake2b(grey.tobytes(), digest_size=_KEY_BYTES).digest()
        key = (pixels, grey.shape, languages, page_mode)
        if key not in self._read:
            self._read[key] = self._engine.recognise(grey, languages=languages, page_mode=page_mode)
        return self._read[key]
