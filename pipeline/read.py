"""Picture and what is asked -> Reading: the words needed, as cheaply as they can be read.

In: a decoded picture, an `Ask`, a text engine. Out: a `Reading` whose passes tell what was tried and what it
cost. It judges and interprets nothing; it only asks `match` whether there is anything left to look for.

The cascade, each part only while a check is not settled:
1. `likely`, `labels`: the text lines that can hold a name or a state, one by one; `bars`, `rest`: on a
   picture of nothing but text, the lines that may be an address, and where they are few all others, too;
   `denials`: once nothing is open, buttons near the name that may still offer what should be done;
2. `closer`: what resembles it without being it, larger;
3. `lines`, `other labels`: the other lines of the scripts that are asked; `unsure`: those that were not
   surely read and are as long as what was not found, at other sizes;
4. `page`, `plain`, `larger`: the whole picture, cut into lines by the engine itself, and `closer` once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import enhance
from pipeline.budget import Budget
from pipeline.closer import look_at_unsure, look_closer, look_for_absent
from pipeline.desk import BLOCK, SPARSE, Attempt, Desk, set_up
from pipeline.reasons import ReasonCode
from pipeline.recalling import Recalling
from pipeline.rounds import read_bars, read_labels, read_names, read_rest
from pipeline.second_look import look_for_patches, read_denials
from pipeline.settled import open_checks, result_of
from pipeline.wanted import Chance, chance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.policy import Policy
    from pipeline.ports import TextEngine
    from pipeline.records import Ask, Picture, Reading


def read(
    pictures: Iterable[tuple[int, Picture]],
    ask: Ask,
    *,
    engine: TextEngine,
    policy: Policy,
    budget_ms: int,
    languages: str,
) -> tuple[Reading, ...]:
    """Read from a proof's pictures what `ask` needs; what one of them shows is not looked for in the others.

    Args:
        pictures: Places in the proof, from 0, with upright pixels; taken one by one, so that they need not
            be decoded all at once.
        ask: The checks; without any, only a blurred picture is told.
        engine: The text engine, warm.
        policy: The thresholds in force.
        budget_ms: CPU time that all pictures together may take; once it is spent, `out_of_budget` is set.
        languages: Tesseract's names joined by `+`; only those that the asked words need are used.

    Returns:
        One reading a picture, in the order of `pictures`.

    Raises:
        EngineFailed: The engine raised.
        EngineTimeout: The engine took longer than its own limit.
    """
    budget, recalling = Budget.of(budget_ms), Recalling(engine)
    desks = [
        set_up(picture, ask, image=image, engine=recalling, policy=policy, budget=budget)
        for image, picture in pictures
    ]
    for desk in desks:
        desk.look_for(ask.checks, languages)
        desk.fault = _fault(desk)
    legible = [desk for desk in desks if desk.fault is None]
    for _ in _steps(legible):
        left = open_checks(legible)
        if not left:
            read_rest([desk for desk in legible if desk.plain])
            read_denials(legible, languages)
            look_for_patches(legible)
            break
        if budget.spent:
            return tuple(desk.reading(cut_short=True) for desk in desks)
        for desk in legible:
            desk.look_for(left, languages)
    return tuple(desk.reading() for desk in desks)


def _fault(desk: Desk) -> ReasonCode | None:
    """Tell a picture that no engine should see: noise keeps it busy for minutes, blur shows it nothing.

    Where nothing is asked, a blurred picture still shows nothing to a person; noise may be a photo's.
    """
    suspect = desk.ask.checks and desk.ink.may_be_noise(desk.policy)
    noisy = suspect and enhance.specks(desk.contrast) > desk.policy.noise_specks
    return ReasonCode.UNREADABLE if noisy or enhance.blurred(desk.grey, desk.policy) else None


def _steps(desks: Sequence[Desk]) -> Iterator[None]:
    """Take the cascade's steps, yielding after each so that the caller can stop."""
    for desk in (one for one in desks if one.ask.checks):
        desk.find()
    yield  # without checks, or without a legible picture, there is nothing to read
    for names, labels, least in (("likely", "labels", Chance.GOOD), ("lines", "other labels", Chance.SOME)):
        if read_names(names, desks, open_checks(desks), least):
            yield
        if read_labels(labels, desks, open_checks(desks), least):
            yield
        if read_bars([desk for desk in desks if desk.plain]):
            yield
        yield from look_closer(desks)
    yield from look_at_unsure(desks)
    for desk in desks:
        desk.lines_read = True
    yield
    yield from look_for_absent(desks)
    for way in ("page", "plain", "larger"):
        for desk in desks:
            if way == "page" or _worth_more(way, desk, desks):
                desk.look(_whole(way, desk))
                yield
    yield from look_closer(desks)


def _whole(way: str, desk: Desk) -> Attempt:
    """Return an attempt at the whole picture, cut into lines by the engine itself."""
    larger = min(desk.quick * desk.policy.larger_factor, desk.policy.largest_scale, desk.shrink)
    return Attempt(
        name=way,
        region=desk.whole,
        scale=larger if way == "larger" else desk.quick,
        contrast=way != "plain",
        page_mode=BLOCK if way == "plain" else SPARSE,
        languages=desk.models,
    )


def _worth_more(way: str, desk: Desk, desks: Sequence[Desk]) -> bool:
    """Whether another look at the whole picture may show what is still open.

    It may where something resembles it; else not where the page was well read, nor where every line that
    could hold it, or a part of it, was surely read.
    """
    well = _well_read(desk)
    if way == "larger" and well:
        return False
    left = open_checks(desks)
    if any(result_of(check, desks).found is not None for check in left):
        return True
    unsure = (chance(check, desk.ask, line, 0.5, desk.policy) for check in left for line in desk.unsure)
    return not well and any(one >= Chance.SOME for one in unsure)


def _well_read(desk: Desk) -> bool:
    """Whether so many words were surely read that the letters are large enough."""
    sure = sum(1 for word in desk.words if word.confidence >= desk.policy.confident)
    return sure >= desk.policy.well_read_words
