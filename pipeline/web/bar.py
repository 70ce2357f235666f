"""What stands at the top of every page of the console: what waits, and what can be undone.

In: a moderator. Out: values for `seated.html`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipeline.records import QueueFilter

if TYPE_CHECKING:
    from pipeline.records import Moderator, Undoable
    from pipeline.web.front import Front


def undo_window(front: Front) -> timedelta:
    """Return how long a ruling can be undone."""
    return timedelta(seconds=front.services.settings.undo_s)


def undoable(front: Front, who: Moderator) -> Undoable | None:
    """Return what the moderator decided last, a ruling or an answer, while it can be taken back."""
    window = undo_window(front)
    ruled, answered = (of.undoable(who, window=window) for of in (front.reviews, front.looks))
    if ruled is None or answered is None:
        return ruled or answered
    return max(ruled, answered, key=lambda one: one.until)


def bar(front: Front, who: Moderator) -> dict[str, Any]:
    """Return what every page shows at its top."""
    return {
        "count": front.reviews.count(who, QueueFilter()),
        "checks": front.looks.waiting(who),
        "undoable": undoable(front, who),
        "now": front.services.queries.now(),
    }
