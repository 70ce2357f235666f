"""Short ways to what moderators need: people, proofs left to them, rulings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.reasons import ReasonCode
from pipeline.records import Decision, Outcome, Role, Ruling, Step
from tests.ledger_cases import add, judged, take, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.ledger import SqlLedger, SqlReviews
    from pipeline.records import Moderator, Notice, Proof, Verdict

MINUTES = timedelta(minutes=10)
ACCEPTED = Ruling(decision=Decision.ACCEPT, code=ReasonCode.RULED_ACCEPTED)
REJECTED = Ruling(decision=Decision.REJECT, code=ReasonCode.RULED_REJECTED)
DOUBTED = verdict(Outcome.MANUAL, ReasonCode.UNCLEAR)


def moderator(reviews: SqlReviews, name: str, *, platform: str | None = None) -> Moderator:
    return reviews.add(f"{name}@example.com", password="x", role=Role.MODERATOR, platform=platform)


def left(
    ledger: SqlLedger,
    proof_id: str,
    *,
    said: Verdict = DOUBTED,
    notices: Sequence[Notice] = (),
    **who: str,
) -> Proof:
    """Add a proof that was judged, published and left to people."""
    proof = add(ledger, proof_id, step=Step.JUDGE, **who)  # type: ignore[arg-type]
    judged(ledger, proof, said)
    publish(ledger, proof, *notices)
    return proof


def publish(ledger: SqlLedger, proof: Proof, *notices: Notice) -> None:
    ledger.finish_publish(take(ledger, proof, Step.PUBLISH), notices, then=Step.DONE)


def current(ledger: SqlLedger, proof: Proof) -> str:
    """Return the id of the verdict that stands."""
    found = ledger.verdict(proof.id)
    assert found is not None
    return found.id
