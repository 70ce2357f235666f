"""What people decided, as an admin exports it over HTTP."""

from __future__ import annotations

import csv
import io
import json
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from pipeline.ledger import SqlReviews, make_engine
from pipeline.passwords import hashed
from pipeline.reasons import ReasonCode
from pipeline.records import Decision, QueueFilter, Role, Ruling
from tests.console_pages import DOUBTED, PASSWORD
from tests.web import Door, picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def door(tmp_path: Path, ledger_url: str) -> Iterator[Door]:
    made = Door(tmp_path, ledger_url)
    with made.running():
        yield made


@contextmanager
def seated(door: Door, email: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=door.url) as client:
        assert client.post("/login", data={"email": email, "password": PASSWORD}).status_code == 303
        yield client


def ruled(door: Door, reviews: SqlReviews, window: timedelta) -> None:
    """Leave a proof of each of two platforms to people; reject one and undo it, accept the other."""
    admin = reviews.add("ann@example.com", password=hashed(PASSWORD), role=Role.ADMIN, platform=None)
    for name in ("shop", "store"):
        platform = door.platform(name, job=False)
        platform.http.put("/v1/jobs/job-1", json=DOUBTED)
        platform.post(picture(f"Other {name}"), proof_id=f"=p-{name}", submitter_id="w1")
    door.work()
    shop, store = reviews.page(admin, QueueFilter(), skip=0, limit=9)
    reject = Ruling(decision=Decision.REJECT, code=ReasonCode.RULED_ALTERED, message='Painted, "over".')
    reviews.rule(admin, shop.proof, ruling=reject, against=shop.verdict)
    reviews.undo(admin, window=window)
    accept = Ruling(decision=Decision.ACCEPT, code=ReasonCode.RULED_ACCEPTED)
    reviews.rule_together(admin, {store.proof: store.verdict}, ruling=accept)


def test_an_admin_exports_who_decided_what_on_which_evidence(door: Door) -> None:
    """Both forms say the same; undone rulings are there; other roles and platforms see nothing of it."""
    reviews = SqlReviews(make_engine(door.services.settings.database))
    ruled(door, reviews, timedelta(minutes=1))
    for name, role, platform in (("mod", Role.MODERATOR, None), ("own", Role.ADMIN, "store")):
        reviews.add(f"{name}@example.com", password=hashed(PASSWORD), role=role, platform=platform)
    with seated(door, "ann@example.com") as ann:
        lines = [json.loads(one) for one in ann.get("/review/decisions.jsonl").text.splitlines()]
        answer = ann.get("/review/decisions.csv")
        assert ann.get("/review/decisions.xls").status_code == 404
    kept: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(one["decision"], one["undone"], one["proof_id"]) for one in lines] == [
        ("reject", True, "=p-shop"),
        ("accept", False, "=p-store"),
    ]
    first, second = lines
    assert (first["moderator"], first["message"]) == ("ann@example.com", 'Painted, "over".')
    assert first["found"] == "evidence.unclear"
    assert first["policy"]
    assert (first["batch"], second["batch"] is None) == (None, False)
    assert [one["verdict"] for one in kept] == [one["verdict"] for one in lines]
    assert kept[0]["proof_id"] == "'=p-shop"
    assert answer.headers["content-type"].startswith("text/csv")
    with seated(door, "mod@example.com") as mod:
        assert mod.get("/review/decisions.csv").status_code == 403
        assert "decisions.csv" not in mod.get("/review").text
    with seated(door, "own@example.com") as own:
        (line,) = own.get("/review/decisions.jsonl").text.splitlines()
        assert json.loads(line)["platform"] == "store"
