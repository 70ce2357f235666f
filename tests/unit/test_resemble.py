"""Candidates are compared best first, and no longer than it takes to be sure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from actors.resemble import resemblances
from pipeline.errors import EvidenceMissing
from pipeline.policy import Policy
from pipeline.records import Candidate, Fingerprint, Likeness, Outcome, Relation, StoredPicture
from tests.ledger_cases import fingerprint

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Desk:
    """A ledger, a store and children that know a relation by the other sketch's name."""

    relations: dict[str, Relation]
    missing: set[str] = field(default_factory=set)
    upright: set[str] = field(default_factory=set)
    compared: list[str] = field(default_factory=list)
    closer: set[str] = field(default_factory=set)
    copies: set[str] = field(default_factory=set)
    looked: list[str] = field(default_factory=list)
    hands: dict[str, bool] = field(default_factory=dict)

    def proof(self, proof: str) -> Any:
        picture = StoredPicture(id=proof, index=0, key=f"file of {proof}", sha256="0" * 64, size_bytes=1)
        return SimpleNamespace(pictures=(picture,))

    def look_closer(self, first: bytes, second: bytes) -> bool:
        assert first == b"file of mine"
        self.looked.append(second.decode())
        return second.decode() in self.copies

    def fingerprints(self, proof: str) -> tuple[tuple[int, Fingerprint, str | None], ...]:
        return ((0, fingerprint(proof), proof),)

    def get(self, key: str) -> bytes:
        if key in self.missing:
            raise EvidenceMissing(key)
        return key.encode()

    def compare(
        self, sketch: bytes, other: bytes, *, width_px: int, mirrored: bool | None = None
    ) -> Likeness:
        name = other.decode() + " mirrored" * mirrored
        self.compared.append(name)
        relation, upright = self.relations.get(name), name in self.upright
        hand = self.hands.get(name)
        closer = name in self.closer
        return Likeness(relation=relation, score=0.5, upright=upright, closer=closer, one_hand=hand)

    def found(self, *candidates: Candidate) -> list[tuple[str, Relation]]:
        roles: Any = {"ledger": self, "store": self, "children": self}
        seen = resemblances("mine", candidates, policy=Policy(), **roles)
        return [(one.candidate.proof, one.relation) for one in seen]


def candidate(name: str) -> Candidate:
    """Return an earlier, undecided proof of somebody else."""
    return Candidate(
        proof=name,
        proof_id=name,
        submitted_at=NOON - timedelta(hours=1),
        picture=name,
        image=0,
        other_image=0,
        sketch_key=name,
        distance_bits=3,
        exact=False,
        earlier=True,
        same_submitter=False,
        same_job=True,
        outcome=None,
        resubmit_asked=False,
        root_proof=None,
        root_proof_id=None,
    )


def test_nothing_is_compared_after_a_sure_copy() -> None:
    """The first earlier copy settles the verdict; a page that may be one does not."""
    desk = Desk({"b": Relation.SAME_SCREEN, "c": Relation.ALTERED, "d": Relation.ALTERED})
    found = desk.found(*map(candidate, "abcd"))
    assert found == [("b", Relation.SAME_SCREEN), ("c", Relation.ALTERED)]
    assert desk.compared == ["a", "b", "c"]


def test_mirror_images_are_looked_for_last() -> None:
    """Only what shares no page as it is is laid over once more, mirrored."""
    desk = Desk({"b": Relation.SAME_SCREEN, "a mirrored": Relation.ALTERED}, upright={"c"})
    found = desk.found(*map(candidate, "abc"))
    assert found == [("b", Relation.SAME_SCREEN), ("a", Relation.ALTERED)]
    assert desk.compared == ["a", "b", "c", "a mirrored"]


@pytest.mark.parametrize("outcome", [Outcome.ACCEPT, Outcome.REJECT])
def test_who_shows_the_page_of_an_accepted_proof_is_not_mirrored(outcome: Outcome) -> None:
    """That one could be read; the page of a rejected one may be a mirror image itself."""
    desk = Desk({"a mirrored": Relation.ALTERED}, upright={"b"})
    found = desk.found(candidate("a"), replace(candidate("b"), outcome=outcome))
    assert bool(found) == (outcome is Outcome.REJECT)


def test_once_a_page_is_seen_who_shows_little_of_it_is_not_looked_at() -> None:
    """The newest of a busy job are looked at where nothing likelier shows the page."""
    unlikely = replace(candidate("b"), distance_bits=30)
    for upright, compared in (({"a"}, ["a"]), (set(), ["a", "b", "a mirrored"])):
        desk = Desk({}, upright=upright)
        assert desk.found(candidate("a"), unlikely) == []
        assert desk.compared == compared


def test_after_the_first_looks_more_has_to_speak_for_one() -> None:
    """On a page that a crowd shows, what comes late is looked at only if it has much in common."""
    names = [f"{number}" for number in range(8)]
    desk = Desk({}, upright=set(names))
    rare = [replace(candidate(name), distance_bits=24) for name in names]
    assert desk.found(*rare[:7], replace(rare[7], shared_words=30)) == []
    assert desk.compared == [*names[:6], "7"]


def test_every_exact_copy_is_told_and_nothing_compared() -> None:
    """The earliest of the exact copies is the original, so all are named."""
    desk = Desk({})
    found = desk.found(*(replace(candidate(name), exact=True) for name in "ab"), candidate("c"))
    assert found == [("a", Relation.EXACT), ("b", Relation.EXACT)]
    assert desk.compared == []


def test_a_later_accepted_copy_does_not_end_the_search() -> None:
    """An earlier original may come after it."""
    desk = Desk({"late": Relation.ALTERED, "first": Relation.ALTERED})
    late = replace(candidate("late"), earlier=False, outcome=Outcome.ACCEPT)
    assert [name for name, _ in desk.found(late, candidate("first"))] == ["late", "first"]


@pytest.mark.parametrize(
    "changed",
    [
        {"earlier": False},
        {"earlier": False, "outcome": Outcome.REJECT},
        {"same_submitter": True, "resubmit_asked": True},
        {"sketch_key": None},
    ],
)
def test_what_can_change_nothing_is_not_compared(changed: dict[str, object]) -> None:
    """A later proof that is not accepted, one's own first attempt, a picture without a sketch."""
    desk = Desk({"a": Relation.ALTERED})
    assert desk.found(replace(candidate("a"), **changed)) == []
    assert desk.compared == []


def test_a_sketch_that_is_gone_matters_not_beside_a_sure_copy() -> None:
    """The others are compared all the same, and a sure copy decides."""
    desk = Desk({"b": Relation.ALTERED}, missing={"a"})
    assert desk.found(candidate("a"), candidate("b")) == [("b", Relation.ALTERED)]


@pytest.mark.parametrize("gone", ["a", "mine"])
def test_without_a_sketch_nobody_knows(gone: str) -> None:
    """A stored sketch that is gone, one's own or another's, is our failure: neither copy nor honest twin."""
    desk = Desk({"b": Relation.SAME_SCREEN}, missing={gone})
    with pytest.raises(EvidenceMissing):
        desk.found(candidate("a"), candidate("b"))


def test_where_sketches_cannot_tell_the_originals_are_looked_at() -> None:
    """Only then: a file costs more than a sketch; what they show decides."""
    doubts = dict.fromkeys("abc", Relation.SAME_SCREEN)
    desk = Desk(doubts, closer={"b", "c"}, copies={"file of c"})
    found = desk.found(*map(candidate, "abcd"))
    assert found == [("a", doubts["a"]), ("b", doubts["b"]), ("c", Relation.ALTERED)]
    assert desk.looked == ["file of b", "file of c"]
    assert desk.compared == ["a", "b", "c"]


@pytest.mark.parametrize("gone", ["file of a", "file of mine"])
def test_an_original_that_is_gone_leaves_the_doubt(gone: str) -> None:
    """Originals are kept for some time only; sketches suffice for all else."""
    desk = Desk({"a": Relation.SAME_SCREEN}, closer={"a"}, copies={"file of a"}, missing={gone})
    assert desk.found(candidate("a")) == [("a", Relation.SAME_SCREEN)]
    assert desk.looked == []


def test_a_clock_painted_in_another_hand_is_told_last() -> None:
    """Another candidate may show whose hand is the phone's own; a copy without that ends the search."""
    desk = Desk({"a": Relation.ALTERED, "c": Relation.ALTERED}, hands={"a": False})
    assert desk.found(*map(candidate, "abd")) == [("a", Relation.ALTERED)]
    assert desk.found(*map(candidate, "abcd")) == [("c", Relation.ALTERED)]


def test_who_shares_the_hand_of_a_third_has_not_painted() -> None:
    """A copy of one's capture came earlier, its clock painted over: the capture's own hand is honest."""
    relations = {"a": Relation.ALTERED, "b": Relation.SAME_SCREEN}
    desk = Desk(relations, hands={"a": False, "b": True})
    doubts = [("b", Relation.SAME_SCREEN), ("a", Relation.SAME_SCREEN)]
    assert desk.found(*map(candidate, "ab")) == doubts
