"""What the order of steps promises."""

from __future__ import annotations

import pytest

from pipeline import flow
from pipeline.reasons import ReasonCode
from pipeline.records import Job, PolicyStance, Step, StoredPicture, TextCheck

ASKED = Job(id="j", checks=(TextCheck(value="Nodi Tech"),))


def picture(fault: ReasonCode | None = None) -> StoredPicture:
    return StoredPicture(id="01", index=0, key="k", sha256="s", size_bytes=1, fault=fault)


@pytest.mark.parametrize(
    ("job", "fault", "step"),
    [
        (ASKED, None, Step.FINGERPRINT),
        (None, None, Step.JUDGE),
        (Job(id="j", stance=PolicyStance.REFUSE), None, Step.JUDGE),
        (ASKED, ReasonCode.NOT_A_PICTURE, Step.JUDGE),
    ],
)
def test_only_a_proof_with_something_to_verify_opens_pictures(
    job: Job | None, fault: ReasonCode | None, step: Step
) -> None:
    """An unknown job, a refused kind and a file that is no picture go straight to judgement."""
    assert flow.first(job, [picture(fault)]) is step


@pytest.mark.parametrize(
    ("job", "usable", "step"),
    [(ASKED, 1, Step.READ), (ASKED, 0, Step.JUDGE), (Job(id="j"), 1, Step.JUDGE)],
)
def test_only_asked_words_are_read(job: Job, usable: int, step: Step) -> None:
    """A job without checks, or a proof without a usable picture, costs no OCR."""
    assert flow.after_fingerprint(job, usable=usable) is step


def test_every_step_leads_to_done() -> None:
    """Following the order from any working step ends."""
    for step in flow.WORKING:
        seen = step
        while seen is not Step.DONE:
            seen = flow.after(seen)
