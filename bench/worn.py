"""What becomes of captures that a messenger or a phone's settings wore: `python bench/worn.py --corpus DIR`.

In: drawn corpora. Out: a table of verdicts for each kind of wear, and every proof that was not answered
rightly. Honest people send such pictures; whoever is rejected here is rejected for their messenger.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from bench.alone import open_hands
from bench.corpus import Entry, read_corpus
from bench.fakes import VERDICTS, Judged, judged
from bench.report import table

Pixels = NDArray[np.uint8]  # BGR
Wear = Callable[[Pixels], tuple[Pixels, int]]

_OUT = Path(__file__).with_suffix(".md")
_TRUTHS = ("honest", "fake")
_NO_PAGE = ("blank", "tiny", "blurred", "not_a_picture")  # fakes that no wear makes another picture of
_NIGHT = (0.62, 0.86, 1.0)  # blue, green and red of a warm screen filter

INTRO = """# Captures that messengers and settings wore

Written by `bench/worn.py` on {date}: {corpora}; fakes that show a page, honest proofs, no copies. Each was
altered as below, read and judged alone. What an honest proof should never be is rejected.
"""


def small(pixels: Pixels, *, side_px: int) -> Pixels:
    """Return the picture with its shorter side at most `side_px`."""
    factor = min(1.0, side_px / min(pixels.shape[:2]))
    return _resized(pixels, factor, cv2.INTER_AREA)


def sent_twice(pixels: Pixels) -> Pixels:
    """Return the picture made smaller, packed, made larger and packed again, as forwarding does."""
    for factor, quality in ((0.8, 60), (1.25, 55)):
        pixels = _unpacked(_packed(_resized(pixels, factor, cv2.INTER_LINEAR), quality))
    return pixels


def toned(pixels: Pixels, *tones: float) -> Pixels:
    """Return the picture with its channels (blue, green, red) darkened."""
    return np.asarray(np.clip(pixels * np.array(tones), 0, 255), np.uint8)


def grey(pixels: Pixels) -> Pixels:
    """Return the picture without colours, as phones show it at bedtime."""
    return np.repeat(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2).astype(np.uint8)


WEAR: Mapping[str, Wear] = {
    "as sent": lambda pixels: (pixels, 92),
    "messenger: longer side 1,600 px, quality 50": lambda pixels: (
        _resized(pixels, min(1.0, 1600 / max(pixels.shape)), cv2.INTER_AREA),
        50,
    ),
    "quality 25": lambda pixels: (pixels, 25),
    "forwarded twice": lambda pixels: (sent_twice(pixels), 60),
    "shorter side 480 px, quality 70": lambda pixels: (small(pixels, side_px=480), 70),
    "without colours": lambda pixels: (grey(pixels), 85),
    "dark: 55 % of its light": lambda pixels: (toned(pixels, 0.55, 0.55, 0.55), 85),
    "warm screen filter": lambda pixels: (toned(pixels, *_NIGHT), 88),
}


def worn(entry: Entry, wear: Wear, folder: Path) -> Entry:
    """Return an entry whose pictures were altered; they lie in `folder`."""
    images = []
    for path in entry.images:
        image = folder / f"{path.stem}.jpg"
        image.write_bytes(_packed(*wear(_unpacked(path.read_bytes()))))
        images.append(image)
    return replace(entry, images=tuple(images))


def report(found: Mapping[str, Sequence[Judged]], corpora: Sequence[str]) -> str:
    """Return the table of all kinds of wear, and what was not right."""
    head = INTRO.format(date=f"{datetime.now(tz=UTC):%Y-%m-%d}", corpora=", ".join(corpora))
    columns = ["wear", *(f"{truth}: {verdict}" for truth in _TRUTHS for verdict in VERDICTS)]
    rows = [[name, *_counts(some)] for name, some in found.items()]
    wrong = [row for name, some in found.items() for row in _wrong(name, some)]
    told = table(["wear", "corpus", "proof", "truth", "page or fake", "verdict", "reasons"], wrong)
    return "\n\n".join((head.strip(), table(columns, rows), "## Not right", told)) + "\n"


def _counts(found: Sequence[Judged]) -> Iterator[str]:
    counts = Counter((one.truth, one.verdict.outcome.value) for one in found)
    return (str(counts[truth, verdict] or "") for truth in _TRUTHS for verdict in VERDICTS)


def _wrong(name: str, found: Sequence[Judged]) -> Iterator[list[str]]:
    for one in found:
        told = one.verdict.outcome.value
        if told == {"honest": "reject", "fake": "accept"}[one.truth]:
            reasons = ", ".join(reason.code.value for reason in one.verdict.reasons)
            yield [name, one.corpus, one.entry.proof_id, one.truth, one.group, told, reasons]


def _resized(pixels: Pixels, factor: float, way: int) -> Pixels:
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=way), np.uint8)


def _packed(pixels: Pixels, quality: int) -> bytes:
    return cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()


def _unpacked(content: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def bench(
    corpus: Annotated[list[Path], typer.Option(help="Drawn by fixtures/draw.py.")],
    *,
    out: Annotated[Path, typer.Option(help="Where the tables go.")] = _OUT,
    limit: Annotated[
        int, typer.Option(min=1, help="About so many proofs of each corpus, evenly chosen.")
    ] = 400,
) -> None:
    """Alter drawn proofs as messengers and settings do, read and judge them, and write what came of it."""
    console = Console(stderr=True)
    hands, found = open_hands(), {}
    entries = [(folder.name, entry) for folder in corpus for entry in _chosen(folder, limit)]
    with TemporaryDirectory() as kept:
        for name, wear in WEAR.items():
            altered = ((of, worn(entry, wear, Path(kept))) for of, entry in entries)
            found[name] = judged(track(altered, name, len(entries), console=console), hands)
    out.write_text(report(found, [folder.name for folder in corpus]), encoding="utf-8")
    console.print(f"{out}: {len(entries)} proofs, {len(WEAR)} kinds of wear")


def _chosen(folder: Path, limit: int) -> list[Entry]:
    entries = [
        one for one in read_corpus(folder) if one.label.truth in _TRUTHS and one.label.attack not in _NO_PAGE
    ]
    return entries[:: max(1, len(entries) // limit)]


if __name__ == "__main__":
    typer.run(bench)
