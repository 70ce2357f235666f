"""Figures become plots: SVG shapes with their numbers, drawn by the server.

In: counts. Out: bars, points and labels in px of a drawing of its `width` by `HEIGHT`; colours are the
stylesheet's. No script and no style attribute is needed, so the console's policy on content stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE, NARROW, HEIGHT = 720, 400, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 10, 24
GAP_SHARE = 0.2
LABEL_PX = 60
GRID = 4
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One piece of a column."""

    x: float
    y: float
    w: float
    h: float
    series: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A label beside or below the drawing, and where."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawing; `line` is a path of points, or empty."""

    bars: tuple[Bar, ...] = ()
    rows: tuple[Tick, ...] = ()
    columns: tuple[Tick, ...] = ()
    line: str = ""
    dots: tuple[Bar, ...] = ()
    width: int = WIDE
    height: int = HEIGHT


def stacked(columns: Sequence[tuple[str, Sequence[tuple[str, int, str]]]], *, width: int = WIDE) -> Plot:
    """Return columns of stacked bars.

    Args:
        columns: Each with its label and its pieces from the ground up: series, count, what it tells.
        width: Of the drawing.
    """
    top = round_up(max((sum(many for _, many, _ in pieces) for _, pieces in columns), default=0))
    step, tall = _step(len(columns), width), HEIGHT - TOP - BOTTOM
    bars: list[Bar] = []
    for place, (_, pieces) in enumerate(columns):
        ground = float(HEIGHT - BOTTOM)
        for series, many, told in pieces:
            h = many / top * tall
            ground -= h
            if many:
                x = LEFT + (place + GAP_SHARE / 2) * step
                bars.append(_bar((x, ground, step * (1 - GAP_SHARE), h), series, told))
    rows = tuple(
        Tick(at=round(HEIGHT - BOTTOM - tall * part / GRID, 1), text=_plain(top * part / GRID))
        for part in range(GRID + 1)
        if top * part % GRID == 0
    )
    labels = _labels([label for label, _ in columns], width)
    return Plot(bars=tuple(bars), rows=rows, columns=labels, width=width)


def shares(columns: Sequence[tuple[str, float | None, str]], *, width: int = NARROW) -> Plot:
    """Return a line of shares, 0..1; where there is none the line is broken."""
    step, tall = _step(len(columns), width), HEIGHT - TOP - BOTTOM
    path, dots, drawn = [], [], False
    for place, (_, share, told) in enumerate(columns):
        if share is None:
            drawn = False
            continue
        x, y = round(LEFT + (place + 0.5) * step, 1), round(HEIGHT - BOTTOM - share * tall, 1)
        path.append(f"{'L' if drawn else 'M'}{x} {y}")
        dots.append(_bar((x, y, 0.0, 0.0), "share", told))
        drawn = True
    rows = tuple(
        Tick(at=round(HEIGHT - BOTTOM - tall * part / GRID, 1), text=f"{100 * part // GRID} %")
        for part in range(GRID + 1)
    )
    labels = _labels([label for label, _, _ in columns], width)
    return Plot(rows=rows, columns=labels, line=" ".join(path), dots=tuple(dots), width=width)


def round_up(most: int) -> int:
    """Return the top of a scale: 1, 2 or 5 with noughts, and never less than 4 so that its rows are whole."""
    scale = 4
    while scale < most:
        scale = next(one for one in _tops(scale) if one > scale)
    return scale


def _tops(above: int) -> list[int]:
    power = 10 ** (len(str(above)) - 1)
    return [step * power for step in _STEPS]


def _step(columns: int, width: int) -> float:
    return (width - LEFT - RIGHT) / max(1, columns)


def _bar(box: tuple[float, float, float, float], series: str, told: str) -> Bar:
    x, y, w, h = (round(one, 1) for one in box)
    return Bar(x=x, y=y, w=w, h=h, series=series, told=told)


def _labels(names: Sequence[str], width: int) -> tuple[Tick, ...]:
    step, every = _step(len(names), width), -(-len(names) * LABEL_PX // (width - LEFT))
    return tuple(
        Tick(at=round(LEFT + (place + 0.5) * step, 1), text=name)
        for place, name in enumerate(names)
        if place % max(1, every) == 0
    )


def _plain(value: float) -> str:
    return str(int(value))
