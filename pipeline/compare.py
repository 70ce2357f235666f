"""Aligned comparison of two sketches: one capture, another capture, or nobody can tell?

In: two sketches as `fingerprint` made them. Out: a Likeness. Honest proofs of one job show one page; a copy
shares what moves, too: clock, battery, icons, counts. So the page only has to be found, and what differs on
it decides. Never: calls a pair ALTERED that two honest people could have made.

The rules, in the order the code tries them; "body" is the page without its status bar:

- The two share no plane, or too little of one: another capture.
- The body differs in many places, or on much of it: another capture; if the status bars agree, and few large
  patches are all that differs, they may have been blacked out: nobody can tell.
- The body is too empty to tell people apart: nobody can tell.
- The status bars agree and the body does, but for few compact patches (stickers, a painted name): a copy.
- No status bar can be compared, but one picture is a part, a tilt or a mirror image of the other, and a rich
  body agrees but for a patch or two: a copy. With more patches an honest person may have cropped a page of
  their own; and if the judged one shows a status bar where the other shows nothing, it was not made of that
  one, whoever altered that: nobody can tell.
- The status bars differ and the body does, however little, without a trace of editing: another capture.
- Of the status bars only the clock differs, not as one phone writes two times: it was painted over, a copy.
- What is left (only the clock differs; no bar, no trace of editing): nobody can tell.

A watermark only ever adds, and what lies beneath still shows through: its tiles are set aside before the
rules are tried, and so is the frame around a part of a page that was cut out and set on bars or photographed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.align import laid
from pipeline.bars import units
from pipeline.clocks import apart_px
from pipeline.records import Box, Likeness, Relation
from pipeline.straighten import bar_differs
from pipeline.tiles import TILE_PX
from pipeline.traces import frame, watermark
from pipeline.views import best_view, view_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.policy import Policy
    from pipeline.sketch import Sketch
    from pipeline.tiles import Grid
    from pipeline.views import View

    Grey = NDArray[np.uint8]
    Bools = NDArray[np.bool_]

_MOST_BOXES = 12
_WORST_SHARE = 0.05
_BLOB_SIDE, _BLOB_LONG = 4, 3
_BLOB_FILL = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patch:
    """Neighbouring tiles that differ."""

    weight: float
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What decides, counted.

    Attributes:
        changed_tiles: Tiles of the body that differ; `patches` counts their heavier groups, `blobs` those of
            them that are filled and compact, as stickers are and changed words are not.
        bar_columns: Width in tiles of what differs in the status bar; 0 where the bars agree.
        bar_alone: The judged picture's status bar lies where the other shows too little to compare.
        clock_apart_px: How far apart the hands of the two clocks are, where nothing else of the bars differs;
            None where nothing tells.
        altered, overlaid: Traces of editing: the placement, a watermark.
    """

    body_tiles: int
    changed_tiles: int
    patches: int
    blobs: int
    blob_tiles: int
    bar_known: bool
    bar_columns: int
    bar_alone: bool
    clock_apart_px: float | None
    altered: bool
    overlaid: bool

    @property
    def one_bar(self) -> bool:
        """Both show one and the same status bar."""
        return self.bar_known and self.bar_columns == 0

    @property
    def traced(self) -> bool:
        """One of the two was edited, whoever made it."""
        return self.altered or self.overlaid


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Two sketches laid over each other, and what decided, to be shown to a person.

    Attributes:
        differs, overlaid: Tiles that differ, and those that a watermark added.
    """

    view: View
    seen: _Evidence
    differs: Bools
    overlaid: Bools


def compare(
    first: Sketch, second: Sketch, *, width_px: int, policy: Policy, mirrored: bool | None = None
) -> Likeness:
    """Compare two sketches.

    Args:
        first: Of the picture that is judged; boxes refer to it.
        second: Of a candidate.
        width_px: Width of the judged picture's original.
        policy: Thresholds.
        mirrored: Lay the candidate over it as it is, or mirrored; None for what agrees better.
    """
    if mirrored is None:
        return examine(first, second, width_px=width_px, policy=policy)[0]
    view = view_of(first, second, policy, mirrored=mirrored)
    return _examined((first, second), view, width_px=width_px, policy=policy)[0]


def examine(
    first: Sketch, second: Sketch, *, width_px: int, policy: Policy
) -> tuple[Likeness, Examined | None]:
    """Compare two sketches as `compare` does, and return what it saw; None where they share no plane."""
    view = best_view(first, second, policy)
    return _examined((first, second), view, width_px=width_px, policy=policy)


def _examined(
    pair: tuple[Sketch, Sketch], view: View | None, *, width_px: int, policy: Policy
) -> tuple[Likeness, Examined | None]:
    if view is None:
        return Likeness(relation=None, score=0.0), None
    differs = _straightened(pair, view, _differing(view, policy), policy)
    framed = frame(view, differs)
    overlaid = watermark(view, differs & ~framed, policy)
    differs &= ~(framed | overlaid)
    seen = _evidence(
        pair, view, differs, policy=policy, aside=framed | overlaid, overlaid=bool(overlaid.any())
    )
    relation = _relation(seen, policy)
    scale = width_px / pair[0].shape[1]
    likeness = Likeness(
        relation=relation,
        score=round(_score(view, differs), 3),
        differing=_boxes(differs | overlaid, view.grid, scale) if relation else (),
        upright=_upright(view, policy),
        one_hand=_one_hand(seen, policy),
        closer=relation is Relation.SAME_SCREEN and _closer(seen, view, policy),
    )
    return likeness, Examined(view=view, seen=seen, differs=differs, overlaid=overlaid)


def _closer(seen: _Evidence, view: View, policy: Policy) -> bool:
    """Tell whether the originals may tell more: nothing differs on a rich page that shows no status bar."""
    unbarred = not seen.bar_known and not seen.bar_alone
    alike = seen.patches == 0 and not seen.traced and not view.displaced
    return unbarred and alike and seen.body_tiles >= policy.unbarred_rich_tiles


def _upright(view: View, policy: Policy) -> bool:
    """Tell whether many key points or most of the page say that neither is a mirror image of the other."""
    many = view.placement.inliers >= policy.upright_inliers
    return not view.placement.mirrored and (many or view.agreement >= policy.page_agreement)


def _differing(view: View, policy: Policy) -> Bools:
    """Return the tiles that differ; in the status bar, what is unlike the rest of the pair counts already.

    One digit of a clock can change a tile by little. Where the body agrees to the last px, so must the bar.
    """
    likeness, content = view.grid.likeness, view.grid.structured
    if view.altered:
        return np.asarray(content & (likeness < policy.tile_likeness))
    alike = likeness[content & ~view.bar & (likeness >= policy.tile_likeness)]
    usual = float(np.quantile(alike, _WORST_SHARE)) if alike.size else policy.tile_likeness
    in_bar = float(np.clip(usual - policy.bar_margin, policy.tile_likeness, policy.bar_likeness))
    return np.asarray(content & (likeness < np.where(view.bar, in_bar, policy.tile_likeness)))


def _straightened(pair: tuple[Sketch, Sketch], view: View, differs: Bools, policy: Policy) -> Bools:
    """Return the tiles that differ, those of the bar once more where a photo of an agreeing page tilts it."""
    tilted = view.placement.warped and view.agreement >= policy.page_agreement
    bar = bar_differs(pair, view, policy) if tilted and (differs & view.bar).any() else None
    return differs if bar is None else np.where(view.bar, bar, differs)


def _patches(differs: Bools, grid: Grid, *, least: float) -> tuple[_Patch, ...]:
    """Return the groups of neighbouring tiles that differ by more than `least` in all, heaviest first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(differs.astype(np.uint8), connectivity=8)
    weights = np.bincount(labels.ravel(), weights=(1 - grid.likeness).ravel(), minlength=count)
    found = [
        _Patch(weight=float(weight), x=int(x), y=int(y), w=int(w), h=int(h))
        for (x, y, w, h, _), weight in zip(stats[1:], weights[1:], strict=True)
        if weight >= least
    ]
    return tuple(sorted(found, key=lambda patch: -patch.weight))


def _evidence(
    pair: tuple[Sketch, Sketch], view: View, differs: Bools, *, policy: Policy, aside: Bools, overlaid: bool
) -> _Evidence:
    # What was set aside makes no page: the rest has to agree and be rich by itself.
    content, bar = view.grid.structured & ~aside, view.bar
    body = differs & ~bar
    patches = _patches(body, view.grid, least=policy.patch_weight)
    blobs = [one for one in patches if _is_blob(one, body)]
    bar_known = _bar_known(view, content & bar, policy)
    columns = _columns(differs & bar) if bar_known else range(0)
    return _Evidence(
        body_tiles=int(np.count_nonzero(content & ~bar)),
        changed_tiles=int(np.count_nonzero(body)),
        patches=len(patches),
        blobs=len(blobs),
        blob_tiles=sum(int(_part(one, body).sum()) for one in blobs),
        bar_known=bar_known,
        bar_columns=len(columns),
        bar_alone=pair[0].bar_px is not None and not bar_known,
        clock_apart_px=_clock_apart_px(pair, view, columns, policy),
        altered=view.altered,
        overlaid=overlaid,
    )


def _bar_known(view: View, content: Bools, policy: Policy) -> bool:
    """Tell whether both show a status bar there; what one of them blanked out tells nothing."""
    ours, theirs = content & view.grid.shows, content & view.grid.other_shows
    most = max(np.count_nonzero(ours), np.count_nonzero(theirs))
    both = np.count_nonzero(ours & theirs)
    return bool(np.count_nonzero(content) >= policy.bar_tiles and both >= policy.bar_shared * most)


def _clock_apart_px(pair: tuple[Sketch, Sketch], view: View, columns: range, policy: Policy) -> float | None:
    """Return how far apart two clocks' hands are where the bars agree but for them."""
    if not 0 < len(columns) <= policy.clock_tiles or view.placement.warped:
        return None
    beside = view.grid.shows & view.grid.other_shows & view.bar
    beside[:, columns.start : columns.stop] = False
    if np.count_nonzero(beside) < policy.bar_tiles:
        return None
    first, second = pair
    rows, across = np.flatnonzero(view.bar.any(axis=1)), np.flatnonzero(view.bar.any(axis=0))
    # A strip ends where the bar does: what lies beside it, the black of a letterbox, is no ground for it.
    strip = (
        slice(rows[0] * TILE_PX, (rows[-1] + 1) * TILE_PX),
        slice(across[0] * TILE_PX, (across[-1] + 1) * TILE_PX),
    )
    over = laid(second, view.placement, first.shape)
    around = (columns.start - 1 - across[0]) * TILE_PX, (columns.stop + 1 - across[0]) * TILE_PX
    return apart_px(first.grey[strip], over[strip], around, units(first.shape))


def _part(patch: _Patch, differs: Bools) -> Bools:
    return differs[patch.y : patch.y + patch.h, patch.x : patch.x + patch.w]


def _is_blob(patch: _Patch, differs: Bools) -> bool:
    """Tell whether a patch is about as tall as wide and well filled: a sticker is, a line of words is not."""
    part = _part(patch, differs)
    return bool(
        min(part.shape) >= _BLOB_SIDE
        and max(part.shape) <= _BLOB_LONG * min(part.shape)
        and part.mean() >= _BLOB_FILL
    )


def _relation(seen: _Evidence, policy: Policy) -> Relation | None:
    most = policy.most_changed * seen.body_tiles
    if seen.body_tiles < policy.least_tiles or seen.changed_tiles > policy.most_covered * seen.body_tiles:
        return None
    if seen.changed_tiles - seen.blob_tiles > most:
        blacked_out = seen.one_bar and seen.patches <= policy.doubtful_patches
        return Relation.SAME_SCREEN if blacked_out else None
    if seen.patches > policy.most_patches:
        doubtful = seen.overlaid or (seen.one_bar and seen.changed_tiles <= most)
        return Relation.SAME_SCREEN if doubtful else None
    if seen.one_bar:
        return Relation.ALTERED if seen.body_tiles >= policy.rich_tiles else Relation.SAME_SCREEN
    if not seen.bar_known and seen.altered:
        return Relation.ALTERED if _surely_a_part(seen, policy) else Relation.SAME_SCREEN
    return _unless_painted(seen, policy) if _doubtful(seen, policy) else None


def _unless_painted(seen: _Evidence, policy: Policy) -> Relation:
    """Return a doubt, or a copy where two hands wrote the clocks of two bars that agree in all else."""
    rich = seen.body_tiles >= policy.rich_tiles and _few(seen, policy.doubtful_patches, policy)
    painted = _one_hand(seen, policy) is False
    return Relation.ALTERED if rich and painted else Relation.SAME_SCREEN


def _one_hand(seen: _Evidence, policy: Policy) -> bool | None:
    return None if seen.clock_apart_px is None else seen.clock_apart_px < policy.clock_apart_px


def _surely_a_part(seen: _Evidence, policy: Policy) -> bool:
    """Tell whether the body alone, without a status bar, shows that one was made of the other."""
    rich = seen.body_tiles >= policy.unbarred_rich_tiles
    return rich and seen.patches <= policy.unbarred_copy_patches and not seen.bar_alone


def _doubtful(seen: _Evidence, policy: Policy) -> bool:
    if seen.changed_tiles < policy.changed_tiles or seen.traced:
        return True
    if not seen.bar_known:
        return _few(seen, policy.unbarred_patches, policy)
    return seen.bar_columns <= policy.clock_tiles and _few(seen, policy.doubtful_patches, policy)


def _few(seen: _Evidence, most: int, policy: Policy) -> bool:
    return seen.patches <= most or (seen.blobs > 0 and seen.patches - seen.blobs <= policy.beside_blobs)


def _columns(tiles: Bools) -> range:
    found = np.flatnonzero(tiles.any(axis=0))
    return range(int(found[0]), int(found[-1]) + 1) if found.size else range(0)


def _score(view: View, differs: Bools) -> float:
    content = np.count_nonzero(view.grid.structured)
    return 1.0 - np.count_nonzero(differs) / content


def _boxes(differs: Bools, grid: Grid, scale: float) -> tuple[Box, ...]:
    step = TILE_PX * scale
    return tuple(
        Box(x=int(one.x * step), y=int(one.y * step), w=round(one.w * step), h=round(one.h * step))
        for one in _patches(differs, grid, least=0)[:_MOST_BOXES]
    )
