"""Picture and what is asked -> Reading: the words needed, as cheaply as they can be read.

In: a decoded picture, an `Ask`, a text engine. Out: a `Reading` whose passes tell what was tried and what it
cost. It judges and interprets nothing; it only asks `match` whether there is anything left to look for.

The cascade, each part only while a check is not settled:
1. `likely`, `labels`: the text lines that can hold a name or a state, one by one; `bars`, `rest`: on a
   picture of nothing but text, the lines that may be an address, and where they are few all others, too;
   `denials`: once nothing is open, buttons near the name that may still offer what should be done;
2. `closer`: what resembles it without being it, larger;
3. `lines`, `other labels`: the other lines of the scripts that are asked;
4. `page`, `plain`, `larger`: the whole picture, cut into lines by the engine itself, and `closer` once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import enhance
from pipeline.budget import Budget
from pipeline.desk import BLOCK, SPARSE, Attempt, Desk, set_up
from pipeline.one_line import ONE_LINE
from pipeline.reasons import ReasonCode
from pipeline.records import Ask, Box, Picture, Reading, Status
from pipeline.rounds import lines_in, read_again, read_bars, read_labels, read_names, read_rest
from pipeline.second_look import read_denials
from pipeline.settled import open_checks, result_of
from pipeline.wanted import Chance, chance, needed_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.lines import Line
    from pipeline.policy import Policy
    from pipeline.ports import TextEngine


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
    budget = Budget.of(budget_ms)
    desks = [
        set_up(picture, ask, image=image, engine=engine, policy=policy, budget=budget)
        for image, picture in pictures
    ]
    for desk in desks:
        desk.needed = needed_languages(ask, languages)
        desk.fault = _fault(desk)
    legible = [desk for desk in desks if desk.fault is None]
    for _ in _steps(legible):
        if not open_checks(legible):
            read_rest([desk for desk in legible if desk.plain])
            read_denials(legible)
            break
        if budget.spent:
            return tuple(desk.reading(cut_short=True) for desk in desks)
    return tuple(desk.reading() for desk in desks)


def _fault(desk: Desk) -> ReasonCode | None:
    """Tell a picture that no engine should see: noise keeps it busy for minutes, blur shows it nothing.

    Where nothing is asked, a blurred picture still shows nothing to a person; noise may be a photo's.
    """
    noisy = desk.ask.checks and enhance.specks(desk.contrast) > desk.policy.noise_specks
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
        yield from _look_closer(desks)
    for desk in desks:
        desk.lines_read = True
    yield
    for way in ("page", "plain", "larger"):
        for desk in desks:
            if way == "page" or _worth_more(way, desk, desks):
                desk.look(_whole(way, desk))
                yield
    yield from _look_closer(desks)


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


def _look_closer(desks: Sequence[Desk]) -> Iterator[None]:
    """Look again at each place that resembles what is asked without being it, until it is."""
    for check in open_checks(desks):
        result = result_of(check, desks)
        if result.box is None or result.similarity >= 1.0:  # then the doubt is not about letters
            continue
        desk = next(one for one in desks if one.image == result.image)
        for _ in _closer(desk, result.box):
            yield
            if result_of(check, desks).status is Status.PASS:
                break


def _closer(desk: Desk, box: Box) -> Iterator[None]:
    """Read the lines of a place at other sizes; where no line was found there, the place itself, larger."""
    lines = lines_in(desk, box)
    places: set[Line | Box] = {*lines} or {box}
    if places <= desk.closely_read:
        return
    desk.closely_read |= places
    for tall_px in desk.policy.again_px if lines else ():
        read_again("closer", desk, lines, tall_px)
        yield
    if lines:
        return
    for contrast in (True, False):
        desk.look(
            Attempt(
                name="closer" if contrast else "closer plain",
                region=_padded(box, desk),
                scale=min(desk.policy.largest_scale, desk.policy.closer_height_px / box.h),
                contrast=contrast,
                page_mode=ONE_LINE if box.w > 2 * box.h else BLOCK,
                languages=desk.models,
            )
        )
        yield


def _worth_more(way: str, desk: Desk, desks: Sequence[Desk]) -> bool:
    """Whether another look at the whole picture may show what is still open.

    It may not where nothing resembles it and every line that could hold it, or a part of it, was surely read.
    """
    if way == "larger" and _well_read(desk):
        return False
    return any(
        result_of(check, desks).found is not None
        or any(chance(check, desk.ask, line, 0.5, desk.policy) >= Chance.SOME for line in desk.unsure)
        for check in open_checks(desks)
    )


def _well_read(desk: Desk) -> bool:
    """Whether so many words were surely read that the letters are large enough."""
    sure = sum(1 for word in desk.words if word.confidence >= desk.policy.confident)
    return sure >= desk.policy.well_read_words


def _padded(box: Box, desk: Desk) -> Box:
    pad = box.h
    left, top = max(0, box.x - pad), max(0, box.y - pad // 2)
    right, bottom = (
        min(desk.width_px, box.x + box.w + pad),
        min(desk.height_px, box.y + box.h + pad // 2),
    )
    return Box(x=left, y=top, w=max(1, right - left), h=max(1, bottom - top))
