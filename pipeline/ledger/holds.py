"""Rejects whose notices wait, and taking them back before they go out.

In: a platform, which rejects. Out: `HeldReject`s; a reject superseded by manual, its notices withdrawn. What
has begun to go out is not taken back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from pipeline.codec import decode
from pipeline.errors import NotNow
from pipeline.ledger.clock import now
from pipeline.ledger.feeds import shown
from pipeline.ledger.intake import lock_platform
from pipeline.ledger.superseding import supersede
from pipeline.ledger.tables import UNSENT, notices, proofs, verdicts
from pipeline.reasons import ReasonCode
from pipeline.records import HeldReject, NoticeState, Outcome, Reason, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipeline.records import RecordedVerdict

_UNTOUCHED = UNSENT & (notices.c.attempts == 0) & notices.c.lease.is_(None)


def held(
    connection: Connection,
    *,
    platform: str | None,
    job_id: str | None,
    submitter_id: str | None,
    limit: int,
) -> tuple[HeldReject, ...]:
    """Return rejects of which no notice went out and one is not due yet, the soonest due first."""
    until = func.min(notices.c.due_at).label("until")
    query = (
        select(proofs, verdicts.c.body, verdicts.c.decided_at, until)
        .select_from(notices.join(verdicts, verdicts.c.id == notices.c.verdict))
        .join(proofs, proofs.c.verdict == verdicts.c.id)
        .where(_UNTOUCHED, notices.c.due_at > now(), verdicts.c.outcome == Outcome.REJECT)
        .group_by(proofs.c.id, verdicts.c.id)
        .order_by(until, proofs.c.id)
        .limit(limit)
    )
    narrowed = {"platform": platform, "job_id": job_id, "submitter_id": submitter_id}
    for name, wanted in narrowed.items():
        if wanted is not None:
            query = query.where(proofs.c[name] == wanted)
    return tuple(
        HeldReject(
            platform=row.platform,
            proof_id=row.proof_id,
            job_id=row.job_id,
            submitter_id=row.submitter_id,
            codes=tuple(reason.code for reason in decode(Verdict, row.body).reasons),
            decided_at=row.decided_at,
            until=row.until,
        )
        for row in connection.execute(query)
    )


def take_back(connection: Connection, platform: str, proof_id: str) -> RecordedVerdict:
    """Withdraw a held reject: `manual` takes its place, with its reasons and one that says so.

    Raises:
        NotNow: There is no such reject, or a notice of it is on its way or out.
    """
    lock_platform(connection, platform)
    found = shown(connection, platform, proof_id)
    current = found.recorded if found else None
    if current is None or current.verdict.outcome is not Outcome.REJECT:
        raise NotNow(f"{proof_id} is not rejected; `praman hold list` names what can be taken back")
    ours = notices.c.verdict == current.id
    withdrawn = update(notices).where(ours, _UNTOUCHED, notices.c.due_at > now())
    count = connection.execute(withdrawn.values(state=NoticeState.TAKEN_BACK)).rowcount
    written = connection.scalar(select(func.count()).select_from(notices).where(ours))
    if count == 0 or count != written:
        raise NotNow(f"the reject of {proof_id} is not held, or is on its way; appeal or rule on it instead")
    reasons = (*current.verdict.reasons, Reason(code=ReasonCode.TAKEN_BACK))
    return supersede(connection, current, replace(current.verdict, outcome=Outcome.MANUAL, reasons=reasons))
