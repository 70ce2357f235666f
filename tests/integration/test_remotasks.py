"""From a completed task on Remotasks to its audit; pictures are read by fakes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.records import NoticeState
from tests.remotasks import Remotasks
from tests.site_house import BAD, GOOD, House


class Projects(House[Remotasks]):
    """The house that serves Remotasks."""

    def shows(self, number: int, text: str, **changes: Any) -> dict[str, Any]:
        self.draws(number, text)
        return self.site.task(number, **changes)


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Projects]:
    with Remotasks.running() as site:
        yield Projects(tmp_path, migrated_sqlite, site)


def test_tasks_of_all_pages_come_in_once_and_are_audited(house: Projects) -> None:
    """Accepted, or not accepted with comments."""
    for number in range(3):
        house.shows(number, GOOD)
    house.shows(3, BAD)
    assert house.poll() is None
    first = house.proofs()["r0:0"]
    assert (first.submitter_id, first.answer) == ("w0", "Rana")
    house.work()
    assert house.site.said() == {"r0": True, "r1": True, "r2": True, "r3": False}
    assert next(one["comments"] for one in house.site.ratings if one["id"] == "r3")


def test_odd_shapes_lose_no_other_task(house: Projects) -> None:
    """Pictures as objects, no response, nobody named, a task without id."""
    house.shows(1, GOOD, response={"annotations": [{"url": f"{house.site.url}/pictures/1.png"}]})
    house.shows(2, GOOD, response=None, completed_at=None)
    house.site.tasks["x"] = {"status": "completed"}
    told = house.poll()
    assert told is not None
    assert "without task_id" in told
    assert {key: proof.submitter_id for key, proof in house.proofs().items()} == {
        "r1:0": "task:r1",
        "r2:0": "task:r2",
    }
    house.work()
    assert house.site.said() == {"r1": True}


@pytest.mark.parametrize(
    ("trouble", "told"),
    [(503, "answered 503"), (429, "answered 429"), (401, "refuses our key"), (b"{}", "no list of tasks")],
)
def test_a_poll_that_fails_is_told(house: Projects, trouble: int | bytes, told: str) -> None:
    """Whatever the site answers."""
    house.shows(1, GOOD)
    house.site.trouble = [trouble]
    assert told in str(house.poll())


@pytest.mark.parametrize("trouble", [500, "lost"])
def test_an_audit_is_made_once_whatever_became_of_its_answer(house: Projects, trouble: int | str) -> None:
    """After a failure or a lost answer the task is read back first."""
    house.shows(1, GOOD)
    house.poll()
    house.site.trouble = [trouble]
    house.work()
    house.again()
    assert len(house.site.ratings) == 1
    assert house.notices()["r1:0"][0] is NoticeState.DELIVERED


@pytest.mark.parametrize(("accepted", "state"), [(True, NoticeState.DELIVERED), (False, NoticeState.FAILED)])
def test_what_somebody_else_audited_is_compared(
    house: Projects, *, accepted: bool, state: NoticeState
) -> None:
    """The same audit is done; another one is an alarm, at once."""
    task = house.shows(1, GOOD)
    house.poll()
    task["audit"] = {"accepted": accepted}
    house.work()
    assert house.site.ratings == []
    assert house.notices()["r1:0"] == (state, 1)
