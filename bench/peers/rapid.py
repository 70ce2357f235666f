"""The afternoon script with RapidOCR (PP-OCR models on ONNX) in Tesseract's place.

In: proofs in order. Out: accept or reject. Its models read English and Chinese, so it takes proofs in English
only.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from rapidocr_onnxruntime import RapidOCR

from bench.corpus import Entry
from bench.peers import rule
from bench.peers.afternoon import Afternoon
from pipeline.records import TextCheck

_BENGALI = range(0x0980, 0x0A00)


class Rapid(Afternoon):
    """The same copies and the same text rule; only the reader differs."""

    name = "RapidOCR"

    def __init__(self) -> None:
        super().__init__()
        self._engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    @staticmethod
    def takes(entry: Entry) -> bool:
        """Take what an English page can show."""
        asked = [check.value for check in entry.job.checks if isinstance(check, TextCheck)]
        letters = "".join([entry.answer, *asked])
        return entry.label.lang == "en" and not any(ord(letter) in _BENGALI for letter in letters)

    def read(self, image: Image.Image) -> str:
        """Return the picture's text, tidy."""
        lines, _ = self._engine(np.asarray(image)[:, :, ::-1])
        return rule.tidy(" ".join(text for _, text, _ in lines or ()))
