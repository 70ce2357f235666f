"""Confidence: a verdict says how often verdicts of its sort are right, and more evidence never says less."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.confidence import confidence_of
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.records import CheckResult, Outcome, Reason, Status, Verdict

POLICY = Policy()
EXACT = CheckResult(check="text", expected="Nodi Tech", status=Status.PASS, found="Nodi Tech", similarity=1.0)
ALIKE = replace(EXACT, found="Nodi Tecn", similarity=0.9)
SEEN = replace(EXACT, status=Status.FAIL, found="Nodi Tach", similarity=0.9, code=ReasonCode.TARGET_NEAR_MISS)
MISSING = CheckResult(check="text", expected="Nodi Tech", status=Status.FAIL, code=ReasonCode.TARGET_MISSING)
COPIED = Reason(code=ReasonCode.DUPLICATE_EXACT)
passing = st.builds(
    lambda found, alike: replace(EXACT, found=found, similarity=alike if found else 0.0),
    st.sampled_from(["Nodi Tech", None]),
    st.floats(0.85, 1.0),
)


@pytest.mark.parametrize(
    ("verdict", "share"),
    [
        (Verdict(outcome=Outcome.MANUAL, checks=(EXACT,)), None),
        (Verdict(outcome=Outcome.ACCEPT), None),
        (Verdict(outcome=Outcome.ACCEPT, checks=(EXACT, EXACT)), POLICY.right_exact),
        (Verdict(outcome=Outcome.ACCEPT, checks=(EXACT,)), POLICY.right_single),
        (Verdict(outcome=Outcome.ACCEPT, checks=(EXACT, ALIKE)), POLICY.right_alike),
        (Verdict(outcome=Outcome.REJECT, checks=(EXACT, SEEN)), POLICY.right_seen),
        (Verdict(outcome=Outcome.REJECT, checks=(EXACT, MISSING)), POLICY.right_missing),
        (Verdict(outcome=Outcome.REJECT), POLICY.right_unjudged),
        (Verdict(outcome=Outcome.REJECT, reasons=(COPIED,), checks=(EXACT,)), None),
    ],
)
def test_each_sort_of_verdict_has_its_measured_share(verdict: Verdict, share: float | None) -> None:
    """What was seen, what was missing and what was read letter for letter are right at rates of their own."""
    assert confidence_of(verdict, POLICY) == share


@settings(max_examples=100, deadline=None)
@given(st.lists(passing, min_size=1, max_size=4), st.integers(0, 3))
def test_a_text_read_more_surely_never_lowers_an_accept(checks: list[CheckResult], at: int) -> None:
    """Stronger evidence for one check leaves the others as they are."""
    place = at % len(checks)
    better = [
        replace(one, found="Nodi Tech", similarity=1.0) if n == place else one for n, one in enumerate(checks)
    ]
    before, after = (
        confidence_of(Verdict(outcome=Outcome.ACCEPT, checks=tuple(some)), POLICY)
        for some in (checks, better)
    )
    assert before is not None
    assert after is not None
    assert after >= before
