"""What a sweep does beside its bells: old pictures and words go. A batch a turn, and a rest when all is done.

In: the services and the time they keep things. Out: rows forgotten, objects deleted. Where it was stopped,
the next one goes on: what is done is marked in the ledger, and an object's row goes after the object.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from pipeline.errors import StoreRefused, TryLater

if TYPE_CHECKING:
    from pipeline.ledger.expiring import SqlRetention
    from pipeline.wiring import Services

log = structlog.get_logger(__name__)
PROOFS = (
    50  # a transaction; each costs some ten statements, and neither sweep nor judges should wait for long
)
OBJECTS = 100
REST_S = 60.0


class Upkeep:
    """Keeps the ledger in order, turn by turn; for one thread.

    What cannot go yet is passed by until the next round, so that it costs no turn twice.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._after = ""
        self._rest_until = 0.0

    def turn(self) -> bool:
        """Do one batch of each kind; False where there was nothing, or something is away."""
        parts = self._services.upkeep
        if parts is None or time.monotonic() < self._rest_until:
            return False
        try:
            worked = [self._forget(parts.retention), self._delete(parts.retention)]
        except (TryLater, StoreRefused) as error:
            log.warning("upkeep.later", error=str(error))
            worked = []
        if not any(worked):
            self._rest_until = time.monotonic() + REST_S
        return any(worked)

    def _forget(self, retention: SqlRetention) -> bool:
        kept = timedelta(days=self._services.settings.retention_days)
        found = retention.settled(after=self._after, before=datetime.now(UTC) - kept, limit=PROOFS)
        self._after = found[-1][0] if found else ""
        if found and (expired := retention.expire([proof for _, proof in found], kept=kept)):
            log.info("proofs.expired", count=expired)
        return bool(found)

    def _delete(self, retention: SqlRetention) -> bool:
        found = retention.doomed(limit=OBJECTS)
        for proof, key in found:
            self._services.store.delete(key)
            retention.gone(proof, key)
        return bool(found)
