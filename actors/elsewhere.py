"""Was it seen elsewhere? What is not rejected is compared with other platforms' pictures, by consent.

In: a proof and its verdict. Out: the verdict, or `manual` with `seen.elsewhere`, which says no more: no
platform, no proof, no place on the picture. The judge door uses it. Never: makes a verdict a rejection.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from pipeline.errors import EvidenceMissing
from pipeline.reasons import ReasonCode
from pipeline.records import Outcome, Reason, Relation

if TYPE_CHECKING:
    from pipeline.records import Proof, Stranger, Verdict
    from pipeline.wiring import WorkerServices

log = structlog.get_logger(__name__)


def seen_elsewhere(services: WorkerServices, proof: Proof, verdict: Verdict) -> Verdict:
    """Leave the proof to people where another platform received a sure copy of its picture earlier."""
    if verdict.outcome is Outcome.REJECT or proof.failure is not None:
        return verdict
    found = services.ledger.strangers(proof.id, limit=services.policy.max_candidates)
    known = next((one for one in found if _is_copy(services, proof, one)), None)
    if known is None:
        return verdict
    log.info("seen.elsewhere", proof=proof.id)
    reason = Reason(code=ReasonCode.SEEN_ELSEWHERE, image=known.image)
    return replace(verdict, outcome=Outcome.MANUAL, reasons=(*verdict.reasons, reason))


def _is_copy(services: WorkerServices, proof: Proof, stranger: Stranger) -> bool:
    """Compare as two pictures of one platform are compared; a sketch that is gone says nothing."""
    if stranger.exact:
        return True
    ours = {image: (one, key) for image, one, key in services.ledger.fingerprints(proof.id)}
    mine, key = ours[stranger.image]
    if key is None or stranger.sketch_key is None:
        return False
    try:
        sketches = services.store.get(key), services.store.get(stranger.sketch_key)
    except EvidenceMissing:
        return False
    found = services.children.compare(*sketches, width_px=mine.width_px)
    return found.relation is Relation.ALTERED
