"""The reject brake: when rejects are left to people, and when not."""

from __future__ import annotations

import random
from collections import deque

import pytest

from pipeline.brake import brake
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import History, Outcome, Rate, Reason, Verdict

POLICY = Policy()
RECENT, LEAST, MOST = POLICY.brake_recent, POLICY.brake_usual_least, POLICY.brake_usual_most
REJECT = Verdict(outcome=Outcome.REJECT, reasons=(Reason(code=ReasonCode.TARGET_MISSING),))
NEW = History()


def history(recent: int, usual: int, *, before: int = 100, of: int = RECENT) -> History:
    """Return a past of `usual` rejects out of `before`, and of `recent` ones since, for evidence all."""
    newest = Rate(decided=of, rejected=recent, for_evidence=recent)
    return History(recent=newest, usual=Rate(decided=before, rejected=usual, for_evidence=usual))


def codes(verdict: Verdict) -> list[ReasonCode]:
    return [reason.code for reason in verdict.reasons]


def braked(*, job: History = NEW, submitter: History = NEW, said: Verdict = REJECT) -> ReasonCode | None:
    """Return the brake's reason; None where the verdict stands as it was."""
    left = brake(said, job=job, submitter=submitter, policy=POLICY)
    if left == said:
        return None
    assert left.outcome is Outcome.MANUAL
    assert codes(left)[:-1] == codes(said)
    return codes(left)[-1]


@pytest.mark.parametrize("outcome", [Outcome.ACCEPT, Outcome.MANUAL])
def test_only_rejects_are_braked(outcome: Outcome) -> None:
    """However many rejects there were."""
    assert braked(job=history(RECENT, 0), said=Verdict(outcome=outcome)) is None


@pytest.mark.parametrize(
    ("usual", "recent", "expected"),
    [
        (0, 8, False),  # nothing was rejected before: nine of thirty reach the margin
        (0, 9, True),
        (10, 15, False),  # ten times the usual odds
        (10, 17, True),
        (50, 27, False),
        (50, 29, True),
        (90, 30, False),  # who is mostly rejected has it usual
        (100, 30, False),
    ],
)
def test_far_above_the_usual_is_braked(usual: int, recent: int, *, expected: bool) -> None:
    """For a job as for a submitter, each with a reason of its own."""
    past = history(recent, usual)
    assert braked(job=past) is (ReasonCode.BRAKE_JOB if expected else None)
    assert braked(submitter=past) is (ReasonCode.BRAKE_SUBMITTER if expected else None)


def test_few_proofs_prove_nothing() -> None:
    """Below the least number no brake holds, at it one does."""
    assert braked(job=history(RECENT - 1, 0, of=RECENT - 1)) is None
    assert braked(job=history(RECENT, 0)) is ReasonCode.BRAKE_JOB
    assert braked(submitter=history(RECENT, 0, before=LEAST - 1)) is None
    assert braked(submitter=history(RECENT, 0, before=LEAST)) is ReasonCode.BRAKE_SUBMITTER


def test_a_new_job_that_rejects_nearly_all_is_braked() -> None:
    """A name misspelt in the job would reject everybody."""
    assert braked(job=history(25, 0, before=0)) is None
    assert braked(job=history(26, 0, before=0)) is ReasonCode.BRAKE_JOB


def test_a_crowd_of_copies_does_not_brake_a_new_job() -> None:
    """Copies are no fault of the job's: each is rejected, the hundredth too."""
    copies = History(recent=Rate(decided=RECENT, rejected=RECENT))
    assert braked(job=copies) is None


def test_a_steady_job_is_not_braked() -> None:
    """Jobs that reject one in twenty up to one in two, evenly: of thousands of rejects none is held."""
    numbers = random.Random(3)
    held = rejects = 0
    for rate in (0.05, 0.1, 0.2, 0.35, 0.5):
        for _ in range(10):
            past: deque[int] = deque(maxlen=RECENT + MOST)
            for _ in range(600):
                rejected = numbers.random() < rate
                if rejected:
                    rejects += 1
                    held += braked(job=counted(past)) is not None
                past.appendleft(rejected)
    assert rejects > 7_000
    assert held == 0


def test_a_job_that_turns_is_braked_within_the_recent_ones() -> None:
    """From one reject in ten to all: at most half of the next thirty go out before people look."""
    numbers = random.Random(4)
    for _ in range(50):
        past = deque((numbers.random() < 0.1 for _ in range(200)), maxlen=RECENT + MOST)
        out = 0
        while braked(job=counted(past)) is None:
            out += 1
            past.appendleft(1)
        assert out <= 20


def counted(past: deque[int]) -> History:
    newest = list(past)
    recent, usual = newest[:RECENT], newest[RECENT:]
    return History(
        recent=Rate(decided=len(recent), rejected=sum(recent), for_evidence=sum(recent)),
        usual=Rate(decided=len(usual), rejected=sum(usual), for_evidence=sum(usual)),
    )
