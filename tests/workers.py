"""A worker's services on a ledger, a folder and children of the test's choice; nothing runs by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.adapters.files import FilesEvidenceStore
from pipeline.adapters.process import worker_name
from pipeline.ledger import SqlLedger, SqlOutbox, SqlQueries
from pipeline.policy import Policy
from pipeline.wiring import WorkerServices, open_links

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from pipeline.ports import Bell, Children
    from pipeline.settings import Settings


def services_on(
    engine: Engine, folder: Path, *, settings: Settings, children: Children, bell: Bell, **others: Any
) -> WorkerServices:
    """Return the services; evidence lies in `folder`, nothing is delivered, `others` take a part's place."""
    parts: dict[str, Any] = {
        "settings": settings,
        "policy": Policy(),
        "ledger": SqlLedger(engine),
        "outbox": SqlOutbox(engine),
        "couriers": {},
        "queries": SqlQueries(engine),
        "store": FilesEvidenceStore(folder / "evidence"),
        "bell": bell,
        "links": open_links(settings),
        "worker": worker_name(),
        "children": children,
    }
    return WorkerServices(**parts | others)
