"""From a slot on Microworkers to its rating; pictures are read by fakes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.records import NoticeState
from tests.microworkers import Microworkers
from tests.site_house import BAD, GOOD, House


class Slots(House[Microworkers]):
    """The house that serves Microworkers."""

    def shows(self, number: int, text: str, **changes: Any) -> dict[str, Any]:
        self.draws(number, text)
        return self.site.slot(number, **changes)


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Slots]:
    with Microworkers.running() as site:
        yield Slots(tmp_path, migrated_sqlite, site)


def test_slots_of_all_pages_come_in_once_and_are_rated(house: Slots) -> None:
    """Accept is OK, what can be mended is REVISE with a comment in the submitter's language, a copy NOK."""
    for number in range(3):
        house.shows(number, GOOD)
    house.shows(3, BAD, country="Bangladesh")
    house.shows(4, GOOD, finishedTime="2026-11-20T09:00:00Z")
    house.site.pictures["/pictures/4.png"] = house.site.pictures["/pictures/0.png"]
    assert house.poll() is None
    proofs = house.proofs()
    assert {key.partition(":")[0] for key in proofs} == {f"s{number}" for number in range(5)}
    first = proofs["s0:20261120080000"]
    assert (first.submitter_id, first.answer) == ("w0", "Rana")
    assert first.deadline == datetime(2026, 11, 27, 8, tzinfo=UTC)
    house.work()
    assert house.site.said() == {"s0": "OK", "s1": "OK", "s2": "OK", "s3": "REVISE", "s4": "NOK"}
    comments = {one["id"]: one.get("comment", "") for one in house.site.ratings}
    assert any("\u0980" <= letter <= "\u09ff" for letter in comments["s3"])
    assert comments["s4"]
    house.serve()
    assert house.poll() is None
    assert len(house.proofs()) == 5


def test_a_slot_that_is_handed_in_again_is_another_proof(house: Slots) -> None:
    """Its time tells it from the one before; the verdict on the earlier one is not given to it."""
    slot = house.shows(1, BAD)
    house.poll()
    house.work()
    house.draws(1, GOOD)
    slot |= {"status": "NOTRATED", "finishedTime": "2026-11-21T08:00:00Z"}
    house.serve()
    house.poll()
    house.work()
    assert [one["rating"] for one in house.site.ratings] == ["REVISE", "OK"]
    assert set(house.proofs()) == {"s1:20261120080000", "s1:20261121080000"}


def test_a_list_that_tells_times_spares_the_slots_own_page(house: Slots) -> None:
    """A known slot is not asked for again where the list says enough."""
    house.shows(1, GOOD)
    house.site.page = lambda _: {"items": list(house.site.slots.values())}  # type: ignore[method-assign]
    house.poll()
    calls = len(house.site.calls)
    house.serve()
    house.poll()
    assert len(house.site.calls) == calls + 1


def test_odd_shapes_lose_no_other_slot(house: Slots) -> None:
    """No files, files as objects, no answers, a bare list, a slot without id: each is told or taken."""
    house.shows(1, GOOD, tasksAnswers="Rana", fileProofs=[{"url": f"{house.site.url}/pictures/1.png"}])
    house.shows(2, GOOD, fileProofs=None, tasksAnswers=None, finishedTime=None, country=None)
    house.site.slots["s3"] = {"id": "s3", "status": "NOTRATED"}
    house.site.page = lambda _: [{"id": None}, "?", *house.site.slots.values()]  # type: ignore[method-assign,assign,return-value]
    told = house.poll()
    assert told is not None
    assert "without id" in told
    assert set(house.proofs()) == {"s1:20261120080000", "s2:0"}
    house.work()
    assert house.site.said() == {"s1": "OK"}  # the one without a picture waits for a person


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (503, "answered 503"),
        (429, "answered 429"),
        (403, "refuses our key"),
        (404, "answered 404"),
        (b"<html>", "no list of slots"),
        (b"{}", "no list of slots"),
        ("lost", "did not answer"),
    ],
)
def test_a_poll_that_fails_is_told(house: Slots, trouble: int | str | bytes, told: str) -> None:
    """Whatever the site answers, nothing is lost and the operator reads why."""
    house.shows(1, GOOD)
    house.site.trouble = [trouble]
    assert told in str(house.poll())


@pytest.mark.parametrize("trouble", [500, 403, "lost"])
def test_a_rating_is_made_once_whatever_became_of_its_answer(house: Slots, trouble: int | str) -> None:
    """After a failure or a lost answer the slot is read back first."""
    house.shows(1, GOOD)
    house.poll()
    house.site.trouble = [trouble]
    house.work()
    house.again()
    assert [one["rating"] for one in house.site.ratings] == ["OK"]
    assert [one[0] for one in house.notices().values()] == [NoticeState.DELIVERED]


@pytest.mark.parametrize(("stands", "state"), [("OK", NoticeState.DELIVERED), ("NOK", NoticeState.FAILED)])
def test_what_somebody_else_rated_is_compared(house: Slots, stands: str, state: NoticeState) -> None:
    """Rated as we say: done. Rated otherwise: the notice has failed at once, and says so."""
    slot = house.shows(1, GOOD)
    house.poll()
    slot["status"] = stands
    house.work()
    assert house.site.ratings == []
    assert list(house.notices().values()) == [(state, 1)]


def test_a_429_with_retry_after_is_waited_for(house: Slots) -> None:
    """Nobody calls for as long as the site asks."""
    house.shows(1, GOOD)
    house.poll()
    house.site.trouble, house.site.retry_after = [429], "40"
    house.work()
    (endpoint,) = house.outbox.endpoints("gigs")
    assert endpoint.rest_until is not None
    assert (endpoint.rest_until - datetime.now(UTC)).total_seconds() > 30
    assert house.site.ratings == []
