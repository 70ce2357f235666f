"""`SqlLooks`: decisions looked at once more, method by method.

In: an engine from `make_engine`, on a database at its schema. Out: cases, answers, what they measure. Each
method is one transaction; what it does stands in the module it calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.ledger import checking, drawing, looks, measuring
from pipeline.ledger.transact import Transactions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Engine

    from pipeline.records import (
        Case,
        LookKind,
        Moderator,
        Quality,
        QueueFilter,
        RecordedVerdict,
        Ruling,
        Undoable,
    )


class SqlLooks:
    """Looks in a database; safe to share among threads, not across a fork. All may raise TryLater."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def draw(self, *, share: float, limit: int) -> tuple[int, bool]:
        """Draw automatic decisions for audit; return how many were drawn, and whether more verdicts wait."""
        return self._do.write(drawing.draw, share=share, limit=limit)

    def waiting(self, who: Moderator) -> int:
        """Return how many looks the moderator could take."""
        return self._do.read(looks.waiting, who)

    def following(
        self, who: Moderator, kinds: Sequence[LookKind], *, wanted: QueueFilter, but: str = ""
    ) -> str | None:
        """Return the oldest look of these kinds that the moderator may take, but for one."""
        return self._do.read(looks.following, who, kinds, wanted=wanted, but=but)

    def known(self, who: Moderator, *, wanted: QueueFilter, lease: timedelta, but: str = "") -> str | None:
        """Return a look at a proof whose answer is known and which is new to the moderator."""
        return self._do.write(looks.known, who, wanted=wanted, lease=lease, but=but)

    def open(self, who: Moderator, look: str, *, lease: timedelta) -> Case | None:
        """Take a look and return its case; None where there is no such look.

        Raises:
            NotNow: Another moderator has it, or it waits for nobody.
        """
        return self._do.write(looks.open_look, who, look, lease=lease)

    def answer(self, who: Moderator, look: str, *, ruling: Ruling) -> str:
        """Keep what a moderator decides on a look; return the platform's own id of its proof.

        Raises:
            NotNow: It is answered, out of date, or open with somebody else.
            UsageError: The reason does not go with the decision.
        """
        return self._do.write(looks.answer, who, look, ruling=ruling)

    def undoable(self, who: Moderator, *, window: timedelta) -> Undoable | None:
        """Return the moderator's newest answer while it can be taken back."""
        return self._do.read(looks.undoable, who, window=window)

    def take_back(self, who: Moderator, *, window: timedelta) -> Undoable:
        """Forget the moderator's newest answer.

        Raises:
            NotNow: There is none within the window.
        """
        return self._do.write(looks.take_back, who, window=window)

    def release(self, who: Moderator, *, kept: Sequence[str] = ()) -> None:
        """Give back what the moderator has open, but for `kept`."""
        self._do.write(looks.release, who, kept)

    def renew(self, who: Moderator, kept: Sequence[str], *, lease: timedelta) -> list[str]:
        """Keep these looks for another lease; return those that nobody else has."""
        return self._do.write(looks.renew, who, kept, lease=lease)

    def quality(self, who: Moderator, *, since: datetime) -> Quality:
        """Return what looks answered since then say, on the moderator's platforms."""
        return self._do.read(measuring.quality, who, since=since)

    def know(self, who: Moderator, proof: str) -> None:
        """Take the ruling that stands on a proof for its known answer.

        Raises:
            NotNow: No person's ruling stands on it, or its pictures are gone.
        """
        self._do.write(checking.know, who, proof)

    def forget(self, who: Moderator, proof: str) -> None:
        """Mix the proof into queues no more."""
        self._do.write(checking.forget, who, proof)

    def is_known(self, proof: str) -> bool:
        """Tell whether the proof's answer is known."""
        return self._do.read(checking.is_known, proof)

    def reopen(self, who: Moderator, look: str) -> RecordedVerdict:
        """Leave the proof of a look to people again.

        Raises:
            NotNow: Nobody answered the look, or another verdict stands by now.
            NotYet: The verdict's notices are being written right now.
        """
        return self._do.write(checking.reopen, who, look)
