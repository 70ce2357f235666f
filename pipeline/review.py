"""review: what a moderator ruled becomes the verdict that supersedes the one before. Pure.

In: the standing `Verdict`, a `Ruling`. Out: a `Verdict`. What the machine found stays with it; who ruled is
the ledger's to know and no platform's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.reasons import ReasonCode
from pipeline.records import Decision, Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.records import Ruling, Verdict

MOST_LETTERS = 500

CODES: Mapping[Decision, tuple[ReasonCode, ...]] = {
    Decision.ACCEPT: (ReasonCode.RULED_ACCEPTED,),
    Decision.REJECT: (
        ReasonCode.RULED_REJECTED,
        ReasonCode.RULED_NOT_DONE,
        ReasonCode.RULED_OTHER_TARGET,
        ReasonCode.RULED_COPIED,
        ReasonCode.RULED_ALTERED,
    ),
    Decision.RESUBMIT: (ReasonCode.RULED_INCOMPLETE, ReasonCode.RULED_UNREADABLE),
}
"""What can be said with each decision, the plainest first."""

_SUGGESTS: Mapping[ReasonCode, ReasonCode] = {
    ReasonCode.STATE_NOT_DONE: ReasonCode.RULED_NOT_DONE,
    ReasonCode.STATE_MISSING: ReasonCode.RULED_NOT_DONE,
    ReasonCode.TARGET_NEAR_MISS: ReasonCode.RULED_OTHER_TARGET,
    ReasonCode.URL_MISMATCH: ReasonCode.RULED_OTHER_TARGET,
    ReasonCode.TYPED_NOT_SHOWN: ReasonCode.RULED_ALTERED,
    ReasonCode.PASTED_TEXT: ReasonCode.RULED_ALTERED,
    ReasonCode.UNREADABLE: ReasonCode.RULED_UNREADABLE,
    ReasonCode.TOO_SMALL: ReasonCode.RULED_UNREADABLE,
    ReasonCode.BLANK: ReasonCode.RULED_UNREADABLE,
    ReasonCode.UNCLEAR: ReasonCode.RULED_UNREADABLE,
}
_RULED = frozenset(code for codes in CODES.values() for code in codes)


def rule(verdict: Verdict, ruling: Ruling) -> Verdict:
    """Return the verdict that takes the place of `verdict`.

    - accept: `accept`, whatever the machine doubted; a moderator may accept a second proof of one capture.
    - reject: `reject` with the moderator's reason, and no remedy.
    - resubmit: `reject` with a reason whose remedy is a new picture.

    Raises:
        UsageError: The reason does not go with the decision, or the sentence is too long.
    """
    if ruling.code not in CODES[ruling.decision]:
        told = ", ".join(CODES[ruling.decision])
        raise UsageError(f"{ruling.code} does not go with {ruling.decision}; choose one of {told}")
    message = " ".join((ruling.message or "").split())
    if len(message) > MOST_LETTERS:
        raise UsageError(f"the sentence has {len(message)} letters; write at most {MOST_LETTERS}")
    outcome = Outcome.ACCEPT if ruling.decision is Decision.ACCEPT else Outcome.REJECT
    details = (("message", message),) if message else ()
    return replace(verdict, outcome=outcome, reasons=(Reason(code=ruling.code, details=details),))


def undo(before: Verdict) -> Verdict:
    """Return the verdict that stands after a ruling on `before` was undone: left to a person again."""
    said = tuple(one for one in before.reasons if one.code is not ReasonCode.UNDONE)
    return replace(before, outcome=Outcome.MANUAL, reasons=(*said, Reason(code=ReasonCode.UNDONE)))


def suggested(verdict: Verdict, decision: Decision) -> ReasonCode:
    """Return the reason that most likely goes with the decision, from what the machine found."""
    said = [*(one.code for one in verdict.reasons), *(one.code for one in verdict.checks if one.code)]
    if decision is Decision.REJECT and verdict.duplicate_of is not None:
        return ReasonCode.RULED_COPIED
    for code in said:
        if _SUGGESTS.get(code) in CODES[decision]:
            return _SUGGESTS[code]
    return CODES[decision][0]


def is_ruling(verdict: Verdict) -> bool:
    """Tell whether a person ruled so; such a verdict's notice waits for the undo window."""
    decided = verdict.outcome is not Outcome.MANUAL  # an appeal against a ruling repeats its reason
    return decided and any(one.code in _RULED for one in verdict.reasons)
