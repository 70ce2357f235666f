"""The command behind `run.py`.

In: a drawn corpus, and a folder of real screens if there is one. Out: `results.md` and plots. Two runners
work at a time, one core each.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import plots, praman, report
from bench.corpus import Entry, read_corpus, sampled
from bench.cost import measure
from bench.figures import figures
from bench.passes import passes_of
from bench.peers import Peer
from bench.peers.afternoon import Afternoon
from bench.peers.pdq_ocr import PdqOcr
from bench.peers.rapid import Rapid
from bench.real import run_real
from bench.results import Bench, Run, mean

PEERS: tuple[type[Peer], ...] = (Afternoon, PdqOcr, Rapid)


def bench(
    corpus: Annotated[Path, typer.Option(help="Drawn by fixtures/draw.py.", exists=True, file_okay=False)],
    *,
    real: Annotated[Path | None, typer.Option(help="Real screens with an index.jsonl.", exists=True)] = None,
    limit: Annotated[int | None, typer.Option(min=2, help="About so many proofs, evenly chosen.")] = None,
    out: Annotated[Path, typer.Option(help="Where results.md and plots/ go.")] = Path(__file__).parent,
    keep: Annotated[Path | None, typer.Option(help="Keep ledger and verdicts in this empty folder.")] = None,
) -> None:
    """Run Praman and the peers on the same proofs and write the results."""
    console = Console(stderr=True)
    everything = read_corpus(corpus)
    entries = sampled(everything, limit)
    with _workshop(keep) as name, ThreadPoolExecutor(2) as pool:
        work = Path(name).absolute()
        ours = pool.submit(_praman, entries, corpus / "jobs.yaml", work)
        theirs = [pool.submit(_peer, peer, entries) for peer in PEERS]
        screens = pool.submit(run_real, real, work / "real") if real else None
        ran, verified = ours.result()
        made = Bench(
            entries=entries,
            drawn=len(everything),
            runs=(ran, *(one.result() for one in theirs)),
            passes=passes_of(verified),
            real=screens.result() if screens else None,
        )
    _write(made, out)
    console.print(f"{out / 'results.md'}: {len(entries)} proofs")


def _workshop(keep: Path | None) -> AbstractContextManager[str]:
    return nullcontext(str(keep)) if keep else tempfile.TemporaryDirectory(prefix="praman-bench-")


def _praman(entries: Sequence[Entry], jobs: Path, work: Path) -> tuple[Run, praman.Verified]:
    verified = praman.verify(entries, jobs=jobs, folder=work / "drawn")
    run = Run(
        name=praman.NAME,
        answers=praman.answers(verified),
        each_s=verified.each_s,
        with_start_s=verified.spent.cpu_s / len(entries),
        start_s=verified.start.cpu_s,
        children_each_s=verified.children_each_s,
        child_peak_bytes=verified.spent.child_peak_bytes,
    )
    return run, verified


def _peer(peer: type[Peer], entries: Sequence[Entry]) -> Run:
    taken = [entry for entry in entries if peer.takes(entry)]
    measured = measure(peer, taken)
    ids = [entry.proof_id for entry in taken]
    return Run(
        name=peer.name,
        answers=dict(zip(ids, measured.results, strict=True)),
        each_s=mean(measured.each_s),
        with_start_s=mean(measured.each_s) + measured.start_s / max(1, len(taken)),
        start_s=measured.start_s,
        cpu_s=dict(zip(ids, measured.each_s, strict=True)),
    )


def _write(made: Bench, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.md").write_text(report.report(made), encoding="utf-8")
    for split, labels in made.splits().items():
        points = {run.name: (run.each_s, figures(run.taken(labels), run.answers)) for run in made.runs}
        title = f"{split} part, {len(labels)} proofs; RapidOCR: its English ones"
        plots.accuracy_against_cost(out / f"plots/accuracy-{split}.svg", points, title=title)
    plots.passes_that_decided(out / "plots/passes.svg", made.passes.last)


def main() -> None:
    """Run the command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(bench)
    app()
