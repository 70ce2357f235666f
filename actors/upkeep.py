"""What a sweep does beside its bells: verdicts are sealed, some drawn for audit, old pictures and words go.

In: the services and the time they keep things. Out: seals; decisions drawn for audit; rows and notices
forgotten, objects deleted; a batch a turn, and a rest when all is done. Where it was stopped, the next one
goes on: what is done is marked in the ledger, and an object's row goes after the object.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from pipeline.errors import StoreRefused, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.wiring import Services, UpkeepServices

log = structlog.get_logger(__name__)
PROOFS = 50  # a transaction of some ten statements each: neither sweep nor judges should wait long
OBJECTS = 100
SEALS = 500
NOTICES = 500
SEAL_REST_S = 5.0
REST_S = 60.0


class Upkeep:
    """Keeps the ledger in order, turn by turn; for one thread.

    What cannot go yet is passed by until the next round, so that it costs no turn twice.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._after = ""
        seldom = (self._forget, self._delete, self._forget_notices)
        chores = (
            (self._seal, SEAL_REST_S),
            (self._draw, SEAL_REST_S),
            *((chore, REST_S) for chore in seldom),
        )
        self._chores = [_Chore(run, rest_s=rest_s) for run, rest_s in chores]

    def turn(self) -> bool:
        """Do one batch of each chore; False where none has more to do, or something is away."""
        parts = self._services.upkeep
        return parts is not None and sum(chore.turn(parts) for chore in self._chores) > 0

    def _seal(self, parts: UpkeepServices) -> bool:
        sealed, head = parts.audit.seal(limit=SEALS)
        if sealed and head is not None:
            # The log is kept elsewhere: whoever rewrites the chain cannot rewrite this.
            log.info("verdicts.sealed", count=sealed, head=f"{head.number}:{head.digest}")
        return sealed >= SEALS

    def _draw(self, parts: UpkeepServices) -> bool:
        share = self._services.settings.audit_share
        if share == 0:
            return False
        drawn, more = parts.looks.draw(share=share, limit=SEALS)
        if drawn:
            log.info("audits.drawn", count=drawn)
        return more

    def _forget(self, parts: UpkeepServices) -> bool:
        kept = timedelta(days=self._services.settings.retention_days)
        found = parts.retention.settled(after=self._after, before=datetime.now(UTC) - kept, limit=PROOFS)
        self._after = found[-1][0] if found else ""
        if found and (expired := parts.retention.expire([proof for _, proof in found], kept=kept)):
            log.info("proofs.expired", count=expired)
        return bool(found)

    def _forget_notices(self, _parts: UpkeepServices) -> bool:
        """Forget a batch of notices that went out longer ago than things are kept."""
        before = datetime.now(UTC) - timedelta(days=self._services.settings.retention_days)
        gone = self._services.outbox.prune(before=before, limit=NOTICES)
        if gone:
            log.info("notices.forgotten", count=gone)
        return gone >= NOTICES

    def _delete(self, parts: UpkeepServices) -> bool:
        found = parts.retention.doomed(limit=OBJECTS)
        for proof, key in found:
            self._services.store.delete(key)
            parts.retention.gone(proof, key)
        return bool(found)


class _Chore:
    """One thing to do in batches, with a rest when nothing is left or something is away."""

    def __init__(self, run: Callable[[UpkeepServices], bool], *, rest_s: float) -> None:
        self._run = run
        self._rest_s = rest_s
        self._rest_until = 0.0

    def turn(self, parts: UpkeepServices) -> bool:
        """Do a batch unless it rests; return whether there may be more."""
        if time.monotonic() < self._rest_until:
            return False
        try:
            more = self._run(parts)
        except (TryLater, StoreRefused) as error:
            log.warning("upkeep.later", error=str(error))
            more = False
        if not more:
            self._rest_until = time.monotonic() + self._rest_s
        return more
