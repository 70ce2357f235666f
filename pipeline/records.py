"""The frozen values that travel between stages.

Every record is frozen, has slots and keyword arguments only, holds tuples rather than lists, and
carries aware datetimes. Pixels are numpy arrays and are treated as read-only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from pipeline.reasons import ReasonCode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Step(StrEnum):
    """Where a proof stands; `flow` says which follows which. GIVE_UP is a door only: nothing stands there."""

    FINGERPRINT = "fingerprint"
    READ = "read"
    JUDGE = "judge"
    PUBLISH = "publish"
    DONE = "done"
    GIVE_UP = "give_up"


class Outcome(StrEnum):
    """What a verdict says."""

    ACCEPT = "accept"
    REJECT = "reject"
    MANUAL = "manual"


class Relation(StrEnum):
    """How two proofs' pictures are related."""

    EXACT = "exact"
    ALTERED = "altered"
    SAME_SCREEN = "same_screen"


class Status(StrEnum):
    """What one check found."""

    PASS = "pass"  # noqa: S105 (a status, no password)
    FAIL = "fail"
    UNCLEAR = "unclear"


class AutoReject(StrEnum):
    """What becomes of a reject: sent, held for `PRAMAN_HOLD_S`, or turned into manual."""

    ON = "true"
    HOLD = "hold"
    OFF = "false"


class PolicyStance(StrEnum):
    """A kind's policy, decided before a picture is opened."""

    ALLOW = "allow"
    FLAG = "flag"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in px of the upright original, origin at the top left."""

    x: int
    y: int
    w: int
    h: int

    def as_list(self) -> list[int]:
        """Return `[x, y, w, h]`, the shape that verdict lines use."""
        return [self.x, self.y, self.w, self.h]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a file that a person wrote: where, what is wrong, what to do."""

    file: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}; {self.remedy}"


# ---- jobs -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCheck:
    """`value` stands on the screen; `similarity` in 0..1 overrides the policy's threshold."""

    value: str
    similarity: float | None = None
    name: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCheck:
    """A done word stands as a whole label and no not-done word speaks against it."""

    done: tuple[str, ...]
    not_done: tuple[str, ...] = ()
    name: Literal["state"] = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlCheck:
    """The address bar shows `host` (a subdomain of it too) and, if given, `path`."""

    host: str
    path: str | None = None
    name: Literal["url"] = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentCheck:
    """None of the phrases stands on the screen."""

    any: tuple[str, ...]
    name: Literal["absent"] = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCheck:
    """What the submitter typed stands in the picture."""

    appears: bool = True
    name: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCheck:
    """The code stands on the screen, letter for letter."""

    value: str
    name: Literal["code"] = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshCheck:
    """An on-screen date or clock lies within `within` before `submitted_at`."""

    within: timedelta
    name: Literal["fresh"] = "fresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionCheck:
    """A player's position on the screen (`1:07 / 4:12`) lies above `above_s` seconds."""

    above_s: int = 0
    name: Literal["position"] = "position"


Check = TextCheck | StateCheck | UrlCheck | AbsentCheck | AnswerCheck | CodeCheck | FreshCheck | PositionCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """How a job wants doubt and rejection handled."""

    auto_reject: AutoReject = AutoReject.ON
    near_miss: Outcome = Outcome.REJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as it stands at one moment; a proof keeps the version it was submitted under.

    Attributes:
        id: The platform's own id of the job.
        kind: Name in the catalogue, or None for a job with explicit checks.
        checks: What the pictures must show; empty means picture and likeness only.
        stance: The kind's policy; `policy_source` names the rule behind it.
        images_min, images_max: How many pictures a proof may hold, both included.
    """

    id: str
    kind: str | None = None
    title: str | None = None
    lang: str = "en"
    checks: tuple[Check, ...] = ()
    images_min: int = 1
    images_max: int = 4
    decide: Decide = Decide()
    stance: PolicyStance = PolicyStance.ALLOW
    policy_source: str | None = None


# ---- proofs and pictures --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A claim with its pictures, checked in form and not yet stored.

    Attributes:
        pictures: The bytes of each picture, in order; None where they could not be fetched.
        proof_id: The platform's own id; None asks for one to be made.
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
    """

    pixels: NDArray[np.uint8]
    format: str
    frames: int

    @property
    def width_px(self) -> int:
        """Width of the upright picture."""
        return int(self.pixels.shape[1])

    @property
    def height_px(self) -> int:
        """Height of the upright picture."""
        return int(self.pixels.shape[0])


# ---- fingerprints and likeness --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What is remembered of a picture to find it again.

    Attributes:
        version: Algorithm and library versions; only equal versions are compared bit by bit.
        bytes_sha256: Hex digest of the file.
        pixels_sha256: Hex digest of the upright RGB pixels with their size.
        hashes: Perceptual hashes of 64 bits by name (`page`, `body`, `trimmed`, `mirrored`).
        flat: True where the picture has too little structure to be compared with any other.
        sketch: Small grey rendering (encoded), the input of the aligned comparison.
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
    fault: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An earlier or later picture that may show the same capture, before it is looked at.

    Attributes:
        proof: The other proof's ULID; `proof_id` is the platform's own id of it.
        sketch_key: Where the evidence store keeps the other picture's sketch.
        distance_bits: Smallest Hamming distance among comparable hashes; 0 for exact matches.
        exact: The bytes or the decoded pixels are equal.
        earlier: The other was submitted before this one (by time, then by id).
        submitted_at: When the other was submitted.
        resubmit_asked: The other's current verdict is a reject that asked for a new picture.
        root_proof, root_proof_id: The other's own original, where its verdict names one.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What the aligned comparison of two sketches found.

    Attributes:
        relation: ALTERED for a sure copy, SAME_SCREEN where copy and twin cannot be told apart,
            None for another capture.
        score: Confidence in 0..1 that the two are one capture.
        differing: Boxes that differ, in px of the first picture's original.
    """

    relation: Relation | None
    score: float
    differing: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """A candidate after comparison: how this proof's picture relates to another proof's."""

    candidate: Candidate
    relation: Relation
    score: float
    differing: tuple[Box, ...] = ()


# ---- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a proof must show: the job's checks and what the submitter claimed beside them."""

    checks: tuple[Check, ...]
    submitted_at: datetime
    answer: str | None = None
    lang: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as an engine read it.

    Attributes:
        box: In px of the upright original.
        confidence: The engine's own, scaled to 0..1.
        line: Number of the text line within its pass; words of one line share it.
        reader: Index of the `Pass` that found the word.
    """

    text: str
    box: Box
    confidence: float
    line: int
    reader: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One attempt of a text engine: what it was given and what it cost.

    Attributes:
        region: What part was read, in px of the upright original.
        scale: Factor applied to the original before reading.
    """

    name: str
    engine: str
    languages: str
    page_mode: int
    scale: float
    region: Box
    cpu_ms: int
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The words of one picture and how they were found."""

    image: int
    width_px: int
    height_px: int
    words: tuple[Word, ...]
    passes: tuple[Pass, ...]
    engine_version: str
    out_of_budget: bool = False
    fault: ReasonCode | None = None


# ---- judgement ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What one check found, over all pictures of the proof.

    Attributes:
        check: The check's name (`text`, `state`, `url`, ...).
        expected: What was asked, in words.
        found: The text that decided, as read; None where nothing was near.
        similarity: 0..1, of `found` to `expected`.
        code: Why it did not pass.
    """

    check: str
    expected: str
    status: Status
    found: str | None = None
    similarity: float = 0.0
    image: int | None = None
    box: Box | None = None
    code: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a verdict is what it is; `details` fill the sentence for the submitter."""

    code: ReasonCode
    image: int | None = None
    box: Box | None = None
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateOf:
    """The earliest proof of the same capture, by the platform's own id."""

    proof_id: str
    relation: Relation
    score: float = 1.0
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `judge` decided, before the ledger gives it a number.

    Attributes:
        versions: Policy, engine and hash versions that the decision rests on, by name.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    duplicate_of: DuplicateOf | None = None
    checks: tuple[CheckResult, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedVerdict:
    """A verdict as the ledger keeps it: appended once, never edited.

    Attributes:
        sequence: Rises with each verdict of the platform; the feed's cursor.
        supersedes: The id of the verdict it replaces, if any.
        took_ms: From the claim of the first step to the verdict, working time only.
    """

    id: str
    proof: Proof
    verdict: Verdict
    sequence: int
    supersedes: str | None
    decided_at: datetime
    took_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one target, written in the transaction that records its verdict."""

    target: str
    body: str
    due_at: datetime | None = None


# ---- the queue ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work on one step of one proof until the lease lapses.

    Attributes:
        lease: Token that the closing compare-and-set must still find.
        attempt: Counted before the work; 1 for the first.
    """

    proof: Proof
    step: Step
    lease: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A step of a proof whose bell should be rung."""

    proof: str
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many proofs stand where, for progress and for sweep."""

    by_step: tuple[tuple[Step, int], ...] = ()
    by_outcome: tuple[tuple[Outcome, int], ...] = ()
