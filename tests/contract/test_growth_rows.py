"""`bench/growth.py` measures what would be there had the ledger written every proof itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sqlalchemy import delete, select

from bench.bulk import fill, identity, job_name
from bench.crowd import MOST_WORDS, NAMES, POPULAR_SHARE, VERSION, Crowd, Kind
from pipeline.ledger import similar
from pipeline.ledger.rows import load_proof
from pipeline.ledger.tables import chunks, fingerprints, words
from pipeline.policy import Policy
from tests.ledger_cases import fingerprint

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from pipeline.ledger import SqlLedger

CROWD = Crowd(kind=Kind.REALISTIC, size=400)
LAST = CROWD.size - 1


def places(connection: Connection, picture: str) -> list[list[Any]]:
    """Return where a picture stands in both indexes."""
    return [
        sorted(map(tuple, connection.execute(select(table).where(table.c.picture == picture))))
        for table in (chunks, words)
    ]


def test_rows_filled_at_once_are_those_that_the_ledger_writes(ledger_url: str, engine: Engine) -> None:
    """Taken away and remembered again, a picture stands where it stood."""
    fill(ledger_url, CROWD)
    (block,) = CROWD.blocks()
    found = fingerprint(
        "x",
        version=VERSION,
        words=tuple(block.words[LAST][block.kept[LAST]].tolist()),
        **dict(zip(NAMES, block.hashes[LAST].tolist(), strict=True)),
    )
    with engine.begin() as connection:
        before = places(connection, identity(LAST))
        mine = fingerprints.c.picture == identity(LAST)
        row = connection.execute(select(fingerprints).where(mine)).one()
        similar.displace(connection, row, job_id=job_name(int(block.jobs[LAST])))
        assert places(connection, identity(LAST)) == [[], []]
        connection.execute(delete(fingerprints).where(mine))
        proof = load_proof(connection, identity(LAST))
        assert proof is not None
        similar.remember(connection, proof, proof.pictures[0], fingerprint=found, sketch_key=None)
        assert places(connection, identity(LAST)) == before
        again = connection.execute(select(fingerprints).where(mine)).one()
        assert (again.hashes, again.words) == (row.hashes, row.words)


def test_a_filled_ledger_is_looked_up_as_any(ledger_url: str, ledger: SqlLedger) -> None:
    """Pictures of the popular page find each other, and no more than are asked for."""
    fill(ledger_url, CROWD)
    popular = np.flatnonzero(CROWD.jobs == 0)
    found = ledger.candidates(identity(int(popular[-1])), limit=Policy().max_candidates)
    assert 0 < len(found) <= Policy().max_candidates
    assert {one.picture for one in found} & set(map(identity, popular.tolist()))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_crowd_is_the_same_for_the_same_seed(kind: Kind) -> None:
    """Hashes, words and jobs are; words are as many a picture as real ones have."""
    one, again = (Crowd(kind=kind, size=5000) for _ in range(2))
    for first, second in zip(one.blocks(), again.blocks(), strict=True):
        assert (first.hashes == second.hashes).all()
        assert (first.words == second.words).all()
        assert (first.jobs == second.jobs).all()
        assert first.kept.sum(axis=1).min() > 0.8 * MOST_WORDS


def test_the_popular_page_holds_its_share() -> None:
    """One picture in twenty shows it."""
    assert abs((Crowd(kind=Kind.REALISTIC, size=20_000).jobs == 0).mean() - POPULAR_SHARE) < 0.005
