"""Claims of strangers: what is taken, and what the one sentence says about the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.claims import parse_claim, submission_of
from pipeline.errors import UsageError

GOOD: dict[str, Any] = {
    "proof_id": "p1",
    "job_id": "job-1",
    "submitter_id": "w7",
    "submitted_at": "2026-11-01T14:04:06+06:00",
    "images": ["images/p1.png"],
    "lang": "bn",
}


def test_a_good_claim_is_taken_in_utc() -> None:
    """A time with any zone means one moment."""
    submission = submission_of(parse_claim(GOOD), platform="p", pictures=(b"x",), now=datetime.now(UTC))
    assert submission.submitted_at == datetime(2026, 11, 1, 8, 4, 6, tzinfo=UTC)
    assert submission.pictures == (b"x",)


def test_a_claim_without_a_time_was_made_now() -> None:
    """`submitted_at` may be left out."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    form = parse_claim({name: value for name, value in GOOD.items() if name != "submitted_at"})
    assert submission_of(form, platform="p", pictures=(), now=now).submitted_at == now


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"job_id": None}, "job_id"),
        ({"job_id": "   "}, "only spaces"),
        ({"submitter_id": "a\x00b"}, "control characters"),
        ({"submitted_at": "2026-11-01T08:04:06"}, "has no zone"),
        ({"submitted_at": "yesterday"}, "is no time"),
        ({"submitted_at": 1761984246}, "with its zone"),
        ({"images": []}, "at least one picture"),
        ({"images": ["a"] * 21}, "at most 20"),
        ({"answer": "x" * 10_000_000}, "answer is too long"),
        ({"answer": "a\x00b"}, "control characters"),
        ({"lang": "fr"}, 'write "en" or "bn"'),
    ],
)
def test_each_fault_names_its_field_and_remedy(change: dict[str, Any], told: str) -> None:
    """The platform's developer learns from one sentence what to write instead."""
    with pytest.raises(UsageError) as caught:
        parse_claim(GOOD | change)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", ["job_id", "submitter_id", "images"])
def test_a_missing_field_is_named(name: str) -> None:
    """Leaving out what is needed is told by its name."""
    with pytest.raises(UsageError, match=f"{name} is missing"):
        parse_claim({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize("data", [None, 3, "text", [GOOD]])
def test_what_is_no_object_is_refused(data: object) -> None:
    """A claim is a JSON object."""
    with pytest.raises(UsageError, match="JSON object"):
        parse_claim(data)


def test_odd_letters_in_ids_and_answers_are_data() -> None:
    """Right-to-left and zero-width letters travel unchanged."""
    odd = "\u202eabc\u200b"
    form = parse_claim(GOOD | {"submitter_id": odd, "answer": odd})
    assert (form.submitter_id, form.answer) == (odd, odd)
