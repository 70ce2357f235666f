"""Which step follows which; the only place that knows the order.

In: what a step found. Out: the next step. It never does a step's work and never reads the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.records import PolicyStance, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.records import Job, StoredPicture

ORDER: tuple[Step, ...] = (Step.FINGERPRINT, Step.READ, Step.JUDGE, Step.PUBLISH, Step.DONE)
WORKING: tuple[Step, ...] = ORDER[:-1]
FAILABLE: tuple[Step, ...] = (Step.FINGERPRINT, Step.READ, Step.JUDGE)

QUEUE_OF: Mapping[Step, str] = {
    Step.FINGERPRINT: "light",
    Step.READ: "ocr",
    Step.JUDGE: "light",
    Step.PUBLISH: "deliver",  # only rulings wait for it, and they should not wait behind new proofs
    Step.GIVE_UP: "light",
    Step.DELIVER: "deliver",
}
QUEUES: tuple[str, ...] = ("intake", "light", "ocr", "deliver")


def first(job: Job | None, pictures: Sequence[StoredPicture]) -> Step:
    """Return where a new proof starts: at judgement when no picture has to be opened."""
    nothing_to_verify = job is None or job.stance is PolicyStance.REFUSE
    nothing_to_open = all(picture.fault is not None for picture in pictures)
    return Step.JUDGE if nothing_to_verify or nothing_to_open else Step.FINGERPRINT


def after_fingerprint(job: Job | None, *, usable: int) -> Step:
    """Return what follows when `usable` pictures could be fingerprinted."""
    asked = job is not None and bool(job.checks)
    return Step.READ if asked and usable else Step.JUDGE


def after(step: Step) -> Step:
    """Return what follows a step that has only one way on."""
    return ORDER[ORDER.index(step) + 1]
