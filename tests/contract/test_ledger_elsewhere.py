"""What platforms that opted in learn of each other, on both databases: that a picture was seen."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text

from pipeline.errors import UsageError
from pipeline.ledger import SqlLedger, SqlPlatforms
from pipeline.ledger.rehashing import SqlRehashing
from pipeline.reasons import ReasonCode
from pipeline.records import Step, Stranger
from tests.ledger_cases import LIMIT, fingerprint, fingerprinted, stored, submission

if TYPE_CHECKING:
    from pipeline.records import Fingerprint, Proof

PAGE, FAR = 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210
SAME = fingerprint("same", page=PAGE, words=(11, 12, 13))


@pytest.fixture
def platforms(engine: Engine, ledger: SqlLedger) -> SqlPlatforms:
    made = SqlPlatforms(engine)
    for name in ("shop", "mart", "third"):
        ledger.declare_platform(name)
    for name in ("shop", "mart"):
        made.look_elsewhere(name, on=True)
    return made


def seen(ledger: SqlLedger, platform: str, found: Fingerprint = SAME, *, minutes: float = 0) -> Proof:
    claim = replace(submission(minutes=minutes), platform=platform)
    proof, _ = ledger.add_proof(claim, [stored()], step=Step.FINGERPRINT)
    fingerprinted(ledger, proof, found)
    return proof


def rows(engine: Engine, query: str = "select count(*) from elsewhere") -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(query)) or 0)


def test_a_stranger_says_nothing_of_whose_it_is(ledger: SqlLedger, platforms: SqlPlatforms) -> None:
    """It came earlier: that, and where to compare, is all that a judge is given."""
    first = seen(ledger, "shop")
    second = seen(ledger, "mart")
    assert ledger.strangers(second.id, limit=LIMIT) == (
        Stranger(image=0, sketch_key="sketch-key", exact=True),
    )
    assert ledger.strangers(first.id, limit=LIMIT) == ()
    assert {one.name for one in fields(Stranger)} == {"image", "sketch_key", "exact"}
    assert ledger.candidates(second.id, limit=LIMIT) == ()


def test_the_earlier_is_who_reached_us_first_whatever_either_claims(
    ledger: SqlLedger, platforms: SqlPlatforms
) -> None:
    """A back-dated copy makes nobody a latecomer."""
    first = seen(ledger, "shop", minutes=50)
    second = seen(ledger, "mart", minutes=-5000)
    assert ledger.strangers(first.id, limit=LIMIT) == ()
    assert len(ledger.strangers(second.id, limit=LIMIT)) == 1


@pytest.mark.parametrize(
    "other",
    [
        fingerprint("other bytes", pixels="same", page=FAR),
        fingerprint("same page", page=PAGE),
        fingerprint("mirrored", page=FAR, mirrored=PAGE),
        fingerprint("crop", page=FAR, words=(12, 13)),
    ],
    ids=["pixels", "page", "mirrored", "words"],
)
def test_copies_are_proposed_by_salted_keys(
    ledger: SqlLedger, platforms: SqlPlatforms, other: Fingerprint
) -> None:
    """Equal pixels are a copy; an equal page, its mirror image or two rare words are to be compared."""
    seen(ledger, "shop", other)
    (found,) = ledger.strangers(seen(ledger, "mart").id, limit=LIMIT)
    assert found.exact == (other.pixels_sha256 == SAME.pixels_sha256)


@pytest.mark.parametrize(
    "other",
    [
        fingerprint("stranger", page=FAR, words=(13, 99)),
        fingerprint("another version", page=PAGE, version="v2"),
        replace(SAME, flat=True),
        replace(SAME, fault=ReasonCode.BLANK),
    ],
    ids=["one word", "version", "flat", "blank"],
)
def test_others_are_not(ledger: SqlLedger, platforms: SqlPlatforms, other: Fingerprint) -> None:
    """One word is anybody's, bits of two versions do not compare, and blank pictures are nobody's."""
    seen(ledger, "shop", other)
    assert ledger.strangers(seen(ledger, "mart").id, limit=LIMIT) == ()


@pytest.mark.parametrize(("first", "second"), [("third", "mart"), ("shop", "third"), ("mart", "mart")])
def test_both_must_have_opted_in(ledger: SqlLedger, platforms: SqlPlatforms, first: str, second: str) -> None:
    """Who did not is neither told nor found; and one's own pictures are not elsewhere."""
    seen(ledger, first)
    assert ledger.strangers(seen(ledger, second).id, limit=LIMIT) == ()


def test_the_index_holds_salted_keys_only(engine: Engine, ledger: SqlLedger, platforms: SqlPlatforms) -> None:
    """Nobody without the salt can look a picture up: another salt makes other keys of the same picture."""
    seen(ledger, "shop")
    kept = "select sum(bucket % 1000003) from elsewhere"
    before = rows(engine, kept)
    assert rows(engine) == len({SAME.bytes_sha256, SAME.pixels_sha256}) + 1 + len(SAME.words)
    for name in ("shop", "mart"):
        platforms.look_elsewhere(name, on=False)
    assert rows(engine) == 0
    platforms.look_elsewhere("shop", on=True)
    seen(ledger, "shop")
    assert rows(engine, kept) != before


def test_who_opts_out_is_gone_at_once(engine: Engine, ledger: SqlLedger, platforms: SqlPlatforms) -> None:
    """Its keys are deleted, the others' are not; who opts in again starts anew."""
    seen(ledger, "shop")
    seen(ledger, "mart", fingerprint("else", page=FAR))
    before = rows(engine)
    platforms.look_elsewhere("shop", on=False)
    assert 0 < rows(engine) < before
    platforms.look_elsewhere("shop", on=True)
    assert ledger.strangers(seen(ledger, "mart").id, limit=LIMIT) == ()
    assert {one.name: one.seen_elsewhere for one in platforms.known()} == {
        "shop": True,
        "mart": True,
        "third": False,
    }


def test_opting_in_twice_changes_nothing(ledger: SqlLedger, platforms: SqlPlatforms) -> None:
    """Keys that are there stay good."""
    seen(ledger, "shop")
    platforms.look_elsewhere("shop", on=True)
    assert len(ledger.strangers(seen(ledger, "mart").id, limit=LIMIT)) == 1


@pytest.mark.parametrize("on", [True, False])
def test_an_unknown_platform_is_told(platforms: SqlPlatforms, *, on: bool) -> None:
    """A typing slip is named."""
    with pytest.raises(UsageError, match="does not exist"):
        platforms.look_elsewhere("shpo", on=on)


def test_what_is_erased_was_seen_nowhere(engine: Engine, ledger: SqlLedger, platforms: SqlPlatforms) -> None:
    """The keys go with the proof."""
    first = seen(ledger, "shop")
    assert platforms.erase("shop", first.proof_id) == first.id
    assert rows(engine) == 0
    assert ledger.strangers(seen(ledger, "mart").id, limit=LIMIT) == ()


def test_a_renewed_fingerprint_has_renewed_keys(
    engine: Engine, ledger: SqlLedger, platforms: SqlPlatforms
) -> None:
    """After an upgrade copies of the new version are proposed, and the old keys are gone."""
    seen(ledger, "shop")
    before = rows(engine)
    rehashing = SqlRehashing(engine, version="v2")
    (old,) = rehashing.outdated(after="", limit=5)
    assert rehashing.renew(old, replace(SAME, version="v2"), sketch_key="new")
    assert rows(engine) == before
    copy = fingerprint("copy", page=PAGE, version="v2")
    assert len(ledger.strangers(seen(ledger, "mart", copy).id, limit=LIMIT)) == 1
