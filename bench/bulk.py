"""Fills a ledger with a crowd, a thousand times as fast as proof by proof, and leaves the same rows.

In: the URL of a database at the newest schema, a crowd. Out: proofs, pictures, fingerprints and both
indexes of `similar`. Never for a ledger that anybody uses: it drops keys to build them once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Table, insert, text
from sqlalchemy.schema import AddConstraint, CreateIndex, DropConstraint, DropIndex

from bench.crowd import NAMES, VERSION, Block, Crowd
from pipeline.ledger import SqlLedger, tables
from pipeline.ledger.engine import make_engine
from pipeline.ledger.hints import CHUNK_BITS, HASH_BITS
from pipeline.ledger.hints import buckets_of as chunk_buckets
from pipeline.ledger.words import JOB_WORDS, PLATFORM_WORDS
from pipeline.ledger.words import _scope as scope
from pipeline.records import Outcome, Step

PLATFORM = "bench"
_NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
_ID_LETTERS = 26
_PLACES = HASH_BITS // CHUNK_BITS
# COPY's binary format. Source: PostgreSQL manual, COPY, "Binary Format".
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"
_ROWS_AT_ONCE = 1_000_000
_UNSAFE_AND_QUICK = (
    "journal_mode = MEMORY",
    "synchronous = OFF",
    "foreign_keys = OFF",
    "cache_size = -400000",
)


def identity(number: int) -> str:
    """Return the id of the picture, and of the proof, with this number; ids rise as ULIDs do."""
    return f"{number:0{_ID_LETTERS}d}"


def job_name(number: int) -> str:
    """Return a job's id; all are of one length."""
    return f"job-{number:06d}"


def fill(url: str, crowd: Crowd) -> None:
    """Put the crowd into the empty ledger at `url`."""
    engine = make_engine(url)
    SqlLedger(engine).declare_platform(PLATFORM)
    if engine.dialect.name == "postgresql":
        _fill_postgresql(engine, crowd)
    else:
        _fill_sqlite(engine, crowd)
    engine.dispose()


# ---- rows -----------------------------------------------------------------------------------------


def _proof_rows(block: Block) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Yield the rows of each picture in `proofs`, `pictures` and `fingerprints`."""
    for place, job in enumerate(block.jobs.tolist()):
        number = block.first + place
        name, moment = identity(number), _NOON + timedelta(seconds=number)
        digest = f"{number:064x}"
        shared = {"platform": PLATFORM, "submitted_at": moment}
        yield (
            shared
            | {"id": name, "proof_id": f"p{number}", "job_id": job_name(job), "lang": "en", "digest": digest}
            | {"submitter_id": f"w{number % 9973}", "received_at": moment, "due_at": moment}
            | {"step": Step.DONE.value, "outcome": Outcome.ACCEPT.value},
            {"id": name, "proof": name, "image": 0, "size_bytes": 0},
            shared
            | {"picture": name, "proof": name, "image": 0, "version": VERSION, "flat": False}
            | {"bytes_sha256": digest, "pixels_sha256": digest, "width_px": 1080, "height_px": 2400}
            | {"hashes": json.dumps(list(zip(NAMES, block.hashes[place].tolist(), strict=True)))}
            | {"words": json.dumps(block.words[place][block.kept[place]].tolist())},
        )


def chunk_columns(block: Block) -> dict[str, NDArray[Any]]:
    """Return the block's rows of `chunks`: bucket, picture (a number), job (a number), bits."""
    bases = np.array([chunk_buckets(VERSION, name, 0) for name in NAMES], np.int64)
    shifts = (np.arange(_PLACES) * CHUNK_BITS).astype(np.uint64)
    parts = block.hashes[:, :, None] >> shifts & np.uint64((1 << CHUNK_BITS) - 1)
    each = len(NAMES) * _PLACES
    return {
        "bucket": (bases | parts.astype(np.int64)).ravel(),
        "picture": np.repeat(np.arange(block.first, block.first + len(block.jobs)), each),
        "job": np.repeat(block.jobs, each),
        "bits": np.repeat(block.hashes.view(np.int64), _PLACES, axis=1).ravel(),
    }


def word_columns(block: Block) -> dict[str, NDArray[np.int64]]:
    """Return the block's rows of `words`: bucket, picture (a number)."""
    jobs, at = np.unique(block.jobs, return_inverse=True)
    names = [job_name(job) for job in jobs.tolist()]
    in_job = np.array([scope(VERSION, PLATFORM, name) for name in names], np.int64)[at][:, None]
    newest = np.array([scope(VERSION, PLATFORM, name, "all") for name in names], np.int64)[at][:, None]
    # Of the words that are kept, the strongest so many.
    place = np.cumsum(block.kept, axis=1)
    widely = block.kept & (place <= PLATFORM_WORDS)
    in_its_job = block.kept & (place <= JOB_WORDS)
    shown = np.concatenate([np.ones_like(newest, np.bool_), in_its_job, widely], axis=1)
    buckets = [newest, in_job | block.words, scope(VERSION, PLATFORM) | block.words]
    pictures = np.arange(block.first, block.first + len(block.jobs))
    return {
        "bucket": np.concatenate(buckets, axis=1)[shown],
        "picture": np.repeat(pictures, np.count_nonzero(shown, axis=1)),
    }


# ---- PostgreSQL -----------------------------------------------------------------------------------


def _fill_postgresql(engine: Engine, crowd: Crowd) -> None:
    with engine.begin() as connection:
        for table in (tables.chunks, tables.words):
            for index in table.indexes:
                connection.execute(DropIndex(index))
            connection.execute(DropConstraint(table.primary_key, isolate_from_table=False))
            # Nothing is to outlive this run; reading is the same.
            connection.execute(text(f"ALTER TABLE {table.name} SET UNLOGGED"))
    plain = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute("SET session_replication_role = replica")  # keys to other tables are right as made
        for block in crowd.blocks():
            rows = list(zip(*_proof_rows(block), strict=True))
            for name, some in zip(("proofs", "pictures", "fingerprints"), rows, strict=True):
                _copy_rows(connection, name, some)
            _copy_bytes(connection, "chunks (platform, bucket, picture, job_id, bits)", _chunks_packed(block))
            _copy_bytes(connection, "words (bucket, picture)", _words_packed(block))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        for table in (tables.chunks, tables.words):
            connection.execute(AddConstraint(table.primary_key, isolate_from_table=False))
            for index in table.indexes:
                connection.execute(CreateIndex(index))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM (ANALYZE)"))  # as autovacuum does in time


def _copy_rows(connection: psycopg.Connection, name: str, rows: Iterable[dict[str, Any]]) -> None:
    rows = list(rows)
    columns = ", ".join(rows[0])
    with connection.cursor().copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def _copy_bytes(connection: psycopg.Connection, into: str, packed: NDArray[Any]) -> None:
    with connection.cursor().copy(f"COPY {into} FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_HEAD)
        copy.write(packed.tobytes())
        copy.write(_TAIL)


def _chunks_packed(block: Block) -> NDArray[Any]:
    columns = chunk_columns(block)
    job_letters = len(job_name(0))
    made = _fields(
        len(columns["bucket"]), platform=len(PLATFORM), bucket=8, picture=_ID_LETTERS, job=job_letters, bits=8
    )
    made["platform"] = PLATFORM.encode()
    made["bucket"], made["bits"] = columns["bucket"], columns["bits"]
    made["picture"] = _digits(columns["picture"], _ID_LETTERS)
    made["job"] = np.char.add(b"job-", _digits(columns["job"], job_letters - 4))
    return made


def _words_packed(block: Block) -> NDArray[Any]:
    columns = word_columns(block)
    made = _fields(len(columns["bucket"]), bucket=8, picture=_ID_LETTERS)
    made["bucket"], made["picture"] = columns["bucket"], _digits(columns["picture"], _ID_LETTERS)
    return made


def _fields(count: int, **length_bytes: int) -> NDArray[Any]:
    """Return room for rows in COPY's format: how many fields, then each field's length and bytes."""
    whole: list[tuple[str, str]] = [("fields", ">i2")]
    for name, length in length_bytes.items():
        whole += [(f"{name} length", ">i4"), (name, ">i8" if name in {"bucket", "bits"} else f"S{length}")]
    made = np.zeros(count, np.dtype(whole))
    made["fields"] = len(length_bytes)
    for name, length in length_bytes.items():
        made[f"{name} length"] = length
    return made


def _digits(numbers: NDArray[np.int64], letters: int) -> NDArray[np.bytes_]:
    """Return the numbers with leading zeros; each distinct one is written once."""
    distinct, at = np.unique(numbers, return_inverse=True)
    return np.array([f"{one:0{letters}d}".encode() for one in distinct.tolist()], f"S{letters}")[at]


# ---- SQLite ---------------------------------------------------------------------------------------


def _fill_sqlite(engine: Engine, crowd: Crowd) -> None:
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        for pragma in _UNSAFE_AND_QUICK:
            driver.execute(f"PRAGMA {pragma}")
        for index in tables.chunks.indexes:
            connection.execute(DropIndex(index))
        _insert_all(connection, crowd)
        for index in tables.chunks.indexes:
            connection.execute(CreateIndex(index))
        connection.commit()
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("ANALYZE")
        connection.invalidate()


def _insert_all(connection: Connection, crowd: Crowd) -> None:
    chunks, words = [], []
    for block in crowd.blocks():
        rows = zip(*_proof_rows(block), strict=True)
        for table, some in zip((tables.proofs, tables.pictures, tables.fingerprints), rows, strict=True):
            connection.execute(insert(table), list(some))
        chunks.append(chunk_columns(block))
        words.append(word_columns(block))
    driver = connection.connection.driver_connection
    assert driver is not None
    for table, parts in ((tables.chunks, chunks), (tables.words, words)):
        # In the order of its key, since such a table is one tree: each page is then written once.
        columns = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
        marks = ", ".join("?" * len(table.columns))
        names = ", ".join(column.name for column in table.columns)
        driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", _in_order(table, columns))  # noqa: S608 (our own names)


def _in_order(table: Table, columns: dict[str, NDArray[Any]]) -> Iterator[tuple[Any, ...]]:
    order = np.argsort(columns["bucket"], kind="stable")
    for first in range(0, len(order), _ROWS_AT_ONCE):
        some = order[first : first + _ROWS_AT_ONCE]
        lists = {name: values[some].tolist() for name, values in columns.items()}
        lists["picture"] = [identity(one) for one in lists["picture"]]
        if table is tables.words:
            yield from zip(lists["bucket"], lists["picture"], strict=True)
            continue
        jobs = map(job_name, lists["job"])
        platform = [PLATFORM] * len(some)
        yield from zip(platform, lists["bucket"], lists["picture"], jobs, lists["bits"], strict=True)
