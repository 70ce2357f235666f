"""Picture and what is asked -> Reading: the words needed, as cheaply as they can be read.

In: a decoded picture, an `Ask`, a text engine. Out: a `Reading` whose passes tell what was tried and what it
cost. The cheapest attempt comes first; more are made only while a check is not settled, so that accepting is
quick and nothing is called missing before it was properly looked for. It judges and interprets nothing.
"""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline import enhance, match
from pipeline.reasons import ReasonCode
from pipeline.records import (
    AbsentCheck,
    AnswerCheck,
    Ask,
    Box,
    Check,
    CodeCheck,
    Pass,
    Picture,
    Reading,
    StateCheck,
    Status,
    TextCheck,
    UrlCheck,
    Word,
)
from pipeline.scripts import languages_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.policy import Policy
    from pipeline.ports import TextEngine

_SPARSE, _BLOCK, _ONE_LINE = 11, 6, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One way of looking: what part, how large, how prepared, how cut into lines."""

    name: str
    region: Box
    scale: float
    contrast: bool
    page_mode: int


@dataclass(slots=True, kw_only=True)
class _Desk:
    """What one reading has at hand, and what it has so far."""

    picture: Picture
    grey: NDArray[np.uint8]
    shrink: float
    ask: Ask
    image: int
    engine: TextEngine
    policy: Policy
    languages: str
    words: list[Word] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)

    def reading(self, *, out_of_budget: bool = False, fault: ReasonCode | None = None) -> Reading:
        """Return what was read so far."""
        return Reading(
            image=self.image,
            width_px=self.picture.width_px,
            height_px=self.picture.height_px,
            words=tuple(self.words),
            passes=tuple(self.passes),
            engine_version=self.engine.version,
            out_of_budget=out_of_budget,
            fault=fault,
        )


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
    began_ms = _cpu_ms()
    desk = _open(picture, ask, image, engine, policy, languages)
    if not ask.checks:
        return desk.reading()
    fault = _fault(desk)
    if fault is not None:
        return desk.reading(fault=fault)
    for attempt in _attempts(desk):
        if _cpu_ms() - began_ms > budget_ms:
            return desk.reading(out_of_budget=True)
        _make(attempt, desk)
        if _settled(desk):
            break
    return desk.reading()


def needed_languages(ask: Ask, allowed: str) -> str:
    """Return which of the allowed models the asked words need, joined by `+`, Bengali before Latin."""
    wanted = {one for text in _asked_texts(ask) for one in languages_of(text)} or {"eng"}
    chosen = [one for one in allowed.split("+") if one in wanted] or allowed.split("+")
    return "+".join(sorted(chosen, key=lambda one: one == "eng"))


def _open(
    picture: Picture, ask: Ask, image: int, engine: TextEngine, policy: Policy, languages: str
) -> _Desk:
    pixels = picture.width_px * picture.height_px
    shrink = min(1.0, (policy.read_pixels / pixels) ** 0.5)
    return _Desk(
        picture=picture,
        grey=enhance.resized(enhance.grey(picture.pixels), shrink),
        shrink=shrink,
        ask=ask,
        image=image,
        engine=engine,
        policy=policy,
        languages=needed_languages(ask, languages),
    )


def _fault(desk: _Desk) -> ReasonCode | None:
    """Return UNREADABLE for noise, which would keep an engine busy for minutes, and for blur."""
    quick = enhance.resized(desk.grey, min(1.0, _quick_scale(desk) / desk.shrink))
    if enhance.specks(quick, desk.policy) > desk.policy.noise_specks:
        return ReasonCode.UNREADABLE
    if enhance.sharpness(quick) < desk.policy.blurred_levels:
        return ReasonCode.UNREADABLE
    return None


def _attempts(desk: _Desk) -> Iterator[Attempt]:
    """Yield attempts from cheap to dear; each sees what those before it found."""
    whole = Box(x=0, y=0, w=desk.picture.width_px, h=desk.picture.height_px)
    quick = _quick_scale(desk)
    yield Attempt(name="quick", region=whole, scale=quick, contrast=True, page_mode=_SPARSE)
    yield from _closer(desk)
    yield Attempt(name="plain", region=whole, scale=quick, contrast=False, page_mode=_BLOCK)
    large = min(quick * desk.policy.larger_factor, desk.shrink * desk.policy.largest_scale)
    yield Attempt(name="larger", region=whole, scale=large, contrast=True, page_mode=_SPARSE)
    yield Attempt(name="sparse", region=whole, scale=quick, contrast=False, page_mode=_SPARSE)
    yield from _closer(desk)


def _closer(desk: _Desk) -> Iterator[Attempt]:
    """Yield two larger looks at each place that resembles what is asked without being it."""
    for check in desk.ask.checks:
        result = match.check(check, (desk.reading(),), desk.ask, desk.policy)
        if result.status is Status.PASS or result.box is None or not result.box.h:
            continue
        scale = desk.policy.closer_height_px / result.box.h
        region = _padded(result.box, desk.picture)
        for contrast in (True, False):
            name = "closer" if contrast else "closer plain"
            mode = _ONE_LINE if result.box.w > 2 * result.box.h else _BLOCK
            yield Attempt(name=name, region=region, scale=scale, contrast=contrast, page_mode=mode)


def _make(attempt: Attempt, desk: _Desk) -> None:
    """Run one attempt and note its words and its cost."""
    began_ms = _cpu_ms()
    pixels = _prepared(attempt, desk)
    found = desk.engine.recognise(pixels, languages=desk.languages, page_mode=attempt.page_mode)
    reader = len(desk.passes)
    words = [_placed(word, attempt, reader, desk.picture) for word in found]
    desk.words.extend(words)
    desk.passes.append(
        Pass(
            name=attempt.name,
            engine=desk.engine.name,
            languages=desk.languages,
            page_mode=attempt.page_mode,
            scale=attempt.scale,
            region=attempt.region,
            cpu_ms=round(_cpu_ms() - began_ms),
            words=len(words),
        )
    )


def _prepared(attempt: Attempt, desk: _Desk) -> NDArray[np.uint8]:
    box, shrink = attempt.region, desk.shrink
    left, top = int(box.x * shrink), int(box.y * shrink)
    right, bottom = round((box.x + box.w) * shrink), round((box.y + box.h) * shrink)
    part = enhance.resized(desk.grey[top:bottom, left:right], attempt.scale / shrink)
    return enhance.contrast(part, desk.policy) if attempt.contrast else enhance.plain(part)


def _placed(word: Word, attempt: Attempt, reader: int, picture: Picture) -> Word:
    """Return the word with its box in px of the upright original."""
    left = min(picture.width_px - 1, round(attempt.region.x + word.box.x / attempt.scale))
    top = min(picture.height_px - 1, round(attempt.region.y + word.box.y / attempt.scale))
    wide = min(picture.width_px - left, max(1, round(word.box.w / attempt.scale)))
    tall = min(picture.height_px - top, max(1, round(word.box.h / attempt.scale)))
    return Word(
        text=word.text,
        box=Box(x=left, y=top, w=wide, h=tall),
        confidence=word.confidence,
        line=word.line,
        reader=reader,
    )


def _settled(desk: _Desk) -> bool:
    """Whether every check passes, or can gain nothing from more reading."""
    reading = desk.reading()
    return all(_check_settled(check, reading, desk) for check in desk.ask.checks)


def _check_settled(check: Check, reading: Reading, desk: _Desk) -> bool:
    result = match.check(check, (reading,), desk.ask, desk.policy)
    if isinstance(check, AbsentCheck) and result.status is Status.PASS:
        return (
            len(reading.passes) >= desk.policy.agreeing_passes
        )  # one look does not show that nothing is there
    return result.status is Status.PASS or result.code is ReasonCode.UNSUPPORTED_SCRIPT


def _quick_scale(desk: _Desk) -> float:
    """Return the scale at which a phone's or a desktop's text has the size that the models know best."""
    wide = desk.picture.width_px > desk.picture.height_px
    target = desk.policy.wide_width_px if wide else desk.policy.quick_width_px
    return min(desk.policy.largest_scale, target / desk.picture.width_px)


def _padded(box: Box, picture: Picture) -> Box:
    pad = box.h
    left, top = max(0, box.x - pad), max(0, box.y - pad // 2)
    right, bottom = (
        min(picture.width_px, box.x + box.w + pad),
        min(picture.height_px, box.y + box.h + pad // 2),
    )
    return Box(x=left, y=top, w=max(1, right - left), h=max(1, bottom - top))


def _asked_texts(ask: Ask) -> Iterator[str]:
    for check in ask.checks:
        match check:
            case TextCheck() | CodeCheck():
                yield check.value
            case StateCheck():
                yield from (*check.done, *check.not_done)
            case UrlCheck():
                yield check.host
            case AbsentCheck():
                yield from check.any
            case AnswerCheck():
                yield ask.answer or ""
            case _:
                yield "0"


def _cpu_ms() -> float:
    """Return CPU time of this process and of the programs it ran, in ms."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (time.process_time() + children.ru_utime + children.ru_stime) * 1000
