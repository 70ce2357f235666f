"""`praman compare`: two pictures, or two proofs of a ledger: copy, another capture, or nobody can tell.

In: paths of picture files, or proof ids. Out: the answer with what it rests on; a drawing where asked for. Of
proofs with several pictures the two that are most alike speak.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from pipeline.commands.embedded import settings_in_force
from pipeline.commands.show import table
from pipeline.errors import BadPicture, EvidenceMissing, UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.queries import SqlQueries
from pipeline.ledger.schema import refuse_another_schema
from pipeline.records import Answer, Relation
from pipeline.wiring import open_children, open_stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.ports import Children
    from pipeline.records import Box, Contrast, Proof
    from pipeline.settings import Settings

SAID = {
    Answer.COPY: ("red", "copy"),
    Answer.ANOTHER_CAPTURE: ("green", "another capture"),
    Answer.CANNOT_TELL: ("yellow", "cannot tell"),
}
SHOWN = 12
_ALIKE = (Relation.EXACT, Relation.ALTERED, Relation.SAME_SCREEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One picture that is compared: a file, or a picture of a proof.

    Attributes:
        image: Which picture of the proof, from 0; None for a file.
    """

    name: str
    content: bytes
    proof: Proof | None = None
    image: int | None = None

    @property
    def label(self) -> str:
        """What to call it in a drawing."""
        return Path(self.name).name if self.proof is None else f"proof {self.name}, picture {self.image}"

    def as_json(self) -> dict[str, Any]:
        """Return what it is."""
        if self.proof is None:
            return {"file": self.name}
        return {
            "proof_id": self.proof.proof_id,
            "platform": self.proof.platform,
            "job_id": self.proof.job_id,
            "submitter_id": self.proof.submitter_id,
            "submitted_at": self.proof.submitted_at.isoformat(),
            "image": self.image,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The two pictures that speak, and what they say of each other."""

    first: Side
    second: Side
    contrast: Contrast


def compare(
    first: str, second: str, *, out: Path | None, platform: str | None, db: str | None, as_json: bool
) -> None:
    """Compare, draw where asked, and show the answer.

    Raises:
        UsageError: Something named is no picture file and no proof, or cannot be compared.
    """
    with settings_in_force(db) as settings:
        sides = [_sides(name, settings, platform=platform) for name in (first, second)]
        children = open_children(settings)
        try:
            found = _compared(sides[0], sides[1], children=children, drawn=out is not None)
        finally:
            children.close()
    if out is not None:
        _write(out, found.contrast.drawn)
    if as_json:
        print(json.dumps(_as_json(found, out), ensure_ascii=False))  # noqa: T201 (the command's output)
    else:
        _show(found, out)


def _compared(ours: Sequence[Side], theirs: Sequence[Side], *, children: Children, drawn: bool) -> Compared:
    pairs = [
        Compared(first=one, second=other, contrast=_contrast(one, other, children=children, drawn=False))
        for one, other in product(ours, theirs)
    ]
    best = min(pairs, key=_alikeness)
    if not drawn:
        return best
    contrast = _contrast(best.first, best.second, children=children, drawn=True)
    return Compared(first=best.first, second=best.second, contrast=contrast)


def _alikeness(pair: Compared) -> tuple[int, float]:
    relation = pair.contrast.relation
    return len(_ALIKE) if relation is None else _ALIKE.index(relation), -pair.contrast.score


def _contrast(one: Side, other: Side, *, children: Children, drawn: bool) -> Contrast:
    try:
        names = (one.label, other.label) if drawn else None
        return children.contrast(one.content, other.content, names=names)
    except BadPicture as bad:
        raise UsageError(f"{one.name} and {other.name} cannot be compared: {bad}") from bad


# ---- what is compared -----------------------------------------------------------------------------


def _sides(name: str, settings: Settings, *, platform: str | None) -> list[Side]:
    path = Path(name)
    if path.is_file():
        try:
            return [Side(name=name, content=path.read_bytes())]
        except OSError as error:
            raise UsageError(f"{name}: cannot be read ({error.strerror}); check its rights") from error
    proof = _proof(name, settings, platform=platform)
    store = open_stored(settings)
    found, missing = [], 0
    for picture in proof.pictures:
        if picture.key is None:
            continue
        try:
            found.append(Side(name=name, content=store.get(picture.key), proof=proof, image=picture.index))
        except EvidenceMissing:
            missing += 1
    if not found:
        why = "are gone from the evidence store" if missing else "were never stored"
        raise UsageError(f"the pictures of proof {name} {why}; compare the files if somebody has them")
    return found


def _proof(name: str, settings: Settings, *, platform: str | None) -> Proof:
    if settings.database.startswith("sqlite:///") and not Path(settings.database[10:]).exists():
        raise UsageError(f"{name} is no file, and there is no ledger to look for a proof in; say --db")
    refuse_another_schema(settings.database)
    engine = make_engine(settings.database)
    try:
        found = SqlQueries(engine).named(name, platform=platform)
    finally:
        engine.dispose()
    if not found:
        raise UsageError(f"{name} is neither a picture file nor a proof of the ledger")
    if len(found) > 1:
        names = ", ".join(proof.platform for proof in found)
        raise UsageError(f"{name} is a proof of several platforms ({names}); say --platform")
    return found[0]


# ---- the answer -----------------------------------------------------------------------------------


def _write(out: Path, drawn: bytes) -> None:
    try:
        out.write_bytes(drawn)
    except OSError as error:
        raise UsageError(f"{out} cannot be written ({error.strerror}); choose another place") from error


def _as_json(found: Compared, out: Path | None) -> dict[str, Any]:
    said = found.contrast
    return {
        "answer": said.answer.value,
        "relation": said.relation.value if said.relation else None,
        "confidence": said.confidence,
        "score": said.score,
        "facts": list(said.facts),
        "regions": [
            {
                "box": _corners(one.box),
                "other_box": _corners(one.other_box),
                "where": "status_bar" if one.in_bar else "page",
                "watermark": one.added,
            }
            for one in said.regions
        ],
        "a": found.first.as_json(),
        "b": found.second.as_json(),
        "drawn": str(out) if out else None,
    }


def _corners(box: Box) -> list[int]:
    return [box.x, box.y, box.w, box.h]


def _show(found: Compared, out: Path | None) -> None:
    console, said = Console(), found.contrast
    colour, words = SAID[said.answer]
    sure = "" if said.confidence is None else f"  (confidence {said.confidence:.2f})"
    console.print(f"[{colour} bold]{words}[/]{sure}")
    for fact in said.facts:
        console.print(f"  {escape(fact)}", soft_wrap=True)
    if said.regions:
        console.print(_regions_table(found))
    if out is not None:
        console.print(f"drawn in {escape(str(out))}", soft_wrap=True)


def _regions_table(found: Compared) -> Any:
    regions = found.contrast.regions
    left = f", {SHOWN} of {len(regions)}" if len(regions) > SHOWN else ""
    made = table(f"What differs{left}", "", "where", "in A: x, y, w, h", "in B: x, y, w, h")
    for number, one in enumerate(regions[:SHOWN], start=1):
        where = "status bar" if one.in_bar else "watermark" if one.added else "page"
        boxes = (", ".join(map(str, _corners(box))) for box in (one.box, one.other_box))
        made.add_row(str(number), where, *boxes)
    return made
