"""Rings: who shares captures, on both databases; what two honest people share links nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from pipeline.ledger import SqlQueries
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.ledger.rings import MOST_SENDERS, rings
from pipeline.records import DuplicateOf, Outcome, Relation
from tests.ledger_cases import PLATFORM, add, at, fingerprint, fingerprinted, judged, verdict

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.ledger import SqlLedger
    from pipeline.records import Proof, SharingRing


class Crowd:
    """Sends proofs and copies of them; each proof's picture is its own, so nothing but the verdict links."""

    def __init__(self, ledger: SqlLedger, engine: Engine) -> None:
        self._ledger, self._engine = ledger, engine
        self._minute = 0

    def sends(self, submitter: str, *, job: str = "job-1", width_px: int = 1080) -> Proof:
        """Send a proof that was taken by its submitter."""
        return self._sent(submitter, None, job=job, width_px=width_px)

    def copies(
        self, submitter: str, original: Proof, relation: Relation = Relation.ALTERED, *, job: str = "job-1"
    ) -> Proof:
        """Send a proof that is judged a copy of `original`."""
        of = DuplicateOf(proof_id=original.proof_id, relation=relation, score=0.9, proof=original.id)
        return self._sent(submitter, of, job=job)

    def _sent(self, submitter: str, of: DuplicateOf | None, *, job: str, width_px: int = 1080) -> Proof:
        self._minute += 1
        name = f"{submitter}-{self._minute}"
        proof = add(self._ledger, name, minutes=self._minute, submitter=submitter, job_id=job)
        fingerprinted(self._ledger, proof, replace(fingerprint(name), width_px=width_px))
        outcome = Outcome.REJECT if of else Outcome.ACCEPT
        judged(self._ledger, proof, replace(verdict(outcome), duplicate_of=of))
        return proof

    def rings(self, **narrowed: str) -> tuple[SharingRing, ...]:
        return SqlQueries(self._engine).rings(**narrowed).found


@pytest.fixture
def crowd(ledger: SqlLedger, engine: Engine) -> Crowd:
    return Crowd(ledger, engine)


def test_submitters_of_one_capture_are_a_ring_with_its_links(crowd: Crowd) -> None:
    """Members, copies, how sure, first and last seen; a second capture of one of them is the same ring."""
    first = crowd.sends("anna")
    crowd.copies("ben", first, Relation.EXACT)
    crowd.copies("cara", first)
    second = crowd.sends("cara", job="job-2")
    crowd.copies("dan", second, job="job-2")
    (ring,) = crowd.rings()
    assert (ring.platform, ring.members, ring.captures) == (PLATFORM, ("anna", "ben", "cara", "dan"), 2)
    assert (ring.first_seen, ring.last_seen, ring.public) == (at(1), at(5), False)
    told = [(one.submitter_id, one.original_submitter_id, one.relation) for one in ring.links]
    assert told == [
        ("ben", "anna", Relation.EXACT),
        ("cara", "anna", Relation.ALTERED),
        ("dan", "cara", Relation.ALTERED),
    ]
    assert {one.score for one in ring.links} == {0.9}


def test_a_page_that_all_show_links_nobody(crowd: Crowd) -> None:
    """That two proofs show the same screen is no link, however many they are."""
    first = crowd.sends("anna")
    for number in range(5):
        crowd.copies(f"w{number}", first, Relation.SAME_SCREEN)
    assert crowd.rings() == ()


def test_who_copies_oneself_is_no_ring(crowd: Crowd) -> None:
    """One submitter's own capture sent twice is a duplicate, not a ring."""
    crowd.copies("anna", crowd.sends("anna"))
    assert crowd.rings() == ()


def test_a_capture_that_very_many_sent_joins_no_other_rings(crowd: Crowd) -> None:
    """A picture from a tutorial is told apart, and the pairs that also sent it stay pairs."""
    tutorial = crowd.sends("author")
    for number in range(MOST_SENDERS):
        crowd.copies(f"w{number:02d}", tutorial)
    crowd.copies("w01", crowd.sends("w00"))
    crowd.copies("w03", crowd.sends("w02"))
    pairs_and_crowd = [(one.members[:2], len(one.members), one.public) for one in crowd.rings()]
    assert pairs_and_crowd == [
        (("w00", "w01"), 2, False),
        (("w02", "w03"), 2, False),
        (("author", "w00"), MOST_SENDERS + 1, True),
    ]


def test_rings_of_a_job_hold_what_was_copied_there(crowd: Crowd) -> None:
    """The original may have been sent to another job."""
    first = crowd.sends("anna", job="job-1")
    crowd.copies("ben", first, job="job-1")
    crowd.copies("cara", first, job="job-2")
    (ring,) = crowd.rings(platform=PLATFORM, job_id="job-2")
    assert ring.members == ("anna", "cara")
    assert crowd.rings(platform="another") == ()


def test_sizes_of_own_captures_are_told_and_link_nobody(crowd: Crowd) -> None:
    """Two members with a rare size may share a device; a copy's size says nothing."""
    first = crowd.sends("anna", width_px=1344)
    crowd.copies("ben", first)
    assert crowd.rings()[0].screens == ()
    crowd.sends("ben", width_px=1344)
    crowd.sends("stranger", width_px=1344)
    (ring,) = crowd.rings()
    (screen,) = ring.screens
    assert (screen.width_px, screen.height_px, screen.members) == (1344, 2400, ("anna", "ben"))


def test_who_had_a_proof_erased_is_named_no_more(crowd: Crowd, engine: Engine) -> None:
    """The others of the capture still are a ring; an erased copy is gone from it."""
    first = crowd.sends("anna")
    crowd.copies("ben", first)
    crowd.copies("cara", first)
    gone = crowd.copies("dan", first)
    for proof in (first, gone):
        SqlPlatforms(engine).erase(PLATFORM, proof.proof_id)
    (ring,) = crowd.rings()
    assert ring.members == ("ben", "cara")
    assert [one.original_submitter_id for one in ring.links] == [None, None]


def test_of_many_copies_the_newest_are_looked_at_through_an_index(crowd: Crowd, engine: Engine) -> None:
    """It says that it did not look at all; no table is read through."""
    first = crowd.sends("anna")
    for name in ("ben", "cara", "dan"):
        crowd.copies(name, first)
    with engine.connect() as connection:
        found = rings(connection, platform=PLATFORM, most_copies=2)
        assert (found.whole, found.found[0].members) == (False, ("anna", "cara", "dan"))
        if engine.dialect.name == "sqlite":
            plan = connection.execute(
                text(
                    "EXPLAIN QUERY PLAN SELECT id FROM verdicts WHERE platform = 'p'"
                    " AND root_proof IS NOT NULL ORDER BY sequence DESC LIMIT 2"
                )
            )
            assert "ix_verdicts_copies" in str(plan.all())
