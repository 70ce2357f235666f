"""Waits until proofs are decided, ringing for those that nobody rang for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from actors.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.wiring import Services

POLL_S = 0.2
LOOKED_UP_AT_EASE = 2_000


def until_decided(
    services: Services,
    platform: str,
    proof_ids: Sequence[str],
    *,
    sweeping: bool,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Return when each of the platform's proofs is decided.

    Args:
        sweeping: Sweep from here, for want of a process that does.
        advance: Hears how many more proofs are decided.
    """
    pause_s = POLL_S * (1 + len(proof_ids) / LOOKED_UP_AT_EASE)
    shown = 0
    while shown < len(proof_ids):
        if sweeping:
            sweep(services)
        done = len(proof_ids) - services.queries.undecided(platform, proof_ids)
        advance(done - shown)
        shown = done
        if shown < len(proof_ids):
            time.sleep(pause_s)
