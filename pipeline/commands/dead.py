"""`praman dead`: proofs on which the machine gave up, why, and having them done afresh."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from pipeline.commands.embedded import database_url
from pipeline.commands.show import table
from pipeline.errors import NotNow, UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.graveyard import SqlDead
from pipeline.ledger.schema import refuse_another_schema
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.ledger.dead import DeadProof
    from pipeline.ledger.queries import Attempt

ALL = 1_000_000
NO_WORD = "no word: its worker died with it"


def open_dead(db: str | None) -> SqlDead:
    """Return what did not go through in the ledger in force, or in that of `--db`.

    Raises:
        UsageError: The ledger is not at this version's schema.
    """
    url = load_settings(database_url=database_url(db)).database
    refuse_another_schema(url)
    return SqlDead(make_engine(url))


def list_dead(*, platform: str | None, limit: int, db: str | None, as_json: bool) -> None:
    """Show dead proofs, the newest first."""
    found = open_dead(db).listed(platform=platform, limit=limit)
    if as_json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    made = table(
        "Given up", "platform", "proof", "job", "step", "reason", "attempts", "deaths", "last error", "replay"
    )
    for one in found:
        proof = one.proof
        names = map(escape, (proof.platform, proof.proof_id, proof.job_id))
        counts = (str(one.attempts), str(one.deaths) + (" [red]quarantine[/]" if one.poison else ""))
        can = "[green]can be[/]" if one.refused is None else escape(one.refused)
        made.add_row(*names, one.step.value, _code(one), *counts, escape(one.last_error or NO_WORD), can)
    Console().print(made)


def _code(one: DeadProof) -> str:
    return one.proof.failure.value if one.proof.failure else ""


def _as_json(one: DeadProof) -> dict[str, Any]:
    return {
        "platform": one.proof.platform,
        "proof_id": one.proof.proof_id,
        "job_id": one.proof.job_id,
        "step": one.step.value,
        "reason": _code(one),
        "attempts": one.attempts,
        "deaths": one.deaths,
        "last_error": one.last_error,
        "last_at": one.last_at.isoformat(),
        "quarantined": [
            {"image": held.image, "sha256": held.sha256, "deaths": held.deaths, "since": _iso(held.since)}
            for held in one.poison
        ],
        "replayable": one.refused is None,
        "refused": one.refused,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def show_dead(proof_id: str, *, platform: str, db: str | None, as_json: bool) -> None:
    """Explain one dead proof.

    Raises:
        UsageError: There is none under that id.
    """
    dead = open_dead(db)
    one = dead.named(platform, proof_id)
    if one is None:
        raise UsageError(
            f"{proof_id!r} of {platform!r} is not among the dead; `praman dead list` names them all"
        )
    tries = dead.attempts(one.proof.id)
    if as_json:
        told = _as_json(one) | {"tries": [_try_as_json(each) for each in tries]}
        print(json.dumps(told, ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    _explain(one, tries)


def _try_as_json(one: Attempt) -> dict[str, Any]:
    return {
        "step": one.step.value,
        "number": one.number,
        "worker": one.worker,
        "started_at": _iso(one.started_at),
        "ended_at": _iso(one.ended_at),
        "problem": one.problem and one.problem.value,
        "detail": one.detail,
        "died": one.died or one.ended_at is None,
    }


def _explain(one: DeadProof, tries: Sequence[Attempt]) -> None:
    console, proof = Console(), one.proof
    console.print(
        f"{escape(proof.platform)} {escape(proof.proof_id)} ({proof.id}), job {escape(proof.job_id)}: "
        f"given up at {one.step.value} with {_code(one)} "
        f"after {one.attempts} attempts and {one.deaths} deaths",
        soft_wrap=True,
    )
    made = table("Attempts", "step", "#", "worker", "began", "took", "ended")
    for each in tries:
        began = each.started_at.isoformat(timespec="seconds")
        made.add_row(each.step.value, str(each.number), escape(each.worker), began, _took(each), _ended(each))
    console.print(made)
    for held in one.poison:
        console.print(
            f"[red]quarantine[/]: picture {held.image} (SHA-256 {held.sha256}), {held.deaths} deaths; "
            "wherever it is sent again it goes to a person unopened",
            soft_wrap=True,
        )
    console.print(
        "`praman dead replay` does it afresh, and lifts a quarantine"
        if one.refused is None
        else f"cannot be replayed: {escape(one.refused)}",
        soft_wrap=True,
    )


def _took(one: Attempt) -> str:
    if one.ended_at is None:
        return ""
    return f"{round((one.ended_at - one.started_at).total_seconds() * 1000)} ms"


def _ended(one: Attempt) -> str:
    if one.ended_at is None:
        return f"[red]{NO_WORD}[/]"
    return escape(one.detail) if one.detail else "[green]done[/]"


def replay_dead(
    proofs: Sequence[str], *, platform: str, everything: bool, db: str | None, as_json: bool
) -> bool:
    """Have dead proofs done afresh, and return whether each of them could be.

    Raises:
        UsageError: Nothing says which.
    """
    if not proofs and not everything:
        raise UsageError("say which proofs: their ids, or --all")
    dead = open_dead(db)
    chosen = proofs or [
        one.proof.proof_id for one in dead.listed(platform=platform, limit=ALL) if one.refused is None
    ]
    replayed: list[str] = []
    refused: dict[str, str] = {}
    for one in chosen:
        try:
            dead.replay(platform, one)
        except NotNow as error:
            refused[one] = str(error)
        else:
            replayed.append(one)
    if as_json:
        print(json.dumps({"replayed": replayed, "refused": refused}, ensure_ascii=False))  # noqa: T201 (the command's output)
    else:
        _tell(replayed, refused)
    return not refused


def _tell(replayed: Sequence[str], refused: dict[str, str]) -> None:
    console = Console()
    for why in refused.values():
        console.print(f"[yellow]{escape(why)}[/]", soft_wrap=True)
    console.print(f"{len(replayed)} proofs begin afresh; a worker takes them at the next sweep")
