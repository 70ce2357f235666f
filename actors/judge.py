"""The judge door: compares the proof with its candidates and records the verdict with its notices.

A proof is judged when every earlier proof of its job is fingerprinted, and its verdict is written only if no
candidate turned up meanwhile: so of one capture at most one proof is accepted.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from actors.attempt import accounted, take
from actors.elsewhere import seen_elsewhere
from actors.publish import Crier
from actors.resemble import Compared, compare
from actors.words import words
from pipeline import flow
from pipeline.brake import brake
from pipeline.errors import LeaseLost, TryLater
from pipeline.judge import judge as decide
from pipeline.records import Outcome, Step

if TYPE_CHECKING:
    from pipeline.ports import Tell
    from pipeline.records import (
        Candidate,
        Claim,
        Kept,
        Proof,
        Reading,
        RecordedVerdict,
        Resemblance,
        Unclosed,
        Verdict,
    )
    from pipeline.wiring import WorkerServices

log = structlog.get_logger(__name__)
WAIT_FOR_EARLIER_S = 0.5


def judge(services: WorkerServices, proof: str) -> None:
    """Judge `proof`, or leave it for later while an earlier proof of its job is not fingerprinted."""
    claim = take(services, proof, Step.JUDGE)
    if claim is not None:
        judge_taken(services, claim)


def judge_taken(services: WorkerServices, claim: Claim) -> None:
    """Judge the proof of `claim`.

    What it says is published in the same transaction: nobody has to come back for it.
    """
    with accounted(services, claim) as ending:
        if not _told(services, claim, read=None, alike=None):
            ending.how = "waits"
            _wait(services, claim)


def judge_on(services: WorkerServices, kept: Kept, *, read: Unclosed, alike: Compared | None) -> None:
    """Judge a proof that this worker has just read, and write both down at once.

    Where there is no verdict, what was read is kept for whoever judges next.

    Args:
        services: What the worker works with.
        kept: The step that is taken with the end of reading.
        read: What was read, and what is held until the end.
        alike: What comparing it found, as far as that was done already.
    """
    with accounted(services, kept.claim) as ending:
        judged = False
        try:
            judged = _told(services, kept.claim, read=read, alike=alike)
        except LeaseLost:
            raise
        except BaseException:
            with suppress(TryLater):
                _keep(services, kept, read)
            raise
        if not judged:
            ending.how = "waits"
            _keep(services, kept, read)
            _wait(services, kept.claim)


def _keep(services: WorkerServices, kept: Kept, read: Unclosed) -> None:
    services.ledger.finish_read(read.claim, read.readings, then=kept.claim.step, kept=kept)


def _wait(services: WorkerServices, claim: Claim) -> None:
    services.ledger.hand_back(
        claim,
        delay=timedelta(seconds=WAIT_FOR_EARLIER_S),
        problem=None,
        detail="waits for an earlier proof of the job",
        strike=False,
    )


def _told(services: WorkerServices, claim: Claim, *, read: Unclosed | None, alike: Compared | None) -> bool:
    """Write the verdict with its notices and ring for them; False where it has to wait.

    Whoever compared the proof with all that can change its verdict need not look again: the ledger refuses a
    verdict that missed something since, and only then is it looked for.
    """
    crier = Crier(services)
    recorded = None
    if alike is not None and alike.whole and claim.proof.failure is None:
        recorded = _judged(services, claim, read, alike, tell=crier)
    if recorded is None:
        candidates = _candidates(services, claim.proof)
        if candidates is None:
            return False
        alike = _compared(services, claim.proof, candidates, alike)
        recorded = _judged(services, claim, read, alike, tell=crier)
    if recorded is None:
        return False
    crier.ring(claim.proof.platform)
    return True


def _candidates(services: WorkerServices, proof: Proof) -> tuple[Candidate, ...] | None:
    look = services.ledger.rivals if proof.failure is None else services.ledger.candidates
    return look(proof.id, limit=services.policy.max_candidates)


def _judged(
    services: WorkerServices, claim: Claim, unclosed: Unclosed | None, alike: Compared, *, tell: Tell
) -> RecordedVerdict | None:
    """Write the verdict; None where it missed something."""
    proof = claim.proof
    read = services.ledger.readings(proof.id) if unclosed is None else unclosed.readings
    if _is_unread(proof, read, alike):
        read = words(services, claim)
    verdict = _decided(services, proof, read, alike.found)
    if unclosed is None or unclosed.shared:
        verdict = seen_elsewhere(services, proof, verdict)
    verdict = _braked(services, proof, verdict)
    recorded = services.ledger.finish_judge(
        claim,
        verdict,
        seen=alike.candidates,
        limit=services.policy.max_candidates,
        then=flow.after(Step.PUBLISH),
        tell=tell,
        read=unclosed,
    )
    if recorded is not None:
        services.watch.judged(verdict)
        log.info("judged", proof=proof.id, verdict=verdict.outcome.value)
    return recorded


def _decided(
    services: WorkerServices,
    proof: Proof,
    readings: tuple[Reading, ...],
    alike: tuple[Resemblance, ...],
) -> Verdict:
    """Judge by words in a child, which can be killed; without words, or once we gave up, here."""
    if proof.failure is not None or not readings:
        return decide(proof, (), resemblances=alike, policy=services.policy)
    return services.children.judge(proof, readings, resemblances=alike)


def _is_unread(proof: Proof, readings: tuple[Reading, ...], alike: Compared) -> bool:
    """Whether nobody looked for the words of a proof that is no copy.

    It was taken for one, and its original was erased before it was judged: nothing speaks against it any
    more, and nothing for it.
    """
    asked = proof.failure is None and proof.job is not None and bool(proof.job.checks)
    return asked and not readings and not alike.is_copy


def _braked(services: WorkerServices, proof: Proof, verdict: Verdict) -> Verdict:
    """Leave a reject to people where its job or its submitter is rejected far more than usual."""
    policy = services.policy
    if verdict.outcome is not Outcome.REJECT or not services.settings.reject_brake:
        return verdict
    job, submitter = services.queries.histories(
        proof, recent=policy.brake_recent, usual=policy.brake_usual_most
    )
    left = brake(verdict, job=job, submitter=submitter, policy=policy)
    if left is not verdict:
        code = left.reasons[-1].code.value
        log.warning("reject.braked", proof=proof.id, job=proof.job_id, why=code)
    return left


def _compared(
    services: WorkerServices, proof: Proof, candidates: tuple[Candidate, ...], before: Compared | None
) -> Compared:
    """Return what comparing found; what was compared before is not compared again."""
    if proof.failure is not None:
        return Compared(candidates=candidates, found=())
    if before is not None and before.candidates == candidates:
        return before
    return compare(services, proof.id, candidates)
