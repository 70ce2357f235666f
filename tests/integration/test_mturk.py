"""From an assignment on Mechanical Turk to its approval or rejection; pictures are read by fakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.records import Message, NoticeState
from tests.mturk import MechanicalTurk, answers
from tests.site_house import BAD, GOOD, NAME, House

THROTTLED = (400, b'{"__type": "ThrottlingException", "message": "Rate exceeded"}')
BOMB = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><a><FreeText>&y;</FreeText></a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><FreeText>&x;</FreeText></a>'


class Hits(House[MechanicalTurk]):
    """The house that serves Mechanical Turk."""

    def shows(self, number: int, text: str, **changes: Any) -> dict[str, Any]:
        self.draws(number, text)
        return self.site.assignment(number, **changes)


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Hits]:
    with MechanicalTurk.running() as site:
        yield Hits(tmp_path, migrated_sqlite, site)


def verdict(house: Hits, outcome: str, **changes: Any) -> Any:
    """Send the verdict on A1 as if it superseded another."""
    reason = {"code": "evidence.target_missing", "message": "x" * 2000, "remedy": "none"}
    told = {"verdict": outcome, "reasons": [reason], "proof_id": "A1:0", "job_id": "job-1"}
    told |= {"supersedes": None} | changes
    courier = house.services.couriers["rating"]
    return courier.send(Message(address=f"mturk:{NAME}", headers=(), body=json.dumps({"data": told})))


def test_assignments_of_all_pages_come_in_once_and_are_decided(house: Hits) -> None:
    """There is no revise: what is no accept is a rejection with feedback; the site's own deadline is kept."""
    for number in range(3):
        house.shows(number, GOOD)
    house.shows(3, BAD)
    assert house.poll() is None
    proofs = house.proofs()
    assert set(proofs) == {f"A{number}:0" for number in range(4)}
    first = proofs["A0:0"]
    assert (first.submitter_id, first.answer) == ("W0", "my name is Rana")
    assert first.submitted_at == datetime(2025, 11, 20, 8, tzinfo=UTC)
    assert first.deadline == datetime(2025, 11, 23, 8, tzinfo=UTC)
    house.work()
    approve, reject = "ApproveAssignment", "RejectAssignment"
    assert house.site.said() == {"A0": approve, "A1": approve, "A2": approve, "A3": reject}
    assert house.site.ratings[-1]["RequesterFeedback"] or house.site.ratings[0]["RequesterFeedback"]


@pytest.mark.parametrize("answer", [BOMB, OUTSIDE, "", "<open", answers("no link here"), "\x00"])
def test_an_answer_that_is_no_honest_xml_goes_to_a_person(house: Hits, answer: str) -> None:
    """No entity is ever opened, nothing is rated, and the next assignment is not held up."""
    house.site.assignment(1, Answer=answer)
    house.shows(2, GOOD)
    assert house.poll() is None
    house.work()
    assert house.site.said() == {"A2": "ApproveAssignment"}
    held = house.proofs()["A1:0"].answer or ""
    assert "haha" not in held
    assert "root:" not in held


@pytest.mark.parametrize("trouble", [500, "lost"])
def test_an_approval_is_made_once_whatever_became_of_its_answer(house: Hits, trouble: int | str) -> None:
    """It pays at once, so the assignment is read before a second attempt."""
    house.shows(1, GOOD)
    house.poll()
    house.site.trouble = [trouble]
    house.work()
    house.again()
    assert len(house.site.ratings) == 1
    assert house.notices()["A1:0"][0] is NoticeState.DELIVERED


def test_throttling_makes_everybody_rest(house: Hits) -> None:
    """The poll is told and comes again; the rating waits, nothing is called meanwhile, and it is not lost."""
    house.shows(1, GOOD)
    house.poll()
    house.site.trouble = [THROTTLED]
    house.work()
    (endpoint,) = house.outbox.endpoints(NAME)
    assert endpoint.rest_until is not None
    assert house.notices()["A1:0"] == (NoticeState.WAITING, 1)
    assert house.site.ratings == []
    house.serve()
    house.site.trouble = [THROTTLED]
    assert "ThrottlingException" in str(house.poll())
    rest = house.sites.sites.reserve(NAME, interval=timedelta(0), most=timedelta(minutes=1))
    assert rest is not None
    assert rest > timedelta(seconds=5)


def test_without_funds_it_is_tried_again(house: Hits) -> None:
    """The assignment stays open; the approval goes out once there is money."""
    house.shows(1, GOOD)
    house.poll()
    house.site.funds = 0
    house.work()
    assert "InsufficientFunds" in house.error("A1:0")
    house.site.funds = 9
    house.outbox.replay(platform=NAME)
    house.again()
    assert house.site.said() == {"A1": "ApproveAssignment"}


@pytest.mark.parametrize(
    ("stands", "state"), [("Approved", NoticeState.DELIVERED), ("Rejected", NoticeState.FAILED)]
)
def test_what_somebody_else_decided_is_compared(house: Hits, stands: str, state: NoticeState) -> None:
    """The same decision is done; another one is an alarm, at once."""
    found = house.shows(1, GOOD)
    house.poll()
    found["AssignmentStatus"] = stands
    house.work()
    assert house.site.ratings == []
    assert house.notices()["A1:0"] == (state, 1)


def test_a_rejection_that_was_overturned_is_approved(house: Hits) -> None:
    """Only where our own earlier verdict stands behind it, and never the other way round."""
    found = house.site.assignment(1, AssignmentStatus="Rejected")
    assert verdict(house, "accept").final
    assert verdict(house, "accept", supersedes="v0").status == 200
    assert found["AssignmentStatus"] == "Approved"
    assert verdict(house, "reject", supersedes="v1").final


def test_feedback_fits(house: Hits) -> None:
    """It is cut to 1,024 letters."""
    house.site.assignment(1)
    assert verdict(house, "reject").status == 200
    assert len(house.site.ratings[0]["RequesterFeedback"]) == 1024


@pytest.mark.parametrize(
    ("trouble", "told"), [(503, "Mechanical Turk"), ("lost", "did not answer"), (401, "Mechanical Turk")]
)
def test_a_poll_that_fails_is_told_and_comes_again(house: Hits, trouble: int | str, told: str) -> None:
    """Whatever the site answers, the next poll takes the assignment in."""
    house.shows(1, GOOD)
    house.site.trouble = [trouble]
    assert told in str(house.poll())
    house.serve()
    assert house.poll() is None
    assert set(house.proofs()) == {"A1:0"}
