"""The words of a proof's pictures, read by a child.

The read door uses it, and the judge door where a proof that was taken for a copy turns out to be none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.judge import ask_of

if TYPE_CHECKING:
    from pipeline.records import Claim, Reading
    from pipeline.wiring import WorkerServices


def words(services: WorkerServices, claim: Claim) -> tuple[Reading, ...]:
    """Return what was read of each usable picture; nothing where none is."""
    usable = {one.index: one.key for one in claim.proof.pictures if one.key is not None and one.fault is None}
    if not usable:
        return ()
    contents = {image: services.store.get(key) for image, key in usable.items()}
    found = services.children.read(contents, ask_of(claim.proof))
    services.watch.read(found)
    return found
