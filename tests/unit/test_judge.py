"""The decision table of `judge`, a rule at a time and rules against each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline import match
from pipeline.judge import judge
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import (
    AutoReject,
    Candidate,
    CheckResult,
    Decide,
    Job,
    Outcome,
    PolicyStance,
    Proof,
    Reading,
    Relation,
    Resemblance,
    Status,
    Step,
    StoredPicture,
    TextCheck,
    Verdict,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
JOB = Job(id="job-1", checks=(TextCheck(value="Nodi Tech"),))
POLICY = Policy()


def picture(index: int = 0, fault: ReasonCode | None = None) -> StoredPicture:
    return StoredPicture(id=f"pic{index}", index=index, key="k", sha256="s", size_bytes=1, fault=fault)


def proof(**changes: Any) -> Proof:
    made = Proof(
        id="01B",
        platform="p",
        proof_id="b",
        job_id="job-1",
        job=JOB,
        submitter_id="w1",
        submitted_at=NOON,
        received_at=NOON,
        answer=None,
        lang="en",
        deadline=None,
        step=Step.JUDGE,
        pictures=(picture(),),
    )
    return replace(made, **changes)


def reading(**changes: Any) -> Reading:
    made = Reading(image=0, width_px=720, height_px=1600, words=(), passes=(), engine_version="fake 1")
    return replace(made, **changes)


def resembling(relation: Relation, **changes: Any) -> Resemblance:
    other = Candidate(
        proof="01A",
        proof_id="a",
        submitted_at=NOON - timedelta(hours=1),
        picture="picA",
        image=0,
        other_image=0,
        sketch_key="s",
        distance_bits=0,
        exact=relation is Relation.EXACT,
        earlier=True,
        same_submitter=False,
        same_job=True,
        outcome=Outcome.ACCEPT,
        resubmit_asked=False,
        root_proof=None,
        root_proof_id=None,
    )
    return Resemblance(candidate=replace(other, **changes), relation=relation, score=0.9)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[CheckResult]:
    """Let a test say what each check found, the last for all further ones; passing unless it does."""
    results = [CheckResult(check="text", expected="Nodi Tech", status=Status.PASS)]
    monkeypatch.setattr(match, "check", lambda *_: results.pop(0) if len(results) > 1 else results[0])
    return results


def decided(given: Proof, *resemblances: Resemblance, readings: tuple[Reading, ...] | None = None) -> Verdict:
    return judge(given, readings or (reading(),), resemblances=resemblances, policy=POLICY)


def codes(verdict: Verdict) -> list[ReasonCode]:
    return [reason.code for reason in verdict.reasons]


def failing(code: ReasonCode, status: Status = Status.FAIL) -> CheckResult:
    return CheckResult(check="text", expected="Nodi Tech", status=status, code=code)


REFUSED_JOB = Job(id="job-1", stance=PolicyStance.REFUSE, policy_source="YouTube ToS")
TABLE: list[tuple[str, dict[str, Any], tuple[Resemblance, ...], Outcome, ReasonCode | None]] = [
    ("all passes", {}, (), Outcome.ACCEPT, None),
    ("unknown job", {"job": None}, (), Outcome.MANUAL, ReasonCode.JOB_UNKNOWN),
    ("refused kind", {"job": REFUSED_JOB}, (), Outcome.MANUAL, ReasonCode.POLICY_REFUSED),
    ("gave up", {"failure": ReasonCode.ENGINE_TIMEOUT}, (), Outcome.MANUAL, ReasonCode.ENGINE_TIMEOUT),
    ("same file", {}, (resembling(Relation.EXACT),), Outcome.REJECT, ReasonCode.DUPLICATE_EXACT),
    ("altered", {}, (resembling(Relation.ALTERED),), Outcome.REJECT, ReasonCode.DUPLICATE_ALTERED),
    (
        "cannot tell",
        {},
        (resembling(Relation.SAME_SCREEN),),
        Outcome.MANUAL,
        ReasonCode.DUPLICATE_SAME_SCREEN,
    ),
    (
        "the copy was accepted before the original came",
        {},
        (resembling(Relation.EXACT, earlier=False),),
        Outcome.MANUAL,
        ReasonCode.DUPLICATE_LATE_ORIGINAL,
    ),
    (
        "a later copy that is not accepted changes nothing",
        {},
        (resembling(Relation.EXACT, earlier=False, outcome=Outcome.REJECT),),
        Outcome.ACCEPT,
        None,
    ),
    (
        "the same submitter sends again what we asked for",
        {},
        (resembling(Relation.EXACT, same_submitter=True, resubmit_asked=True),),
        Outcome.ACCEPT,
        None,
    ),
    (
        "the same submitter uses one capture in two jobs",
        {},
        (resembling(Relation.EXACT, same_submitter=True, same_job=False),),
        Outcome.REJECT,
        ReasonCode.DUPLICATE_EXACT,
    ),
    (
        "too many pictures",
        {"pictures": tuple(picture(index) for index in range(5))},
        (),
        Outcome.REJECT,
        ReasonCode.WRONG_COUNT,
    ),
    ("blank", {"pictures": (picture(fault=ReasonCode.BLANK),)}, (), Outcome.REJECT, ReasonCode.BLANK),
    (
        "not fetched",
        {"pictures": (picture(fault=ReasonCode.UNAVAILABLE),)},
        (),
        Outcome.MANUAL,
        ReasonCode.UNAVAILABLE,
    ),
]


@pytest.mark.parametrize(
    ("given", "resemblances", "outcome", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_each_rule_speaks(
    found: list[CheckResult],
    given: dict[str, Any],
    resemblances: tuple[Resemblance, ...],
    outcome: Outcome,
    code: ReasonCode | None,
) -> None:
    """Each row of the table gets its outcome and its reason."""
    verdict = decided(proof(**given), *resemblances)
    assert verdict.outcome is outcome
    assert codes(verdict) == ([code] if code else [])


def test_a_failed_check_rejects_with_its_reason(found: list[CheckResult]) -> None:
    """What surely is not on the screen is told by the check's own code."""
    found[0] = failing(ReasonCode.TARGET_MISSING)
    verdict = decided(proof())
    assert (verdict.outcome, codes(verdict)) == (Outcome.REJECT, [ReasonCode.TARGET_MISSING])


def test_doubt_goes_to_a_person(found: list[CheckResult]) -> None:
    """An unclear check is manual, never a rejection."""
    found[0] = failing(ReasonCode.UNCLEAR, Status.UNCLEAR)
    assert decided(proof()).outcome is Outcome.MANUAL


def test_a_spent_budget_never_rejects(found: list[CheckResult]) -> None:
    """Where reading stopped early, what was not found may still be there."""
    found[0] = failing(ReasonCode.TARGET_MISSING)
    verdict = decided(proof(), readings=(reading(out_of_budget=True),))
    assert (verdict.outcome, codes(verdict)) == (Outcome.MANUAL, [ReasonCode.ENGINE_BUDGET])


def test_a_spent_budget_does_not_take_back_what_was_found(found: list[CheckResult]) -> None:
    """Checks that all passed before the budget ended are accepted."""
    assert decided(proof(), readings=(reading(out_of_budget=True),)).outcome is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("near_miss", "outcome"), [(Outcome.REJECT, Outcome.REJECT), (Outcome.MANUAL, Outcome.MANUAL)]
)
def test_a_job_says_who_decides_near_misses(
    found: list[CheckResult], near_miss: Outcome, outcome: Outcome
) -> None:
    """`near_miss: manual` leaves copycat names to a person."""
    found[0] = failing(ReasonCode.TARGET_NEAR_MISS)
    job = replace(JOB, decide=Decide(near_miss=near_miss))
    assert decided(proof(job=job)).outcome is outcome


@pytest.mark.parametrize(
    ("shown", "outcome"),
    [
        (("text", "state"), Outcome.MANUAL),
        (("state",), Outcome.REJECT),
        (("text", "url"), Outcome.REJECT),
        (("text", "state", "absent"), Outcome.MANUAL),
    ],
)
def test_what_may_lie_below_the_screen_is_no_rejection(
    found: list[CheckResult], shown: tuple[str, ...], outcome: Outcome
) -> None:
    """The right page says that a post was shared; the post's own words begin under the screen's edge."""
    found[:] = [failing(ReasonCode.TARGET_MISSING)] + [
        replace(failing(ReasonCode.TARGET_MISSING), check=one, status=Status.PASS, code=None) for one in shown
    ]
    job = replace(JOB, checks=JOB.checks * len(found))
    assert decided(proof(job=job)).outcome is outcome


def test_a_job_without_automatic_rejection_keeps_the_reasons(found: list[CheckResult]) -> None:
    """`auto_reject: false` turns a reject into manual and still tells why."""
    found[0] = failing(ReasonCode.STATE_NOT_DONE)
    job = replace(JOB, decide=Decide(auto_reject=AutoReject.OFF))
    verdict = decided(proof(job=job))
    assert verdict.outcome is Outcome.MANUAL
    assert codes(verdict) == [ReasonCode.STATE_NOT_DONE, ReasonCode.AUTO_REJECT_OFF]


def test_a_picture_that_we_failed_to_fetch_forbids_rejection(found: list[CheckResult]) -> None:
    """What is missing may stand on the picture that we could not get."""
    found[0] = failing(ReasonCode.TARGET_MISSING)
    pictures = (picture(0), picture(1, ReasonCode.UNAVAILABLE))
    verdict = decided(proof(pictures=pictures))
    assert verdict.outcome is Outcome.MANUAL
    assert codes(verdict) == [ReasonCode.UNAVAILABLE, ReasonCode.TARGET_MISSING]


def test_the_root_is_named_not_the_nearest_copy(found: list[CheckResult]) -> None:
    """A copy of a copy names the first proof of the capture."""
    copy_of_copy = resembling(Relation.ALTERED, root_proof="010", root_proof_id="root")
    verdict = decided(proof(), copy_of_copy)
    assert verdict.duplicate_of is not None
    assert verdict.duplicate_of.proof_id == "root"


def test_the_earliest_of_several_is_the_original(found: list[CheckResult]) -> None:
    """Of two earlier proofs of the capture the one submitted first is named, whichever is more alike."""
    first = resembling(Relation.ALTERED, proof="01", proof_id="first", submitted_at=NOON - timedelta(days=2))
    second = resembling(Relation.EXACT, proof="02", proof_id="second")
    verdict = decided(proof(), second, first)
    assert codes(verdict) == [ReasonCode.DUPLICATE_EXACT]
    assert verdict.duplicate_of is not None
    assert verdict.duplicate_of.proof_id == "first"


def test_of_doubtful_ones_the_most_alike_is_named(found: list[CheckResult]) -> None:
    """Nobody knows which is the original: the one that differs least is shown, of equals the earliest."""
    first = resembling(
        Relation.SAME_SCREEN, proof="01", proof_id="first", submitted_at=NOON - timedelta(days=2)
    )
    second = resembling(Relation.SAME_SCREEN, proof="02", proof_id="second")
    for likest, name in (
        (replace(second, score=0.99), "second"),
        (replace(second, score=first.score), "first"),
    ):
        verdict = decided(proof(), first, likest)
        assert codes(verdict) == [ReasonCode.DUPLICATE_SAME_SCREEN]
        assert verdict.duplicate_of is not None
        assert verdict.duplicate_of.proof_id == name


def test_the_original_is_named_whatever_else_decided(found: list[CheckResult]) -> None:
    """A machine failure on a known copy still names the original."""
    verdict = decided(proof(failure=ReasonCode.ENGINE_FAILED), resembling(Relation.EXACT))
    assert verdict.outcome is Outcome.MANUAL
    assert verdict.duplicate_of is not None


def test_a_verdict_stores_what_it_rests_on(found: list[CheckResult]) -> None:
    """Policy and engine versions travel with the verdict."""
    assert dict(decided(proof()).versions) == {"policy": POLICY.version, "engine": "fake 1"}
