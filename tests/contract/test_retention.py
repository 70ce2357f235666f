"""What was decided long ago expires: pictures and words go, verdicts and digests stay, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, Table, func, insert, select, update

from pipeline.errors import NotNow
from pipeline.ledger import SqlLedger
from pipeline.ledger.door_tables import appeals
from pipeline.ledger.expiring import SqlRetention
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.ledger.rehashing import SqlRehashing
from pipeline.ledger.tables import chunks, fingerprints, notices, pictures, proofs, readings, words
from pipeline.reasons import ReasonCode
from pipeline.records import (
    CheckResult,
    Notice,
    NoticeState,
    Outcome,
    Proof,
    Reading,
    Reason,
    Status,
    Step,
    Verdict,
)
from tests.ledger_cases import (
    LEASE,
    PLATFORM,
    READING,
    add,
    candidates,
    fingerprint,
    fingerprinted,
    judged,
    loaded,
    take,
)

PAGE = 0x0123_4567_89AB_CDEF
WORDS = tuple(range(40))
NO_TIME = timedelta(0)
CANARY = "canary-of-the-page"
DETAILS = (("expected", "Nodi Tech"), ("found", CANARY))
REJECT = Verdict(
    outcome=Outcome.REJECT,
    reasons=(Reason(code=ReasonCode.TARGET_MISSING, details=DETAILS),),
    checks=(CheckResult(check="text", expected="Nodi Tech", status=Status.FAIL, found=CANARY),),
)


@pytest.fixture
def retention(engine: Engine) -> SqlRetention:
    return SqlRetention(engine)


def decided(
    ledger: SqlLedger,
    name: str,
    said: Verdict = REJECT,
    *,
    minutes: float = 0,
    told: tuple[Notice, ...] = (),
    page: int = PAGE,
) -> Proof:
    """Add a proof that was fingerprinted, read, judged and published."""
    proof = add(ledger, name, minutes=minutes, submitter=name)
    fingerprinted(ledger, proof, fingerprint(name, page=page, words=WORDS), then=Step.READ)
    ledger.finish_read(take(ledger, proof, Step.READ), [Reading(**READING)], then=Step.JUDGE)
    judged(ledger, proof, said)
    ledger.finish_publish(take(ledger, proof, Step.PUBLISH), told, then=Step.DONE)
    return proof


def expire(retention: SqlRetention, *, kept: timedelta = NO_TIME) -> int:
    """Forget whatever is older than `kept`, in batches of two."""
    after, gone = "", 0
    soon = datetime.now(UTC) + timedelta(minutes=1)
    while found := retention.settled(after=after, before=soon, limit=2):
        gone += retention.expire([proof for _, proof in found], kept=kept)
        after = found[-1][0]
    return gone


def rows(engine: Engine, table: Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def texts(engine: Engine) -> str:
    """Return every value of the tables that hold words, as one text."""
    with engine.connect() as connection:
        tables = (proofs, notices, readings, *(proofs.metadata.tables[name] for name in ("verdicts",)))
        return " ".join(str(row) for table in tables for row in connection.execute(select(table)))


def test_pictures_and_words_go_and_the_verdict_stays(
    ledger: SqlLedger, engine: Engine, retention: SqlRetention
) -> None:
    """No answer, reading, read word, sketch or key is left; outcome, codes, digests and submitter are."""
    proof = decided(ledger, "a")
    with engine.begin() as connection:
        connection.execute(update(proofs).values(answer=CANARY))
    before = ledger.verdict(proof.id)
    assert CANARY in texts(engine)
    assert expire(retention) == 1
    assert CANARY not in texts(engine)
    assert (rows(engine, readings), rows(engine, chunks), rows(engine, words)) == (0, 0, 0)
    after, kept = ledger.verdict(proof.id), loaded(ledger, proof)
    assert before is not None
    assert after is not None
    assert (after.id, after.sequence, after.decided_at) == (before.id, before.sequence, before.decided_at)
    assert after.verdict.outcome is Outcome.REJECT
    assert after.verdict.reasons == (Reason(code=ReasonCode.TARGET_MISSING, details=DETAILS[:1]),)
    assert [one.status for one in after.verdict.checks] == [Status.FAIL]
    assert (kept.submitter_id, kept.answer, kept.pictures[0].key) == ("a", None, None)
    assert kept.pictures[0].sha256 == proof.pictures[0].sha256
    assert expire(retention) == 0


def test_nothing_young_goes(ledger: SqlLedger, retention: SqlRetention) -> None:
    """The database's own clock says how old a verdict is, whatever the caller's says."""
    decided(ledger, "a")
    assert expire(retention, kept=timedelta(days=1)) == 0
    assert expire(retention) == 1


@pytest.mark.parametrize("state", [NoticeState.WAITING, NoticeState.FAILED])
def test_what_the_platform_was_not_told_stays(
    ledger: SqlLedger, engine: Engine, retention: SqlRetention, state: NoticeState
) -> None:
    """A notice that waits, is held or failed keeps its proof; once it went out the proof goes."""
    held = datetime.now(UTC) + timedelta(hours=1)
    proof = decided(ledger, "a", told=(Notice(target="webhook", body="{}", due_at=held),))
    with engine.begin() as connection:
        connection.execute(update(notices).values(state=state))
    assert expire(retention) == 0
    assert loaded(ledger, proof).pictures[0].key is not None
    with engine.begin() as connection:
        connection.execute(update(notices).values(state=NoticeState.DELIVERED))
    assert expire(retention) == 1


def test_what_waits_for_a_person_or_is_appealed_stays(
    ledger: SqlLedger, engine: Engine, retention: SqlRetention
) -> None:
    """Manual is open until somebody rules; an appeal makes it so again."""
    decided(ledger, "open", Verdict(outcome=Outcome.MANUAL))
    decided(ledger, "appealed", page=~PAGE)
    assert SqlPlatforms(engine).appeal(PLATFORM, "appealed", note="look again")
    assert expire(retention) == 0


def test_an_expired_reject_cannot_be_appealed(
    ledger: SqlLedger, engine: Engine, retention: SqlRetention
) -> None:
    """Nobody could look at it; the answer says so, and nothing is written."""
    proof = decided(ledger, "a")
    assert expire(retention) == 1
    with pytest.raises(NotNow, match="no longer kept"):
        SqlPlatforms(engine).appeal(PLATFORM, "a", note=None)
    assert rows(engine, appeals) == 0
    assert loaded(ledger, proof).step is Step.DONE


def test_a_worked_on_proof_stays(ledger: SqlLedger, retention: SqlRetention) -> None:
    """A proof that is decided and not yet published is in somebody's hands."""
    proof = add(ledger, "a")
    fingerprinted(ledger, proof, fingerprint("a", page=PAGE))
    judged(ledger, proof)
    assert expire(retention) == 0
    assert ledger.claim(proof.id, Step.PUBLISH, worker="w", lease=LEASE, strikes=3)
    assert expire(retention) == 0


def test_an_exact_copy_of_an_expired_picture_is_still_found(
    ledger: SqlLedger, engine: Engine, retention: SqlRetention
) -> None:
    """Equal bytes and pixels name it; a look-alike does not, so no comparison wants for its sketch."""
    decided(ledger, "old")
    same, alike = add(ledger, "same", minutes=1), add(ledger, "alike", minutes=2)
    fingerprinted(ledger, same, fingerprint("old", page=PAGE, words=WORDS))
    fingerprinted(ledger, alike, fingerprint("other", page=PAGE ^ 1, words=WORDS))
    assert set(candidates(ledger, alike)) == {"old", "same"}
    assert expire(retention) == 1
    found = candidates(ledger, same)["old"]
    assert (found.exact, found.sketch_key, found.outcome) == (True, None, Outcome.REJECT)
    assert set(candidates(ledger, alike)) == {"same"}
    assert SqlRehashing(engine, version="v9").left() == 2


def test_objects_go_after_a_grace_and_only_when_nobody_shares_them(
    ledger: SqlLedger, engine: Engine, retention: SqlRetention
) -> None:
    """A judge may just have found a key; another proof of the same file keeps its picture."""
    proof, other = decided(ledger, "a"), decided(ledger, "b", page=~PAGE)
    key = loaded(ledger, proof).pictures[0].key
    with engine.begin() as connection:
        connection.execute(
            update(fingerprints).where(fingerprints.c.proof == other.id).values(sketch_key="s2")
        )
    assert retention.expire([proof.id], kept=NO_TIME) == 1
    assert retention.doomed(limit=9) == ()
    assert set(retention.doomed(grace=NO_TIME, limit=9)) == {(proof.id, key), (proof.id, "sketch-key")}
    with engine.begin() as connection:
        connection.execute(update(pictures).where(pictures.c.proof == other.id).values(key=key))
    assert retention.doomed(grace=NO_TIME, limit=9) == ((proof.id, "sketch-key"),)
    retention.gone(proof.id, "sketch-key")
    assert retention.doomed(grace=NO_TIME, limit=9) == ()


def test_the_note_of_a_settled_appeal_goes(
    ledger: SqlLedger, engine: Engine, retention: SqlRetention
) -> None:
    """The person's own words to the moderator are words too."""
    proof = decided(ledger, "a")
    recorded = ledger.verdict(proof.id)
    assert recorded is not None
    row = {"id": "0" * 26, "proof": proof.id, "verdict": recorded.id, "note": CANARY}
    with engine.begin() as connection:
        connection.execute(insert(appeals).values(**row, created_at=datetime.now(UTC)))
    assert expire(retention) == 1
    with engine.connect() as connection:
        assert connection.scalars(select(appeals.c.note)).all() == [None]
