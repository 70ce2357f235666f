"""Rounds of text lines: each line is read alone, the likeliest first, until what is asked was seen.

In: the desks of a proof's pictures, the checks still open. Out: words on the desks, one pass a round and
picture. Names are looked for where the length of a line fits them, in all pictures at once; state words
outwards from the name, since the button that counts stands beside it. It decides nothing: `match` says when a
check is settled.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import match
from pipeline.addresses import host_in
from pipeline.budget import cpu_ms
from pipeline.labels import around
from pipeline.records import (
    AbsentCheck,
    Check,
    StateCheck,
    Status,
    TextCheck,
    UrlCheck,
)
from pipeline.wanted import Chance, chance, denies, fits, languages_for, misfit_of, split_at, touches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.desk import Desk
    from pipeline.lines import Line
    from pipeline.records import Box

BARS = "bars"
LATIN = "eng"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """One line of one picture."""

    desk: Desk
    line: Line

    @property
    def middle(self) -> float:
        """Where the line lies, 0 at the top of the picture, 1 at its bottom."""
        tall: int = self.desk.contrast.shape[0]
        return self.line.middle_px / max(1, tall)


def read_names(name: str, desks: Sequence[Desk], checks: Sequence[Check], least: Chance) -> bool:
    """Read the lines that a check other than a state may need; tell whether any was read.

    A check that one line settles wants no further lines; what must be absent wants all of its lines.

    Args:
        name: Of the pass.
        desks: One a picture; each line that is read leaves its desk's unread ones.
        checks: The open ones.
        least: How likely a line must hold what a check asks.
    """
    wanted = [check for check in checks if not isinstance(check, StateCheck)]
    ranked = deque(sorted(_spots(desks), key=lambda spot: _misfit(wanted, spot)))

    def steps() -> Iterator[_Spot]:
        while ranked:
            spot = ranked.popleft()
            hoped = [check for check in wanted if _chance(check, spot) >= least]
            beside = [check for check in wanted if spot.line in spot.desk.follow_ups]
            if not hoped and not beside:
                continue
            yield spot
            for check in dict.fromkeys((*hoped, *beside)):
                if not isinstance(check, AbsentCheck) and _shows(check, spot):
                    wanted.remove(check)
                else:
                    _go_on(check, spot, ranked)

    return _read(name, steps())


def read_labels(name: str, desks: Sequence[Desk], checks: Sequence[Check], least: Chance) -> bool:
    """Read the lines that may be state labels; tell whether any was read.

    Those of a label's length come first, and of these the ones near an asked name or at the foot; where a
    phone shows its clock, labels are looked for last. Once a done label was found, only those are read that
    may deny it: of the length of a not-done label, and beside it or nearer to the name; all of that length
    where no name was found.
    """
    wanted = [check for check in checks if isinstance(check, StateCheck)]
    if not wanted:
        return False
    names = {id(desk): _names(desk) for desk in desks}
    ranked = sorted(_spots(desks), key=lambda spot: _order(wanted, spot, names[id(spot.desk)]))

    def steps() -> Iterator[_Spot]:
        done: _Spot | None = None
        for spot in ranked:
            if done is None:
                worth = any(_chance(check, spot) >= least for check in wanted)
            else:
                worth = _may_deny(spot, done, wanted, names)
            if worth:
                yield spot
                if done is None and all(_shows(check, spot) for check in wanted):
                    done = spot

    return _read(name, steps())


def _may_deny(
    spot: _Spot, done: _Spot, wanted: Sequence[StateCheck], names: Mapping[int, Sequence[Box]]
) -> bool:
    """Whether a line may say the opposite of a done label and count for more."""
    here, there = names[id(spot.desk)], names[id(done.desk)]
    nearer = _away(spot, here) <= _away(done, there) and _near(spot, here)
    return (
        (nearer or _beside(done, spot))
        and not _in_strip(spot)
        and any(denies(check, spot.line, spot.desk.policy) for check in wanted)
    )


def _order(
    wanted: Sequence[StateCheck], spot: _Spot, names: Sequence[Box]
) -> tuple[bool, bool, bool, float, int, int]:
    fitting = any(_fits(check, spot) for check in wanted)
    away, line = _away(spot, names), spot.line
    return (_in_strip(spot), not fitting, not _near(spot, names), away, line.top, line.left)


def _in_strip(spot: _Spot) -> bool:
    """Whether a line stands where a phone shows its clock."""
    shorter_px: int = min(spot.desk.contrast.shape)
    return spot.line.middle_px <= spot.desk.policy.status_bar_share * shorter_px


def _near(spot: _Spot, names: Sequence[Box]) -> bool:
    """Whether a line stands near an asked name, or at the foot, where buttons of the whole screen are."""
    policy = spot.desk.policy
    at_foot = spot.middle >= 1 - policy.bar_share
    return at_foot or not names or any(_apart(spot, name) <= policy.near_name * name.h for name in names)


def _beside(one: _Spot, other: _Spot) -> bool:
    reach = one.desk.policy.beside_heights * one.line.tall_px
    return one.desk is other.desk and abs(one.line.middle_px - other.line.middle_px) <= reach


def _away(spot: _Spot, names: Sequence[Box]) -> float:
    """Return px of the original to the nearest name's row; 0 where there is none."""
    return min((_apart(spot, name) for name in names), default=0.0)


def _apart(spot: _Spot, name: Box) -> float:
    return abs(spot.line.middle_px / spot.desk.quick - (name.y + name.h / 2))


def read_again(name: str, desk: Desk, lines: Sequence[Line], tall_px: int) -> None:
    """Read lines once more at another size, as one pass: what one size hides, another shows.

    The pass is a page of its own: its words may speak against those of other passes.
    """
    one = _Round(desk, tall_px)
    for line in lines:
        one.read(line)
    one.note(name, around(desk.box_of(line) for line in lines))


def lines_in(desk: Desk, region: Box) -> list[Line]:
    """Return the text lines whose middle lies in a region, in px of the original."""
    return [line for line in desk.lines if _inside(line, region, desk.quick)]


def _inside(line: Line, region: Box, scale: float) -> bool:
    middle = line.middle_px / scale
    beside = line.left / scale < region.x + region.w and line.right / scale > region.x
    return beside and region.y <= middle <= region.y + region.h


def read_bars(desks: Sequence[Desk]) -> bool:
    """Look for an address in the bars, once: a browser's page has one, a note has none.

    A picture whose address is asked anyway is left out; so is a line too short for one.
    """
    rounds = [_Round(desk) for desk in desks if _may_be_addressed(desk)]
    for one, desk in ((one, one.desk) for one in rounds):
        for spot in sorted(_spots((desk,)), key=lambda spot: spot.line.top):
            if _in_bar(spot) and not desk.budget.spent:
                one.read(spot.line, LATIN)
                if any(host_in(word.text) for word in desk.last_line):
                    break
        one.note(BARS)
    return bool(rounds)


def read_rest(desks: Sequence[Desk]) -> bool:
    """Read what else stands on a page of few lines: there the lines beside the asked ones tell what it is."""
    few = [desk for desk in desks if desk.ask.checks and len(_long(desk)) <= desk.policy.few_lines]
    return _read(
        "rest", (_Spot(desk=desk, line=line) for desk in few for line in _long(desk) if line in desk.unread)
    )


def _long(desk: Desk) -> list[Line]:
    return [line for line in desk.lines if line.length >= desk.policy.least_barred]


def _may_be_addressed(desk: Desk) -> bool:
    asked = any(isinstance(check, UrlCheck) for check in desk.ask.checks)
    looked = any(past.name == BARS for past in desk.passes)
    return not asked and not looked and LATIN in desk.engine.languages()


def _in_bar(spot: _Spot) -> bool:
    policy, line = spot.desk.policy, spot.line
    in_bar = spot.middle <= policy.bar_share or spot.middle >= 1 - policy.bar_share
    long = line.width_px >= policy.least_host * line.tall_px
    return in_bar and long and line.headline < policy.mixed_headline


def _spots(desks: Sequence[Desk]) -> Iterator[_Spot]:
    return (_Spot(desk=desk, line=line) for desk in desks for line in desk.unread)


def _read(name: str, chosen: Iterable[_Spot]) -> bool:
    """Read the chosen lines one by one until the budget is spent; note them as one pass a picture."""
    rounds: dict[int, _Round] = {}
    for spot in chosen:
        one = rounds.setdefault(id(spot.desk), _Round(spot.desk))
        one.read(spot.line)
        if spot.desk.budget.spent:
            break
    for one in rounds.values():
        one.note(name)
    return bool(rounds)


class _Round:
    """The lines of one picture that are read in one pass."""

    def __init__(self, desk: Desk, tall_px: int | None = None) -> None:
        self.desk, self._tall_px = desk, tall_px
        self._reader, self._first = len(desk.passes), len(desk.words)
        self._languages: list[str] = []
        self._spent_ms = 0.0

    def read(self, line: Line, model: str | None = None) -> None:
        desk, began_ms = self.desk, cpu_ms()
        languages = model or languages_for(line, desk.needed, desk.policy, bengali=desk.bengali)
        desk.read_line(line, languages, reader=self._reader, tall_px=self._tall_px)
        if model is None or model in desk.needed:
            desk.unread.discard(line)
        self._languages.append(languages)
        self._spent_ms += cpu_ms() - began_ms

    def note(self, name: str, region: Box | None = None) -> None:
        words = len(self.desk.words) - self._first
        self.desk.note_lines(name, region or self.desk.whole, self._languages, self._spent_ms, words)


def _misfit(wanted: Sequence[Check], spot: _Spot) -> tuple[float, int, int]:
    desk, line = spot.desk, spot.line
    misfit = min(
        (misfit_of(check, desk.ask, line, spot.middle, desk.policy) for check in wanted), default=0.0
    )
    return (misfit, line.top, line.left)


def _chance(check: Check, spot: _Spot) -> Chance:
    return chance(check, spot.desk.ask, spot.line, spot.middle, spot.desk.policy)


def _fits(check: Check, spot: _Spot) -> bool:
    return fits(check, spot.desk.ask, spot.line, spot.desk.policy)


def _shows(check: Check, spot: _Spot) -> bool:
    """Whether the line that was read last settles the check: by itself, or beside what was read before it."""
    desk = spot.desk
    if not touches(check, desk.ask, " ".join(word.text for word in desk.last_line)):
        return False
    return match.check(check, (desk.seen(),), desk.ask, desk.policy).status is Status.PASS


def _go_on(check: Check, spot: _Spot, ranked: deque[_Spot]) -> None:
    """Put the lines where a phrase goes on first in the queue, if a line just read begins or ends it."""
    way = split_at(check, spot.desk.ask, " ".join(word.text for word in spot.desk.last_line))
    if way is None:
        return
    reach = spot.desk.policy.wrap_gap * spot.line.tall_px
    near = [one for one in ranked if one.desk is spot.desk and _wraps(spot.line, one.line, reach, below=way)]
    for one in near:
        ranked.remove(one)
        one.desk.follow_ups.add(one.line)
    ranked.extendleft(near)


def _wraps(here: Line, there: Line, reach: float, *, below: bool) -> bool:
    upper, lower = (here, there) if below else (there, here)
    gap = lower.top - upper.bottom
    return -reach / 2 <= gap <= reach and lower.top > upper.top and lower.left < upper.right > lower.left


def _names(desk: Desk) -> list[Box]:
    """Return where the asked names were found."""
    results = (
        match.check(check, (desk.seen(),), desk.ask, desk.policy)
        for check in desk.ask.checks
        if isinstance(check, TextCheck)
    )
    return [one.box for one in results if one.box is not None and one.similarity >= desk.policy.similarity]
