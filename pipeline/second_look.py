"""A second look once nothing is open: what a done label should have made the page take away, and patches.

In: the desks of a proof's pictures, all checks settled. Out: words of the lines that may deny a state, as a
pass of its own, and where a plate was laid over the page. Lines are read until what is asked was seen, so
that a button which still offers to join may stand there unread. It decides nothing; `denied`, `painted` do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.denied import foreign, near_name, stands_out
from pipeline.items import items_of
from pipeline.patches import patch
from pipeline.records import Box, CodeCheck, StateCheck
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


def look_for_patches(desks: Iterable[Desk]) -> None:
    """Note on the scene where a plate was laid over the page, of a job that one code may settle.

    Whoever paints a code paints the other words of the job as well, which nobody had to read.
    """
    for desk in desks:
        states = any(isinstance(check, StateCheck) for check in desk.ask.checks)
        coded = any(isinstance(check, CodeCheck) for check in desk.ask.checks)
        if states or not coded or desk.scene is None:
            continue
        scale = min(desk.quick, desk.shrink) / desk.quick
        sides = [
            (int(line.left * scale), int(line.top * scale), int(line.right * scale), int(line.bottom * scale))
            for line in desk.lines
        ]
        found = patch(desk.small, sides, desk.policy)
        if found is not None:
            left, top, right, bottom = (round(one / min(desk.quick, desk.shrink)) for one in found)
            box = Box(x=left, y=top, w=right - left, h=bottom - top)
            desk.scene = replace(desk.scene, patch=box)


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
        if near_name(box := desk.box_of(line), names, desk.height_px, policy)
        and (ground := around.ground(box)) is not None
        and stands_out(ground, names, policy)
    ]
    return chosen[: policy.most_denials]
