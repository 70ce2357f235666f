"""Copies and honest twins alone: fingerprint, look up, compare, without a word read.

In: a drawn corpus, a folder of real screens, or both. Out: recall of the true source among the candidates,
copies let through, honest proofs taken for copies, and CPU a proof; `--rows` keeps a line a proof.
    python bench/likeness.py --corpus DIR [--real DIR] [--attacked N] [--out bench/likeness.md]

A real screen's folder is one job, its captures are honest proofs, and each is sent again altered by attacks
of `fixtures/`. `--attacked N` does the same to a drawn corpus's honest proofs, N copies each, beside its own.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed

from actors.resemble import resemblances
from bench.alterations import ALTERATIONS
from bench.corpus import read_corpus, read_lines
from bench.likeness_report import Row, by_attack, plot_name, report
from bench.plots import copies_by_attack
from fixtures.attacks import ATTACKS, Attack
from fixtures.pixels import generator
from pipeline.adapters.child import Outfit
from pipeline.adapters.files import FilesEvidenceStore
from pipeline.adapters.inline_children import InlineChildren
from pipeline.errors import BadPicture
from pipeline.judge import judge
from pipeline.ledger.engine import make_engine
from pipeline.ledger.ledger import SqlLedger
from pipeline.ledger.schema import migrate
from pipeline.policy import Policy
from pipeline.records import (
    Candidate,
    DuplicateOf,
    Outcome,
    Proof,
    Relation,
    Step,
    StoredPicture,
    Submission,
    Verdict,
)

PLATFORM = "bench"
_NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
_LEASE = timedelta(hours=1)
_DOUBT = "same_screen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One proof's picture with its truth; shots of one `capture` are copies of each other."""

    name: str
    job: str
    page: str
    capture: str
    truth: str
    attack: str | None
    content: Callable[[], bytes]


def drawn(folder: Path) -> list[Shot]:
    """Return a drawn corpus's honest proofs and copies in the order of submission."""
    found = []
    for entry in read_corpus(folder):
        label = entry.label
        capture = label.source if label.truth == "copy" and label.source else entry.proof_id
        found.append(
            Shot(
                name=entry.proof_id,
                job=entry.job.id,
                page=label.page,
                capture=capture,
                truth=label.truth,
                attack=label.attack if label.truth == "copy" else None,
                content=entry.images[0].read_bytes,
            )
        )
    return found


def real(folder: Path) -> list[Shot]:
    """Return real screens, a project's screens one job; a capture shown twice makes its second a copy."""
    found, known = [], set()
    for row in read_lines(folder / "index.jsonl"):
        again = row["capture"] in known
        known.add(row["capture"])
        found.append(
            Shot(
                name=row["file"],
                job=row["repo"],
                page=row["repo"],
                capture=row["capture"],
                truth="copy" if again else "honest",
                attack="another file" if again else None,
                content=(folder / row["file"]).read_bytes,
            )
        )
    return found


def attacked(shots: Sequence[Shot], each: int, attacks: Mapping[str, Attack] = ATTACKS) -> list[Shot]:
    """Return `each` altered copies of every honest shot: single attacks in turn, every second one of two."""
    names = sorted(attacks)
    made = []
    for number, shot in enumerate(shot for shot in shots if shot.truth == "honest"):
        for turn in range(each):
            rng = generator("likeness", shot.name, turn)
            chosen = (names[(number * each + turn) % len(names)],)
            if turn % 2:
                chosen = tuple(map(str, rng.choice(names, 2, replace=False)))
            steps = [attacks[name] for name in sorted(chosen, key=_edits_first)]
            made.append(
                replace(
                    shot,
                    name=f"{shot.name} {turn} {'+'.join(chosen)}",
                    truth="copy",
                    attack="+".join(chosen),
                    content=_altered(shot, steps, turn),
                )
            )
    return made


def _edits_first(name: str) -> bool:
    return not name.startswith("edit_")  # while their boxes still fit


def _altered(shot: Shot, steps: Sequence[Attack], turn: int) -> Callable[[], bytes]:
    def content() -> bytes:
        rgb = np.asarray(Image.open(io.BytesIO(shot.content())).convert("RGB"), np.uint8)
        rng = generator("likeness", shot.name, turn, "steps")
        for step in steps:
            rgb = step(rgb, rng)
        out = io.BytesIO()
        Image.fromarray(rgb).save(out, "JPEG", quality=92)
        return out.getvalue()

    return content


class Trial:
    """A fresh ledger and store that shots are sent to, one after the other."""

    def __init__(self, folder: Path, policy: Policy) -> None:
        url = f"sqlite:///{folder}/ledger.db"
        migrate(url)
        engine = make_engine(url)
        self._ledger = SqlLedger(engine)
        self._ledger.declare_platform(PLATFORM)
        self._store = FilesEvidenceStore(folder / "store")
        self._policy = policy
        self._children = InlineChildren(
            Outfit(policy=policy, engine="auto", tessdata_dir=None, languages="eng", budget_ms=1, limit_s=9)
        )
        self._captures: dict[str, str] = {}
        self._sent = 0

    def send(self, shot: Shot) -> Row | None:
        """Fingerprint, look up and compare one shot; None where it is no picture."""
        content = shot.content()
        started = time.process_time()
        try:
            found = self._children.fingerprint(content)
        except BadPicture:
            return None
        fingerprint_ms = _since_ms(started)
        proof, picture = self._added(shot, content)
        claim = self._ledger.claim(proof.id, Step.FINGERPRINT, worker="bench", lease=_LEASE, strikes=3)
        assert claim is not None
        key = self._store.put(found.sketch)
        started = time.process_time()
        self._ledger.finish_fingerprint(claim, [(picture, found, key)], [], then=Step.JUDGE)
        candidates = self._ledger.candidates(proof.id, limit=self._policy.max_candidates)
        # The verdict is written only after a second look for candidates that came meanwhile.
        self._ledger.candidates(proof.id, limit=self._policy.max_candidates)
        lookup_ms = _since_ms(started)
        return self._row(shot, proof, candidates, fingerprint_ms=fingerprint_ms, lookup_ms=lookup_ms)

    def _row(
        self,
        shot: Shot,
        proof: Proof,
        candidates: Sequence[Candidate],
        *,
        fingerprint_ms: float,
        lookup_ms: float,
    ) -> Row:
        started = time.process_time()
        alike = list(
            resemblances(
                proof.id,
                candidates,
                ledger=self._ledger,
                store=self._store,
                children=self._children,
                policy=self._policy,
            )
        )
        compare_ms = _since_ms(started)
        said = judge(proof, (), resemblances=alike, policy=self._policy).duplicate_of
        self._decided(proof, said, candidates)
        seen = shot.capture in self._captures.values()
        self._captures[proof.id] = shot.capture
        return Row(
            name=shot.name,
            truth=shot.truth,
            page=shot.page,
            attack=shot.attack,
            retrieved=any(self._is_of(one, shot) for one in candidates) if seen else None,
            relation=said.relation.value if said else None,
            other=said.proof_id if said else None,
            named=bool(said and self._captures.get(said.proof) == shot.capture),
            candidates=len(candidates),
            fingerprint_ms=fingerprint_ms,
            lookup_ms=lookup_ms,
            compare_ms=compare_ms,
        )

    def _decided(self, proof: Proof, said: DuplicateOf | None, candidates: Sequence[Candidate]) -> None:
        """Write the verdict that the next proofs' candidates tell of, by likeness alone."""
        claim = self._ledger.claim(proof.id, Step.JUDGE, worker="bench", lease=_LEASE, strikes=3)
        assert claim is not None
        outcome = Outcome.ACCEPT
        if said is not None:
            outcome = Outcome.MANUAL if said.relation is Relation.SAME_SCREEN else Outcome.REJECT
        self._ledger.finish_judge(
            claim,
            Verdict(outcome=outcome, duplicate_of=said),
            seen=candidates,
            limit=self._policy.max_candidates,
            then=Step.PUBLISH,
        )

    def _is_of(self, candidate: Candidate, shot: Shot) -> bool:
        return self._captures.get(candidate.proof) == shot.capture

    def _added(self, shot: Shot, content: bytes) -> tuple[Proof, StoredPicture]:
        self._sent += 1
        key = self._store.put(content)
        picture = StoredPicture(
            id=f"{self._sent:026d}", index=0, key=key, sha256="0" * 64, size_bytes=len(content)
        )
        claim = Submission(
            platform=PLATFORM,
            job_id=shot.job,
            submitter_id=shot.name,
            submitted_at=_NOON + timedelta(minutes=self._sent),
            pictures=(content,),
            proof_id=shot.name,
        )
        proof, _ = self._ledger.add_proof(claim, [picture], step=Step.FINGERPRINT)
        return proof, picture


def _since_ms(started: float) -> float:
    return (time.process_time() - started) * 1000


def run(shots: Iterable[Shot], policy: Policy) -> Iterator[Row]:
    """Send the shots to a fresh trial."""
    with tempfile.TemporaryDirectory(prefix="praman-likeness-") as folder:
        trial = Trial(Path(folder), policy)
        for shot in shots:
            row = trial.send(shot)
            if row is not None:
                yield row


def _written(corpora: Mapping[str, Sequence[Row]], out: Path) -> None:
    """Write the tables to `out` and the plots beside it."""
    for name, rows in corpora.items():
        shares = {
            attack: (
                _of(some, lambda row: row.relation is None),
                _of(some, lambda row: row.relation == _DOUBT),
            )
            for attack, some in by_attack(rows).items()
        }
        copies_by_attack(out.parent / "plots" / f"{plot_name(name)}.svg", shares, title=name)
    out.write_text(report(corpora), encoding="utf-8")


def _of(rows: Sequence[Row], meant: Callable[[Row], bool]) -> float:
    return sum(meant(row) for row in rows) / len(rows)


def main(
    corpus: Annotated[Path | None, typer.Option(help="Drawn by fixtures/draw.py.")] = None,
    *,
    real_screens: Annotated[Path | None, typer.Option("--real", help="Folder with index.jsonl.")] = None,
    attacks: Annotated[int, typer.Option("--attacked", help="Altered copies of each honest picture.")] = 0,
    others: Annotated[int, typer.Option("--others", help="Copies by bench/alterations.py of each.")] = 0,
    kept: Annotated[Path | None, typer.Option("--rows", help="Where a JSON line a proof goes.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the tables go, plots beside it; else printed.")
    ] = None,
) -> None:
    """Print the figures of each corpus."""
    shots: dict[str, list[Shot]] = {}
    if corpus:
        shots["drawn"] = drawn(corpus)
        if attacks:
            honest = [shot for shot in shots["drawn"] if shot.truth == "honest"]
            shots["drawn, attacked"] = honest + attacked(honest, attacks)
    if real_screens:
        screens = real(real_screens)
        shots["real"] = screens + attacked(screens, max(attacks, 2))
    for name in [name for name in ("drawn", "real") if name in shots and others]:
        honest = [shot for shot in shots[name] if shot.truth == "honest"]
        shots[f"{name}, altered otherwise"] = honest + attacked(honest, others, ALTERATIONS)
    found: dict[str, list[Row]] = {}
    for name, some in shots.items():
        found[name] = list(run(some, Policy()))
        if kept:
            with kept.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps({"corpus": name} | asdict(row)) + "\n" for row in found[name])
    if out:
        _written(found, out)
    else:
        print(report(found))


if __name__ == "__main__":
    typer.run(main)
