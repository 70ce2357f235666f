"""brake: a reject becomes manual where rejects are far more than usual. Pure.

In: a `Verdict`, the `History` of its job and of its submitter, `Policy`. Out: the same verdict, or one left
to people. It counts nothing itself and never makes a verdict harsher.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.reasons import ReasonCode
from pipeline.records import History, Outcome, Rate, Reason

if TYPE_CHECKING:
    from pipeline.policy import Policy
    from pipeline.records import Verdict


def brake(verdict: Verdict, *, job: History, submitter: History, policy: Policy) -> Verdict:
    """Return the verdict, or `manual` with its reasons and one of these.

    - `brake.job_rate`: of the job's newest proofs far more were rejected than before. A job without a past is
      held against what a new job may have, and only for what its pictures do not show: a name misspelt in
      the job rejects everybody, while a crowd of copies is no fault of the job's.
    - `brake.submitter_rate`: of the submitter's newest proofs far more were rejected than before. Somebody
      without a past has no usual, and is judged like anybody.

    Far more means both: the odds are `brake_odds` times the usual ones, and the share is `brake_margin`
    above.
    """
    if verdict.outcome is not Outcome.REJECT:
        return verdict
    if _job_runs_away(job, policy):
        return _left_to_people(verdict, ReasonCode.BRAKE_JOB)
    if submitter.usual.decided >= policy.brake_usual_least and _far_above(submitter, policy):
        return _left_to_people(verdict, ReasonCode.BRAKE_SUBMITTER)
    return verdict


def _job_runs_away(job: History, policy: Policy) -> bool:
    if job.usual.decided >= policy.brake_usual_least:
        return _far_above(job, policy)
    weight = policy.brake_unknown_weight
    usual = Rate(decided=weight, rejected=round(policy.brake_unknown * weight))
    newest = Rate(decided=job.recent.decided, rejected=job.recent.for_evidence)
    return _far_above(History(recent=newest, usual=usual), policy)


def _far_above(history: History, policy: Policy) -> bool:
    recent, usual = history.recent, history.usual
    if recent.decided < policy.brake_recent:
        return False
    apart = recent.rejected / recent.decided - usual.rejected / usual.decided
    unlike = _odds(recent) >= policy.brake_odds * _odds(usual)
    return unlike and apart >= policy.brake_margin


def _odds(rate: Rate) -> float:
    """Return the odds of a reject, each side one proof richer: nothing is impossible."""
    return (rate.rejected + 1) / (rate.decided - rate.rejected + 1)


def _left_to_people(verdict: Verdict, code: ReasonCode) -> Verdict:
    return replace(verdict, outcome=Outcome.MANUAL, reasons=(*verdict.reasons, Reason(code=code)))
