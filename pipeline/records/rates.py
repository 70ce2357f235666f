"""How often proofs were rejected lately, and how often before; what is held back for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.reasons import ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many proofs were decided, so many of them rejected (or would have been, had no brake held them).

    Attributes:
        for_evidence: Of the rejected, those for what a picture does not show, copies left out.
    """

    decided: int = 0
    rejected: int = 0
    for_evidence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The newest proofs of a job or of a submitter, and those before them."""

    recent: Rate = Rate()
    usual: Rate = Rate()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReject:
    """A reject whose notice waits and can still be taken back.

    Attributes:
        until: When its first notice goes out.
    """

    platform: str
    proof_id: str
    job_id: str
    submitter_id: str
    codes: tuple[ReasonCode, ...]
    decided_at: datetime
    until: datetime
