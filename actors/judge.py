"""The judge door: compares the proof with its candidates and records the verdict.

A proof is judged when every earlier proof of its job is fingerprinted, and its verdict is written only if no
candidate turned up meanwhile: so of one capture at most one proof is accepted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from actors.attempt import accounted, move_on, take
from pipeline import flow
from pipeline.brake import brake
from pipeline.errors import EvidenceMissing
from pipeline.judge import judge as decide
from pipeline.records import Outcome, Relation, Resemblance, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.records import Candidate, Claim, Proof, Verdict
    from pipeline.wiring import WorkerServices

log = structlog.get_logger(__name__)
WAIT_FOR_EARLIER_S = 0.5


def judge(services: WorkerServices, proof: str) -> None:
    """Judge `proof`, or leave it for later while an earlier proof of its job is not fingerprinted."""
    claim = take(services, proof, Step.JUDGE)
    if claim is None:
        return
    with accounted(services, claim):
        if not _settled(services, claim):
            services.ledger.hand_back(
                claim,
                delay=timedelta(seconds=WAIT_FOR_EARLIER_S),
                problem=None,
                detail="waits for an earlier proof of the job",
                strike=False,
            )
            return
        move_on(services, proof, flow.after(Step.JUDGE))


def _settled(services: WorkerServices, claim: Claim) -> bool:
    """Write the verdict; False where it has to wait."""
    proof = claim.proof
    if proof.failure is None and services.ledger.earlier_unseen(proof.id):
        return False
    limit = services.policy.max_candidates
    candidates = services.ledger.candidates(proof.id, limit=limit)
    verdict = _braked(
        services,
        proof,
        decide(
            proof,
            services.ledger.readings(proof.id),
            resemblances=tuple(_resemblances(services, claim, candidates)) if proof.failure is None else (),
            policy=services.policy,
        ),
    )
    recorded = services.ledger.finish_judge(
        claim,
        verdict,
        seen=frozenset(one.proof for one in candidates),
        limit=limit,
        then=flow.after(Step.JUDGE),
    )
    if recorded is not None:
        log.info("judged", proof=proof.id, verdict=verdict.outcome.value)
    return recorded is not None


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
        log.warning("reject.braked", proof=proof.id, job=proof.job_id, submitter=proof.submitter_id, why=code)
    return left


def _resemblances(
    services: WorkerServices, claim: Claim, candidates: tuple[Candidate, ...]
) -> Iterator[Resemblance]:
    sketches = {image: (one, key) for image, one, key in services.ledger.fingerprints(claim.proof.id)}
    for candidate in filter(_matters, candidates):
        if candidate.exact:
            yield Resemblance(candidate=candidate, relation=Relation.EXACT, score=1.0)
            continue
        own, key = sketches[candidate.image]
        found = _compared(services, candidate, key=key, width_px=own.width_px)
        if found is not None:
            yield found


def _matters(candidate: Candidate) -> bool:
    """A later proof that is not accepted can change nothing, and comparing costs a tenth of a second."""
    return candidate.earlier or candidate.outcome is Outcome.ACCEPT


def _compared(
    services: WorkerServices, candidate: Candidate, *, key: str | None, width_px: int
) -> Resemblance | None:
    if key is None or candidate.sketch_key is None:
        return None
    try:
        ours, theirs = services.store.get(key), services.store.get(candidate.sketch_key)
    except EvidenceMissing:
        log.warning("sketch.missing", proof=candidate.proof)
        return None
    likeness = services.children.compare(ours, theirs, width_px=width_px)
    if likeness.relation is None:
        return None
    return Resemblance(
        candidate=candidate, relation=likeness.relation, score=likeness.score, differing=likeness.differing
    )
