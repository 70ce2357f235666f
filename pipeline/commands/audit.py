"""`praman audit verify`: follows the chain of seals and says where the ledger is not what was sealed."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from pipeline.commands.embedded import database_url
from pipeline.commands.show import table
from pipeline.errors import UsageError
from pipeline.ledger.auditing import SqlAudit
from pipeline.ledger.engine import make_engine
from pipeline.ledger.schema import refuse_another_schema
from pipeline.ledger.sealing import Head
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.ledger.auditing import Audit

SHOWN = 50
_NOTED = re.compile(r"([1-9][0-9]*):([0-9a-f]{64})")


def verify_chain(*, db: str | None, noted: str | None, as_json: bool) -> bool:
    """Check the ledger in force, or that of `--db`, and return whether nothing was tampered with.

    Raises:
        UsageError: The ledger is not at this version's schema, or the noted head cannot be read.
    """
    head = None if noted is None else _head(noted)
    url = load_settings(database_url=database_url(db)).database
    refuse_another_schema(url)
    engine = make_engine(url)
    try:
        found = SqlAudit(engine).verify(noted=head)
    finally:
        engine.dispose()
    if as_json:
        print(json.dumps({"intact": not found.tampered} | asdict(found), ensure_ascii=False))  # noqa: T201 (the command's output)
    else:
        _show(found)
    return not found.tampered


def _head(noted: str) -> Head:
    read = _NOTED.fullmatch(noted.strip())
    if read is None:
        raise UsageError(f"{noted!r} is no head; write it as `praman audit verify` tells it, NUMBER:DIGEST")
    return Head(number=int(read[1]), digest=read[2])


def _show(found: Audit) -> None:
    console = Console()
    if found.tampered:
        made = table("Tampered with", "platform", "sequence", "proof", "seal", "what")
        for one in found.tampered[:SHOWN]:
            where = (one.platform, one.sequence, one.proof_id, one.number, one.what)
            made.add_row(*(escape("" if value is None else str(value)) for value in where))
        console.print(made)
    if len(found.tampered) > SHOWN:
        console.print(f"... and {len(found.tampered) - SHOWN} more; --json lists all")
    state = f"[red]{len(found.tampered)} places[/]" if found.tampered else "[green]intact[/]"
    console.print(f"{found.sealed} verdicts sealed, {found.unsealed} wait for the next sweep: {state}")
    if found.head is not None:
        console.print(f"head {found.head.number}:{found.head.digest}", soft_wrap=True, highlight=False)
