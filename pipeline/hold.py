"""hold: a batch of rejects that wait is taken back before any of them goes out.

In: an `Outbox`, which rejects. Out: what is `manual` now, and what was too late, with why. It decides nothing
anew: a person will.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import NotNow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.outward import Outbox
    from pipeline.records import RecordedVerdict

ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What came of taking a batch back; `refused` says why, by the platform's own id."""

    done: tuple[RecordedVerdict, ...]
    refused: Mapping[str, str]


def held_ids(outbox: Outbox, platform: str, *, job: str | None, submitter: str | None) -> tuple[str, ...]:
    """Return the ids of the platform's rejects that can still be taken back."""
    found = outbox.held(platform=platform, job_id=job, submitter_id=submitter, limit=ALL)
    return tuple(one.proof_id for one in found)


def take_back(outbox: Outbox, platform: str, proofs: Iterable[str]) -> TakenBack:
    """Turn held rejects into manual, each by itself: what went out meanwhile holds up no other."""
    done: list[RecordedVerdict] = []
    refused: dict[str, str] = {}
    for one in proofs:
        try:
            done.append(outbox.take_back(platform, one))
        except NotNow as error:
            refused[one] = str(error)
    return TakenBack(done=tuple(done), refused=refused)
