"""Aligned comparison of two sketches: one capture, another capture, or nobody can tell?

In: two sketches as `fingerprint` made them. Out: a Likeness. Honest proofs of one job show one page; a copy shares
what moves, too: clock, battery, icons, counts. So the page only has to be found, and what differs on it decides.
Never: calls a pair ALTERED that two honest people could have made.

The rules, in the order the code tries them; "body" is the page without its status bar:

- The two share no plane, or too little of one: another capture.
- The body differs in many places: another capture.
- The body is too empty to tell people apart: nobody can tell.
- The status bars agree and the body does, but for few compact patches (stickers, a painted name): a copy.
- No status bar can be compared, but one picture is a part, a tilt or a mirror image of the other, and the body
  agrees but for such patches: a copy.
- The status bars differ and the body does, however little: another capture.
- What is left (only the clock differs; no bar, no trace of editing): nobody can tell.

A watermark only ever adds: where one picture shows something on many tiles where the other is empty, and never the
reverse, those tiles are set aside before the rules are tried.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from pipeline.align import Featured, Placement, corners, laid, place
from pipeline.bars import status_bar_px
from pipeline.records import Box, Likeness, Relation
from pipeline.tiles import TILE_PX, Grid, compared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy

    Grey = NDArray[np.uint8]
    Bools = NDArray[np.bool_]

_MOST_BOXES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patch:
    """Neighbouring tiles that differ."""

    tiles: int
    weight: float
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """One picture laid over the other, and what that shows.

    Attributes:
        bar: Tiles of a status bar, of either picture.
        agreement: Share (0..1) of the tiles with content that agree.
    """

    placement: Placement
    grid: Grid
    bar: Bools
    agreement: float
    altered: bool


def compare(sketch: bytes, other: bytes, *, width_px: int, policy: Policy) -> Likeness:
    """Compare two sketches.

    Args:
        sketch: Of the picture that is judged; boxes refer to it.
        other: Of a candidate.
        width_px: Width of the judged picture's original.
        policy: Thresholds.
    """
    first, second = Featured(_opened(sketch)), Featured(_opened(other))
    view = _best_view(first, second, policy)
    if view is None:
        return Likeness(relation=None, score=0.0)
    overlaid = _overlaid(view, policy)
    differs = _differing(view, policy) & ~overlaid
    patches = _patches(differs & ~view.bar, view.grid, policy)
    relation = _relation(view, patches, differs, policy)
    scale = width_px / first.grey.shape[1]
    return Likeness(
        relation=relation,
        score=round(_score(view, differs), 3),
        differing=_boxes(differs | overlaid, view.grid, scale, policy) if relation else (),
    )
