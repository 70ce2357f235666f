"""Many proofs ruled together, and taken back together.

In: a moderator, a `Ruling`, proofs each with the verdict that was looked at. Out: what was ruled, and what
was left out and why. One transaction: rows of proofs are locked first and in order, as nobody else locks more
than one, and a proof that cannot be ruled takes nothing of the others back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from ulid import ULID

from pipeline.errors import NotNow, NotYet
from pipeline.ledger.review_tables import rulings
from pipeline.ledger.rulings import rule, take_back, undoable
from pipeline.ledger.tables import proofs
from pipeline.records import Together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import timedelta

    from sqlalchemy import Connection

    from pipeline.records import Moderator, RecordedVerdict, Ruling


def rule_together(
    connection: Connection,
    who: Moderator,
    against: Mapping[str, str],
    *,
    ruling: Ruling,
    second: float = 0.0,
) -> Together:
    """Decide all of these proofs that can be decided; `against` names each one's verdict.

    Raises:
        UsageError: The reason does not go with the decision.
    """
    _lock(connection, against)
    batch = str(ULID())
    done: list[RecordedVerdict] = []
    left: list[tuple[str, str]] = []
    for proof, verdict in against.items():
        apart = connection.begin_nested()
        try:
            made = rule(connection, who, proof, ruling=ruling, against=verdict, batch=batch, second=second)
            done.append(made)
        except (NotNow, NotYet) as error:
            apart.rollback()
            left.append((proof, str(error)))
        else:
            apart.commit()
    return Together(done=tuple(done), left=tuple(left))


def undo_together(
    connection: Connection, who: Moderator, *, window: timedelta
) -> tuple[RecordedVerdict, ...]:
    """Take the moderator's newest ruling back, with all that were made together with it; all or none.

    A ruling that something else took the place of meanwhile, as an appeal does, is left as it is.

    Raises:
        NotNow: There is none within the window, or the platform was told of one.
        NotYet: Notices are being written right now.
    """
    newest = undoable(connection, who, window=window)
    if newest is None:
        raise NotNow("there is no decision of yours that can still be undone")
    of_them = [newest.proof]
    if newest.batch is not None:
        made = rulings.join(proofs, proofs.c.verdict == rulings.c.verdict)
        stand = select(rulings.c.proof).select_from(made).where(rulings.c.batch == newest.batch)
        stand = stand.where(rulings.c.moderator == who.id, rulings.c.undone.is_(None))
        of_them = list(connection.scalars(stand.order_by(rulings.c.proof)))
        _lock(connection, of_them)
    return tuple(take_back(connection, one) for one in of_them)


def _lock(connection: Connection, some: Iterable[str]) -> None:
    ordered = select(proofs.c.id).where(proofs.c.id.in_(list(some))).order_by(proofs.c.id)
    connection.execute(ordered.with_for_update()).all()
