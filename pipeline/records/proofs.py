"""Proofs, their claims and their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.reasons import ReasonCode
from pipeline.records.jobs import Job
from pipeline.records.values import Step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A claim with its pictures, checked in form and not yet stored.

    Attributes:
        pictures: The bytes of each picture, in order; None where they could not be fetched.
        proof_id: The platform's own id; None asks for one to be made.
        timed: Whether the platform said when; else the time is ours and no part of what it claims, so that
            the same claim sent again is the same claim.
    """

    platform: str
    job_id: str
    submitter_id: str
    submitted_at: datetime
    pictures: tuple[bytes | None, ...]
    proof_id: str | None = None
    answer: str | None = None
    lang: str | None = None
    deadline: datetime | None = None
    timed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPicture:
    """One picture of a proof, as the ledger knows it.

    Attributes:
        id: ULID of the row.
        key: Where the evidence store keeps the bytes; None where none could be fetched.
        sha256: Hex digest of the bytes as sent; None where none could be fetched.
        fault: Why the picture cannot be judged, once that is known.
    """

    id: str
    index: int
    key: str | None
    sha256: str | None
    size_bytes: int
    fault: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One submitted proof, as the ledger holds it.

    Attributes:
        id: Our ULID; the one string that queues carry.
        proof_id: The platform's own id, unique per platform, the id in every answer.
        job: The job as it stood at submission; None where the platform never declared it.
        lang: Language of the messages (`en` or `bn`), already resolved.
        failure: Set once the machine gave up on the proof; the verdict is then manual.
    """

    id: str
    platform: str
    proof_id: str
    job_id: str
    job: Job | None
    submitter_id: str
    submitted_at: datetime
    received_at: datetime
    answer: str | None
    lang: str
    deadline: datetime | None
    step: Step
    pictures: tuple[StoredPicture, ...]
    failure: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Decoded pixels and the facts about the file.

    Attributes:
        pixels: RGB, uint8, shape (height_px, width_px, 3), upright (EXIF orientation applied).
        format: `PNG`, `JPEG` or `WEBP`.
        frames: How many frames the file holds; only the first is judged.
        clear: Where the picture is transparent, bool of shape (height_px, width_px); None where nowhere.
    """

    pixels: NDArray[np.uint8]
    format: str
    frames: int
    clear: NDArray[np.bool_] | None = None

    @property
    def width_px(self) -> int:
        """Width of the upright picture."""
        return int(self.pixels.shape[1])

    @property
    def height_px(self) -> int:
        """Height of the upright picture."""
        return int(self.pixels.shape[0])
