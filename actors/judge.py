"""The judge door: compares the proof with its candidates and records the verdict.

A proof is judged when every earlier proof of its job is fingerprinted, and its verdict is written only if no
candidate turned up meanwhile: so of one capture at most one proof is accepted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from actors.attempt import accounted, move_on, take
from actors.resemble import resemblances
from pipeline import flow
from pipeline.judge import judge as decide
from pipeline.records import Step

if TYPE_CHECKING:
    from pipeline.records import Candidate, Claim, Proof, Resemblance
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
    verdict = decide(
        proof,
        services.ledger.readings(proof.id),
        resemblances=_resemblances(services, proof, candidates),
        policy=services.policy,
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


def _resemblances(
    services: WorkerServices, proof: Proof, candidates: tuple[Candidate, ...]
) -> tuple[Resemblance, ...]:
    if proof.failure is not None:
        return ()
    return tuple(
        resemblances(
            proof.id,
            candidates,
            ledger=services.ledger,
            store=services.store,
            children=services.children,
        )
    )
