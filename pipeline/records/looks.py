"""Decisions that a person looks at once more, and what that says of how good they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.quality import Rate
from pipeline.records.reviews import Decision, LookKind
from pipeline.records.values import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissent:
    """A look that did not agree.

    Attributes:
        by: Who looked, and `first` who decided before; None for the machine.
        stands: The decision looked at is still the proof's current one.
        reopened: The proof was left to people again.
    """

    look: str
    kind: LookKind
    proof: str
    proof_id: str
    platform: str
    expected: Decision
    decision: Decision
    by: str
    first: str | None
    answered_at: datetime
    stands: bool
    reopened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One moderator's rulings, and how often others and known answers agreed with them.

    Attributes:
        known: Known answers given right.
        agreed: Of second looks at what they ruled, those that came to the same.
    """

    email: str
    ruled: int
    undone: int
    known: Rate
    agreed: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What looks of some time say.

    Attributes:
        wrong: Of audited automatic decisions, those that the auditor decides otherwise; all, and by outcome.
        agreed: Of second looks, those that came to the same decision.
        waiting: Looks nobody answered yet, by kind.
        answers: How many proofs' answers are known.
    """

    wrong: Rate
    wrong_of: tuple[tuple[Outcome, Rate], ...]
    agreed: Rate
    known: Rate
    waiting: tuple[tuple[LookKind, int], ...]
    answers: int
    people: tuple[Work, ...]
    dissents: tuple[Dissent, ...]
