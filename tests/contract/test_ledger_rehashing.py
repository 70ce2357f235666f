"""Old fingerprints are replaced one by one, on both databases, while others look things up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from pipeline.ledger.door_tables import doomed_objects
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.ledger.rehashing import SqlRehashing
from pipeline.ledger.tables import chunks, fingerprints, words
from tests.ledger_cases import PLATFORM, add, candidates, fingerprint, fingerprinted

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.ledger import SqlLedger
    from pipeline.records import Proof

PAGE = 0x0123_4567_89AB_CDEF
WORDS = tuple(range(40))


@pytest.fixture
def rehashing(engine: Engine) -> SqlRehashing:
    return SqlRehashing(engine, version="v1")


def seed(ledger: SqlLedger, name: str, *, version: str = "v0", minutes: float = 0) -> Proof:
    """Add a proof that shows the page, fingerprinted by a version."""
    proof = add(ledger, name, minutes=minutes)
    fingerprinted(ledger, proof, fingerprint(name, version=version, page=PAGE, words=WORDS))
    return proof


def renew(rehashing: SqlRehashing, name: str) -> bool:
    """Renew the outdated fingerprint of a proof."""
    one = next(one for one in rehashing.outdated(after="", limit=99) if one.proof_id == name)
    found = fingerprint(name, version="v1", page=PAGE, words=WORDS)
    return rehashing.renew(one, found, sketch_key="new-key")


def count(engine: Engine, table: object) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_outdated_ones_come_in_batches_in_the_order_of_their_ids(
    ledger: SqlLedger, rehashing: SqlRehashing
) -> None:
    """A cursor goes past what was skipped; what is of this version does not come."""
    old = [seed(ledger, name) for name in ("a", "b", "c")]
    seed(ledger, "new", version="v1")
    assert rehashing.left() == 3
    first = rehashing.outdated(after="", limit=2)
    assert [one.proof for one in first] == [old[0].id, old[1].id]
    assert first[0].key == old[0].pictures[0].key
    (last,) = rehashing.outdated(after=first[-1].picture, limit=2)
    assert (last.proof, last.proof_id, last.image) == (old[2].id, "c", 0)
    assert rehashing.left("another") == 0


def test_versions_are_not_compared_until_the_old_one_is_renewed(
    ledger: SqlLedger, rehashing: SqlRehashing
) -> None:
    """Before, only equal pixels find an old row; after, likeness does, and its order in time is kept."""
    seed(ledger, "old")
    mine = seed(ledger, "mine", version="v1", minutes=1)
    assert candidates(ledger, mine) == {}
    assert renew(rehashing, "old")
    found = candidates(ledger, mine)["old"]
    assert (found.earlier, found.exact, found.distance_bits, found.sketch_key) == (True, False, 0, "new-key")
    assert rehashing.left() == 0


def test_nothing_of_the_old_version_is_left_behind(
    ledger: SqlLedger, rehashing: SqlRehashing, engine: Engine
) -> None:
    """The index holds as many places as before, and the old sketch goes with the proof."""
    proof = seed(ledger, "old")
    before = [count(engine, table) for table in (fingerprints, chunks, words)]
    renew(rehashing, "old")
    assert [count(engine, table) for table in (fingerprints, chunks, words)] == before
    ((_, kept, _),) = ledger.fingerprints(proof.id)
    assert (kept.version, kept.words) == ("v1", WORDS)
    platforms = SqlPlatforms(engine)
    platforms.erase(PLATFORM, "old")
    assert {"new-key", "sketch-key"} <= set(platforms.doomed(proof.id))
    assert [count(engine, table) for table in (fingerprints, chunks, words)] == [0, 0, 0]


def test_who_comes_second_changes_nothing(ledger: SqlLedger, rehashing: SqlRehashing, engine: Engine) -> None:
    """Of many who renew one row at once one does; a proof that was erased meanwhile stays erased."""
    seed(ledger, "raced")
    seed(ledger, "erased")
    raced, erased = rehashing.outdated(after="", limit=2)
    found = fingerprint("raced", version="v1", page=PAGE, words=WORDS)
    with ThreadPoolExecutor(4) as threads:
        won = list(threads.map(lambda _: rehashing.renew(raced, found, sketch_key="k"), range(4)))
    assert sorted(won) == [False, False, False, True]
    SqlPlatforms(engine).erase(PLATFORM, "erased")
    assert not rehashing.renew(erased, found, sketch_key="k")
    assert count(engine, fingerprints) == 1
    assert count(engine, doomed_objects) > 0
