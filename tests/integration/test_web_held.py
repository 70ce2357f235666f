"""Held rejects in the console: one click takes a job's whole batch back, before any of it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pipeline.ledger import SqlReviews, make_engine
from pipeline.passwords import hashed
from pipeline.records import NoticeState, Role
from tests.web import Door, Platform

PASSWORD = "a long password of theirs"


@pytest.fixture
def door(tmp_path: Path, sqlite_url: str) -> Iterator[Door]:
    with Door(tmp_path, sqlite_url).running() as running:
        yield running


def moderator(door: Door, name: str, *, platform: str | None = None) -> httpx.Client:
    reviews = SqlReviews(make_engine(door.services.settings.database))
    email = f"{name}@example.com"
    reviews.add(email, password=hashed(PASSWORD), role=Role.MODERATOR, platform=platform)
    made = httpx.Client(base_url=door.url)
    assert made.post("/login", data={"email": email, "password": PASSWORD}).status_code == 303
    return made


def token(page: str) -> str:
    found = re.search(r'name="csrf" content="(\w+)"', page)
    assert found
    return found[1]


def click(who: httpx.Client, platform: str, job: str) -> int:
    """Press the button of a job, as its form would be sent."""
    page = who.get("/review/held").text
    form = {"csrf": token(page), "platform": platform, "job": job}
    return who.post("/review/held", data=form).status_code


def states(door: Door, shop: Platform) -> dict[str, list[str]]:
    lines = door.services.outbox.listed(platform=shop.name, state=None, proof_id=None, limit=99)
    told: dict[str, list[str]] = {}
    for one in sorted(lines, key=lambda line: line.created_at):
        told.setdefault(one.proof_id, []).append(one.state.value)
    return told


def test_one_click_takes_a_whole_batch_back(door: Door) -> None:
    """All of the job's rejects are manual and only that goes out. Other jobs keep theirs."""
    shop = door.platform("shop")
    door.hold(shop, "p1", "p2", "p3")
    door.hold(shop, "q1", job="other-job")
    ann = moderator(door, "ann")
    page = ann.get("/review/held").text
    assert "held-job" in page
    assert "Take all back: 3" in page
    assert click(ann, "shop", "held-job") == 303
    door.work()
    assert [shop.verdict(one) for one in ("p1", "p2", "p3", "q1")] == ["manual"] * 3 + ["reject"]
    codes = [one["code"] for one in shop.get("/v1/proofs/p1")["reasons"]]
    assert codes == ["picture.wrong_count", "brake.taken_back"]
    taken, waits = NoticeState.TAKEN_BACK.value, NoticeState.WAITING.value
    assert states(door, shop) == {
        "p1": [taken, waits],
        "p2": [taken, waits],
        "p3": [taken, waits],
        "q1": [waits],
    }
    page = ann.get("/review/held").text
    assert "held-job" not in page
    assert "Take all back: 1" in page
    assert "p1" in ann.get("/review").text


def test_a_moderator_of_one_platform_sees_and_takes_back_its_own(door: Door) -> None:
    """Another platform's batch is no page and no click."""
    shop, other = door.platform("shop"), door.platform("other")
    door.hold(shop, "p1")
    ann = moderator(door, "ann", platform="other")
    assert "held-job" not in ann.get("/review/held").text
    assert click(ann, "shop", "held-job") == 404
    assert shop.verdict("p1") == "reject"
    assert click(ann, other.name, "nothing-held") == 303


def test_only_the_page_s_own_form_counts(door: Door) -> None:
    """Without a session, or without the page's token, nothing is taken back."""
    shop = door.platform("shop")
    door.hold(shop, "p1")
    form = {"platform": "shop", "job": "held-job"}
    assert httpx.post(f"{door.url}/review/held", data=form).status_code == 401
    ann = moderator(door, "ann")
    assert ann.post("/review/held", data=form | {"csrf": "guess"}).status_code == 403
    assert shop.verdict("p1") == "reject"
