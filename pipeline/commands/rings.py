"""`praman rings`: submitters who share captures, for moderators to look at.

In: a platform, a job. Out: each ring with its members and the copies that link them. It decides nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from pipeline.commands.embedded import database_url
from pipeline.commands.show import table
from pipeline.errors import UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.queries import SqlQueries
from pipeline.ledger.rings import MOST_COPIES
from pipeline.ledger.schema import refuse_another_schema
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.records import SharingLink, SharingRing, SharingRings

MEMBERS, LINKS = 8, 6


def show_rings(*, platform: str | None, job: str | None, limit: int, db: str | None, as_json: bool) -> None:
    """Show the rings, the largest first.

    Raises:
        UsageError: A job is named and not whose; or the ledger is at another schema.
    """
    if job is not None and platform is None:
        raise UsageError("say whose job: --platform NAME")
    url = load_settings(database_url=database_url(db)).database
    refuse_another_schema(url)
    engine = make_engine(url)
    try:
        found = SqlQueries(engine).rings(platform=platform, job_id=job, limit=limit)
    finally:
        engine.dispose()
    if as_json:
        told = {"rings": [_as_json(one) for one in found.found], "whole": found.whole}
        print(json.dumps(told, ensure_ascii=False))  # noqa: T201 (the command's output)
    else:
        _show(found)


def _show(rings: SharingRings) -> None:
    console = Console()
    if not rings.found:
        console.print("no two submitters share a capture")
    for number, ring in enumerate(rings.found, start=1):
        console.print(_head(number, ring), soft_wrap=True)
        console.print(_links_table(ring))
    if not rings.whole:
        console.print(f"of a platform the newest {MOST_COPIES:,} copies were looked at; --job narrows")
    if rings.found:
        console.print(
            "shared captures are a reason to look, not to reject: `praman compare` shows two proofs"
        )


def _head(number: int, ring: SharingRing) -> str:
    names = ", ".join(ring.members[:MEMBERS])
    more = f" and {len(ring.members) - MEMBERS} more" if len(ring.members) > MEMBERS else ""
    days = f"{ring.first_seen:%Y-%m-%d %H:%M} to {ring.last_seen:%Y-%m-%d %H:%M} UTC"
    captures = "1 shared capture" if ring.captures == 1 else f"{ring.captures} shared captures"
    counts = f"{len(ring.members)} submitters, {captures}"
    lines = [f"[bold]{number}. {counts}[/]  {escape(ring.platform)}, {days}", f"   {escape(names)}{more}"]
    if ring.public:
        lines.append(
            "   [yellow]one capture that very many sent: perhaps from a tutorial; it links nobody else[/]"
        )
    lines += [
        f"   own captures of {one.width_px} x {one.height_px} px: {escape(', '.join(one.members[:MEMBERS]))}"
        for one in ring.screens
    ]
    return "\n".join(lines)


def _links_table(ring: SharingRing) -> Any:
    left = f", {LINKS} of {len(ring.links)}" if len(ring.links) > LINKS else ""
    made = table(f"Copies{left}", "proof", "submitter", "copy of", "submitter of that", "how", "score", "job")
    for link in ring.links[:LINKS]:
        names = (link.proof_id, link.submitter_id, link.original_id, link.original_submitter_id or "(erased)")
        made.add_row(*map(escape, names), link.relation.value, f"{link.score:.2f}", escape(link.job_id))
    return made


def _as_json(ring: SharingRing) -> dict[str, Any]:
    return {
        "platform": ring.platform,
        "size": len(ring.members),
        "members": list(ring.members),
        "captures": ring.captures,
        "public": ring.public,
        "first_seen": ring.first_seen.isoformat(),
        "last_seen": ring.last_seen.isoformat(),
        "links": [_link_as_json(one) for one in ring.links],
        "screens": [
            {"width_px": one.width_px, "height_px": one.height_px, "members": list(one.members)}
            for one in ring.screens
        ],
    }


def _link_as_json(link: SharingLink) -> dict[str, Any]:
    return {
        "proof_id": link.proof_id,
        "submitter_id": link.submitter_id,
        "job_id": link.job_id,
        "submitted_at": link.submitted_at.isoformat(),
        "original_id": link.original_id,
        "original_submitter_id": link.original_submitter_id,
        "original_submitted_at": link.original_at.isoformat() if link.original_at else None,
        "relation": link.relation.value,
        "score": link.score,
    }
