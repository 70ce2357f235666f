"""Picture and what is asked -> Reading: the words needed, as cheaply as they can be read.

In: a decoded picture, an `Ask`, a text engine. Out: a `Reading` whose passes tell what was tried and what it
cost. It judges and interprets nothing; it only asks `match` whether there is anything left to look for.

The cascade, each part only while a check is not settled:
1. `likely`, `labels`: the text lines that can hold a name or a state, one by one;
2. `closer`: what resembles it without being it, larger;
3. `lines`, `other labels`: the other lines of the scripts that are asked;
4. `page`, `plain`, `larger`: the whole picture, cut into lines by the engine itself, and `closer` once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import enhance, match
from pipeline.desk import BLOCK, ONE_LINE, SPARSE, Attempt, Desk, set_up
from pipeline.lines import find_lines
from pipeline.reasons import ReasonCode
from pipeline.records import (
    AbsentCheck,
    Ask,
    Box,
    Check,
    CheckResult,
    Picture,
    Reading,
    Status,
)
from pipeline.rounds import read_labels, read_names
from pipeline.scripts import letters
from pipeline.wanted import Chance, needed_languages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.policy import Policy
    from pipeline.ports import TextEngine


def read(
    picture: Picture,
    ask: Ask,
    *,
    image: int,
    engine: TextEngine,
    policy: Policy,
    budget_ms: int,
    languages: str,
) -> Reading:
    """Read from one picture what `ask` needs.

    Args:
        picture: Upright pixels.
        ask: The checks; without any, nothing is read.
        image: The picture's place in its proof, from 0.
        engine: The text engine, warm.
        policy: The thresholds in force.
        budget_ms: CPU time that this reading may take; once it is spent, `out_of_budget` is set.
        languages: Tesseract's names joined by `+`; only those that the asked words need are used.

    Raises:
        EngineFailed: The engine raised.
        EngineTimeout: The engine took longer than its own limit.
    """
    desk = set_up(picture, ask, image=image, engine=engine, policy=policy, budget_ms=budget_ms)
    desk.needed = needed_languages(ask, languages)
    if not ask.checks:
        return desk.reading()
    if enhance.specks(desk.contrast) > policy.noise_specks:
        return desk.reading(fault=ReasonCode.UNREADABLE)
    if enhance.sharpness(desk.grey, policy) < policy.blurred_levels:
        return desk.reading(fault=ReasonCode.UNREADABLE)
    for _ in _steps(desk):
        if not _open_checks(desk):
            break
        if desk.out_of_budget:
            return desk.reading(cut_short=True)
    return desk.reading()


def _steps(desk: Desk) -> Iterator[None]:
    """Take the cascade's steps, yielding after each so that the caller can stop."""
    rest = set(find_lines(desk.contrast, desk.policy))
    desk.lines_found = len(rest)
    for names, labels, least in (("likely", "labels", Chance.GOOD), ("lines", "other labels", Chance.SOME)):
        if read_names(names, rest, desk, _open_checks(desk), least):
            yield
        if read_labels(labels, rest, desk, _open_checks(desk), least):
            yield
        yield from _look_closer(desk)
    desk.lines_read = True
    yield
    larger = min(desk.quick * desk.policy.larger_factor, desk.policy.largest_scale, desk.shrink)
    for name, scale, contrast, mode in (
        ("page", desk.quick, True, SPARSE),
        ("plain", desk.quick, False, BLOCK),
        ("larger", larger, True, SPARSE),
    ):
        if name == "larger" and _well_read(desk):
            continue
        desk.look(
            Attempt(
                name=name,
                region=desk.whole,
                scale=scale,
                contrast=contrast,
                page_mode=mode,
                languages=desk.models,
            )
        )
        yield
    yield from _look_closer(desk)


def _look_closer(desk: Desk) -> Iterator[None]:
    """Look twice, larger, at each place that resembles what is asked without being it."""
    for check in _open_checks(desk):
        result = _result(check, desk)
        if result.box is None or result.status is Status.PASS or _cut(result):
            continue
        region = _padded(result.box, desk.picture)
        scale = min(desk.policy.largest_scale, desk.policy.closer_height_px / result.box.h)
        mode = ONE_LINE if result.box.w > 2 * result.box.h else BLOCK
        for contrast in (True, False):
            desk.look(
                Attempt(
                    name="closer" if contrast else "closer plain",
                    region=region,
                    scale=scale,
                    contrast=contrast,
                    page_mode=mode,
                    languages=desk.models,
                )
            )
        yield


_OUT_OF_PLACE = (ReasonCode.TYPED_NOT_SHOWN, ReasonCode.PASTED_TEXT)


def _well_read(desk: Desk) -> bool:
    """Whether so many words were surely read that the letters are large enough."""
    sure = sum(1 for word in desk.words if word.confidence >= desk.policy.confident)
    return sure >= desk.policy.well_read_words


def _open_checks(desk: Desk) -> list[Check]:
    """Return the checks that more reading may settle."""
    return [check for check in desk.ask.checks if not _settled(check, desk)]


def _settled(check: Check, desk: Desk) -> bool:
    result = _result(check, desk)
    if isinstance(check, AbsentCheck) and result.status is Status.PASS:
        return len(desk.passes) >= desk.policy.agreeing_passes  # one look does not show that nothing is there
    stands = result.status is Status.FAIL or result.code in _OUT_OF_PLACE
    if desk.lines_read and stands and result.found is not None:
        return True  # every line was read, and something else stands in its place
    return result.status is Status.PASS or result.code is ReasonCode.UNSUPPORTED_SCRIPT


def _result(check: Check, desk: Desk) -> CheckResult:
    return match.check(check, (desk.seen(),), desk.ask, desk.policy)


def _cut(result: CheckResult) -> bool:
    """Whether the found text is only a part of the expected one: its rest stands in another line."""
    found, expected = "".join(letters(result.found or "")), "".join(letters(result.expected))
    return found != expected and found in expected


def _padded(box: Box, picture: Picture) -> Box:
    pad = box.h
    left, top = max(0, box.x - pad), max(0, box.y - pad // 2)
    right, bottom = (
        min(picture.width_px, box.x + box.w + pad),
        min(picture.height_px, box.y + box.h + pad // 2),
    )
    return Box(x=left, y=top, w=max(1, right - left), h=max(1, bottom - top))
