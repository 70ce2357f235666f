"""From a task on Clickworker to its sign-off; pictures are read by fakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.platforms.port import Hint, HintRefused
from pipeline.platforms.registry import open_adapter, read_config
from pipeline.records import NoticeState
from tests.clickworker import PASSWORD, SIGN_OFF, Clickworker
from tests.site_house import BAD, GOOD, NAME, House


class Customer(House[Clickworker]):
    """The house that serves Clickworker."""

    def shows(self, number: int, text: str, **changes: Any) -> dict[str, Any]:
        self.draws(number, text)
        return self.site.job(number, **changes)


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Customer]:
    with Clickworker.running() as site:
        yield Customer(tmp_path, migrated_sqlite, site)


def test_tasks_of_all_pages_come_in_once_and_are_signed_off(house: Customer) -> None:
    """The words of the settings are sent, and no others; without words for a revise it is a reject."""
    for number in range(3):
        house.shows(number, GOOD)
    house.shows(3, BAD)
    assert house.poll() is None
    first = house.proofs()["c0:0"]
    assert (first.submitter_id, first.answer, first.job_id) == ("w0", "Rana", "job-1")
    house.work()
    assert house.site.said() == {"c0": "yes", "c1": "yes", "c2": "yes", "c3": "no"}
    assert next(one["feedback"] for one in house.site.ratings if one["id"] == "c3")


def test_a_revise_is_sent_where_the_settings_have_words_for_it(house: Customer) -> None:
    """The form's own."""
    house.serve(sign_off=SIGN_OFF | {"revise": {"approval": "again"}})
    house.shows(1, BAD)
    house.poll()
    house.work()
    assert house.site.said() == {"c1": "again"}


def test_links_lead_nowhere_else(house: Customer) -> None:
    """A job on another host is told and never called, for our key would go along."""
    house.site.tasks = [{"job": {"href": "http://127.0.0.1:9/v2/customer/jobs/c7"}}, {"job": None}, "?"]
    house.shows(1, GOOD, output=[{"url": house.draws(1, GOOD)}])
    told = house.poll()
    assert told is not None
    assert set(house.proofs()) == {"c1:0"}
    site = house.sites.sites.site(NAME)
    assert site is not None
    adapter, now = open_adapter(site), datetime.now(UTC)
    ours = json.dumps({"links": [{"href": f"{house.site.url}/v2/customer/jobs/c1"}]}).encode()
    assert adapter.signed_at(Hint(headers={}, body=ours, now=now)) is None
    for body in (
        b"",
        b"{}",
        b"[" * 9999,
        ours.replace(b"127.0.0.1", b"127.0.0.2"),
        b'["https://evil.example/"]',
    ):
        with pytest.raises(HintRefused):
            adapter.signed_at(Hint(headers={}, body=body, now=now))


@pytest.mark.parametrize(
    ("trouble", "told"),
    [(503, "answered 503"), (429, "answered 429"), (401, "refuses our key"), (b"[1", "no list of tasks")],
)
def test_a_poll_that_fails_is_told(house: Customer, trouble: int | bytes, told: str) -> None:
    """Whatever the site answers."""
    house.shows(1, GOOD)
    house.site.trouble = [trouble]
    assert told in str(house.poll())


@pytest.mark.parametrize("trouble", [500, "lost"])
def test_a_sign_off_is_made_once_whatever_became_of_its_answer(house: Customer, trouble: int | str) -> None:
    """After a failure or a lost answer the job is read back first."""
    house.shows(1, GOOD)
    house.poll()
    house.site.trouble = [trouble]
    house.work()
    house.again()
    assert len(house.site.ratings) == 1
    assert house.notices()["c1:0"][0] is NoticeState.DELIVERED


def test_what_somebody_else_signed_off_is_an_alarm(house: Customer) -> None:
    """The site does not say how, so a person compares."""
    job = house.shows(1, GOOD)
    house.poll()
    job["state"] = "Finished"
    house.work()
    assert house.site.ratings == []
    assert house.notices()["c1:0"] == (NoticeState.FAILED, 1)


def test_without_words_nothing_is_guessed(house: Customer, tmp_path: Path) -> None:
    """A configuration that does not say what a sign-off is called is refused, and shows no secret."""
    path = tmp_path / "c.json"
    for missing in ("accept", "reject", "comment"):
        words = {name: value for name, value in SIGN_OFF.items() if name != missing}
        path.write_text(house.site.config(sign_off=words), encoding="utf-8")
        with pytest.raises(UsageError, match=f"sign_off.{missing}") as caught:
            read_config("clickworker", path)
        assert PASSWORD not in str(caught.value)
