"""How sure is a verdict? The share of verdicts of its sort that were right where the truth is known. Pure.

In: a verdict. Out: a share in 0..1, or None. It never changes an outcome: doubt is `manual` already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.records import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.policy import Policy
    from pipeline.records import CheckResult, Verdict


def confidence_of(verdict: Verdict, policy: Policy) -> float | None:
    """Return how often verdicts of this sort are right; the policy holds the measured shares.

    - None for `manual`, and for copies: likeness has figures of its own.
    - A reject: because of what was seen, because of what was not, or because a picture shows nothing.
    - An accept: of several checks read letter for letter, of one alone, or of some that are only alike.
    """
    if verdict.outcome is Outcome.MANUAL or _of_likeness(verdict):
        return None
    if verdict.outcome is Outcome.REJECT:
        failed = [one for one in verdict.checks if one.status is Status.FAIL]
        if not failed:
            return policy.right_unjudged
        return policy.right_seen if any(one.found for one in failed) else policy.right_missing
    return _accepted(verdict.checks, policy) if verdict.checks else None


def _accepted(checks: Sequence[CheckResult], policy: Policy) -> float:
    if any(one.found is not None and one.similarity < 1.0 for one in checks):
        return policy.right_alike
    return policy.right_exact if len(checks) > 1 else policy.right_single


def _of_likeness(verdict: Verdict) -> bool:
    return any(reason.code.value.startswith("duplicate.") for reason in verdict.reasons)
