"""Two platforms that opted in, over HTTP: "seen elsewhere" is said, and nothing else of the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import EvidenceMissing
from pipeline.records import Fingerprint, Likeness, Relation
from tests.console import praman
from tests.fakes import FakeChildren
from tests.web import Door, picture

PAGE = 0x0123_4567_89AB_CDEF


class OnePage(FakeChildren):
    """All pictures have one page hash; what comparing them finds is set by the test."""

    found = Likeness(relation=None, score=0.0)

    def fingerprint(self, content: bytes) -> Fingerprint:
        made = super().fingerprint(content)
        return Fingerprint(
            **{name: getattr(made, name) for name in made.__slots__} | {"hashes": (("page", PAGE),)}
        )

    def compare(self, sketch: bytes, other: bytes, *, width_px: int) -> Likeness:
        return self.found


@pytest.fixture
def door(tmp_path: Path, sqlite_url: str) -> Iterator[Door]:
    with Door(tmp_path, sqlite_url, children_factory=OnePage).running() as running:
        yield running


def opted(door: Door, *names: str) -> None:
    for name in names:
        door.front.platforms.look_elsewhere(name, on=True)


def test_an_exact_copy_of_another_platform_s_picture_goes_to_a_person(door: Door) -> None:
    """The first stays accepted; the second is told that, where and how much, and no word more."""
    first, second = door.platform("first-shop"), door.platform("second-shop")
    opted(door, "first-shop", "second-shop")
    first.post(picture(), proof_id="secret-of-first", submitter_id="rana")
    door.work()
    second.post(picture(), proof_id="p2")
    door.work()
    assert first.verdict("secret-of-first") == "accept"
    line = second.get("/v1/proofs/p2")
    assert (line["verdict"], line["duplicate_of"]) == ("manual", None)
    (reason,) = line["reasons"]
    assert (reason["code"], reason["remedy"], reason["image"]) == ("seen.elsewhere", "none", 0)
    assert reason.get("box") is None
    assert "elsewhere" in reason["message"]
    all_told = json.dumps([line, second.get("/v1/verdicts?after=0"), second.get("/v1/deliveries")])
    assert not any(one in all_told for one in ("first-shop", "secret-of-first", "rana"))


@pytest.mark.parametrize(
    ("relation", "verdict"),
    [(Relation.ALTERED, "manual"), (Relation.SAME_SCREEN, "accept"), (None, "accept")],
)
def test_only_a_sure_copy_counts(
    door: Door, monkeypatch: pytest.MonkeyPatch, relation: Relation | None, verdict: str
) -> None:
    """Two people's captures of one page are alike on all platforms: doubt is no reason here."""
    monkeypatch.setattr(OnePage, "found", Likeness(relation=relation, score=0.9))
    first, second = door.platform("first-shop"), door.platform("second-shop")
    opted(door, "first-shop", "second-shop")
    first.post(picture("Nodi Tech Bangladesh one"))
    door.work()
    second.post(picture("Nodi Tech Bangladesh two"), proof_id="p2")
    door.work()
    assert second.verdict("p2") == verdict


def test_who_did_not_opt_in_is_judged_alone(door: Door) -> None:
    """One consent is none."""
    first, second = door.platform("first-shop"), door.platform("second-shop")
    opted(door, "second-shop")
    first.post(picture())
    door.work()
    second.post(picture(), proof_id="p2")
    door.work()
    assert second.verdict("p2") == "accept"


def test_a_reject_stays_a_reject_without_a_word_of_others(door: Door) -> None:
    """What fails by itself is told why it fails, and is not made milder by another platform's picture."""
    first, second = door.platform("first-shop"), door.platform("second-shop")
    opted(door, "first-shop", "second-shop")
    for shop in (first, second):
        shop.http.put("/v1/jobs/job-1", json={"checks": [], "images": {"min": 2, "max": 3}})
        shop.post(picture(), proof_id="p1")
        door.work()
    line = second.get("/v1/proofs/p1")
    assert line["verdict"] == "reject"
    assert "seen.elsewhere" not in {one["code"] for one in line["reasons"]}


def test_a_sketch_that_is_gone_says_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other platform's loss is not this submitter's."""
    monkeypatch.setattr(OnePage, "found", Likeness(relation=Relation.ALTERED, score=0.9))
    first, second = door.platform("first-shop"), door.platform("second-shop")
    opted(door, "first-shop", "second-shop")
    first.post(picture("Nodi Tech Bangladesh one"))
    door.work()

    def gone(_: object, key: str) -> bytes:
        raise EvidenceMissing(key)

    second.post(picture("Nodi Tech Bangladesh two"), proof_id="p2")
    read = type(door.services.store).get
    sketch = b"one"

    def get(store: object, key: str) -> bytes:
        found = read(store, key)  # type: ignore[arg-type]
        return gone(store, key) if found.endswith(sketch) else found

    monkeypatch.setattr(type(door.services.store), "get", get)
    door.work()
    assert second.verdict("p2") == "accept"


def test_the_command_turns_it_on(tmp_path: Path) -> None:
    """`platform list` shows who is in; to say neither on nor off is one line."""
    praman("platform", "add", "shop", cwd=tmp_path)
    ran = praman("platform", "elsewhere", "shop", "--on", "--json", cwd=tmp_path)
    assert json.loads(ran.stdout) == {"platform": "shop", "seen_elsewhere": True}, ran.stderr
    (row,) = json.loads(praman("platform", "list", "--json", cwd=tmp_path).stdout)
    assert row["seen_elsewhere"] is True
    wrong = praman("platform", "elsewhere", "shop", cwd=tmp_path)
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
