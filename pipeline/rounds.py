"""Rounds of text lines: each line is read alone, the likeliest first, until what is asked was seen.

In: a desk, the lines still unread, the checks still open. Out: words on the desk, one pass a round. Names are
looked for where the length of a line fits them; state words outwards from the name, since the button that
counts stands beside it. It decides nothing: `match` says when a check is settled.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline import match
from pipeline.desk import cpu_ms
from pipeline.labels import see
from pipeline.records import AbsentCheck, Check, StateCheck, Status, TextCheck, Word
from pipeline.wanted import Chance, chance, languages_for, misfit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.desk import Desk
    from pipeline.lines import Line


def read_names(name: str, lines: set[Line], desk: Desk, checks: Sequence[Check], least: Chance) -> bool:
    """Read the lines that a check other than a state may need; tell whether any was read.

    A check that one line settles wants no further lines; what must be absent wants all of its lines.

    Args:
        name: Of the pass.
        lines: Those still unread; each leaves the set when it is read.
        desk: Where words and costs go.
        checks: The open ones.
        least: How likely a line must hold what a check asks.
    """
    wanted = [check for check in checks if not isinstance(check, StateCheck)]
    ranked = sorted(lines, key=lambda line: _misfit(wanted, line, desk))

    def steps() -> Iterator[Line]:
        for line in ranked:
            hoped = [check for check in wanted if _chance(check, line, desk) >= least]
            if hoped:
                yield line
                seen = desk.last_line
                for check in hoped:
                    if not isinstance(check, AbsentCheck) and _shows(check, seen, desk):
                        wanted.remove(check)

    return _read(name, steps(), lines, desk)


def read_labels(name: str, lines: set[Line], desk: Desk, checks: Sequence[Check], least: Chance) -> bool:
    """Read the lines that may be state labels, outwards from the asked names; tell whether any was read.

    A done label ends the round once every line as near to a name was read; without a name all lines are.
    """
    wanted = [check for check in checks if isinstance(check, StateCheck)]
    anchors = _anchors(desk)
    ranked = sorted(lines, key=lambda line: (_distance(line, anchors, desk), line.top, line.left))

    def steps() -> Iterator[Line]:
        reach: float | None = None
        for line in ranked:
            away = _distance(line, anchors, desk)
            if reach is not None and away > reach:
                return
            if any(_chance(check, line, desk) >= least for check in wanted):
                yield line
                seen = desk.last_line
                if reach is None and anchors and all(_shows(check, seen, desk) for check in wanted):
                    reach = away + desk.policy.beside_heights * line.tall_px / desk.quick

    return _read(name, steps(), lines, desk) if wanted else False


def _read(name: str, chosen: Iterator[Line], lines: set[Line], desk: Desk) -> bool:
    """Read the chosen lines one by one until the budget is spent; note them as one pass."""
    began_ms, reader, first = cpu_ms(), len(desk.passes), len(desk.words)
    used: list[str] = []
    for line in chosen:
        languages = languages_for(line, desk.needed, desk.policy)
        desk.read_line(line, languages, reader=reader, number=desk.next_line())
        used.append(languages)
        lines.discard(line)
        if desk.out_of_budget:
            break
    if used:
        desk.note_lines(name, used, cpu_ms() - began_ms, len(desk.words) - first)
    return bool(used)


def _misfit(wanted: Sequence[Check], line: Line, desk: Desk) -> tuple[float, int, int]:
    misfit = min((misfit_of(check, desk.ask, line, desk.policy) for check in wanted), default=0.0)
    return (misfit, line.top, line.left)


def _chance(check: Check, line: Line, desk: Desk) -> Chance:
    middle = (line.top + line.bottom) / 2 / max(1, desk.contrast.shape[0])
    return chance(check, desk.ask, line, middle, desk.policy)


def _shows(check: Check, words: tuple[Word, ...], desk: Desk) -> bool:
    """Whether the words of one line settle the check by themselves."""
    alone = see(replace(desk.reading(), words=words), desk.policy)
    return match.check(check, (alone,), desk.ask, desk.policy).status is Status.PASS


def _anchors(desk: Desk) -> list[float]:
    """Return where the asked names were found: the middles of their rows, in px of the original."""
    results = (
        match.check(check, (desk.seen(),), desk.ask, desk.policy)
        for check in desk.ask.checks
        if isinstance(check, TextCheck)
    )
    return [
        one.box.y + one.box.h / 2
        for one in results
        if one.box is not None and one.similarity >= desk.policy.similarity
    ]


def _distance(line: Line, anchors: Sequence[float], desk: Desk) -> float:
    middle = (line.top + line.bottom) / 2 / desk.quick
    return min((abs(middle - anchor) for anchor in anchors), default=0.0)
