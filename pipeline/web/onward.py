"""From one case to the next: the queue's neighbour, and what is mixed in between.

In: a moderator and where they stand. Out: the next case, claimed for them. What they have open beside it is
kept, everything else given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.errors import NotNow
from pipeline.records import LookKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.records import Case, Moderator, QueueFilter
    from pipeline.web.front import Front

LEASE = timedelta(minutes=10)
LOOKED_AT = 20
SECOND_LOOK_EVERY = 1 / 3  # steps through the queue, while any waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a moderator stands.

    Attributes:
        wanted: The part of the queue that they look at.
        of: The proof at which they are, or after which `look` was mixed in.
        look: What they have open instead of a proof of the queue; empty for none.
    """

    wanted: QueueFilter
    of: str
    look: str


def release(front: Front, who: Moderator, *, proofs: Sequence[str] = (), looks: Sequence[str] = ()) -> None:
    """Give back what the moderator has open, but for these proofs and looks."""
    front.reviews.release(who, kept=proofs)
    front.looks.release(who, kept=looks)


def opened(front: Front, who: Moderator, proof: str, here: Place | None = None) -> Case | None:
    """Claim a proof, and keep what is open where the moderator stands.

    Raises:
        NotNow: Another moderator has it open, or it waits for nobody.
    """
    case = front.reviews.open(who, proof, lease=LEASE)
    beside = (here.of, here.look) if here else ("", "")
    release(front, who, proofs=(proof, beside[0]), looks=beside[1:])
    return case


def before(front: Front, who: Moderator, here: Place) -> Case | None:
    """Claim the proof before; None at the queue's beginning."""
    return _neighbour(front, who, here, forward=False)


def after(front: Front, who: Moderator, here: Place) -> Case | None:
    """Take what follows: mostly the next proof, now and then a look; None where nothing is left."""
    share = front.services.settings.known_share
    case = _known(front, who, here) if share and front.roll() < share else None
    if case is None and front.roll() < SECOND_LOOK_EVERY:
        case = _second(front, who, here)
    return case or _neighbour(front, who, here, forward=True) or _second(front, who, here)


def _known(front: Front, who: Moderator, here: Place) -> Case | None:
    if here.wanted.code is not None:
        return None
    look = front.looks.known(who, wanted=here.wanted, lease=LEASE, but=here.look)
    return _mixed_in(front, who, here, look)


def _second(front: Front, who: Moderator, here: Place) -> Case | None:
    if here.wanted.code is not None:
        return None
    look = front.looks.following(who, [LookKind.SECOND], wanted=here.wanted, but=here.look)
    return _mixed_in(front, who, here, look)


def _mixed_in(front: Front, who: Moderator, here: Place, look: str | None) -> Case | None:
    try:
        case = front.looks.open(who, look, lease=LEASE) if look else None
    except NotNow:  # another moderator was quicker
        return None
    if case is not None:
        release(front, who, proofs=(here.of,), looks=(here.look, look or ""))
    return case


def _neighbour(front: Front, who: Moderator, here: Place, *, forward: bool) -> Case | None:
    beside: str | None = here.of
    for _ in range(LOOKED_AT):
        beside = front.reviews.neighbour(who, here.wanted, of=beside or "", forward=forward)
        if beside is None:
            return None
        try:
            return opened(front, who, beside, here)
        except NotNow:  # another moderator was quicker
            continue
    return None
