"""The afternoon script: Tesseract on the whole picture, a perceptual hash, fuzzy text.

In: proofs in order. Out: accept or reject; it knows no doubt. A copy is what lies within 6 bits of the pHash
of an earlier proof of the job, and is not read any more.
"""

from __future__ import annotations

from collections import defaultdict

import imagehash
import pytesseract
from PIL import Image

from bench.corpus import Entry
from bench.figures import Answer
from bench.peers import rule

COPY_BITS = 6
LANGUAGES = "ben+eng"


def whole_text(image: Image.Image) -> str:
    """Return everything that Tesseract reads in the picture, tidy."""
    return rule.tidy(pytesseract.image_to_string(image, lang=LANGUAGES))


class Afternoon:
    """Hash, compare with every earlier proof of the job, read, look for the words."""

    name = "afternoon script"

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[str, imagehash.ImageHash]]] = defaultdict(list)

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
        source = self._copied(entry, images)
        if source is not None:
            return Answer(verdict="reject", duplicate_of=source)
        text = " ".join(self.read(image) for image in images)
        return Answer(verdict="accept" if rule.shows(entry, text) else "reject")

    def read(self, image: Image.Image) -> str:
        """Return the picture's text, tidy."""
        return whole_text(image)

    def _copied(self, entry: Entry, images: list[Image.Image]) -> str | None:
        """Return the earliest proof of the job that a picture resembles, and remember these pictures."""
        seen = self._seen[entry.job.id]
        hashes = [imagehash.phash(image) for image in images]
        earlier = [proof for proof, old in seen if any(old - new <= COPY_BITS for new in hashes)]
        seen += [(entry.proof_id, one) for one in hashes]
        return earlier[0] if earlier else None
