"""The words and shapes that every record uses: steps, outcomes, boxes, faults."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """Where a proof stands; `flow` says which follows which.

    GIVE_UP and DELIVER are doors only: no proof stands there. DELIVER's bell names an endpoint.
    """

    FINGERPRINT = "fingerprint"
    READ = "read"
    JUDGE = "judge"
    PUBLISH = "publish"
    DONE = "done"
    GIVE_UP = "give_up"
    DELIVER = "deliver"


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
