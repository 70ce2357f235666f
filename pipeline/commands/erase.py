"""`praman erase`: everything that one person submitted goes, and a receipt says so.

In: a platform and its own id of the person. Out: rows without words, objects deleted, a receipt that names
nobody. What an earlier erasure could not finish, because the store was away, is finished too.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from rich.console import Console

from pipeline.adapters.stores import open_store
from pipeline.commands.embedded import embedded_settings
from pipeline.commands.whose import refuse_unknown_platform
from pipeline.errors import StoreRefused, StoreUnavailable
from pipeline.ledger.engine import make_engine
from pipeline.ledger.platforms import SqlPlatforms
from pipeline.ledger.schema import refuse_another_schema
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.ports import EvidenceStore
    from pipeline.settings import Settings


def erase_submitter(submitter: str, *, platform: str, db: str | None, as_json: bool) -> bool:
    """Erase a person's proofs, and return whether their pictures are gone too.

    Raises:
        UsageError: The ledger is not at this version's schema, or there is no such platform.
    """
    if db is None:
        return _erase(load_settings(), submitter, platform=platform, as_json=as_json)
    with embedded_settings(db, workers=None) as settings:
        return _erase(settings, submitter, platform=platform, as_json=as_json)


def _erase(settings: Settings, submitter: str, *, platform: str, as_json: bool) -> bool:
    refuse_another_schema(settings.database)
    platforms = SqlPlatforms(make_engine(settings.database))
    refuse_unknown_platform(platforms, platform)
    store = open_store(settings.store, s3_endpoint_url=settings.s3_endpoint_url)
    erased = platforms.of_submitter(platform, submitter)
    for proof_id in erased:
        platforms.erase(platform, proof_id)
    objects, problem = _delete(platforms, store, platform)
    subject = hashlib.sha256(json.dumps([platform, submitter]).encode()).hexdigest()
    receipt = platforms.keep_receipt(
        platform, subject, erased=erased, objects=objects, finished=problem is None
    )
    told = {"receipt": receipt, "subject": subject, "proofs": len(erased), "objects": objects}
    if as_json:
        print(json.dumps(told | {"finished": problem is None, "problem": problem}))  # noqa: T201 (the command's output)
    else:
        _tell(told, problem)
    return problem is None


def _delete(platforms: SqlPlatforms, store: EvidenceStore, platform: str) -> tuple[int, str | None]:
    """Delete what erased proofs left in the store; return how many objects, and what stopped it."""
    deleted = 0
    for proof in platforms.unfinished(platform):
        for key in platforms.doomed(proof):
            try:
                store.delete(key)
            except (StoreUnavailable, StoreRefused) as error:
                return deleted, str(error)
            platforms.gone(proof, key)
            deleted += 1
    return deleted, None


def _tell(told: dict[str, object], problem: str | None) -> None:
    console = Console()
    console.print(f"{told['proofs']} proofs and {told['objects']} objects erased; receipt {told['receipt']}")
    if problem is not None:
        console.print(f"[yellow]objects are left: {problem}; run this again[/]", soft_wrap=True)
