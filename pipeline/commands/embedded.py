"""Settings for a command that brings its own database, store and broker.

In: what the user said. Out: `Settings`, and a temporary folder that goes with the command. The reject brake
is off: a batch goes out to nobody, and its verdicts must not depend on the order of its lines.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, overload

from pipeline.ledger.schema import migrate, refuse_another_schema
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.settings import Settings

SQLITE = "sqlite:///"
PLATFORM = "local"
QUICK_SWEEP_S = 1.0


@contextmanager
def embedded_settings(db: str | None, *, workers: int | None) -> Iterator[Settings]:
    """Yield settings on a fresh temporary database, or on `db` with its pictures kept beside it."""
    if db is None:
        with tempfile.TemporaryDirectory(prefix="praman-") as folder:
            yield load_settings(
                data_dir=Path(folder),
                database_url=f"{SQLITE}{folder}/praman.db",
                store_url=f"{folder}/evidence",
                broker_url="memory://",
                children=workers,
                sweep_every_s=QUICK_SWEEP_S,
                reject_brake=False,
                synced=False,  # it goes with the command
                deliver_threads=1,  # and nobody listens
            )
        return
    url = database_url(db)
    settings = load_settings(
        database_url=url, children=workers, sweep_every_s=QUICK_SWEEP_S, reject_brake=False
    )
    beside = f"{url.removeprefix(SQLITE)}.evidence" if url.startswith(SQLITE) else None
    yield (
        settings
        if settings.store_url or beside is None
        else settings.model_copy(update={"store_url": beside})
    )


@contextmanager
def settings_in_force(db: str | None, *, workers: int = 1) -> Iterator[Settings]:
    """Yield the settings in force, or those on `db` with its pictures kept beside it."""
    if db is None:
        yield load_settings(children=workers)
        return
    with embedded_settings(db, workers=workers) as settings:
        yield settings


def bring_to_schema(settings: Settings) -> None:
    """Bring the embedded database to its schema; another one must be there already.

    Raises:
        UsageError: A database that several machines share is at another schema; the message says what to run.
        LedgerUnavailable: It does not answer.
    """
    if settings.database.startswith(SQLITE):
        migrate(settings.database)
    else:
        refuse_another_schema(settings.database)


@overload
def database_url(db: str) -> str: ...
@overload
def database_url(db: None) -> None: ...
def database_url(db: str | None) -> str | None:
    """Return `--db` as a URL: it may be one, or the path of an SQLite file."""
    return db if db is None or "://" in db else f"{SQLITE}{Path(db).absolute()}"
