"""Waits until proofs are decided, ringing for those that nobody rang for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from actors.sweep import sweep
from pipeline.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.wiring import Services

POLL_S = 0.2
LONGEST_POLL_S = 1.0
LOOKED_UP_AT_EASE = 25
BATCH = 100


def until_decided(
    services: Services,
    platform: str,
    proof_ids: Sequence[str],
    *,
    sweeping: bool,
    advance: Callable[[int], None] = lambda _: None,
    unready: Callable[[], str | None] = lambda: None,
) -> None:
    """Return when each of the platform's proofs is decided; a batch that is, is asked about no more.

    Args:
        sweeping: Sweep from here, for want of a process that does.
        advance: Hears how many more proofs are decided.
        unready: Returns why nobody here can do the work, or None.

    Raises:
        NotReady: Nobody here can; the proofs wait.
    """
    pause_s = min(LONGEST_POLL_S, POLL_S * (1 + len(proof_ids) / LOOKED_UP_AT_EASE))
    open_batches = [proof_ids[start : start + BATCH] for start in range(0, len(proof_ids), BATCH)]
    undecided = len(proof_ids)
    while open_batches:
        if sweeping:
            sweep(services)
        left = [services.queries.undecided(platform, some) for some in open_batches]
        advance(undecided - sum(left))
        undecided = sum(left)
        open_batches = [some for some, count in zip(open_batches, left, strict=True) if count]
        if open_batches:
            why = unready()
            if why is not None:
                raise NotReady(why)
            time.sleep(pause_s)
