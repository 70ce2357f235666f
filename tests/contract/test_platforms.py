"""A platform's own side of the ledger, on each database: keys, answers kept, what it sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from pipeline.errors import AlreadyAnswered, JobUnknown, ProofConflict, UsageError
from pipeline.ledger import SqlLedger, SqlPlatforms
from pipeline.policy import Policy
from pipeline.records import Job, Once, Step, Submission
from pipeline.submit import submit
from tests.ledger_cases import NOON

ONCE = Once(key="k1", digest="d" * 64, status=202, answer='{"proof_id": "p1"}')
CLAIM = Submission(
    platform="shop",
    job_id="job-1",
    submitter_id="w1",
    submitted_at=NOON,
    pictures=(),
    proof_id="p1",
)


@pytest.fixture
def platforms(engine: Engine, ledger: SqlLedger) -> SqlPlatforms:
    made = SqlPlatforms(engine)
    made.add("shop", digest="a" * 64, secret="whsec_x", acknowledged_by="ops@shop.example")
    ledger.declare_job("shop", Job(id="job-1"))
    return made


def rows(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"select count(*) from {table}")) or 0)


def test_an_answer_is_kept_with_its_proof_or_not_at_all(
    engine: Engine, ledger: SqlLedger, platforms: SqlPlatforms
) -> None:
    """A second proof under the key is not made; a proof that is refused keeps no answer."""
    ledger.add_proof(CLAIM, (), step=Step.JUDGE, once=ONCE)
    assert platforms.kept_answer("shop", "k1") == ONCE
    with pytest.raises(AlreadyAnswered):
        ledger.add_proof(replace(CLAIM, proof_id="p2"), (), step=Step.JUDGE, once=ONCE)
    other = replace(CLAIM, submitter_id="w2")
    with pytest.raises(ProofConflict):
        ledger.add_proof(other, (), step=Step.JUDGE, once=replace(ONCE, key="k2"))
    assert platforms.kept_answer("shop", "k2") is None
    assert rows(engine, "proofs") == rows(engine, "requests") == 1


def test_an_answer_is_forgotten_after_a_week(
    engine: Engine, ledger: SqlLedger, platforms: SqlPlatforms
) -> None:
    """The next request that keeps one clears what is old, of its platform alone."""
    ledger.add_proof(CLAIM, (), step=Step.JUDGE, once=ONCE)
    with engine.begin() as connection:
        old = (
            "'2026-01-01 00:00:00.000000'" if engine.dialect.name == "sqlite" else "now() - interval '8 days'"
        )
        connection.execute(text(f"update requests set created_at = {old}"))
    ledger.add_proof(replace(CLAIM, proof_id="p2"), (), step=Step.JUDGE, once=replace(ONCE, key="k2"))
    assert platforms.kept_answer("shop", "k1") is None
    assert platforms.kept_answer("shop", "k2") is not None


def test_the_same_claim_without_a_time_is_the_same_claim(ledger: SqlLedger, platforms: SqlPlatforms) -> None:
    """Our own clock is no part of what a platform says; its time, where it says one, is."""
    first, new = ledger.add_proof(replace(CLAIM, timed=False), (), step=Step.JUDGE)
    later = replace(CLAIM, timed=False, submitted_at=NOON + timedelta(minutes=1))
    assert new
    assert ledger.add_proof(later, (), step=Step.JUDGE) == (first, False)
    with pytest.raises(ProofConflict):
        ledger.add_proof(replace(later, timed=True), (), step=Step.JUDGE)


def test_a_strict_door_refuses_an_unknown_job_before_it_stores_anything(
    ledger: SqlLedger, platforms: SqlPlatforms
) -> None:
    """The store is not asked."""
    claim = replace(CLAIM, job_id="nobody", pictures=(b"\x89PNG\r\n\x1a\n",))
    with pytest.raises(JobUnknown):
        submit(claim, ledger=ledger, store=None, policy=Policy(), known_job=True)  # type: ignore[arg-type]


def test_a_key_opens_one_door_until_it_ends(platforms: SqlPlatforms) -> None:
    """A rotated key ends after the overlap, an older one is not given more time by a second rotation."""
    assert platforms.owner("a" * 64) == "shop"
    assert platforms.owner("b" * 64) is None
    platforms.rotate("shop", digest="b" * 64, overlap=timedelta(hours=1))
    assert platforms.owner("a" * 64) == platforms.owner("b" * 64) == "shop"
    platforms.rotate("shop", digest="c" * 64, overlap=timedelta(0))
    assert [platforms.owner(one * 64) for one in "abc"] == [None, None, "shop"]
    platforms.rotate("shop", digest="e" * 64, overlap=timedelta(hours=9))
    assert platforms.owner("b" * 64) is None


def test_a_platform_is_made_once(ledger: SqlLedger, platforms: SqlPlatforms) -> None:
    """Its key is not replaced by adding it again; one that commands made without a key gets its first."""
    with pytest.raises(UsageError, match="rotate"):
        platforms.add("shop", digest="f" * 64, secret="whsec_y", acknowledged_by=None)
    with pytest.raises(UsageError, match="does not exist"):
        platforms.rotate("nobody", digest="f" * 64, overlap=timedelta(0))
    ledger.declare_platform("local")
    platforms.add("local", digest="f" * 64, secret="whsec_y", acknowledged_by=None)
    known = {one.name: one for one in platforms.known()}
    assert (known["shop"].keys, known["shop"].policy_acknowledged_by) == (1, "ops@shop.example")
    assert (known["local"].keys, known["local"].targets) == (1, ())
