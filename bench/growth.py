"""How looking up a picture's likes grows with what is remembered: 10^4, 10^5, 10^6 fingerprints.

In: nothing; the crowds are made from a seed. Out: `bench/growth.md` with its plot, from `bench/growth.jsonl`,
where each run leaves a line. Praman's own look-up, through the ledger as `judge` calls it, on SQLite and on a
private PostgreSQL; beside it, in the same run, a linear scan by numpy and by faiss over one hash a picture.
    python bench/growth.py [--size 10000] [--database postgresql] [--crowd realistic] [--report]

Every look-up is timed by the clock, on a machine that does whatever else it does; the line says how busy
it was.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed

from bench.bulk import fill, identity
from bench.crowd import Crowd, Kind
from bench.growth_report import write_report
from pipeline.ledger import SqlLedger
from pipeline.ledger.engine import make_engine
from pipeline.ledger.schema import migrate
from pipeline.policy import Policy
from tests.servers import postgres_server

ROWS = Path(__file__).parent / "growth.jsonl"
SIZES = (10_000, 100_000, 1_000_000)
DATABASES = ("postgresql", "sqlite")
LOOKUPS = 1000
POPULAR = 300
SCANS = 100
WARM_UP = 100


Asked = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What looking up took, of evenly chosen pictures and of the popular page, and the memory it held."""

    even_ms: list[float]
    popular_ms: list[float]
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one look-up costs where so much is remembered.

    Attributes:
        who: `postgresql`, `sqlite`, `numpy` or `faiss`.
        p50_ms, p99_ms: Of look-ups of pictures chosen evenly.
        cold_p99_ms: Before the indexes were read through once, as loading left them; None for a scan.
        popular_p99_ms: Of pictures of the popular page alone; None where there is none.
        bytes_each: On disk with all indexes, or in memory for a scan, a fingerprint.
        memory_bytes: The most that the process which looks up ever held.
        fill_s: Making and loading them.
        load: What else the machine did: mean length of its run queue over the minute.
    """

    who: str
    crowd: str
    size: int
    lookups: int
    p50_ms: float
    p99_ms: float
    cold_p99_ms: float | None
    popular_p99_ms: float | None
    bytes_each: int
    memory_bytes: int
    fill_s: float
    load: float
    on: str


def measured(database: str, crowd: Crowd) -> Row:
    """Fill a fresh ledger and look up in it."""
    with _database(database) as url:
        began = time.monotonic()
        migrate(url)
        fill(url, crowd)
        fill_s = time.monotonic() - began
        cold = _apart(_look_up, url, _chosen(crowd, WARM_UP, salt=1), (_chosen(crowd, LOOKUPS, salt=3), []))
        _read_through(url)
        looked = _apart(_look_up, url, _chosen(crowd, WARM_UP, salt=4), _asked(crowd, LOOKUPS))
        stored = _stored_bytes(url)
    return _row(database, crowd, looked, cold_ms=cold.even_ms, stored_bytes=stored, fill_s=fill_s)


def scanned(who: str, crowd: Crowd) -> Row:
    """Look up by comparing with every page hash; it finds near pages only, no crop, and knows no proof."""
    hashes = crowd.hashes
    looked = _apart(_scan, who, hashes, _asked(crowd, SCANS))
    return _row(who, crowd, looked, cold_ms=[], stored_bytes=hashes.nbytes, fill_s=0.0)


def _look_up(url: str, warm_up: list[int], asked: Asked) -> Looked:
    engine = make_engine(url)
    ledger, limit = SqlLedger(engine), Policy().max_candidates

    def look(number: int) -> None:
        ledger.candidates(identity(number), limit=limit)

    _times_ms(look, warm_up)
    looked = _looked(look, asked)
    engine.dispose()
    return looked


def _scan(who: str, hashes: NDArray[np.uint64], asked: Asked) -> Looked:
    k = Policy().max_candidates
    rows = hashes.view(np.uint8).reshape(-1, 8)
    find: Callable[[int], object]
    if who == "numpy":

        def find(number: int) -> object:
            return np.argpartition(np.bitwise_count(hashes ^ hashes[number]), k)[:k]

    else:
        import faiss  # noqa: PLC0415 (its libraries would count as the others' memory)

        faiss.omp_set_num_threads(1)
        index = faiss.IndexBinaryFlat(64)
        index.add(rows)

        def find(number: int) -> object:
            return index.search(rows[number : number + 1], k)

    _times_ms(find, asked[0][:5])
    return _looked(find, asked)


def _looked(look: Callable[[int], object], asked: Asked) -> Looked:
    even, popular = (_times_ms(look, numbers) for numbers in asked)
    return Looked(even_ms=even, popular_ms=popular, memory_bytes=_held_bytes())


def _apart(work: Callable[..., Looked], *given: object) -> Looked:
    """Run the work in a process of its own, so that its memory is only what looking up takes."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        return processes.submit(work, *given).result()


def _row(
    who: str, crowd: Crowd, looked: Looked, *, cold_ms: list[float], stored_bytes: int, fill_s: float
) -> Row:
    return Row(
        who=who,
        crowd=crowd.kind.value,
        size=crowd.size,
        lookups=len(looked.even_ms),
        p50_ms=_quantile(looked.even_ms, 0.5),
        p99_ms=_quantile(looked.even_ms, 0.99),
        cold_p99_ms=_quantile(cold_ms, 0.99) if cold_ms else None,
        popular_p99_ms=_quantile(looked.popular_ms, 0.99) if looked.popular_ms else None,
        bytes_each=round(stored_bytes / crowd.size),
        memory_bytes=looked.memory_bytes,
        fill_s=round(fill_s, 1),
        load=round(os.getloadavg()[0], 1),
        on=datetime.now(UTC).date().isoformat(),
    )


def _quantile(times_ms: list[float], share: float) -> float:
    return round(float(np.quantile(times_ms, share)), 3)


def _held_bytes() -> int:
    """Return the most memory that this process ever held; getrusage would count its parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (held,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(held) * 1024


def _times_ms(look: Callable[[int], object], numbers: list[int]) -> list[float]:
    times = []
    for number in numbers:
        began = time.perf_counter()
        look(number)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _asked(crowd: Crowd, count: int) -> Asked:
    """Return pictures chosen evenly, and pictures of the popular page; a uniform crowd has none of those."""
    popular: list[int] = []
    if crowd.kind is Kind.REALISTIC:
        members = np.flatnonzero(crowd.jobs == 0)
        rng = np.random.default_rng((crowd.seed, 4))
        popular = rng.choice(members, min(POPULAR, len(members)), replace=False).tolist()
    return _chosen(crowd, count, salt=2), popular


def _chosen(crowd: Crowd, count: int, *, salt: int) -> list[int]:
    return np.random.default_rng((crowd.seed, 3, salt)).integers(0, crowd.size, count).tolist()


@contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "postgresql":
        with postgres_server() as server:
            yield server.url
        return
    with tempfile.TemporaryDirectory(prefix="praman-growth-") as folder:
        yield f"sqlite:///{folder}/ledger.db"


def _read_through(url: str) -> None:
    """Have the indexes, and the rows that a look-up loads, read once, as a server in use has them."""
    if url.startswith("sqlite"):
        with Path(url.removeprefix("sqlite:///")).open("rb") as file:
            while file.read(1 << 24):
                pass
        return
    tables = ("chunks", "words", "fingerprints", "proofs")
    engine = make_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_prewarm"))
        for table in tables:
            # A look-up reads no row of chunks and words.
            rows = "" if table in {"chunks", "words"} else f" UNION ALL SELECT '{table}'::regclass"
            indexes = f"SELECT indexrelid::regclass FROM pg_index WHERE indrelid = '{table}'::regclass"  # noqa: S608 (our own names)
            connection.execute(text(f"SELECT pg_prewarm(one, 'read') FROM ({indexes}{rows}) AS x(one)"))  # noqa: S608 (our own names)
    engine.dispose()


def _stored_bytes(url: str) -> int:
    """Return what the whole database takes on disk, with all its indexes."""
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).stat().st_size
    engine = make_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT pg_database_size(current_database())"))
    engine.dispose()
    return int(found or 0)


def main(
    size: Annotated[list[int] | None, typer.Option(help="So many fingerprints; all three.")] = None,
    database: Annotated[list[str] | None, typer.Option(help="postgresql or sqlite; both.")] = None,
    crowd: Annotated[list[Kind] | None, typer.Option(help="uniform or realistic; both.")] = None,
    rows: Annotated[Path, typer.Option(help="Where a line a run goes.")] = ROWS,
    *,
    report: Annotated[bool, typer.Option("--report", help="Only write the report anew.")] = False,
) -> None:
    """Measure, keep the lines, write the report from all lines kept."""
    for each in () if report else (size or SIZES):
        for kind in crowd or list(Kind):
            some = Crowd(kind=kind, size=each)
            for who in (*(database or DATABASES), "numpy", "faiss"):
                row = measured(who, some) if who in DATABASES else scanned(who, some)
                print(json.dumps(asdict(row)), flush=True)
                with rows.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
    write_report(rows)


if __name__ == "__main__":
    typer.run(main)
