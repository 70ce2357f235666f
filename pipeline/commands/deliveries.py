"""`praman deliveries`: where notices go, what did not go out, every attempt on it, and sending it again."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console

from pipeline.adapters.couriers import open_couriers
from pipeline.commands.embedded import database_url
from pipeline.commands.show import masked, table
from pipeline.commands.terminal import escape
from pipeline.errors import UsageError
from pipeline.ledger.engine import make_engine
from pipeline.ledger.outbox import SqlOutbox
from pipeline.ledger.schema import refuse_another_schema
from pipeline.records import NoticeState
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.records import Endpoint, NoticeLine, Tried

COLOURS = {"delivered": "green", "waiting": "yellow", "failed": "red", "stopped": "red"}
NAME = re.compile(r"[a-z]+(:[A-Za-z0-9._-]{1,40})?")
OUTSTANDING = (NoticeState.WAITING, NoticeState.STOPPED, NoticeState.FAILED)


def open_outbox(db: str | None) -> SqlOutbox:
    """Return the outbox of the ledger in force, or of `--db`.

    Raises:
        UsageError: The ledger is not at this version's schema.
    """
    url = load_settings(database_url=database_url(db)).database
    refuse_another_schema(url)
    return SqlOutbox(make_engine(url))


def open_endpoint(platform: str, target: str, address: str, *, db: str | None, as_json: bool) -> None:
    """Send the platform's notices of `target` to `address` from now on.

    Raises:
        UsageError: The kind, the address or the platform is none.
        NoAnswer: The address's name does not resolve.
    """
    couriers = open_couriers(load_settings())
    courier = couriers.get(target.partition(":")[0])
    if courier is None or not NAME.fullmatch(target):
        raise UsageError(f"{target!r} is no target; write one of {', '.join(couriers)}, or kind:label")
    courier.check(address)
    opened = open_outbox(db).open_endpoint(platform, target, address=address)
    if as_json:
        print(json.dumps(_as_json(opened), ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    Console().print(f"{platform}: verdicts go to {target} at {escape(masked(address) or '')}", soft_wrap=True)


def close_endpoint(platform: str, target: str, *, db: str | None, as_json: bool) -> None:
    """Give no more notice to `target`.

    Raises:
        UsageError: The platform has no such target.
    """
    if not open_outbox(db).close_endpoint(platform, target):
        raise UsageError(
            f"{platform!r} has no target {target!r}; `praman deliveries list` names what there is"
        )
    if as_json:
        print(json.dumps({"platform": platform, "closed": target}))  # noqa: T201 (the command's output)
        return
    Console().print(f"{platform}: no more verdicts go to {target}")


def list_deliveries(
    *, platform: str | None, state: str | None, proof: str | None, limit: int, db: str | None, as_json: bool
) -> None:
    """Show endpoints and notices; without `state` and `proof`, only what did not go out.

    Raises:
        UsageError: There is no such state.
    """
    outbox = open_outbox(db)
    lines = _lines(outbox, platform=platform, state=state, proof=proof, limit=limit)
    endpoints = outbox.endpoints(platform)
    # One proof's notices are shown with every attempt.
    tries = {line.id: outbox.tried(line.id) for line in lines} if proof is not None else {}
    if as_json:
        told = {
            "endpoints": [_as_json(one) for one in endpoints],
            "notices": [_as_json(one) | _tries_as_json(tries.get(one.id)) for one in lines],
        }
        print(json.dumps(told, ensure_ascii=False))  # noqa: T201 (the command's output)
        return
    _show(endpoints, lines, tries)


def _lines(
    outbox: SqlOutbox, *, platform: str | None, state: str | None, proof: str | None, limit: int
) -> tuple[NoticeLine, ...]:
    wanted: tuple[NoticeState | None, ...] = OUTSTANDING if proof is None else (None,)
    if state is not None:
        wanted = (_state(state),)
    found = {
        line.id: line
        for one in wanted
        for line in outbox.listed(platform=platform, state=one, proof_id=proof, limit=limit)
    }
    return tuple(sorted(found.values(), key=lambda line: line.id, reverse=True)[:limit])


def _state(name: str) -> NoticeState:
    try:
        return NoticeState(name)
    except ValueError as error:
        raise UsageError(f"--state {name!r}: write one of {', '.join(NoticeState)}") from error


def _as_json(one: Endpoint | NoticeLine | Tried) -> dict[str, Any]:
    told = {name: _plain(value) for name, value in asdict(one).items()}
    return told | {"address": masked(told["address"])} if "address" in told else told


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


def _tries_as_json(tries: tuple[Tried, ...] | None) -> dict[str, Any]:
    return {} if tries is None else {"tries": [_as_json(one) for one in tries]}


def _show(
    endpoints: Sequence[Endpoint], lines: Sequence[NoticeLine], tries: dict[str, tuple[Tried, ...]]
) -> None:
    console = Console()
    now = datetime.now(UTC)
    where = table("Endpoints", "platform", "target", "address", "state")
    for one in endpoints:
        where.add_row(one.platform, one.target, escape(masked(one.address) or ""), _endpoint_state(one, now))
    console.print(where)
    columns = ("notice", "platform", "target", "proof", "verdict", "state", "attempts", "due", "last")
    made = table("Notices", *columns, whole="notice")
    for line in lines:
        state = f"[{COLOURS.get(line.state, 'white')}]{line.state}[/]"
        due = line.due_at.isoformat(timespec="seconds")
        cells = (line.id, escape(line.platform), line.target, escape(line.proof_id), line.outcome, state)
        made.add_row(*cells, str(line.attempts), due, _ended(line.last))
        for tried in tries.get(line.id, ()):
            began = tried.started_at.isoformat(timespec="seconds")
            made.add_row("", "", "", "", "", "", f"#{tried.number}", began, _ended(tried))
    console.print(made)


def _endpoint_state(one: Endpoint, now: datetime) -> str:
    if one.stopped is not None:
        return f"[red]stopped[/]: {escape(one.stopped)}"
    if one.rest_until is not None and one.rest_until > now:
        return f"[yellow]rests[/] until {one.rest_until.isoformat(timespec='seconds')}"
    if one.failing_since is not None:
        return f"[yellow]failing[/] since {one.failing_since.isoformat(timespec='seconds')}"
    return "[green]open[/]"


def _ended(one: Tried | None) -> str:
    if one is None:
        return "not tried"
    if one.ended_at is None:
        return "under way, or its deliverer died"
    took_ms = round((one.ended_at - one.started_at).total_seconds() * 1000)
    said = " ".join(str(part) for part in (one.status, one.error) if part is not None)
    return f"{escape(said)} ({took_ms} ms)"


def replay_deliveries(
    notices: Sequence[str], *, platform: str | None, target: str | None, db: str | None, as_json: bool
) -> None:
    """Open stopped endpoints and make what did not go out due now.

    Raises:
        UsageError: None of the notices that are named can be sent again.
    """
    opened, count = open_outbox(db).replay(platform=platform, target=target, notices=notices)
    if notices and not count:
        named = ", ".join(notices)
        raise UsageError(f"no notice that can be sent again: {named}; `praman deliveries list` names them")
    if as_json:
        print(json.dumps({"endpoints": opened, "notices": count}))  # noqa: T201 (the command's output)
        return
    Console().print(f"{count} notices are due again at {len(opened)} endpoints; a worker sends them")
