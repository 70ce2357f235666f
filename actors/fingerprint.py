"""The fingerprint door: each usable picture of the proof gets its fingerprint, or its fault.

Whoever fingerprinted a proof reads or judges it at once, unless an earlier proof of its job waits for
somebody to fingerprint it: no judge could come to an end before that one is seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from actors.attempt import accounted, keep, move_on, take
from actors.judge import judge_taken
from actors.read import read_taken
from pipeline import flow
from pipeline.errors import BadPicture
from pipeline.records import Step

if TYPE_CHECKING:
    from pipeline.reasons import ReasonCode
    from pipeline.records import Claim, Fingerprint, Fingerprinted, Kept, StoredPicture
    from pipeline.wiring import WorkerServices

Found = tuple["StoredPicture", "Fingerprint | None", "str | None"]
Fault = tuple["StoredPicture", "ReasonCode"]


def fingerprint(services: WorkerServices, proof: str) -> None:
    """Fingerprint the pictures of `proof`."""
    claim = take(services, proof, Step.FINGERPRINT)
    if claim is None:
        return
    kept, seen = None, None
    with accounted(services, claim):
        found, faults = _looked(services, claim)
        kept, seen = _recorded(services, claim, found, faults)
    if kept is None or seen is None:
        return
    if kept.claim.step is Step.READ:
        read_taken(services, kept.claim, seen=seen)
    else:
        judge_taken(services, kept.claim)


def _looked(services: WorkerServices, claim: Claim) -> tuple[list[Found], list[Fault]]:
    found: list[Found] = []
    faults: list[Fault] = []
    for picture in claim.proof.pictures:
        if picture.key is None or picture.fault is not None:
            continue
        try:
            one = services.children.fingerprint(services.store.get(picture.key))
        except BadPicture as bad:
            faults.append((picture, bad.code))
            continue
        found.append((picture, one, services.store.put(one.sketch) if one.sketch else None))
        if one.fault is not None:
            faults.append((picture, one.fault))
    return found, faults


def _recorded(
    services: WorkerServices, claim: Claim, found: list[Found], faults: list[Fault]
) -> tuple[Kept | None, Fingerprinted | None]:
    """Record what was found; return what to go on with, and what to know for it where it may."""
    usable = sum(one.fault is None for _, one, _ in found if one is not None)
    then = flow.after_fingerprint(claim.proof.job, usable=usable)
    kept = keep(services, _faulted(claim, faults), then)
    seen = services.ledger.finish_fingerprint(claim, found, faults, then=then, kept=kept)
    if seen is None:
        move_on(services, claim.proof.id, then)
    return kept, seen


def _faulted(claim: Claim, faults: list[Fault]) -> Claim:
    """Return the claim with the faults on the proof's pictures, as the ledger will have them."""
    known = {picture.id: fault for picture, fault in faults}
    pictures = tuple(replace(one, fault=known.get(one.id, one.fault)) for one in claim.proof.pictures)
    return replace(claim, proof=replace(claim.proof, pictures=pictures))
