"""`SqlReviews`: what the console asks of the ledger, method by method.

In: an engine from `make_engine`, on a database at its schema. Out: records of what the moderator may see, and
nothing else. Each method is one transaction; what it does stands in the module it calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from pipeline.errors import NotNow
from pipeline.ledger import cases, decisions, moderators, queue, rulings, together
from pipeline.ledger.clock import now
from pipeline.ledger.rows import current_verdict, load_proof
from pipeline.ledger.transact import Transactions
from pipeline.records import Case, Outcome, QueueFilter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from sqlalchemy import Connection, Engine

    from pipeline.records import (
        Decided,
        Event,
        Moderator,
        Proof,
        QueueCount,
        QueueItem,
        RecordedVerdict,
        Role,
        Ruling,
        Together,
        Undoable,
    )


class SqlReviews:
    """Reviews in a database; safe to share among threads, not across a fork. All may raise TryLater."""

    def __init__(self, engine: Engine, *, second: float = 0.0) -> None:
        """Take the share of rulings that another moderator looks at, too."""
        self._do = Transactions(engine)
        self._second = second

    def add(self, email: str, *, password: str, role: Role, platform: str | None) -> Moderator:
        """Make a moderator with the hash of a password.

        Raises:
            UsageError: There is one of that email, or no such platform.
        """
        return self._do.write(moderators.add, email, password=password, role=role, platform=platform)

    def known(self, email: str) -> tuple[Moderator, str] | None:
        """Return the moderator of that email, and the hash of their password."""
        return self._do.read(moderators.known, email)

    def listed(self) -> tuple[Moderator, ...]:
        """Return every moderator, by email."""
        return self._do.read(moderators.listed)

    def rehash(self, moderator: str, password: str) -> None:
        """Keep another hash of the same password."""
        self._do.write(moderators.rehash, moderator, password)

    def sign_in(self, moderator: str, digest: str, *, lasts: timedelta) -> None:
        """Open a session whose cookie has this digest."""
        self._do.write(moderators.sign_in, moderator, digest, lasts=lasts)

    def signed_in(self, digest: str) -> Moderator | None:
        """Return whose session has this digest; None where it ended."""
        return self._do.read(moderators.signed_in, digest)

    def sign_out(self, moderator: str, digest: str) -> None:
        """End a session and give back what its moderator has open."""
        self._do.write(moderators.sign_out, moderator, digest)

    def has_read(self, who: Moderator, kind: str) -> bool:
        """Tell whether the moderator has read the notice of a kind's policy."""
        return self._do.read(moderators.has_read, who.id, kind)

    def note_read(self, who: Moderator, kind: str) -> None:
        """Note that the moderator has read the notice of a kind's policy."""
        self._do.write(moderators.note_read, who.id, kind)

    def history(self, who: Moderator, proof: str) -> tuple[Event, ...] | None:
        """Return every verdict of a proof, decided or not; None where the moderator has no such proof."""
        return self._do.read(_history, who, proof)

    def page(self, who: Moderator, wanted: QueueFilter, *, skip: int, limit: int) -> tuple[QueueItem, ...]:
        """Return a part of what waits, most urgent first."""
        return self._do.read(queue.page, who, wanted, skip=skip, limit=limit)

    def count(self, who: Moderator, wanted: QueueFilter) -> QueueCount:
        """Return how much waits, and the deadline that comes first."""
        return self._do.read(queue.count, who, wanted)

    def choices(self, who: Moderator, *, limit: int) -> dict[str, tuple[str, ...]]:
        """Return which platforms and jobs have something waiting."""
        return self._do.read(queue.choices, who, limit=limit)

    def neighbour(self, who: Moderator, wanted: QueueFilter, *, of: str, forward: bool) -> str | None:
        """Return the proof after or before `of` that nobody else has open."""
        return self._do.read(queue.neighbour, who, wanted, of=of, forward=forward)

    def open(self, who: Moderator, proof: str, *, lease: timedelta) -> Case | None:
        """Claim a proof and return all about it; None where the moderator has no such proof.

        Raises:
            NotNow: Another moderator has it open, or it waits for nobody.
        """
        return self._do.write(_open, who, proof, lease=lease)

    def seen(self, who: Moderator, proof: str) -> Proof | None:
        """Return a proof whose pictures the moderator may see."""
        return self._do.read(_seen, who, proof)

    def renew(self, who: Moderator, kept: Sequence[str], *, lease: timedelta) -> list[str]:
        """Keep these proofs for another lease; return those that nobody else has."""
        return self._do.write(queue.renew, who, kept, lease=lease)

    def release(self, who: Moderator, *, kept: Sequence[str] = ()) -> None:
        """Give back what the moderator has open, but for `kept`."""
        self._do.write(queue.release, who, kept)

    def rule(self, who: Moderator, proof: str, *, ruling: Ruling, against: str) -> RecordedVerdict:
        """Decide a proof whose current verdict is `against`.

        Raises:
            NotNow: It was decided meanwhile, or another moderator has it open.
            NotYet: Its verdict is on its way out right now.
            UsageError: The reason does not go with the decision.
        """
        return self._do.write(rulings.rule, who, proof, ruling=ruling, against=against, second=self._second)

    def rule_together(self, who: Moderator, against: Mapping[str, str], *, ruling: Ruling) -> Together:
        """Decide all of these proofs that can be decided, each against the verdict named.

        Raises:
            UsageError: The reason does not go with the decision.
        """
        return self._do.write(together.rule_together, who, against, ruling=ruling, second=self._second)

    def undo(self, who: Moderator, *, window: timedelta) -> tuple[RecordedVerdict, ...]:
        """Take the moderator's newest ruling back, with those made together with it; all or none.

        Raises:
            NotNow: There is none within the window, or the platform was told.
            NotYet: Its notices are being written right now.
        """
        return self._do.write(together.undo_together, who, window=window)

    def decided(self, who: Moderator, *, after: str, limit: int) -> tuple[Decided, ...]:
        """Return rulings on the moderator's platforms, the oldest first, after one's verdict."""
        return self._do.read(decisions.decided, who, after=after, limit=limit)

    def undoable(self, who: Moderator, *, window: timedelta) -> Undoable | None:
        """Return the moderator's newest ruling while it can be undone."""
        return self._do.read(rulings.undoable, who, window=window)


def _open(connection: Connection, who: Moderator, proof: str, *, lease: timedelta) -> Case | None:
    if not cases.is_theirs(connection, who, proof):
        return None
    current = current_verdict(connection, proof)
    if current is None or current.verdict.outcome is not Outcome.MANUAL:
        raise NotNow("this proof waits for nobody: it is decided")
    if queue.is_doubted(connection, who, proof):
        raise NotNow("this proof is open again because of your own decision; another moderator looks at it")
    until = queue.claim(connection, who, proof, lease=lease)
    return Case(
        current=current,
        history=cases.history(connection, proof),
        submitter=cases.submitter(connection, current.proof),
        twin=cases.twin(connection, current),
        now=connection.execute(select(now())).scalar_one(),
        lease_until=until,
    )


def _history(connection: Connection, who: Moderator, proof: str) -> tuple[Event, ...] | None:
    return cases.history(connection, proof) if cases.is_theirs(connection, who, proof) else None


def _seen(connection: Connection, who: Moderator, proof: str) -> Proof | None:
    return load_proof(connection, proof) if cases.is_theirs(connection, who, proof) else None
