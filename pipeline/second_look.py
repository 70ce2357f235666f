"""A second look once nothing is open: what a done label should have made the page take away.

In: the desks of a proof's pictures, all checks settled. Out: words of the lines that may deny a state, as a
pass of its own. Lines are read until what is asked was seen, so that a button which still offers to join may
stand there unread. It decides nothing: `denied` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.denied import foreign, near_name, stands_out
from pipeline.items import items_of
from pipeline.records import StateCheck
from pipeline.rounds import read_again
from pipeline.wanted import denies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.desk import Desk
    from pipeline.lines import Line

DENIALS = "denials"


def read_denials(desks: Iterable[Desk], languages: str) -> None:
    """Read the unread lines near an asked name that may be not-done labels, by length and by their plate."""
    for desk in desks:
        states = [check for check in desk.ask.checks if isinstance(check, StateCheck) and check.not_done]
        fitting = [line for line in desk.unread if any(denies(check, line, desk.policy) for check in states)]
        chosen = _on_buttons(fitting, desk) if fitting and not desk.budget.spent else []
        if chosen:
            desk.look_for(states, languages)
            read_again(DENIALS, desk, chosen, desk.policy.line_height_px)


def _on_buttons(lines: Iterable[Line], desk: Desk) -> list[Line]:
    """Return the lines near a name whose ground stands out from the page, from top to bottom.

    None where the done label looks like a button itself: then it decides.
    """
    policy, around = desk.policy, desk.surroundings
    items = list(items_of(desk.seen().pages, desk.ask, policy))
    names = [one for one in items if one.named and one.style is not None]
    seen = desk.reading()
    if around is None or not names or not all(foreign(one, seen, policy) for one in items if one.state):
        return []
    chosen = [
        line
        for line in sorted(lines, key=lambda line: (line.top, line.left))
        if near_name(box := desk.box_of(line), names, policy)
        and (ground := around.ground(box)) is not None
        and stands_out(ground, names, policy)
    ]
    return chosen[: policy.most_denials]
