"""From an assignment on Toloka to its status; pictures are read by fakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.records import Message, NoticeState
from tests.site_house import BAD, GOOD, NAME, House
from tests.toloka import Toloka


class Pool(House[Toloka]):
    """The house that serves Toloka."""

    def shows(self, number: int, text: str, **changes: Any) -> dict[str, Any]:
        self.draws(number, text)
        return self.site.assignment(number, **changes)


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Pool]:
    with Toloka.running() as site:
        yield Pool(tmp_path, migrated_sqlite, site)


def verdict(house: Pool, outcome: str, **changes: Any) -> Any:
    reason = {"code": "evidence.target_missing", "message": "x" * 3000, "remedy": "none"}
    told = {"verdict": outcome, "reasons": [reason], "proof_id": "a1:0", "job_id": "job-1"}
    told |= {"supersedes": None} | changes
    courier = house.services.couriers["rating"]
    return courier.send(Message(address=f"toloka:{NAME}", headers=(), body=json.dumps({"data": told})))


def test_assignments_of_all_pages_come_in_with_their_attachments(house: Pool) -> None:
    """Attachments are fetched with our key; what is no accept is a rejection with a comment."""
    for number in range(4):
        house.shows(number, GOOD)
    house.shows(4, BAD)
    assert house.poll() is None
    proofs = house.proofs()
    assert set(proofs) == {f"a{number}:0" for number in range(5)}
    first = proofs["a0:0"]
    assert (first.submitter_id, first.answer) == ("u0", "Rana")
    assert first.deadline == datetime(2026, 11, 27, 8, 0, 0, 123_000, tzinfo=UTC)
    house.work()
    assert house.site.said() == {**{f"a{number}": "ACCEPTED" for number in range(4)}, "a4": "REJECTED"}


def test_odd_shapes_lose_no_other_assignment(house: Pool) -> None:
    """Several files, a link in place of a file, nothing at all, a file that is gone."""
    house.shows(1, GOOD, solutions=[{"output_values": {"image": [house.draws(9, GOOD)]}}, None])
    house.shows(2, GOOD, solutions=None)
    house.site.assignment(3)  # no such attachment
    house.site.assignments["z"] = {"id": "z", "status": "SUBMITTED"}
    told = house.poll()
    assert told is not None
    assert "without id" in told
    assert set(house.proofs()) == {"a1:0", "a2:0", "a3:0"}
    house.work()
    assert house.site.said() == {"a1": "ACCEPTED"}


def test_an_attachment_that_does_not_come_is_tried_again(house: Pool) -> None:
    """A fault on their side costs no proof its picture."""
    house.shows(1, GOOD, submitted=datetime.now(UTC).isoformat())
    plain = house.site.answer
    house.site.answer = lambda call: (503, {}) if "download" in call.path else plain(call)  # type: ignore[method-assign]
    assert "503" in str(house.poll())
    house.site.answer = plain  # type: ignore[method-assign]
    house.serve()
    assert house.poll() is None
    assert set(house.proofs()) == {"a1:0"}


@pytest.mark.parametrize(
    ("trouble", "told"),
    [(503, "answered 503"), (429, "answered 429"), (401, "refuses our key"), (b"{}", "no list")],
)
def test_a_poll_that_fails_is_told(house: Pool, trouble: int | bytes, told: str) -> None:
    """Whatever the site answers."""
    house.shows(1, GOOD)
    house.site.trouble = [trouble]
    assert told in str(house.poll())


@pytest.mark.parametrize("trouble", [500, "lost"])
def test_a_status_is_set_once_whatever_became_of_its_answer(house: Pool, trouble: int | str) -> None:
    """After a failure or a lost answer the assignment is read back first."""
    house.shows(1, GOOD)
    house.poll()
    house.site.trouble = [trouble]
    house.work()
    house.again()
    assert len(house.site.ratings) == 1
    assert house.notices()["a1:0"][0] is NoticeState.DELIVERED


def test_a_conflict_is_an_alarm_and_our_own_rejection_can_be_turned(house: Pool) -> None:
    """Rejected by a person: failed. Rejected by us and appealed: accepted. Comments fit."""
    found = house.site.assignment(1, status="REJECTED")
    assert verdict(house, "accept").final
    assert verdict(house, "accept", supersedes="v0").status == 200
    assert found["status"] == "ACCEPTED"
    assert verdict(house, "reject", supersedes="v1").final
    found["status"] = "SUBMITTED"
    assert verdict(house, "reject").status == 200
    assert len(house.site.ratings[-1]["public_comment"]) == 2048
