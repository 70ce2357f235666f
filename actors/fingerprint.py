"""The fingerprint door: each usable picture of the proof gets its fingerprint, or its fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actors.attempt import accounted, move_on, take
from pipeline import flow
from pipeline.errors import BadPicture
from pipeline.records import Step

if TYPE_CHECKING:
    from pipeline.reasons import ReasonCode
    from pipeline.records import Claim, Fingerprint, StoredPicture
    from pipeline.wiring import WorkerServices

Found = tuple["StoredPicture", "Fingerprint | None", "str | None"]


def fingerprint(services: WorkerServices, proof: str) -> None:
    """Fingerprint the pictures of `proof`."""
    claim = take(services, proof, Step.FINGERPRINT)
    if claim is None:
        return
    with accounted(services, claim):
        then = _record(services, claim)
        move_on(services, proof, then)


def _record(services: WorkerServices, claim: Claim) -> Step:
    found: list[Found] = []
    faults: list[tuple[StoredPicture, ReasonCode]] = []
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
    usable = sum(one.fault is None for _, one, _ in found if one is not None)
    then = flow.after_fingerprint(claim.proof.job, usable=usable)
    services.ledger.finish_fingerprint(claim, found, faults, then=then)
    return then
