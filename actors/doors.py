"""The message contract as a table: actor name, queue, priority, what it runs.

Each message carries one string, the proof's id (at the deliver door, an endpoint's). Lower priority numbers
go first within one worker: what a proof lacks to be decided goes before new ones, and those before what was
left unread until earlier proofs are seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import TYPE_CHECKING

import dramatiq

from actors.deliver import deliver
from actors.fingerprint import fingerprint
from actors.give_up import give_up
from actors.intake import intake
from actors.judge import judge
from actors.publish import publish
from actors.read import read
from actors.sweep import sweep
from pipeline.flow import QUEUE_OF
from pipeline.records import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.wiring import WorkerServices


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One actor: its name and queue are promises to platforms and to messages already queued."""

    name: str
    queue: str
    priority: int
    run: Callable[..., object]


DOORS: tuple[Door, ...] = (
    Door(name="intake", queue="intake", priority=0, run=intake),
    Door(name="judge", queue=QUEUE_OF[Step.JUDGE], priority=10, run=judge),
    Door(name="publish", queue=QUEUE_OF[Step.PUBLISH], priority=10, run=publish),
    Door(name="give_up", queue=QUEUE_OF[Step.GIVE_UP], priority=10, run=give_up),
    Door(name="fingerprint", queue=QUEUE_OF[Step.FINGERPRINT], priority=20, run=fingerprint),
    Door(name="read", queue=QUEUE_OF[Step.READ], priority=30, run=read),
    Door(name="deliver", queue=QUEUE_OF[Step.DELIVER], priority=20, run=deliver),
    Door(name="sweep", queue="light", priority=40, run=sweep),
)


def open_doors(broker: dramatiq.Broker, services: WorkerServices) -> None:
    """Declare every actor on `broker`; nothing is declared at import."""
    for door in DOORS:
        declare = dramatiq.actor(
            actor_name=door.name, queue_name=door.queue, priority=door.priority, broker=broker, max_retries=0
        )
        declare(_named(door, services))


def _named(door: Door, services: WorkerServices) -> Callable[..., object]:
    """Bind the services; dramatiq reads the function's module for its logger, which a partial lacks."""
    return update_wrapper(partial(door.run, services), door.run)
