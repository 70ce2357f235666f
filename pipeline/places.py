"""Judges places: do the right words stand where a page puts them, or were they typed?

In: where a state word and an asked name were found. Out: whether both look typed by hand: in one line of a
search box or a chat, or on two lines of a note in one size and at one margin. A page sets its name as a
heading and its state on a button, so on a page they differ in size, in margin or in distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.scripts import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.phrases import Finding
    from pipeline.policy import Policy


def typed(names: Sequence[Finding], states: Sequence[Finding], policy: Policy) -> bool:
    """Whether the states look typed together with a name: one in its line, or all of them under it."""
    if any(_one_line(name, state) for name in names for state in states):
        return True
    return all(any(_note(name, state, policy) for name in names) for state in states)


def _one_line(name: Finding, state: Finding) -> bool:
    """One label that holds the name, the state and nothing else."""
    said = "".join(token.text for token in state.label.tokens)
    told, asked = "".join(state.letters), "".join(name.letters)
    return said in (asked + told, told + asked)


def _note(name: Finding, state: Finding, policy: Policy) -> bool:
    """Two whole lines under one another, alike in size and margin."""
    tall = max(name.box.h, state.box.h)
    gap = state.box.y - (name.box.y + name.box.h)
    if not 0 <= gap <= policy.note_gap * tall:
        return False
    alike = min(name.box.h, state.box.h) >= policy.note_alike * tall
    margin = abs(name.label.box.x - state.label.box.x) <= policy.note_margin * tall
    return alike and margin and _alone(name) and _alone(state)


def _alone(one: Finding) -> bool:
    return letters(one.label.text) == one.letters
