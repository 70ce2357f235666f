"""`praman hold`: rejects that wait, and taking them back before they go out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console

from pipeline import hold
from pipeline.commands.deliveries import open_outbox
from pipeline.commands.show import table
from pipeline.commands.terminal import escape
from pipeline.errors import UsageError
from pipeline.hold import held_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.records import HeldReject


def list_held(
    *, platform: str | None, job: str | None, submitter: str | None, limit: int, db: str | None, as_json: bool
) -> None:
    """Show rejects that can still be taken back, the soonest due first."""
    found = open_outbox(db).held(platform=platform, job_id=job, submitter_id=submitter, limit=limit)
    if as_json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    made = table("Held rejects", "platform", "proof", "job", "submitter", "reasons", "goes out")
    for one in found:
        names = (one.platform, one.proof_id, one.job_id, one.submitter_id)
        until = one.until.isoformat(timespec="seconds")
        made.add_row(*map(escape, names), ", ".join(one.codes), until)
    Console().print(made)


def _as_json(one: HeldReject) -> dict[str, Any]:
    return {
        "platform": one.platform,
        "proof_id": one.proof_id,
        "job_id": one.job_id,
        "submitter_id": one.submitter_id,
        "codes": [code.value for code in one.codes],
        "decided_at": one.decided_at.isoformat(),
        "until": one.until.isoformat(),
    }


def take_back(
    proofs: Sequence[str],
    *,
    platform: str,
    job: str | None,
    submitter: str | None,
    everything: bool,
    db: str | None,
    as_json: bool,
) -> bool:
    """Turn held rejects into manual, and return whether each of them could be.

    Raises:
        UsageError: Nothing says whose or which.
    """
    if not platform:
        raise UsageError("say whose rejects: --platform NAME")
    outbox = open_outbox(db)
    if not (proofs or everything or job or submitter):
        raise UsageError("say which rejects: proof ids, --job, --submitter or --all")
    chosen = proofs or held_ids(outbox, platform, job=job, submitter=submitter)
    made = hold.take_back(outbox, platform, chosen)
    taken, refused = [one.proof.proof_id for one in made.done], dict(made.refused)
    if as_json:
        print(json.dumps({"taken_back": taken, "refused": refused}, ensure_ascii=False))  # noqa: T201 (the command's output)
    else:
        _tell(taken, refused)
    return not refused


def _tell(taken: Sequence[str], refused: dict[str, str]) -> None:
    console = Console()
    for why in refused.values():
        console.print(f"[yellow]{escape(why)}[/]", soft_wrap=True)
    console.print(f"{len(taken)} rejects taken back; a person will look at them")
