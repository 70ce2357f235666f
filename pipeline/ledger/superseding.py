"""A verdict that takes the place of another: what a person asked for or ruled.

In: a decided proof and the verdict that replaces its current one. Out: the new verdict with its number, the
proof due for publishing. It does not decide, and it waits for the old verdict's notices to be written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update
from ulid import ULID

from pipeline.errors import NotNow, NotYet
from pipeline.ledger.clock import now
from pipeline.ledger.door_tables import appeals
from pipeline.ledger.feeds import shown
from pipeline.ledger.intake import lock_platform
from pipeline.ledger.tables import proofs
from pipeline.ledger.verdicts import append
from pipeline.reasons import ReasonCode
from pipeline.records import Appeal, Outcome, Reason, Step

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipeline.records import RecordedVerdict, Verdict


def supersede(connection: Connection, current: RecordedVerdict, verdict: Verdict) -> RecordedVerdict:
    """Append `verdict` in the place of `current` and make its publishing due.

    The caller holds the platform's lock (`lock_platform`).

    Raises:
        NotYet: Another verdict stands by now, or the current one's notices are not written yet.
    """
    proof = current.proof
    stands = (proofs.c.id == proof.id) & (proofs.c.verdict == current.id) & (proofs.c.step == Step.DONE)
    stands &= proofs.c.expired_at.is_(None)
    recorded = append(connection, proof, verdict, supersedes=current.id)
    changed = update(proofs).where(stands)
    changed = changed.values(
        verdict=recorded.id, outcome=verdict.outcome, step=Step.PUBLISH, due_at=now(), rung_at=now()
    )
    if connection.execute(changed).rowcount == 0:
        raise NotYet("the verdict is on its way out right now; ask again in a second")
    return recorded


def appeal(connection: Connection, platform: str, proof_id: str, *, note: str | None) -> Appeal | None:
    """Hand a rejected proof to a person; None where the platform has no such proof.

    The reject stands in the history; what stands now is `manual`, with the reject's reasons beside it.

    Raises:
        NotNow: There is no reject to appeal against; the message says what there is.
    """
    lock_platform(connection, platform)
    found = shown(connection, platform, proof_id)
    if found is None:
        return None
    current = found.recorded
    if current is None:
        raise NotNow("the proof is not decided yet; appeal when it is rejected")
    standing = connection.scalar(select(appeals.c.verdict).where(appeals.c.verdict == current.supersedes))
    if standing is not None and current.verdict.outcome is Outcome.MANUAL:
        return Appeal(proof=found.proof, against=standing, new=False)
    if current.verdict.outcome is not Outcome.REJECT:
        raise NotNow(f"the verdict is {current.verdict.outcome.value}; only a reject can be appealed")
    if connection.scalar(select(proofs.c.expired_at).where(proofs.c.id == found.proof.id)) is not None:
        raise NotNow("its pictures are no longer kept, so nobody could look at them again")
    supersede(connection, current, _reopened(current.verdict))
    row = {"id": str(ULID()), "proof": found.proof.id, "verdict": current.id, "note": note}
    connection.execute(insert(appeals).values(**row, created_at=now()))
    return Appeal(proof=replace(found.proof, step=Step.PUBLISH), against=current.id, new=True)


def _reopened(verdict: Verdict) -> Verdict:
    asked = Reason(code=ReasonCode.APPEALED)
    return replace(verdict, outcome=Outcome.MANUAL, reasons=(asked, *verdict.reasons))
