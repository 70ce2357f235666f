"""The rule of Meta's `pdq_ocr`: a copy has nearly the same PDQ hash and nearly the same text.

In: proofs in order. Out: accept or reject. The text is judged as the afternoon script judges it, for the rule
itself knows copies only.

Source: facebook/ThreatExchange, extension pdq_ocr: PDQ distance <= 31 and a Levenshtein similarity of 90 %.
Deviation: it reads ben+eng rather than Tesseract's default, so that Bengali screens have text to compare.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pdqhash
from numpy.typing import NDArray
from PIL import Image
from rapidfuzz.distance import Levenshtein

from bench.corpus import Entry
from bench.figures import Answer
from bench.peers import rule
from bench.peers.afternoon import whole_text

COPY_BITS = 31
COPY_TEXT = 0.90


@dataclass(frozen=True, slots=True)
class _Seen:
    proof_id: str
    bits: NDArray[np.uint8]
    text: str


class PdqOcr:
    """Read and hash every picture, then compare both."""

    name = "pdq_ocr's rule"

    def __init__(self) -> None:
        self._seen: dict[str, list[_Seen]] = defaultdict(list)

    @staticmethod
    def takes(entry: Entry) -> bool:
        """Take every proof."""
        return entry is not None

    def __call__(self, entry: Entry) -> Answer:
        """Decide one proof; a file that does not open is rejected."""
        try:
            images = [Image.open(path).convert("RGB") for path in entry.images]
        except OSError:
            return Answer(verdict="reject")
        mine = [_Seen(entry.proof_id, pdqhash.compute(np.asarray(one))[0], whole_text(one)) for one in images]
        seen = self._seen[entry.job.id]
        earlier = [old.proof_id for old in seen if any(_same(old, new) for new in mine)]
        seen += mine
        if earlier:
            return Answer(verdict="reject", duplicate_of=earlier[0])
        text = " ".join(one.text for one in mine)
        return Answer(verdict="accept" if rule.shows(entry, text) else "reject")


def _same(old: _Seen, new: _Seen) -> bool:
    near = int(np.count_nonzero(old.bits != new.bits)) <= COPY_BITS
    return near and Levenshtein.normalized_similarity(old.text, new.text) >= COPY_TEXT
