"""What two pictures say of each other, for a person: the answer, what it rests on, the regions that spoke.

In: two pictures with their files. Out: a Contrast, drawn where that was asked. The answer is that of
`compare`, which judges proofs; here it is only told and shown. Never: decides anything itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.compare import examine
from pipeline.fingerprint import sketch, structured_share
from pipeline.originals import made_of
from pipeline.picture import encode_png
from pipeline.records import Answer, Box, Contrast, Region, Relation
from pipeline.sheet import Shown, sheet
from pipeline.sketch import Sketch
from pipeline.tiles import TILE_PX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.compare import Examined
    from pipeline.policy import Policy
    from pipeline.records import Likeness, Picture

    Bools = NDArray[np.bool_]

_NOTHING_SHOWN = (128, 128, 128)
_ANSWERS = {
    Relation.EXACT: Answer.COPY,
    Relation.ALTERED: Answer.COPY,
    Relation.SAME_SCREEN: Answer.CANNOT_TELL,
    None: Answer.ANOTHER_CAPTURE,
}


def contrast(
    files: tuple[bytes, bytes],
    pictures: tuple[Picture, Picture],
    *,
    policy: Policy,
    names: tuple[str, str] | None = None,
) -> Contrast:
    """Compare two pictures.

    Args:
        files: Both as sent: equal bytes need no look.
        pictures: What `picture.decode` made of them; boxes refer to the first.
        policy: Thresholds.
        names: What to call the two in the drawing; None to draw nothing.
    """
    first, second = (sketch(one.pixels, policy=policy) for one in pictures)
    likeness, examined = examine(
        Sketch.of(first), Sketch.of(second), width_px=pictures[0].width_px, policy=policy
    )
    closer = likeness.closer and made_of(*pictures, policy=policy)
    if closer:
        likeness = replace(likeness, relation=Relation.ALTERED)
    flat = min(structured_share(one, policy=policy) for one in (first, second)) < policy.flat_share
    found = _told(_exact(files, pictures), likeness, None if flat else examined, flat=flat, policy=policy)
    if closer:
        found = replace(
            found, facts=(*found.facts, "at full size nothing differs but what an edit of all does")
        )
    lay = None if examined is None or flat else lay_of(examined, pictures, (first.shape[1], second.shape[1]))
    if examined is not None and lay is not None:
        found = replace(found, regions=_regions(examined, lay, first.shape[1], pictures))
    if names is None:
        return found
    tile_px = TILE_PX * pictures[0].width_px / first.shape[1]
    shown = None if examined is None or lay is None else _shown(examined, lay, tile_px)
    return replace(found, drawn=sheet(found, (pictures[0].pixels, pictures[1].pixels), shown, names=names))


def _exact(files: tuple[bytes, bytes], pictures: tuple[Picture, Picture]) -> str | None:
    if files[0] == files[1]:
        return "both are the same file, byte for byte"
    if np.array_equal(pictures[0].pixels, pictures[1].pixels):
        return "both have the same pixels, in different files"
    return None


def _told(
    exact: str | None, likeness: Likeness, examined: Examined | None, *, flat: bool, policy: Policy
) -> Contrast:
    if exact is not None:
        return Contrast(
            answer=Answer.COPY, relation=Relation.EXACT, confidence=1.0, score=1.0, facts=(exact,)
        )
    if flat:
        facts = ("one of them shows too little to be compared",)
        return Contrast(answer=Answer.CANNOT_TELL, relation=None, confidence=None, score=0.0, facts=facts)
    answer = _ANSWERS[likeness.relation]
    return Contrast(
        answer=answer,
        relation=likeness.relation,
        confidence=_confidence(answer, examined, policy),
        score=likeness.score,
        facts=_facts(examined) if examined else ("the two share no page: none can be laid over the other",),
    )


def _confidence(answer: Answer, examined: Examined | None, policy: Policy) -> float | None:
    """Return how far the counts that speak against one capture lie from their limits."""
    if answer is Answer.CANNOT_TELL:
        return None
    if examined is None:
        return 1.0
    seen = examined.seen
    against = [
        (seen.patches, policy.most_patches),
        (seen.changed_tiles, policy.most_changed * seen.body_tiles),
        (seen.bar_columns, policy.clock_tiles),
    ]
    apart = max(count / (count + limit) if count else 0.0 for count, limit in against)
    return round(1 - apart if answer is Answer.COPY else max(apart, 0.5), 2)


def _facts(examined: Examined) -> tuple[str, ...]:
    seen, placement = examined.seen, examined.view.placement
    facts = []
    if placement.mirrored:
        facts.append("the second lies over the first mirrored")
    elif examined.view.altered:
        facts.append("the second lies over the first cropped, moved or tilted")
    if not seen.bar_known:
        facts.append("no status bar that both show")
    elif seen.bar_columns:
        facts.append(f"the status bars differ, over a width of {seen.bar_columns} tiles")
    else:
        facts.append("the status bars agree")
    agreeing = seen.body_tiles - seen.changed_tiles
    facts.append(f"{agreeing} of {seen.body_tiles} tiles of the page agree")
    if seen.changed_tiles:
        places = "1 place" if seen.patches == 1 else f"{seen.patches} places"
        facts.append(f"the page differs in {places}" if seen.patches else "the page differs by noise only")
    if seen.clock_apart_px is not None:
        facts.append(f"the clocks' colons stand {seen.clock_apart_px:.1f} px apart at a width of 540")
    if seen.overlaid:
        facts.append("a watermark was laid over one of them and is set aside")
    return tuple(facts)


# ---- where ----------------------------------------------------------------------------------------


def lay_over(pictures: tuple[Picture, Picture], *, policy: Policy) -> bytes | None:
    """Return the second picture as it lies over the first, a PNG of the first's size; None where it does not.

    What the second does not show is grey.
    """
    first, second = (sketch(one.pixels, policy=policy) for one in pictures)
    _, examined = examine(Sketch.of(first), Sketch.of(second), width_px=pictures[0].width_px, policy=policy)
    if examined is None:
        return None
    lay = lay_of(examined, pictures, (first.shape[1], second.shape[1]))
    size_px = (pictures[0].width_px, pictures[0].height_px)
    laid = cv2.warpPerspective(
        pictures[1].pixels, lay, size_px, flags=cv2.INTER_AREA, borderValue=_NOTHING_SHOWN
    )
    return encode_png(np.asarray(laid, np.uint8))


def lay_of(
    examined: Examined, pictures: tuple[Picture, Picture], widths_px: tuple[int, int]
) -> NDArray[np.float64]:
    """Return what maps px of the second original to px of the first, shape (3, 3)."""
    up, down = pictures[0].width_px / widths_px[0], widths_px[1] / pictures[1].width_px
    matrix = np.diag([up, up, 1.0]) @ examined.view.placement.matrix
    if examined.view.placement.mirrored:
        matrix = matrix @ np.array([[-1.0, 0.0, widths_px[1] - 1], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(matrix @ np.diag([down, down, 1.0]))


def _regions(
    examined: Examined, lay: NDArray[np.float64], width_px: int, pictures: tuple[Picture, Picture]
) -> tuple[Region, ...]:
    bar, step = examined.view.bar, TILE_PX * pictures[0].width_px / width_px
    kinds = (
        (examined.differs & bar, True, False),
        (examined.differs & ~bar, False, False),
        (examined.overlaid, False, True),
    )
    return tuple(
        Region(box=box, other_box=_back(box, lay, pictures[1]), in_bar=in_bar, added=added)
        for tiles, in_bar, added in kinds
        for box in _boxes(tiles, examined.view.grid.likeness, step)
    )


def _boxes(tiles: Bools, likeness: NDArray[np.float32], step: float) -> list[Box]:
    """Return the groups of neighbouring tiles, heaviest first; one inside another's box belongs to that."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(tiles.astype(np.uint8), connectivity=8)
    weights = np.bincount(labels.ravel(), weights=(1 - likeness).ravel(), minlength=count)
    order = sorted(range(1, count), key=lambda group: -float(weights[group]))
    boxes: list[Box] = []
    for x, y, w, h in (stats[group, :4] * step for group in order):
        box = Box(x=int(x), y=int(y), w=round(w), h=round(h))
        if not any(_within(box, other) for other in boxes):
            boxes.append(box)
    return boxes


def _within(box: Box, other: Box) -> bool:
    across = other.x <= box.x and box.x + box.w <= other.x + other.w
    return across and other.y <= box.y and box.y + box.h <= other.y + other.h


def _back(box: Box, lay: NDArray[np.float64], second: Picture) -> Box:
    """Return where `box` of the first picture lies in the second."""
    right, bottom = box.x + box.w, box.y + box.h
    square = np.array([[[box.x, box.y], [right, box.y], [right, bottom], [box.x, bottom]]], np.float64)
    placed = cv2.perspectiveTransform(square, np.linalg.inv(lay))[0]
    most = (second.width_px, second.height_px)
    low, high = np.clip(placed.min(axis=0), 0, most), np.clip(placed.max(axis=0), 0, most)
    x, y = int(low[0]), int(low[1])
    return Box(x=x, y=y, w=round(float(high[0])) - x, h=round(float(high[1])) - y)


def _shown(examined: Examined, lay: NDArray[np.float64], tile_px: float) -> Shown:
    grid = examined.view.grid
    return Shown(
        lay=lay,
        agrees=grid.structured & ~examined.differs & ~examined.overlaid,
        differs=examined.differs,
        added=examined.overlaid,
        tile_px=tile_px,
    )
