"""From a task on SproutGigs to its rating, whatever the site answers; pictures are read by fakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.poll import poll
from pipeline.errors import UsageError
from pipeline.ledger import SqlQueries
from pipeline.platforms.registry import read_config
from pipeline.records import Message, NoticeState, Outcome
from tests.fakes import fake_picture
from tests.site_house import BAD, GOOD, NAME, House
from tests.sproutgigs import SECRET, SproutGigs, sproutgigs


class Gigs(House[SproutGigs]):
    """The house that serves SproutGigs."""

    def shows(self, number: int, text: str, **changes: Any) -> dict[str, Any]:
        self.draws(number, text)
        return self.site.task(number, **changes)


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Gigs]:
    with sproutgigs() as site:
        yield Gigs(tmp_path, migrated_sqlite, site)


def test_tasks_of_all_pages_come_in_once_and_are_rated(house: Gigs) -> None:
    """Accept is ok, what can be mended is revise with a comment, a copy not_ok; known tasks cost nothing."""
    for number in range(3):
        house.shows(number, GOOD)
    house.shows(3, BAD, country_code="BD")
    copy = house.shows(4, GOOD)
    house.site.pictures["/pictures/4.png"] = house.site.pictures["/pictures/0.png"]
    copy["finished_at"] = "2026-11-20 09:00:00"
    assert house.poll() is None
    proofs = house.proofs()
    assert set(proofs) == {f"t{number}:0" for number in range(5)}
    first = proofs["t0:0"]
    assert (first.submitter_id, first.answer) == ("w0", "my name there is Rana")
    assert first.deadline == datetime(2026, 11, 27, 8, tzinfo=UTC)
    house.sites.sites.put(NAME, adapter="sproutgigs", config=str(_config(house)))
    assert house.poll() is None
    assert len(house.proofs()) == 5
    house.work()
    assert house.site.said() == {"t0": "ok", "t1": "ok", "t2": "ok", "t3": "revise", "t4": "not_ok"}
    ratings = {one["task_id"]: one for one in house.site.ratings}
    assert ratings["t0"]["task_satisfaction"] == "good"
    assert ratings["t4"]["task_satisfaction"] == "dupe"
    assert any("\u0980" <= letter <= "\u09ff" for letter in ratings["t3"]["task_comment"])
    assert house.site.tasks == []


def _config(house: Gigs) -> str:
    site = house.sites.sites.site(NAME)
    assert site is not None
    return site.config


def test_a_turn_that_is_over_still_comes_to_new_tasks_behind_known_ones(
    house: Gigs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each turn takes one new task at least, whatever stands before it, and the site is due again at once."""
    monkeypatch.setattr("actors.poll.TURN_S", -1.0)
    for number in range(3):
        house.shows(number, GOOD)
    for turn in range(1, 4):
        house.poll()
        assert len(house.proofs()) == turn


def test_a_worker_that_stops_gives_its_turn_back(house: Gigs) -> None:
    """It takes no further task, and another process may poll at once."""
    house.shows(1, GOOD)
    assert poll(house.services, house.sites, stopping=lambda: True)
    assert house.proofs() == {}
    house.poll()
    assert set(house.proofs()) == {"t1:0"}


def test_a_revised_task_is_another_proof(house: Gigs) -> None:
    """The same task at its next revision is judged anew and rated once."""
    task = house.shows(1, BAD)
    house.poll()
    house.work()
    assert house.site.said() == {"t1": "revise"}
    house.site.pictures["/pictures/1.png"] = fake_picture(GOOD)
    house.site.tasks.append(task | {"revision_number": 1})
    house.serve()
    house.poll()
    house.work()
    assert [one["task_rating"] for one in house.site.ratings] == ["revise", "ok"]
    assert set(house.proofs()) == {"t1:0", "t1:1"}


def test_manual_makes_no_call(house: Gigs) -> None:
    """A task without a picture, with one that is refused, without any detail: a person, and no rating."""
    house.site.task(1, proofs=[{"text": "done, boss"}])
    house.site.task(2, proofs=[{"file": f"{house.site.url}/pictures/none.png"}])
    house.site.task(3, proofs=None, finished_at=None, country_code=None, revision_number=None)
    house.poll()
    calls = len(house.site.calls)
    house.work()
    assert len(house.site.calls) == calls
    assert {one[0] for one in house.notices().values()} == {NoticeState.DELIVERED}
    found = SqlQueries(house.engine).verdicts_for(NAME, list(house.proofs()))
    assert [one.verdict.outcome for one in found.values()] == [Outcome.MANUAL] * 3


def test_odd_shapes_lose_no_other_task(house: Gigs) -> None:
    """Screenshots under any key we know, numbers for ids and times; what has no id is told."""
    house.shows(1, GOOD, id=51, worker_id=9, finished_at="1763625600")
    house.site.tasks[-1]["proofs"] = [
        {"screenshot": f"{house.site.url}/pictures/1.png"},
        "a bare text",
        None,
        7,
    ]
    house.site.task(2, id=None)
    house.site.tasks.append({"job_id": "job-1"})
    house.shows(4, GOOD)
    told = house.poll()
    assert told is not None
    assert "without id" in told
    assert set(house.proofs()) == {"51:0", "t4:0"}
    assert house.proofs()["51:0"].submitted_at == datetime(2025, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (503, "answered 503"),
        (429, "answered 429"),
        (401, "refuses our key"),
        (b"<html>maintenance</html>", "no list of tasks"),
        (b'{"ok": false, "message": "Job not found"}', "Job not found"),
        (b'{"tasks": null}', "no list of tasks"),
        (b"[" * 100_000, "no list of tasks"),
        ("lost", "did not answer"),
    ],
)
def test_a_poll_that_fails_is_told_and_comes_again(
    house: Gigs, trouble: int | str | bytes, told: str
) -> None:
    """Whatever the site answers, the next poll takes the task in."""
    house.shows(1, GOOD)
    house.site.trouble = [trouble]
    assert told in str(house.poll())
    if trouble == 429:
        rest = house.sites.sites.reserve(NAME, interval=timedelta(0), most=timedelta(minutes=1))
        assert rest is not None
        assert rest > timedelta(seconds=5)
        return
    house.serve()
    assert house.poll() is None
    assert set(house.proofs()) == {"t1:0"}


def rated_after(house: Gigs, *trouble: int | str | bytes) -> None:
    house.shows(1, GOOD)
    house.poll()
    house.site.trouble = list(trouble)
    house.work()
    house.again()


@pytest.mark.parametrize("trouble", [500, 403, b"what?", b"{}", "lost"])
def test_a_rating_is_made_once_whatever_became_of_its_answer(house: Gigs, trouble: int | str | bytes) -> None:
    """After a failure or a lost answer the task is read back first, and is rated exactly once."""
    rated_after(house, trouble)
    assert house.site.said() == {"t1": "ok"}
    assert len(house.site.ratings) == 1
    assert house.notices()["t1:0"][0] is NoticeState.DELIVERED


def test_a_task_that_somebody_else_rated_is_not_tried_again(house: Gigs) -> None:
    """The notice has failed at once, and says what to compare."""
    house.shows(1, GOOD)
    house.poll()
    house.site.tasks.clear()
    house.work()
    assert house.site.ratings == []
    assert house.notices()["t1:0"] == (NoticeState.FAILED, 1)
    assert "rated already, not by us" in house.error("t1:0")


def test_a_rating_of_an_older_revision_is_not_given_to_a_newer(house: Gigs) -> None:
    """A verdict that replaces one already rated finds another revision, and leaves it alone."""
    house.shows(1, GOOD)
    house.poll()
    body = {"verdict": "accept", "reasons": [], "proof_id": "t1:0", "job_id": "job-1", "supersedes": "v0"}
    house.site.tasks[0]["revision_number"] = 1
    courier = house.services.couriers["rating"]
    reply = courier.send(Message(address=f"sproutgigs:{NAME}", headers=(), body=json.dumps({"data": body})))
    assert reply.final
    assert house.site.ratings == []


def test_a_429_makes_the_endpoint_rest(house: Gigs) -> None:
    """The rating waits; nothing is called meanwhile, and it is not lost."""
    rated_after(house, 429)
    assert house.site.ratings == []
    (endpoint,) = house.outbox.endpoints(NAME)
    assert endpoint.rest_until is not None
    assert house.notices()["t1:0"] == (NoticeState.WAITING, 1)


def test_calls_are_a_second_apart(house: Gigs) -> None:
    """Two pages and two ratings take three intervals at least, whoever calls."""
    for number in range(3):
        house.shows(number, GOOD)
    house.serve(call_every_s=0.3)
    house.poll()
    house.work()
    gaps = [after - before for before, after in zip(house.site.calls, house.site.calls[1:], strict=False)]
    assert len(gaps) == 4
    assert sum(gaps) > 4 * 0.3 - 0.15  # a busy machine makes single arrivals jitter
    assert min(gaps) > 0.1


def test_a_configuration_is_checked_and_its_secret_never_shown(tmp_path: Path) -> None:
    """What is wrong is told by field."""
    path = tmp_path / "c.yaml"
    for text, told in (
        (f"user: a\nsecret: {SECRET}\n", "jobs"),
        (f"user: a\nsecret: {SECRET}\njobs: [j]\nspeed: 9\n", "speed"),
        (f"user: a\nsecret: [{SECRET}]\njobs: [j]\n", "secret"),
        (f"- {SECRET}\n", "sproutgigs"),
        (f"a: b: {SECRET}", "YAML"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=told) as caught:
            read_config("sproutgigs", path)
        assert SECRET not in str(caught.value)
    with pytest.raises(UsageError, match="cannot be read"):
        read_config("sproutgigs", tmp_path / "absent")
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="one of sproutgigs"):
        read_config("pigeon", path)
