"""The ledger's promises about candidates: which pictures may show the same capture, on both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.ledger.hints import JOB_LIMIT, is_exact, may_hint
from pipeline.ledger.similar import fingerprinted as fingerprinted_rows
from pipeline.reasons import ReasonCode
from pipeline.records import DuplicateOf, Outcome, Relation, Step
from tests.ledger_cases import (
    add,
    at,
    candidates,
    fingerprint,
    fingerprinted,
    judged,
    stored,
    submission,
    take,
    verdict,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.ledger import SqlLedger
    from pipeline.records import Fingerprint, Proof

PAGE = 0x0123_4567_89AB_CDEF


def seed(
    ledger: SqlLedger, name: str, found: Fingerprint, *, minutes: float = 0, job: str = "job-1"
) -> Proof:
    """Add a proof and fingerprint it."""
    proof = add(ledger, name, minutes=minutes, job_id=job)
    fingerprinted(ledger, proof, found)
    return proof


def flipped(bits: int, *places: int) -> int:
    """Return `bits` with the bits at `places` turned."""
    for place in places:
        bits ^= 1 << place
    return bits


def test_whatever_is_found_may_be_found(ledger: SqlLedger, engine: Engine) -> None:
    """The quick test of a pair never denies a candidate that the index leads to."""
    drawn = random.Random(7)
    made = []
    for number in range(40):
        hashes = {
            name: drawn.choice((PAGE, 5, 9)) ^ drawn.getrandbits(64) & 0xFFFF_0000_FFFF_0000
            for name in ("page", "mirrored")
        }
        said = tuple(drawn.sample(range(60), 12))
        found = fingerprint(
            f"c{drawn.randrange(30)}", words=said, version=f"v{number % 5 // 4}", flat=number == 7, **hashes
        )
        job, minutes = f"job-{1 + number % 3}", drawn.randrange(9)
        made.append(seed(ledger, f"p{number}", found, minutes=minutes, job=job))
    with engine.connect() as connection:
        rows = {one.id: fingerprinted_rows(connection, one.id)[0] for one in made}
    pairs = 0
    for one in made:
        for candidate in ledger.candidates(one.id, limit=99):
            pairs += 1
            assert may_hint(rows[one.id], rows[candidate.proof]), (one.proof_id, candidate)
            assert candidate.exact <= is_exact(rows[one.id], rows[candidate.proof])
    denied = sum(not may_hint(rows[one.id], rows[other.id]) for one in made for other in made)
    assert min(pairs, denied) > 100


def test_a_candidate_tells_all_about_the_other_proof(ledger: SqlLedger) -> None:
    """What `judge` needs about the other proof comes with it."""
    first = seed(ledger, "first", fingerprint("same"), minutes=1)
    second = seed(ledger, "second", fingerprint("same"), minutes=2, job="job-2")
    said = verdict(Outcome.REJECT, ReasonCode.UNREADABLE, root=first)
    judged(ledger, second, said)
    (one,) = ledger.candidates(first.id, limit=5)
    assert (one.proof, one.proof_id, one.submitted_at) == (second.id, "second", at(2))
    assert (one.picture, one.image, one.other_image) == (second.pictures[0].id, 0, 0)
    assert (one.sketch_key, one.distance_bits, one.exact) == ("sketch-key", 0, True)
    assert (one.earlier, one.same_submitter, one.same_job) == (False, True, False)
    assert (one.outcome, one.resubmit_asked) == (Outcome.REJECT, True)
    assert (one.root_proof, one.root_proof_id) == (first.id, "first")


def test_an_original_that_was_only_suspected_is_not_passed_on(ledger: SqlLedger) -> None:
    """What a proof only resembles may be another's capture, so its copy names the proof itself."""
    first = seed(ledger, "first", fingerprint("same"), minutes=1)
    second = seed(ledger, "second", fingerprint("same"), minutes=2)
    suspected = DuplicateOf(proof_id="first", relation=Relation.SAME_SCREEN, proof=first.id)
    judged(ledger, second, replace(verdict(Outcome.MANUAL), duplicate_of=suspected))
    (one,) = ledger.candidates(first.id, limit=5)
    assert (one.outcome, one.root_proof, one.root_proof_id) == (Outcome.MANUAL, None, None)


def test_a_candidate_without_a_verdict_has_no_outcome(ledger: SqlLedger) -> None:
    """An undecided proof neither asked for a new picture nor names an original."""
    first = seed(ledger, "first", fingerprint("same"), minutes=1)
    second = seed(ledger, "second", fingerprint("same"), minutes=2)
    (one,) = ledger.candidates(second.id, limit=5)
    assert (one.proof, one.outcome, one.resubmit_asked, one.root_proof_id) == (first.id, None, False, None)
    assert (one.earlier, one.same_job) == (True, True)


def test_a_plain_reject_asked_for_nothing(ledger: SqlLedger) -> None:
    """Only a reject whose reason can be mended asks for a new picture."""
    first = seed(ledger, "first", fingerprint("same"))
    judged(ledger, first, verdict(Outcome.REJECT, ReasonCode.DUPLICATE_EXACT))
    second = seed(ledger, "second", fingerprint("same"), minutes=1)
    assert not candidates(ledger, second)["first"].resubmit_asked


@pytest.mark.parametrize("flat", [True, False])
def test_equal_pixels_are_exact_whatever_the_file(ledger: SqlLedger, flat: bool) -> None:  # noqa: FBT001
    """Another file with the same pixels is an exact match, of flat pictures and across versions too."""
    one, other = (
        fingerprint(name, flat=flat, pixels="same", version=name, page=hashed)
        for name, hashed in (("a", PAGE), ("b", ~PAGE & 2**64 - 1))
    )
    seed(ledger, "first", one)
    found = candidates(ledger, seed(ledger, "second", other, minutes=1))["first"]
    assert (found.exact, found.distance_bits) == (True, 0)


def test_three_bits_in_any_place_are_found(ledger: SqlLedger) -> None:
    """Hashes that differ in up to three bits always share a chunk; the distance is told."""
    seed(ledger, "first", fingerprint("first", page=PAGE))
    for number, places in enumerate([(63,), (0, 16), (0, 32, 63), (15, 31, 47)]):
        near = fingerprint(f"near {number}", page=flipped(PAGE, *places))
        proof = seed(ledger, f"near {number}", near, minutes=1)
        assert candidates(ledger, proof)["first"].distance_bits == len(places)


def test_strangers_are_no_candidates(ledger: SqlLedger) -> None:
    """Pictures that share no chunk, flat ones, other versions and other platforms are left out."""
    seed(ledger, "far", fingerprint("far", page=~PAGE & 2**64 - 1))
    seed(ledger, "flat", fingerprint("flat", flat=True, page=PAGE))
    seed(ledger, "old", fingerprint("old", version="v0", page=PAGE))
    seed(ledger, "name", fingerprint("name", body=PAGE))
    ledger.declare_platform("other")
    proof = seed(ledger, "mine", fingerprint("mine", page=PAGE), minutes=1)
    assert candidates(ledger, proof) == {}
    flat = seed(ledger, "flat too", fingerprint("flat too", flat=True, page=PAGE), minutes=2)
    assert candidates(ledger, flat) == {}


def test_a_mirrored_copy_is_found_both_ways(ledger: SqlLedger) -> None:
    """One's mirrored hash is compared with the other's page, and the other way round."""
    first = seed(ledger, "first", fingerprint("first", page=PAGE, mirrored=~PAGE & 2**64 - 1))
    second = seed(ledger, "second", fingerprint("second", page=5, mirrored=flipped(PAGE, 3)), minutes=1)
    assert candidates(ledger, second)["first"].distance_bits == 1
    assert candidates(ledger, first)["second"].distance_bits == 1


def test_the_smallest_distance_counts_and_the_nearest_come_first(ledger: SqlLedger) -> None:
    """Exact matches first, then by the best of all hashes, even one that shares no chunk."""
    seed(ledger, "far", fingerprint("far", page=flipped(PAGE, 1, 2, 3), body=flipped(7, 1, 17, 33, 49, 50)))
    seed(ledger, "near", fingerprint("near", page=flipped(PAGE, 40, 41, 42, 43, 44), body=flipped(7, 5)))
    seed(ledger, "same", fingerprint("mine", page=PAGE, body=7))
    mine = seed(ledger, "mine", fingerprint("mine", page=PAGE, body=7), minutes=1)
    found = candidates(ledger, mine)
    assert [(name, one.distance_bits) for name, one in found.items()] == [
        ("same", 0),
        ("near", 1),
        ("far", 3),
    ]


def test_every_picture_of_a_proof_is_compared_and_never_with_itself(ledger: SqlLedger) -> None:
    """A candidate names which picture of this proof looks like which of the other; siblings are none."""
    seed(ledger, "first", fingerprint("shared"))
    pictures = (stored("x"), stored("y", index=1))
    proof, _ = ledger.add_proof(submission("two", minutes=1), pictures, step=Step.FINGERPRINT)
    prints = [fingerprint("x", page=1), fingerprint("shared")]
    found = [(picture, one, None) for picture, one in zip(pictures, prints, strict=True)]
    ledger.finish_fingerprint(take(ledger, proof, Step.FINGERPRINT), found, [], then=Step.JUDGE)
    assert [(one.image, one.other_image) for one in ledger.candidates(proof.id, limit=9)] == [(1, 0)]


def test_a_limit_keeps_those_that_can_decide(ledger: SqlLedger) -> None:
    """Where not all fit, earlier and accepted proofs stay in, however many later copies there are."""
    mine = seed(ledger, "mine", fingerprint("mine", page=PAGE), minutes=5)
    seed(ledger, "earlier", fingerprint("earlier", page=flipped(PAGE, 1, 2)), minutes=1)
    for number in range(4):
        seed(ledger, f"later {number}", fingerprint(f"later {number}", page=PAGE), minutes=6)
    assert "earlier" in {one.proof_id for one in ledger.candidates(mine.id, limit=2)}


def test_the_earliest_exact_copy_is_always_found(ledger: SqlLedger) -> None:
    """Many later copies of one file cannot hide the first proof of it, even if it arrived last."""
    for number in range(40):
        seed(ledger, f"copy {number}", fingerprint("same"), minutes=10 + number, job=f"job {number}")
    seed(ledger, "first", fingerprint("same"), minutes=0)
    last = seed(ledger, "last", fingerprint("same"), minutes=99)
    assert "first" in candidates(ledger, last)


def test_other_jobs_cannot_crowd_out_the_proofs_own(ledger: SqlLedger) -> None:
    """A near copy in the same job is found though the platform is full of newer look-alikes."""
    seed(ledger, "own", fingerprint("own", page=flipped(PAGE, 60)))
    for number in range(JOB_LIMIT // 3):
        hashed = flipped(PAGE, 0, 1, 2, 16, 17, number % 8)
        seed(ledger, f"{number}", fingerprint(f"{number}", page=hashed), job="job-2")
    mine = seed(ledger, "mine", fingerprint("mine", page=PAGE), minutes=1)
    assert next(iter(candidates(ledger, mine))) == "own"
