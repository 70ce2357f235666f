"""What the line finder missed: labels of low buttons, bold words, names that an avatar joined.

In: the ink of a contrast picture, the lines found on it. Out: further `Line`s where text may stand. A low
plate that is far darker or lighter than its page fills the window by which the ground is judged, so that a
ring of ink grows around its label and swallows letters of it; so do the strokes of large bold letters, whose
own ground then seems to be ink.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from pipeline.lines import Line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pipeline.lines import Ink
    from pipeline.policy import Policy

EITHER = 0.5  # as `headline`: either script


def pills(inked: Ink, lines: Collection[Line], policy: Policy) -> Iterator[Line]:
    """Yield a line for the label of each button that holds no line as long as a label.

    Args:
        inked: The ink in which the lines were found.
        lines: All of them.
        policy: The thresholds in force.
    """
    usual = _usual_px(lines)
    for left, top, wide, tall, area in inked.spots.tolist():
        low = policy.pill_lowest * usual <= tall <= policy.pill_highest * usual
        shaped = policy.pill_shortest * tall <= wide <= policy.pill_longest * tall
        if not (low and shaped and area >= policy.pill_filled * wide * tall):
            continue
        room, above = round(policy.pill_room * tall), round(policy.pill_above * tall)
        label = Line(
            left=left + room,
            top=top + above,
            right=left + wide - room,
            bottom=top + tall - above,
            tall_px=policy.pill_letters * tall,
            headline=EITHER,
        )
        if not any(_fills(line, label, policy) for line in lines):
            yield label


def bold(inked: Ink, lines: Collection[Line], policy: Policy) -> Iterator[Line]:
    """Yield the lines that begin, end or consist of a word so bold and soft that it passed for a button.

    Args:
        inked: The ink in which the lines were found.
        lines: All of them.
        policy: The thresholds in force.
    """
    usual = _usual_px(lines)
    for left, top, wide, tall, area in inked.spots.tolist():
        large = usual < tall <= policy.pill_highest * usual and wide >= policy.pill_shortest * tall
        if not large or area < policy.bold_fill * wide * tall:
            continue
        word = Line(
            left=left, top=top, right=left + wide, bottom=top + tall, tall_px=float(tall), headline=EITHER
        )
        if any(_fills(line, word, policy) for line in lines):
            continue
        beside = [word, *(line for line in lines if _beside(line, word, policy))]
        yield replace(
            word,
            left=min(line.left for line in beside),
            right=max(line.right for line in beside),
            tall_px=min(line.tall_px for line in beside),  # marks above one word make it no larger type
        )


def parts(inked: Ink, line: Line, policy: Policy) -> Iterator[Line]:
    """Yield what stands apart in a line, where it is more than one thing: an avatar and the name beside it.

    Args:
        inked: The ink in which the line was found.
        line: One of those lines.
        policy: The thresholds in force.
    """
    left, top, wide, tall, _ = inked.spots.T
    inside = (
        (left >= line.left) & (left + wide <= line.right) & (top >= line.top) & (top + tall <= line.bottom)
    )
    runs: list[list[list[int]]] = []
    end = -len(inked.mask[0])
    for spot in sorted(inked.spots[inside & (tall >= policy.spot_px)].tolist()):
        if spot[0] - end > policy.part_gap * line.tall_px:
            runs.append([])
        runs[-1].append(spot)
        end = max(end, spot[0] + spot[2])
    for run in runs if len(runs) > 1 else ():
        heights = sorted(spot[3] for spot in run)
        yield Line(
            left=run[0][0],
            top=min(spot[1] for spot in run),
            right=max(spot[0] + spot[2] for spot in run),
            bottom=max(spot[1] + spot[3] for spot in run),
            tall_px=float(heights[len(heights) * 7 // 10]),
            headline=EITHER,
        )


def _usual_px(lines: Collection[Line]) -> float:
    """Return the height of a usual line's letters; 0 without lines, and no spot is that low."""
    return median(line.tall_px for line in lines) if lines else 0.0


def _beside(line: Line, word: Line, policy: Policy) -> bool:
    gap = max(line.left - word.right, word.left - line.right)
    alike = line.tall_px >= policy.bold_alike * word.tall_px
    return word.top <= line.middle_px <= word.bottom and 0 <= gap <= policy.line_gap * word.tall_px and alike


def _fills(line: Line, label: Line, policy: Policy) -> bool:
    within = label.top <= line.middle_px <= label.bottom
    shared = min(line.right, label.right) - max(line.left, label.left)
    return within and shared >= policy.pill_taken * label.width_px
