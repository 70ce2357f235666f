"""`SqlFigures`: how the pipeline and its people do, for the admin's pages.

In: an admin, a stretch of time. Out: counts by time, by step, by job. ULIDs begin with their time, so a
stretch of time is a range of the primary key, and no index is kept for these pages. It never writes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, literal, select
from ulid import ULID

from pipeline.ledger.cases import theirs
from pipeline.ledger.clock import now, now_plus
from pipeline.ledger.review_tables import LEFT_TO_PEOPLE, rulings
from pipeline.ledger.rows import job_from
from pipeline.ledger.tables import WORKING, jobs, proofs, verdicts
from pipeline.ledger.transact import Transactions
from pipeline.records import Depth, JobHealth, Outcome, Slot, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine, Row

    from pipeline.records import Moderator

AGES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(days=1))
SOON = timedelta(hours=1)


class SqlFigures:
    """Figures of a database; safe to share among threads, not across a fork. All may raise TryLater."""

    def __init__(self, engine: Engine) -> None:
        self._do = Transactions(engine)

    def slots(self, who: Moderator, begins: Sequence[datetime]) -> tuple[Slot, ...]:
        """Return what was decided between these moments, and since the last of them."""
        return self._do.read(_slots, who, begins)

    def depth(self, who: Moderator) -> Depth:
        """Return how much waits, for the machine and for people."""
        return self._do.read(_depth, who)

    def jobs(self, who: Moderator, *, since: datetime, limit: int) -> tuple[JobHealth, ...]:
        """Return how jobs fare whose proofs came since then, the busiest first."""
        return self._do.read(_jobs, who, since=since, limit=limit)


def first_of(moment: datetime) -> str:
    """Return the least ULID of a moment."""
    return f"{str(ULID.from_datetime(moment))[:10]}{'0' * 16}"


def _slots(connection: Connection, who: Moderator, begins: Sequence[datetime]) -> tuple[Slot, ...]:
    first = first_of(begins[0])
    place = _place(verdicts.c.id, begins)
    query = select(place, verdicts.c.outcome, verdicts.c.resubmit_asked, func.count().label("many"))
    query = query.where(verdicts.c.id >= first, verdicts.c.supersedes.is_(None))
    if who.platform is not None:
        query = query.where(verdicts.c.platform == who.platform)
    said = connection.execute(query.group_by("place", verdicts.c.outcome, verdicts.c.resubmit_asked)).all()
    place = _place(rulings.c.verdict, begins)
    query = select(place, func.count().label("many")).join(proofs, proofs.c.id == rulings.c.proof)
    query = query.where(rulings.c.verdict >= first, rulings.c.undone.is_(None), *theirs(who))
    ruled = {row.place: row.many for row in connection.execute(query.group_by("place"))}
    return tuple(
        _slot(begin, [row for row in said if row.place == number], ruled=ruled.get(number, 0))
        for number, begin in enumerate(begins)
    )


def _place(ulid: ColumnElement[str], begins: Sequence[datetime]) -> ColumnElement[int]:
    later = [(ulid < first_of(begin), number) for number, begin in enumerate(begins[1:])]
    return (case(*later, else_=len(begins) - 1) if later else literal(0)).label("place")


def _slot(begins: datetime, rows: Sequence[Row[Any]], *, ruled: int) -> Slot:
    def many(outcome: Outcome, *, resubmit: bool = False) -> int:
        return sum(one.many for one in rows if (one.outcome, bool(one.resubmit_asked)) == (outcome, resubmit))

    return Slot(
        begins=begins,
        accepted=many(Outcome.ACCEPT),
        rejected=many(Outcome.REJECT),
        resubmit=many(Outcome.REJECT, resubmit=True),
        left=many(Outcome.MANUAL),
        ruled=ruled,
    )


def _depth(connection: Connection, who: Moderator) -> Depth:
    present = connection.execute(select(now())).scalar_one()
    query = select(proofs.c.step, func.count().label("many"), func.min(proofs.c.due_at).label("oldest"))
    steps = connection.execute(query.where(WORKING, *theirs(who)).group_by(proofs.c.step))
    waits = _people(connection, who)
    bounds = [*AGES, None]
    return Depth(
        steps=tuple((Step(row.step), row.many, max(timedelta(0), present - row.oldest)) for row in steps),
        people=waits.people,
        oldest=present - waits.oldest if waits.oldest else timedelta(0),
        overdue=waits.overdue or 0,
        soon=waits.soon or 0,
        ages=tuple((bound, waits[4 + place] or 0) for place, bound in enumerate(bounds)),
    )


def _people(connection: Connection, who: Moderator) -> Row[Any]:
    came, due = proofs.c.received_at, proofs.c.deadline
    bounds = [*(came > now_plus(-age) for age in AGES), came.is_not(None)]
    buckets = (
        func.sum(case(*((one, 0) for one in bounds[:place]), (bound, 1), else_=0))
        for place, bound in enumerate(bounds)
    )
    query = select(
        func.count().label("people"),
        func.min(came).label("oldest"),
        func.sum(case((due <= now(), 1), else_=0)).label("overdue"),
        func.sum(case((due <= now(), 0), (due <= now_plus(SOON), 1), else_=0)).label("soon"),
        *buckets,
    )
    query = query.where(LEFT_TO_PEOPLE, proofs.c.erased_at.is_(None), *theirs(who))
    return connection.execute(query).one()


def _jobs(connection: Connection, who: Moderator, *, since: datetime, limit: int) -> tuple[JobHealth, ...]:
    came = (proofs.c.id >= first_of(since)) & proofs.c.erased_at.is_(None)
    braked = verdicts.c.body.like('%"brake.%')
    counts = {
        "accepted": proofs.c.outcome == Outcome.ACCEPT,
        "rejected": proofs.c.outcome == Outcome.REJECT,
        "left": LEFT_TO_PEOPLE,
        "failed": proofs.c.failure.is_not(None),
        "braked": LEFT_TO_PEOPLE & braked,
        "overdue": LEFT_TO_PEOPLE & (proofs.c.deadline <= now()),
    }
    query = select(
        proofs.c.platform,
        proofs.c.job_id,
        func.max(proofs.c.job).label("job"),
        func.max(proofs.c.received_at).label("last_at"),
        func.avg(verdicts.c.took_ms).label("took_ms"),
        *(func.sum(case((which, 1), else_=0)).label(name) for name, which in counts.items()),
    ).outerjoin(verdicts, verdicts.c.id == proofs.c.verdict)
    query = query.where(came, *theirs(who)).group_by(proofs.c.platform, proofs.c.job_id)
    rows = connection.execute(query.order_by(func.count().desc(), proofs.c.job_id).limit(limit)).all()
    specs = select(jobs.c.id, jobs.c.spec).where(jobs.c.id.in_([row.job for row in rows if row.job]))
    titles = {row.id: job_from(row.spec).title for row in connection.execute(specs)}
    return tuple(_health(row, titles.get(row.job), tuple(counts)) for row in rows)


def _health(row: Row[Any], title: str | None, names: tuple[str, ...]) -> JobHealth:
    return JobHealth(
        platform=row.platform,
        job_id=row.job_id,
        title=title,
        last_at=row.last_at,
        took_ms=None if row.took_ms is None else round(row.took_ms),
        **{name: getattr(row, name) for name in names},
    )
