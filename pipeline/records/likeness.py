"""What is remembered of a picture, and how two pictures are related."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.reasons import ReasonCode
from pipeline.records.values import Box, Outcome, Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What is remembered of a picture to find it again.

    Attributes:
        version: Algorithm and library versions; only equal versions are compared bit by bit.
        bytes_sha256: Hex digest of the file.
        pixels_sha256: Hex digest of the upright RGB pixels with their size.
        hashes: Perceptual hashes of 64 bits by name (`page`, `body`, `trimmed`, `mirrored`).
        words: What its strongest key points look like, 20 bits each; a crop or a photo keeps some of them.
        flat: True where the picture has too little structure to be compared with any other.
        sketch: Small grey rendering with its key points (encoded), what the aligned comparison works on.
        fault: Set where the picture decodes but cannot be judged (blank, too small, blurred).
    """

    version: str
    bytes_sha256: str
    pixels_sha256: str
    width_px: int
    height_px: int
    hashes: tuple[tuple[str, int], ...]
    flat: bool
    sketch: bytes
    words: tuple[int, ...] = ()
    fault: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An earlier or later picture that may show the same capture, before it is looked at.

    Attributes:
        proof: The other proof's ULID; `proof_id` is the platform's own id of it.
        sketch_key: Where the evidence store keeps the other picture's sketch.
        distance_bits: Smallest Hamming distance among comparable hashes; 0 for exact matches.
        shared_words: Looks of key points that both show.
        exact: The bytes or the decoded pixels are equal.
        earlier: The other was submitted before this one (by time, then by id).
        submitted_at: When the other was submitted.
        resubmit_asked: The other's current verdict is a reject that asked for a new picture.
        root_proof, root_proof_id: The other's own original, where its verdict is sure of one.
    """

    proof: str
    proof_id: str
    submitted_at: datetime
    picture: str
    image: int
    other_image: int
    sketch_key: str | None
    distance_bits: int
    exact: bool
    earlier: bool
    same_submitter: bool
    same_job: bool
    outcome: Outcome | None
    resubmit_asked: bool
    root_proof: str | None
    root_proof_id: str | None
    shared_words: int = 0

    @property
    def likeness(self) -> int:
        """How much speaks for one capture: a shared look of a key point weighs as much as a bit of a hash."""
        return self.shared_words - self.distance_bits

    @property
    def decides(self) -> bool:
        """The other can change this one's verdict: it came earlier, or was accepted."""
        return self.earlier or self.outcome is Outcome.ACCEPT

    @property
    def is_first_attempt(self) -> bool:
        """The submitter was asked to send this job's proof again: to resemble it is no fault."""
        return self.same_submitter and self.same_job and self.resubmit_asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A picture of another platform that may show the same capture; whose it is is not told.

    Attributes:
        image: Our own picture that it may resemble.
        sketch_key: Where the evidence store keeps its sketch; None where that has expired.
        exact: The bytes or the decoded pixels are equal.
    """

    image: int
    sketch_key: str | None
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What the aligned comparison of two sketches found.

    Attributes:
        relation: ALTERED for a sure copy, SAME_SCREEN where copy and twin cannot be told apart,
            None for another capture.
        score: Confidence in 0..1 that the two are one capture.
        differing: Boxes that differ, in px of the first picture's original.
        upright: The two show one page beyond doubt, and neither is a mirror image of the other.
        closer: The sketches cannot tell, but the originals might.
        one_hand: Only the clocks of the two status bars differ: whether one phone can have written both. None
            where more differs, or where there is no telling.
    """

    relation: Relation | None
    score: float
    differing: tuple[Box, ...] = ()
    upright: bool = False
    closer: bool = False
    one_hand: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """A candidate after comparison: how this proof's picture relates to another proof's."""

    candidate: Candidate
    relation: Relation
    score: float
    differing: tuple[Box, ...] = ()


class Answer(StrEnum):
    """What comparing two pictures tells a person."""

    COPY = "copy"
    ANOTHER_CAPTURE = "another_capture"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Neighbouring tiles that speak against one capture.

    Attributes:
        box: In px of the first original; `other_box` the same place in px of the second.
        in_bar: It lies in the status bar, where one person's moment shows.
        added: A watermark, which only ever adds, explains it.
    """

    box: Box
    other_box: Box
    in_bar: bool
    added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """What two pictures say of each other, to be shown to a person.

    Attributes:
        confidence: In the answer, 0.5 where a count lies at its limit, towards 1 far from it; None where the
            answer is that nobody can tell. A margin, not a probability.
        score: Share of what both show that agrees, as `Likeness` has it.
        facts: What the answer rests on, a clause each.
        regions: What differs, heaviest first, those of the status bar before all.
        drawn: Both pictures side by side with their regions, a PNG; empty where nobody asked.
    """

    answer: Answer
    relation: Relation | None
    confidence: float | None
    score: float
    facts: tuple[str, ...]
    regions: tuple[Region, ...] = ()
    drawn: bytes = b""
