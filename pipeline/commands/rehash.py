"""`praman rehash`: after an upgrade, fingerprints are made anew from the stored pictures.

In: the ledger and its evidence store. Out: how many were renewed, and which could not be. Workers may go on
meanwhile; a few pictures are in hand at a time; what was killed goes on when run again.
"""

from __future__ import annotations

import json
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from pipeline.commands.embedded import bring_to_schema, settings_in_force
from pipeline.errors import BadPicture, EvidenceMissing, StepFailed
from pipeline.fingerprint import version
from pipeline.ledger.engine import make_engine
from pipeline.ledger.rehashing import SqlRehashing
from pipeline.wiring import child_count, open_children, open_stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.commands.progress import Progress
    from pipeline.ledger.rehashing import Outdated
    from pipeline.ports import Children, EvidenceStore

BATCH = 200
SHOWN = 20


@dataclass(slots=True)
class Rehashed:
    """What was done.

    Attributes:
        version: What fingerprints are of now.
        renewed: How many were made anew.
        skipped: What could not be, each with why; it stays as it was.
    """

    version: str
    renewed: int = 0
    skipped: list[tuple[Outdated, str]] = field(default_factory=list)


def rehash(
    *, platform: str | None, limit: int | None, workers: int | None, db: str | None, progress: Progress
) -> Rehashed:
    """Make outdated fingerprints anew, all or the next `limit`.

    Raises:
        UsageError: The ledger is at another schema.
        TryLater: Ledger or store do not answer; what was done is kept.
    """
    with settings_in_force(db, workers=workers or 1) as settings:
        bring_to_schema(settings)
        engine = make_engine(settings.database)
        ledger, store = SqlRehashing(engine, version=version()), open_stored(settings)
        total = ledger.left(platform)
        done = Rehashed(version=version())
        if not total:
            return done
        children = open_children(settings)
        try:
            wanted = _wanted(ledger, platform, limit)
            with progress.stage("rehash", total=min(total, limit or total)) as moved:
                work = partial(_renewed, ledger=ledger, store=store, children=children)
                for one, problem in _in_turn(work, wanted, at_once=child_count(settings) + 1):
                    _note(done, one, problem)
                    moved(1)
        finally:
            children.close()
            engine.dispose()
    return done


def _wanted(ledger: SqlRehashing, platform: str | None, limit: int | None) -> Iterator[Outdated]:
    """Yield outdated pictures, a batch read at a time; what is skipped does not come again."""
    after, left = "", limit
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)
        found = ledger.outdated(after=after, limit=size, platform=platform)
        if not found:
            return
        yield from found
        after, left = found[-1].picture, None if left is None else left - len(found)


def _in_turn(work: Any, wanted: Iterator[Outdated], *, at_once: int) -> Iterator[tuple[Outdated, str | None]]:
    """Yield what came of each in order, with so many in hand at once."""
    with ThreadPoolExecutor(at_once) as threads:
        hand = deque((one, threads.submit(work, one)) for one in islice(wanted, at_once))
        while hand:
            one, outcome = hand.popleft()
            yield one, outcome.result()
            following = next(wanted, None)
            if following is not None:
                hand.append((following, threads.submit(work, following)))


def _renewed(one: Outdated, *, ledger: SqlRehashing, store: EvidenceStore, children: Children) -> str | None:
    """Renew one fingerprint, and return why that could not be."""
    if one.key is None:
        return "the picture was never stored"
    try:
        found = children.fingerprint(store.get(one.key))
    except EvidenceMissing:
        return "the picture is gone from the evidence store"
    except BadPicture as bad:
        return f"this version does not open it: {bad}"
    except StepFailed as failed:
        return f"it could not be fingerprinted: {failed}"
    ledger.renew(one, found, sketch_key=store.put(found.sketch) if found.sketch else None)
    return None


def _note(done: Rehashed, one: Outdated, problem: str | None) -> None:
    if problem is None:
        done.renewed += 1
    else:
        done.skipped.append((one, problem))


def show_rehashed(done: Rehashed, *, as_json: bool) -> None:
    """Show what was done, and what could not be."""
    if as_json:
        skipped = [
            {"platform": one.platform, "proof_id": one.proof_id, "image": one.image, "why": why}
            for one, why in done.skipped
        ]
        told = {"version": done.version, "renewed": done.renewed, "skipped": skipped}
        print(json.dumps(told, ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    console = Console()
    for one, why in done.skipped[:SHOWN]:
        where = f"{one.platform} {one.proof_id}, picture {one.image}"
        console.print(f"[yellow]{escape(f'{where}: {why}')}[/]", soft_wrap=True)
    if len(done.skipped) > SHOWN:
        console.print(f"... and {len(done.skipped) - SHOWN} more; --json lists all")
    console.print(f"{done.renewed} fingerprints made anew as {done.version}", soft_wrap=True)
    if done.skipped:
        console.print(
            f"{len(done.skipped)} stay as they were: found by equal bytes or pixels, not by likeness",
            soft_wrap=True,
        )
