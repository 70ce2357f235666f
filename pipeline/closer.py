"""A second look at places: where something resembles what is asked, and where what is forbidden may stand.

In: the desks of a proof's pictures. Out: words on the desks, one pass a look. It chooses places and sizes;
what a place shows is for `match` to say.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.desk import BLOCK, Attempt, Desk
from pipeline.faint import faint
from pipeline.lengths import length_of
from pipeline.missed import bold, parts, pills
from pipeline.one_line import ONE_LINE
from pipeline.reasons import ReasonCode
from pipeline.records import AbsentCheck, Box, Status
from pipeline.rounds import lines_in, read_again
from pipeline.settled import open_checks, result_of, unsure_lines
from pipeline.wanted import asked_texts, fits, has_room, misfit_of, split_at, texty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pipeline.lines import Line
    from pipeline.records import Check


def look_closer(desks: Sequence[Desk]) -> Iterator[None]:
    """Look again at each place that resembles what is asked without being it, until it is."""
    for check in open_checks(desks):
        result = result_of(check, desks)
        if result.box is None or result.similarity >= 1.0:  # then the doubt is not about letters
            continue
        desk = next(one for one in desks if one.image == result.image)
        if _wider(desk, result.box, check, result.found or ""):
            yield
            if result_of(check, desks).status is Status.PASS:
                continue
        for _ in _closer(desk, result.box):
            yield
            if result_of(check, desks).status is Status.PASS:
                break


def look_for_absent(desks: Sequence[Desk]) -> Iterator[None]:
    """Look again at the lines that may hold what must be absent and were not surely read."""
    for check in open_checks(desks):
        for desk in desks if isinstance(check, AbsentCheck) else ():
            lines = unsure_lines(check, desk)
            if lines:
                desk.closely_read |= {*lines}
                read_again("closer", desk, lines, desk.policy.again_px[0])
                yield


def look_at_unsure(desks: Sequence[Desk]) -> Iterator[None]:
    """Look again at lines as long as what was not found that were not surely read, and at unread buttons.

    One size hides what another shows: none of them may say that a text is missing.
    """
    for desk in desks:
        lines = _unsure_of(desk, _without_trace(desks))
        desk.closely_read |= {*lines}
        for tall_px in desk.policy.again_px if lines else ():
            read_again("unsure", desk, lines, tall_px)
            yield
            if not _without_trace(desks):
                break


def _without_trace(desks: Sequence[Desk]) -> list[Check]:
    wanted = (check for check in open_checks(desks) if not isinstance(check, AbsentCheck))
    results = ((check, result_of(check, desks)) for check in wanted)
    return [check for check, one in results if one.found is None or one.code is ReasonCode.STATE_MISSING]


def _unsure_of(desk: Desk, checks: Sequence[Check]) -> list[Line]:
    """Return the lines that fit a check best: not found yet, taken for patches of a photo, unsurely read."""
    if not checks:
        return []
    ink, known, policy = desk.ink, desk.lines, desk.policy
    missed: tuple[Iterable[Line], ...] = (
        bold(ink, known, policy),
        (part for line in desk.unsure for part in parts(ink, line, policy)),
        faint(desk.contrast, known, policy),
        (line for line in desk.unread if not texty(line, policy) and line.mottled <= policy.patchy),
        desk.unsure,
    )
    labels = _best(desk, checks, pills(ink, known, policy), has_room)
    return [*labels, *(line for lines in missed for line in _best(desk, checks, lines, fits))]


def _best(
    desk: Desk, checks: Sequence[Check], lines: Iterable[Line], suits: Callable[..., bool]
) -> list[Line]:
    ask, policy, tall_px = desk.ask, desk.policy, desk.contrast.shape[0]
    fitting = (
        (misfit_of(check, ask, line, line.middle_px / tall_px, policy), line.top, line)
        for line in lines
        if line not in desk.closely_read
        for check in checks
        if suits(check, ask, line, policy)
    )
    ranked = dict.fromkeys(line for _, _, line in sorted(fitting, key=lambda one: one[:2]))
    return list(ranked)[: policy.most_unsure]


def _wider(desk: Desk, box: Box, check: Check, found: str) -> bool:
    """Read a line on to the side where the rest of a text may stand that was cut off; tell whether it was.

    A word that touches the line under it belongs to neither line.
    """
    lines, goes_on = _long(lines_in(desk, box)), split_at(check, desk.ask, found)
    if len(lines) != 1 or goes_on is None:
        return False
    (line,), usual = lines, max(length_of(text) for text in asked_texts(check, desk.ask))
    rest_px = round(max(0.0, usual * line.tall_px - line.width_px) + desk.policy.wider_heights * line.tall_px)
    tall_px, right_px = desk.contrast.shape
    hanging_px = round(desk.policy.hanging * line.tall_px)  # what was read may have no g, what is left has
    wider = replace(
        line,
        bottom=min(tall_px, line.bottom + hanging_px),
        left=line.left if goes_on else max(0, line.left - rest_px),
        right=min(right_px, line.right + rest_px) if goes_on else line.right,
    )
    if wider in desk.closely_read:
        return False
    desk.closely_read.add(wider)
    read_again("wider", desk, (wider,), desk.policy.line_height_px)
    return True


def _long(lines: Sequence[Line]) -> list[Line]:
    """Return the lines at least half as long as the longest: a dot of an i is none."""
    most_px = max((line.width_px for line in lines), default=0)
    return [line for line in lines if 2 * line.width_px >= most_px]


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


def _padded(box: Box, desk: Desk) -> Box:
    pad = box.h
    left, top = max(0, box.x - pad), max(0, box.y - pad // 2)
    right, bottom = (
        min(desk.width_px, box.x + box.w + pad),
        min(desk.height_px, box.y + box.h + pad // 2),
    )
    return Box(x=left, y=top, w=max(1, right - left), h=max(1, bottom - top))
