"""judge: a job, what was read and what it resembles become a verdict. Pure.

In: `Proof`, `Reading`s, `Resemblance`s, `Policy`. Out: `Verdict`. It never opens a picture, asks no clock and
no database, and never turns a failure of ours into a rejection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline import match
from pipeline.confidence import confidence_of
from pipeline.labels import see
from pipeline.reasons import ReasonCode
from pipeline.records import (
    Ask,
    AutoReject,
    DuplicateOf,
    Outcome,
    PolicyStance,
    Reason,
    Relation,
    Status,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.policy import Policy
    from pipeline.records import CheckResult, Job, Proof, Reading, Resemblance

OUR_SIDE = frozenset({ReasonCode.UNAVAILABLE, ReasonCode.UNSUPPORTED_SCRIPT, ReasonCode.ENGINE_FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that one judgement may look at."""

    proof: Proof
    readings: tuple[Reading, ...]
    resemblances: tuple[Resemblance, ...]
    checks: tuple[CheckResult, ...]


def judge(
    proof: Proof, readings: Sequence[Reading], *, resemblances: Sequence[Resemblance], policy: Policy
) -> Verdict:
    """Return the verdict by the first rule that speaks.

    - `job.unknown`: the platform never declared the job: manual.
    - `policy.refused`: the kind is not verified: manual, with the source.
    - `engine.failed`, `engine.timeout`: the machine gave up on the proof: manual.
    - `duplicate.exact`, `duplicate.altered_copy`: an earlier proof holds the same capture: reject.
    - `duplicate.late_original`: a later copy was accepted before this original arrived: manual.
    - `picture.wrong_count`: fewer or more pictures than the job asks for: reject.
    - `picture.*`: no picture can be judged: reject; `picture.unavailable` and `engine.failed` (a picture in
      quarantine), ours to answer for: manual.
    - `engine.out_of_budget`: a check did not pass and reading stopped early: manual.
    - `evidence.target_near_miss` where the job leaves near misses to people: manual.
    - `evidence.target_missing` alone, of a text beside another one and a state that are there: manual.
    - `evidence.*`, `forgery.*`: a check surely failed: reject.
    - `evidence.unclear` and its kin: a check could not be settled: manual.
    - `duplicate.same_screen`: copy and honest twin cannot be told apart: manual.
    - otherwise accept.

    A job with `auto_reject: false` turns each reject into manual and keeps its reasons. A verdict carries how
    often verdicts of its sort are right.
    """
    evidence = Evidence(
        proof=proof,
        readings=tuple(readings),
        resemblances=tuple(one for one in resemblances if not one.candidate.is_first_attempt),
        checks=_results(proof, readings, policy),
    )
    verdict = next(found for rule in RULES if (found := rule(evidence)) is not None)
    told = replace(
        _left_to_people(verdict, proof.job),
        duplicate_of=_original(evidence.resemblances),
        checks=evidence.checks,
        versions=_versions(readings, policy),
    )
    return replace(told, confidence=confidence_of(told, policy))


def ask_of(proof: Proof) -> Ask:
    """Return what the proof must show."""
    checks = proof.job.checks if proof.job else ()
    return Ask(checks=checks, submitted_at=proof.submitted_at, answer=proof.answer, lang=proof.lang)


def _results(proof: Proof, readings: Sequence[Reading], policy: Policy) -> tuple[CheckResult, ...]:
    if not readings or proof.job is None:
        return ()
    ask, seen = ask_of(proof), [see(reading, policy) for reading in readings]
    return tuple(match.check(check, seen, ask, policy) for check in ask.checks)


def _versions(readings: Sequence[Reading], policy: Policy) -> tuple[tuple[str, str], ...]:
    engines = tuple(("engine", version) for version in sorted({one.engine_version for one in readings}))
    return (("policy", policy.version), *engines)


# ---- rules, in the order in which they are tried --------------------------------------------------


def _unknown_job(evidence: Evidence) -> Verdict | None:
    return _manual(ReasonCode.JOB_UNKNOWN) if evidence.proof.job is None else None


def _refused(evidence: Evidence) -> Verdict | None:
    job = evidence.proof.job
    if job is None or job.stance is not PolicyStance.REFUSE:
        return None
    return _manual(ReasonCode.POLICY_REFUSED, source=job.policy_source or "")


def _gave_up(evidence: Evidence) -> Verdict | None:
    failure = evidence.proof.failure
    return _manual(failure) if failure is not None else None


def _copied(evidence: Evidence) -> Verdict | None:
    exact = _earliest(evidence.resemblances, Relation.EXACT)
    copied = exact or _earliest(evidence.resemblances, Relation.ALTERED)
    if copied is None:
        return None
    code = ReasonCode.DUPLICATE_EXACT if exact else ReasonCode.DUPLICATE_ALTERED
    box = copied.differing[0] if copied.differing else None
    return _rejected((Reason(code=code, image=copied.candidate.image, box=box),))


def _late_original(evidence: Evidence) -> Verdict | None:
    taken = next((one for one in evidence.resemblances if _accepted_copy(one)), None)
    if taken is None:
        return None
    reason = Reason(code=ReasonCode.DUPLICATE_LATE_ORIGINAL, image=taken.candidate.image)
    return Verdict(outcome=Outcome.MANUAL, reasons=(reason,))


def _wrong_count(evidence: Evidence) -> Verdict | None:
    job, count = evidence.proof.job, len(evidence.proof.pictures)
    if job is None or job.images_min <= count <= job.images_max:
        return None
    asked = str(job.images_min) if job.images_min == job.images_max else f"{job.images_min}-{job.images_max}"
    details = (("expected", asked), ("found", str(count)))
    return _rejected((Reason(code=ReasonCode.WRONG_COUNT, details=details),))


def _nothing_to_judge(evidence: Evidence) -> Verdict | None:
    faults = tuple(Reason(code=fault, image=index) for index, fault in sorted(_faults(evidence).items()))
    if len(faults) < len(evidence.proof.pictures):
        return None
    ours = tuple(one for one in faults if one.code in OUR_SIDE)
    return Verdict(outcome=Outcome.MANUAL, reasons=ours) if ours else _rejected(faults)


def _budget_spent(evidence: Evidence) -> Verdict | None:
    stopped = next((one for one in evidence.readings if one.out_of_budget), None)
    if stopped is None or all(one.status is Status.PASS for one in evidence.checks):
        return None
    reason = Reason(code=ReasonCode.ENGINE_BUDGET, image=stopped.image)
    return Verdict(outcome=Outcome.MANUAL, reasons=(reason,))


def _near_miss(evidence: Evidence) -> Verdict | None:
    job = evidence.proof.job
    failed = tuple(one for one in evidence.checks if one.status is Status.FAIL)
    only_near = bool(failed) and all(one.code is ReasonCode.TARGET_NEAR_MISS for one in failed)
    if not only_near or job is None or job.decide.near_miss is not Outcome.MANUAL:
        return None
    return Verdict(outcome=Outcome.MANUAL, reasons=tuple(_reason(one) for one in failed))


def _off_screen(evidence: Evidence) -> Verdict | None:
    """Leave to people what may stand below the screen's edge or behind "see more": a post's own words."""
    missing = tuple(one for one in evidence.checks if one.status is not Status.PASS)
    shown = {one.check for one in evidence.checks if one.status is Status.PASS}
    if len(missing) != 1 or not shown >= {"text", "state"}:
        return None
    only = missing[0]
    if only.check != "text" or only.code is not ReasonCode.TARGET_MISSING or only.found is not None:
        return None
    return Verdict(outcome=Outcome.MANUAL, reasons=(_reason(only),))


def _failed_check(evidence: Evidence) -> Verdict | None:
    failed = tuple(one for one in evidence.checks if one.status is Status.FAIL)
    if not failed:
        return None
    unseen = _unseen_pictures(evidence)
    if unseen:
        return Verdict(outcome=Outcome.MANUAL, reasons=(*unseen, *(_reason(one) for one in failed)))
    return _rejected(tuple(_reason(one) for one in failed))


def _unclear_check(evidence: Evidence) -> Verdict | None:
    unclear = tuple(one for one in evidence.checks if one.status is Status.UNCLEAR)
    if not unclear:
        return None
    return Verdict(outcome=Outcome.MANUAL, reasons=tuple(_reason(one) for one in unclear))


def _same_screen(evidence: Evidence) -> Verdict | None:
    alike = _likest(evidence.resemblances)
    if alike is None:
        return None
    reason = Reason(code=ReasonCode.DUPLICATE_SAME_SCREEN, image=alike.candidate.image)
    return Verdict(outcome=Outcome.MANUAL, reasons=(reason,))


def _accept(_: Evidence) -> Verdict:
    return Verdict(outcome=Outcome.ACCEPT)


RULES: tuple[Callable[[Evidence], Verdict | None], ...] = (
    _unknown_job,
    _refused,
    _gave_up,
    _copied,
    _late_original,
    _wrong_count,
    _nothing_to_judge,
    _budget_spent,
    _near_miss,
    _off_screen,
    _failed_check,
    _unclear_check,
    _same_screen,
    _accept,
)


# ---- what the rules ask ---------------------------------------------------------------------------


def _accepted_copy(one: Resemblance) -> bool:
    later = not one.candidate.earlier and one.candidate.outcome is Outcome.ACCEPT
    return later and one.relation in {Relation.EXACT, Relation.ALTERED}


def _earliest(resemblances: Sequence[Resemblance], *relations: Relation) -> Resemblance | None:
    found = (one for one in resemblances if one.candidate.earlier and one.relation in relations)
    return min(found, key=lambda one: (one.candidate.submitted_at, one.candidate.proof), default=None)


def _likest(resemblances: Sequence[Resemblance]) -> Resemblance | None:
    """Return the earlier proof of perhaps the same capture that differs least, of equals the earliest."""
    found = (one for one in resemblances if one.candidate.earlier and one.relation is Relation.SAME_SCREEN)
    return min(
        found, key=lambda one: (-one.score, one.candidate.submitted_at, one.candidate.proof), default=None
    )


def _original(resemblances: Sequence[Resemblance]) -> DuplicateOf | None:
    spoken = (
        _earliest(resemblances, Relation.EXACT, Relation.ALTERED)
        or next((one for one in resemblances if _accepted_copy(one)), None)
        or _likest(resemblances)
    )
    if spoken is None:
        return None
    other = spoken.candidate
    return DuplicateOf(
        proof_id=other.root_proof_id or other.proof_id,
        relation=spoken.relation,
        score=spoken.score,
        proof=other.root_proof or other.proof,
    )


def _faults(evidence: Evidence) -> dict[int, ReasonCode]:
    """Return each unusable picture's fault, by picture."""
    stored = {one.index: one.fault for one in evidence.proof.pictures if one.fault is not None}
    read = {one.image: one.fault for one in evidence.readings if one.fault is not None}
    return stored | read


def _unseen_pictures(evidence: Evidence) -> tuple[Reason, ...]:
    """Return the pictures that we, not the submitter, failed to see: what is missing may be on them."""
    return tuple(
        Reason(code=fault, image=index)
        for index, fault in sorted(_faults(evidence).items())
        if fault in OUR_SIDE
    )


def _reason(result: CheckResult) -> Reason:
    details = (("expected", result.expected), ("found", result.found or ""))
    return Reason(code=result.code or ReasonCode.UNCLEAR, image=result.image, box=result.box, details=details)


def _manual(code: ReasonCode, **details: str) -> Verdict:
    return Verdict(outcome=Outcome.MANUAL, reasons=(Reason(code=code, details=tuple(details.items())),))


def _rejected(reasons: tuple[Reason, ...]) -> Verdict:
    return Verdict(outcome=Outcome.REJECT, reasons=reasons)


def _left_to_people(verdict: Verdict, job: Job | None) -> Verdict:
    if verdict.outcome is not Outcome.REJECT or job is None or job.decide.auto_reject is not AutoReject.OFF:
        return verdict
    reasons = (*verdict.reasons, Reason(code=ReasonCode.AUTO_REJECT_OFF))
    return replace(verdict, outcome=Outcome.MANUAL, reasons=reasons)
