"""A ruling and the verdict it makes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import UsageError
from pipeline.publish import notices, verdict_line
from pipeline.reasons import REASONS, ReasonCode, Remedy
from pipeline.records import (
    Decision,
    DuplicateOf,
    Outcome,
    Reason,
    RecordedVerdict,
    Relation,
    Ruling,
    Verdict,
)
from pipeline.review import CODES, MOST_LETTERS, is_ruling, rule, suggested, undo
from tests.unit.test_publish import recorded

DOUBT = Verdict(
    outcome=Outcome.MANUAL, reasons=(Reason(code=ReasonCode.UNCLEAR),), versions=(("policy", "1"),)
)


@pytest.mark.parametrize("decision", Decision)
def test_every_code_of_a_decision_makes_its_verdict(decision: Decision) -> None:
    """Accept accepts, the others reject; only a request to resubmit has a remedy; versions stay."""
    for code in CODES[decision]:
        made = rule(DOUBT, Ruling(decision=decision, code=code))
        assert made.outcome is (Outcome.ACCEPT if decision is Decision.ACCEPT else Outcome.REJECT)
        assert [one.code for one in made.reasons] == [code]
        assert (REASONS[code].remedy is Remedy.RESUBMIT) == (decision is Decision.RESUBMIT)
        assert made.versions == DOUBT.versions
        assert is_ruling(made)
        assert undo(DOUBT).reasons[-1].code is ReasonCode.UNDONE
        assert undo(undo(DOUBT)) == undo(DOUBT)


def test_a_reason_of_another_decision_is_refused() -> None:
    """Nobody accepts because it was copied, and no sentence is longer than a sentence."""
    with pytest.raises(UsageError, match="does not go with"):
        rule(DOUBT, Ruling(decision=Decision.ACCEPT, code=ReasonCode.RULED_COPIED))
    long = Ruling(decision=Decision.REJECT, code=ReasonCode.RULED_COPIED, message="x" * (MOST_LETTERS + 1))
    with pytest.raises(UsageError, match="at most"):
        rule(DOUBT, long)


def test_the_moderators_own_sentence_is_what_is_told() -> None:
    """In the verdict line, on one line; without one the code's sentence in the proof's language."""
    ruling = Ruling(decision=Decision.REJECT, code=ReasonCode.RULED_NOT_DONE, message="Open it\nfirst.")
    base = recorded()
    own = RecordedVerdict(
        id="v",
        proof=base.proof,
        verdict=rule(DOUBT, ruling),
        sequence=1,
        supersedes=None,
        decided_at=datetime(2026, 11, 1, tzinfo=UTC),
        took_ms=1,
    )
    assert verdict_line(own)["reasons"][0]["message"] == "Open it first."


def test_a_rulings_notice_waits_for_the_undo_window_only() -> None:
    """A job that holds its rejects does not hold a person's; an appeal against a ruling does not wait."""
    base = recorded()
    made = RecordedVerdict(
        id="v",
        proof=base.proof,
        verdict=rule(DOUBT, Ruling(decision=Decision.ACCEPT, code=ReasonCode.RULED_ACCEPTED)),
        sequence=1,
        supersedes=None,
        decided_at=datetime(2026, 11, 1, tzinfo=UTC),
        took_ms=1,
    )
    hour, minute, none = timedelta(hours=1), timedelta(minutes=1), timedelta(0)
    (notice,) = notices(made, ("webhook",), hold=hour, undo=minute, first_delay=none)
    assert notice.due_at == made.decided_at + minute
    assert not is_ruling(Verdict(outcome=Outcome.MANUAL, reasons=made.verdict.reasons))


@pytest.mark.parametrize(
    ("found", "decision", "code"),
    [
        (ReasonCode.STATE_NOT_DONE, Decision.REJECT, ReasonCode.RULED_NOT_DONE),
        (ReasonCode.TYPED_NOT_SHOWN, Decision.REJECT, ReasonCode.RULED_ALTERED),
        (ReasonCode.JOB_UNKNOWN, Decision.REJECT, ReasonCode.RULED_REJECTED),
        (ReasonCode.UNREADABLE, Decision.RESUBMIT, ReasonCode.RULED_UNREADABLE),
        (ReasonCode.STATE_NOT_DONE, Decision.RESUBMIT, ReasonCode.RULED_INCOMPLETE),
    ],
)
def test_what_was_found_suggests_a_reason(found: ReasonCode, decision: Decision, code: ReasonCode) -> None:
    """The default that the keyboard takes goes with what the machine saw."""
    assert suggested(Verdict(outcome=Outcome.MANUAL, reasons=(Reason(code=found),)), decision) is code


def test_a_twin_suggests_a_copy() -> None:
    """Whatever else was found."""
    twin = DuplicateOf(proof_id="p0", relation=Relation.ALTERED)
    said = Verdict(
        outcome=Outcome.MANUAL, duplicate_of=twin, reasons=(Reason(code=ReasonCode.STATE_NOT_DONE),)
    )
    assert suggested(said, Decision.REJECT) is ReasonCode.RULED_COPIED
