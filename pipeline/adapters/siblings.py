"""The role Children over several pools of one child each: a picture comes back to the child that decoded it.

In: bytes and what is asked, from any number of threads at once. Out: records, as the pools give them. A
picture is read right after its fingerprint, and decoding it again costs a tenth of a proof; but no call waits
for its child while another is idle.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.ports import Children
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

_REMEMBERED = 64  # pictures a child: more than a child keeps decoded
_TAIL_BYTES = 64  # of a file: tells two pictures apart without a look at all of it


class Siblings:
    """Fulfils `ports.Children` with others that do.

    Args:
        each: One child each; closed with this one.
    """

    def __init__(self, each: Sequence[Children]) -> None:
        self._each = tuple(each)
        self._busy = [0] * len(self._each)
        self._homes: OrderedDict[tuple[int, bytes], int] = OrderedDict()
        self._lock = threading.Lock()

    def fingerprint(self, content: bytes) -> Fingerprint:
        """Decode and fingerprint one picture."""
        with self._one(content) as one:
            return one.fingerprint(content)

    def read(self, contents: Mapping[int, bytes], ask: Ask) -> tuple[Reading, ...]:
        """Decode the pictures and read what is asked, where the first of them was seen last."""
        with self._one(next(iter(contents.values()), None)) as one:
            return one.read(contents, ask)

    def compare(
        self, sketch: bytes, other: bytes, *, width_px: int, mirrored: bool | None = None
    ) -> Likeness:
        """Compare two sketches, where the first of them was compared last: it is open there."""
        with self._one(sketch) as one:
            return one.compare(sketch, other, width_px=width_px, mirrored=mirrored)

    def look_closer(self, first: bytes, second: bytes) -> bool:
        """Decode two pictures and tell whether the first was surely made of the second."""
        with self._one(first) as one:
            return one.look_closer(first, second)

    def judge(
        self, proof: Proof, readings: Sequence[Reading], *, resemblances: Sequence[Resemblance]
    ) -> Verdict:
        """Judge a proof by the words that were read of it."""
        with self._one() as one:
            return one.judge(proof, readings, resemblances=resemblances)

    def draw(self, content: bytes, boxes: Sequence[tuple[Box, str, Status]]) -> bytes:
        """Decode one picture and draw its evidence on it."""
        with self._one() as one:
            return one.draw(content, boxes)

    def contrast(self, first: bytes, second: bytes, *, names: tuple[str, str] | None) -> Contrast:
        """Decode two pictures and say what they say of each other."""
        with self._one() as one:
            return one.contrast(first, second, names=names)

    def lay_over(self, first: bytes, second: bytes) -> bytes | None:
        """Decode two pictures and return the second as it lies over the first."""
        with self._one() as one:
            return one.lay_over(first, second)

    def unready(self) -> str | None:
        """Return why no child can start or read here; None while one can, and before anybody knows."""
        reasons = [one.unready() for one in self._each]
        return None if None in reasons else reasons[0]

    def probe(self) -> str | None:
        """Wait until the children are up, or known not to come up; return why none can start or read here."""
        reasons = [one.probe() for one in self._each]
        return None if None in reasons else reasons[0]

    def close(self) -> None:
        """End every child, working or not; waiting callers get TryLater."""
        for one in self._each:
            one.close()

    @contextmanager
    def _one(self, seen: bytes | None = None) -> Iterator[Children]:
        """Lend the child with the least to do; of equals the one that has seen this before."""
        down = [one.unready() is not None for one in self._each]
        key = None if seen is None else (len(seen), seen[-_TAIL_BYTES:])
        with self._lock:
            home = None if key is None else self._homes.pop(key, None)
            at = min(range(len(self._each)), key=lambda at: (down[at], self._busy[at], at != home))
            if key is not None:
                self._homes[key] = at
            while len(self._homes) > _REMEMBERED * len(self._each):
                self._homes.popitem(last=False)
            self._busy[at] += 1
        try:
            yield self._each[at]
        finally:
            with self._lock:
                self._busy[at] -= 1
