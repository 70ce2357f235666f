"""The ledger tells of captures sent to two platforms, among those that share, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from pipeline.ledger import SqlLedger
from pipeline.ledger.elsewhere import Sharing
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.reasons import ReasonCode
from pipeline.records import Step
from tests.ledger_cases import fingerprint, stored, submission, take

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.records import Fingerprint, Proof

SHARING = Sharing(platforms=frozenset({"one", "two"}), salt=b"a salt of the operator's own")
SAME = fingerprint("same")


@pytest.fixture
def sharing(engine: Engine) -> SqlLedger:
    """A ledger in which two of three platforms look across."""
    return SqlLedger(engine, sharing=SHARING)


def sent(ledger: SqlLedger, platform: str, found: Fingerprint, *, minutes: float) -> Proof:
    """Add a fingerprinted proof of one platform."""
    ledger.declare_platform(platform)
    claim = replace(submission(f"of {platform}", minutes=minutes), platform=platform)
    proof, _ = ledger.add_proof(claim, [stored(platform)], step=Step.FINGERPRINT)
    held = take(ledger, proof, Step.FINGERPRINT)
    ledger.finish_fingerprint(held, [(proof.pictures[0], found, None)], [], then=Step.JUDGE)
    return proof


def test_the_later_of_two_platforms_is_told(sharing: SqlLedger) -> None:
    """Whichever came in first, the earlier submission is the original."""
    later = sent(sharing, "two", SAME, minutes=2)
    earlier = sent(sharing, "one", fingerprint("another file", pixels="same"), minutes=1)
    assert sharing.sent_elsewhere(later.id)
    assert not sharing.sent_elsewhere(earlier.id)


@pytest.mark.parametrize("platform", ["one", "three"])
def test_ones_own_platform_and_one_that_does_not_share_are_not_elsewhere(
    sharing: SqlLedger, platform: str
) -> None:
    """Within a platform there is the index; a platform that does not share neither tells nor is told."""
    first = sent(sharing, platform, SAME, minutes=1)
    again = sent(sharing, "one" if platform == "three" else "three", SAME, minutes=2)
    assert not sharing.sent_elsewhere(first.id)
    assert not sharing.sent_elsewhere(again.id)


def test_blank_pictures_are_nobodys(sharing: SqlLedger) -> None:
    """All blank pictures of one size are equal."""
    blank = replace(SAME, fault=ReasonCode.BLANK)
    sent(sharing, "one", blank, minutes=1)
    assert not sharing.sent_elsewhere(sent(sharing, "two", blank, minutes=2).id)


def test_only_salted_digests_are_shared(sharing: SqlLedger, engine: Engine) -> None:
    """Who reads the table alone learns nothing of a file that he has; another salt finds nothing."""
    sent(sharing, "one", SAME, minutes=1)
    with engine.connect() as connection:
        digests = set(connection.scalars(text("SELECT digest FROM salted")))
    assert len(digests) == len({SAME.bytes_sha256, SAME.pixels_sha256})
    assert not digests & {SAME.bytes_sha256, SAME.pixels_sha256}
    other = SqlLedger(engine, sharing=replace(SHARING, salt=b"another salt of somebody"))
    assert not other.sent_elsewhere(sent(other, "two", SAME, minutes=2).id)


def test_an_erased_proof_is_told_of_no_more(sharing: SqlLedger, engine: Engine) -> None:
    """Erasing takes the shared digests along."""
    sent(sharing, "one", SAME, minutes=1)
    later = sent(sharing, "two", SAME, minutes=2)
    assert SqlPlatforms(engine).erase("one", "of one")
    assert not sharing.sent_elsewhere(later.id)
