"""People who rule on proofs, what waits for them, and what they rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.reasons import ReasonCode
from pipeline.records.values import Outcome
from pipeline.records.verdicts import RecordedVerdict, Verdict


class Role(StrEnum):
    """What a person of the console may do; an admin also exports the decisions."""

    MODERATOR = "moderator"
    ADMIN = "admin"


class Decision(StrEnum):
    """What a moderator can say of a proof."""

    ACCEPT = "accept"
    REJECT = "reject"
    RESUBMIT = "resubmit"


class LookKind(StrEnum):
    """Why somebody looks again: the answer is known, a second opinion, an automatic decision's audit."""

    KNOWN = "known"
    SECOND = "second"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderator:
    """A person who may sign in.

    Attributes:
        email: In lower case; it names the person.
        platform: The only platform they see; None for every one.
    """

    id: str
    email: str
    role: Role
    platform: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a moderator decided, before it becomes a verdict.

    Attributes:
        code: Why; one of `review.CODES` of the decision.
        message: The sentence for the submitter in the moderator's own words; None for the code's.
    """

    decision: Decision
    code: ReasonCode
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Which part of the queue somebody looks at; None leaves a side open."""

    platform: str | None = None
    job_id: str | None = None
    submitter_id: str | None = None
    code: ReasonCode | None = None
    proof_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """One proof that waits for a person.

    Attributes:
        deadline: When the platform pays by itself; None where it never does.
        verdict: What left it to a person, and `codes` its reasons.
        held_by: Who has it open right now, if that is another person.
    """

    proof: str
    platform: str
    proof_id: str
    job_id: str
    title: str | None
    submitter_id: str
    received_at: datetime
    deadline: datetime | None
    lang: str
    verdict: str
    codes: tuple[ReasonCode, ...]
    held_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCount:
    """How much waits, and what is due first."""

    waiting: int
    oldest_deadline: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a proof's history: a verdict, and who ruled so if a person did.

    Attributes:
        note: What the submitter wrote when they appealed against this verdict.
    """

    recorded: RecordedVerdict
    moderator: str | None
    appealed: bool
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One ruling as an audit reads it.

    Attributes:
        said: The verdict it made, and `verdict` its ULID.
        found: What it took the place of, with the evidence and versions, and `against` its ULID.
        undone: It was taken back later.
        batch: Shared by rulings that were made together.
    """

    verdict: str
    against: str
    platform: str
    proof_id: str
    job_id: str
    submitter_id: str
    moderator: str
    ruled_at: datetime
    decision: Decision
    undone: bool
    batch: str | None
    said: Verdict
    found: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How a submitter's decided proofs ended."""

    by_outcome: tuple[tuple[Outcome, int], ...]
    newest: tuple[tuple[str, str, Outcome], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a moderator needs to decide one proof.

    Attributes:
        current: The verdict that left it to a person.
        twin: The original that this proof is thought to copy, by ULID, with how many pictures it has.
        lease_until: Until when nobody else can decide it.
        look, kind: What is answered instead of ruling, where this is no open proof but a look at one.
    """

    current: RecordedVerdict
    history: tuple[Event, ...]
    submitter: Record
    twin: tuple[str, str, int] | None
    now: datetime
    lease_until: datetime
    look: str | None = None
    kind: LookKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What became of proofs that were ruled together.

    Attributes:
        left: Those that could not be, by ULID, and why.
    """

    done: tuple[RecordedVerdict, ...]
    left: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """A moderator's newest ruling while it can be undone.

    Attributes:
        batch: What it was made together with, and `many` how many of those stand.
        look: The look that was answered, where it was no ruling.
    """

    proof: str
    proof_id: str
    outcome: Outcome
    until: datetime
    batch: str | None = None
    many: int = 1
    look: str | None = None
