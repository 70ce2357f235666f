"""Whoever edits, removes or puts in a verdict or a ruling is found, at its place, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from pipeline.ledger import SqlLedger, SqlPlatforms, SqlReviews
from pipeline.ledger.auditing import SqlAudit
from pipeline.ledger.expiring import SqlRetention
from pipeline.ledger.sealing import Head
from pipeline.reasons import ReasonCode
from pipeline.records import Outcome
from tests.ledger_cases import PLATFORM, verdict
from tests.review_cases import ACCEPTED, REJECTED, current, left, moderator, publish

WINDOW = timedelta(minutes=1)


@pytest.fixture
def audit(engine: Engine) -> SqlAudit:
    return SqlAudit(engine)


@pytest.fixture
def chain(ledger: SqlLedger, engine: Engine, audit: SqlAudit) -> Head:
    """Five sealed verdicts: two of the machine that stand, one that a person overruled, and one undone."""
    reviews = SqlReviews(engine)
    ann = moderator(reviews, "ann")
    left(ledger, "a", said=verdict(Outcome.REJECT, ReasonCode.TARGET_MISSING))
    proof = left(ledger, "b")
    reviews.rule(ann, proof.id, ruling=REJECTED, against=current(ledger, proof))
    publish(ledger, proof)
    other = left(ledger, "c")
    reviews.rule(ann, other.id, ruling=ACCEPTED, against=current(ledger, other))
    sealed, head = audit.seal(limit=99)
    assert (sealed, audit.unsealed()) == (5, 0)
    assert head is not None
    return head


def tampered(audit: SqlAudit, noted: Head | None = None) -> list[tuple[int | None, str]]:
    return [(one.sequence, one.what) for one in audit.verify(noted=noted).tampered]


def do(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_an_honest_chain_verifies(chain: Head, audit: SqlAudit) -> None:
    """Nothing was touched, so nothing is told; the head is the newest seal."""
    found = audit.verify(noted=chain)
    assert (found.sealed, found.unsealed, found.tampered) == (5, 0, ())
    assert found.head == chain


def test_batches_seal_what_is_new_in_order(ledger: SqlLedger, audit: SqlAudit) -> None:
    """Each batch goes on where the last one ended; what is not sealed yet is counted and no fault."""
    for name in "abcd":
        left(ledger, name)
    assert audit.seal(limit=3)[0] == 3
    assert (audit.verify().unsealed, audit.verify().tampered) == (1, ())
    assert [audit.seal(limit=3)[0] for _ in range(2)] == [1, 0]
    assert audit.verify().sealed == 4


def test_many_may_seal_at_once(ledger: SqlLedger, audit: SqlAudit) -> None:
    """Each verdict gets one seal, and the chain has one end."""
    for name in "abcdef":
        left(ledger, name)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: audit.seal(limit=2), range(8)))
    while audit.seal(limit=2)[0]:
        pass
    assert (audit.verify().sealed, audit.verify().tampered) == (6, ())


@pytest.mark.parametrize(
    ("statement", "place", "what"),
    [
        ("UPDATE verdicts SET outcome = 'accept' WHERE sequence = 1", 1, "the verdict was edited"),
        (
            "UPDATE verdicts SET body = replace(body, 'target_missing', 'state_missing') WHERE sequence = 1",
            1,
            "the verdict was edited",
        ),
        ("UPDATE verdicts SET body = 'nonsense' WHERE sequence = 2", 2, "the verdict was edited"),
        ("UPDATE verdicts SET root_proof_id = 'x' WHERE sequence = 2", 2, "the verdict's words were edited"),
        ("UPDATE verdicts SET took_ms = took_ms + 1 WHERE sequence = 4", 4, "the verdict was edited"),
        ("UPDATE rulings SET decision = 'other' WHERE decision = 'accept'", 5, "the ruling was edited"),
        ("DELETE FROM rulings WHERE decision = 'accept'", 5, "the ruling was removed"),
        ("UPDATE seals SET decision = words WHERE number = 3", 3, "the seal was edited"),
    ],
)
def test_an_edit_is_found_at_its_place(
    chain: Head, engine: Engine, audit: SqlAudit, statement: str, place: int, what: str
) -> None:
    """Outcome, reasons, words, times, rulings and the seals themselves."""
    assert tampered(audit, chain) == []
    do(engine, statement)
    assert (place, what) in tampered(audit)


def test_a_ruling_put_in_is_found(chain: Head, engine: Engine, audit: SqlAudit) -> None:
    """Nobody can be made to have ruled what the machine decided."""
    do(
        engine,
        "INSERT INTO rulings (verdict, proof, against, moderator, decision, ruled_at) "
        "SELECT v.id, v.proof, v.id, m.id, 'accept', v.decided_at FROM verdicts v, moderators m "
        "WHERE v.sequence = 1",
    )
    assert tampered(audit) == [(1, "a ruling was put in")]


def test_a_removed_verdict_is_found(chain: Head, engine: Engine, audit: SqlAudit) -> None:
    """Its seal names it, and the feed counts one too few; with its seal gone, the chain has a hole."""
    do(engine, "UPDATE proofs SET verdict = NULL WHERE proof_id = 'a'")
    do(engine, "DELETE FROM notices", "DELETE FROM verdicts WHERE sequence = 1")
    short = "5 verdicts were numbered, 4 are there"
    assert tampered(audit) == [(1, "the verdict was removed"), (None, short)]
    do(engine, "DELETE FROM seals WHERE number = 1")
    assert tampered(audit) == [(None, "seals 1 to 1 were removed"), (None, short)]


def test_a_chain_that_was_written_anew_misses_the_noted_head(
    chain: Head, engine: Engine, audit: SqlAudit
) -> None:
    """Who edits a verdict and seals all again is caught by a head noted elsewhere, and by no more."""
    do(engine, "UPDATE verdicts SET outcome = 'accept' WHERE sequence = 1", "DELETE FROM seals")
    assert tampered(audit, chain) == [(None, "the chain ends before the noted seal")]
    audit.seal(limit=99)
    assert tampered(audit) == []
    assert tampered(audit, chain) == [(5, "the chain was written anew since its head was noted")]


def test_undoing_a_ruling_is_no_tampering(ledger: SqlLedger, engine: Engine, audit: SqlAudit) -> None:
    """A sealed ruling that is taken back in time stays as it was; what takes its place is sealed too."""
    reviews = SqlReviews(engine)
    ann, proof = moderator(reviews, "ann"), left(ledger, "a")
    reviews.rule(ann, proof.id, ruling=ACCEPTED, against=current(ledger, proof))
    audit.seal(limit=99)
    reviews.undo(ann, window=WINDOW)
    audit.seal(limit=99)
    assert (audit.verify().sealed, audit.verify().tampered) == (3, ())


def test_erasing_and_expiring_leave_a_chain_that_verifies(
    chain: Head, engine: Engine, audit: SqlAudit
) -> None:
    """Words may go; what was decided may not be edited under their cover."""
    assert SqlPlatforms(engine).erase(PLATFORM, "a")
    retention = SqlRetention(engine)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    settled = [proof for _, proof in retention.settled(after="", before=soon, limit=9)]
    assert retention.expire(settled, kept=timedelta(0)) == 1
    assert tampered(audit, chain) == []
    do(engine, "UPDATE verdicts SET outcome = 'accept' WHERE sequence = 1")
    do(engine, "UPDATE rulings SET decision = 'other' WHERE decision = 'reject'")
    assert tampered(audit) == [(1, "the verdict was edited"), (3, "the ruling was edited")]
