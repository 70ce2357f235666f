"""`SqlDead`: what operators ask of proofs that did not go through.

In: an engine. Out: `DeadProof`s, and a proof made fresh. Each method is one transaction; see `dead`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.ledger import dead, queries
from pipeline.ledger.transact import Transactions

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.ledger.dead import DeadProof
    from pipeline.ledger.queries import Attempt
    from pipeline.records import Proof


class SqlDead:
    """Proofs given up on; safe to share among threads, not across a fork."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def listed(self, *, platform: str | None = None, limit: int) -> tuple[DeadProof, ...]:
        """Return proofs given up on, the newest first."""
        return self._do.read(dead.listed, platform=platform, limit=limit)

    def named(self, platform: str, proof_id: str) -> DeadProof | None:
        """Return one of them by the platform's own id."""
        return self._do.read(dead.named, platform, proof_id)

    def attempts(self, proof: str) -> tuple[Attempt, ...]:
        """Return every attempt on the proof with this ULID, in order."""
        return self._do.read(queries.attempts_on, proof)

    def quarantined(self) -> int:
        """Return how many pictures nobody opens any more."""
        return self._do.read(dead.quarantined)

    def replay(self, platform: str, proof_id: str) -> Proof:
        """Have a dead proof done afresh under its own id; sweep rings for it.

        Raises:
            NotNow: There is no such dead proof, or a person's verdict stands.
        """
        return self._do.write(dead.replay, platform, proof_id)
