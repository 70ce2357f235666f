"""What was found, why, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.reasons import ReasonCode
from pipeline.records.proofs import Proof
from pipeline.records.values import Box, Outcome, Relation, Status


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
        confidence: Share of verdicts of this sort that were right where the truth is known, in 0..1; None
            for `manual`, and where no share was measured.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    duplicate_of: DuplicateOf | None = None
    checks: tuple[CheckResult, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    confidence: float | None = None


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
