"""What a verdict says to its submitter, on a job platform or by a person's hand. Pure.

In: a verdict line. Out: a `Rating`, or None for `manual`: nothing is rated then. It calls nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pipeline.reasons import Remedy
from pipeline.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping


class Act(StrEnum):
    """What is done to a task; where a platform knows no revise, it is a reject."""

    ACCEPT = "accept"
    REJECT = "reject"
    REVISE = "revise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One verdict as a job platform takes it.

    Attributes:
        proof_id: The platform's own.
        comment: For the submitter, in their language; never empty for reject and revise.
        copied: Whether it is rejected as a copy of an earlier proof.
    """

    job_id: str
    proof_id: str
    act: Act
    comment: str
    copied: bool = False


def rating_of(line: Mapping[str, Any], *, job_id: str) -> Rating | None:
    """Return what the verdict line means on its platform.

    - manual: nothing, a person decides.
    - accept: accept, without a comment.
    - reject whose every reason can be mended by sending again: revise.
    - any other reject: reject.
    """
    outcome = Outcome(line["verdict"])
    if outcome is Outcome.MANUAL:
        return None
    reasons = line["reasons"] if outcome is Outcome.REJECT else []
    mendable = bool(reasons) and all(one["remedy"] == Remedy.RESUBMIT.value for one in reasons)
    refused = Act.REVISE if mendable else Act.REJECT
    return Rating(
        job_id=job_id,
        proof_id=line["proof_id"],
        act=Act.ACCEPT if outcome is Outcome.ACCEPT else refused,
        comment=" ".join(dict.fromkeys(one["message"] for one in reasons)),
        copied=any(one["code"].startswith("duplicate.") for one in reasons),
    )
