"""The ledger's promise about exact copies, on both databases: what is settled without reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.reasons import ReasonCode
from pipeline.records import Step
from tests.ledger_cases import add, fingerprint, fingerprinted

if TYPE_CHECKING:
    from pipeline.ledger import SqlLedger
    from pipeline.records import Fingerprint, Proof

SAME = fingerprint("same")


def seed(ledger: SqlLedger, name: str, found: Fingerprint, *, minutes: float, submitter: str) -> Proof:
    """Add a fingerprinted proof of one submitter."""
    proof = add(ledger, name, minutes=minutes, submitter=submitter)
    fingerprinted(ledger, proof, found, then=Step.READ)
    return proof


def test_the_later_of_two_peoples_same_files_is_a_copy(ledger: SqlLedger) -> None:
    """The earlier one is not, whichever came in first."""
    later = seed(ledger, "later", SAME, minutes=2, submitter="w2")
    earlier = seed(ledger, "earlier", SAME, minutes=1, submitter="w1")
    assert ledger.copied(later.id)
    assert not ledger.copied(earlier.id)


def test_equal_pixels_in_another_file_are_a_copy(ledger: SqlLedger) -> None:
    """A file saved anew without loss shows the same pixels."""
    seed(ledger, "first", SAME, minutes=1, submitter="w1")
    again = fingerprint("another file", pixels="same")
    assert ledger.copied(seed(ledger, "again", again, minutes=2, submitter="w2").id)


@pytest.mark.parametrize(("content", "submitter"), [("other", "w2"), ("same", "w1")])
def test_another_file_and_ones_own_are_no_copies(ledger: SqlLedger, content: str, submitter: str) -> None:
    """A submitter who sends the same picture again is read again."""
    seed(ledger, "first", SAME, minutes=1, submitter="w1")
    assert not ledger.copied(seed(ledger, "p", fingerprint(content), minutes=2, submitter=submitter).id)


def test_the_order_of_arrival_decides_at_one_moment(ledger: SqlLedger) -> None:
    """Of two submitted in the same second exactly one is the copy."""
    first = seed(ledger, "first", SAME, minutes=1, submitter="w1")
    second = seed(ledger, "second", SAME, minutes=1, submitter="w2")
    assert [ledger.copied(one.id) for one in sorted((first, second), key=lambda one: one.id)] == [False, True]


def test_an_unknown_proof_is_no_copy(ledger: SqlLedger) -> None:
    """Asking about nothing is answered."""
    assert not ledger.copied("none")


def test_blank_pictures_are_no_copies_of_each_other(ledger: SqlLedger) -> None:
    """One blank file is every blank file; its sender is asked for a new capture."""
    blank = fingerprint("white", flat=True, fault=ReasonCode.BLANK)
    seed(ledger, "first", blank, minutes=1, submitter="w1")
    again = seed(ledger, "again", blank, minutes=2, submitter="w2")
    assert not ledger.copied(again.id)
    assert ledger.candidates(again.id, limit=5) == ()
