"""The polling of job platforms: unrated tasks become proofs, one process at a time for each platform.

In: sites that are due. Out: rows, and bells for them. A task that is known costs nothing more; one whose
picture does not come is looked at again, and after an hour goes to a person without it.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from actors.attempt import move_on
from actors.listen import listen
from pipeline.claims import parse_claim, submission_of
from pipeline.errors import LinkRefused, NoAnswer, PramanError, TryLater
from pipeline.platforms.calls import PacedCalls
from pipeline.platforms.registry import open_adapter
from pipeline.submit import submit

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from pipeline.platforms.port import Task
    from pipeline.records import Site
    from pipeline.wiring import Services, SiteServices

    Kept: TypeAlias = Callable[[str], bytes | None]

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=10)
TURN_S = 120.0  # then the turn goes back, and the site is due again at once
PATIENCE = timedelta(hours=1)
AFTER_TROUBLE = timedelta(seconds=30)
NO_PICTURE = "none"


def poll(services: Services, sites: SiteServices, *, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Poll the site that is longest due; False where none is. Ends early where `stopping` says so."""
    try:
        site = sites.sites.take(worker=services.worker, lease=LEASE)
        if site is None:
            return False
        pause, problem = _polled(services, sites, site, stopping)
        sites.sites.close(site, pause=pause, problem=problem)
    except TryLater as error:
        log.warning("poll.later", error=str(error))
        return False
    return True


def _polled(
    services: Services, sites: SiteServices, site: Site, stopping: Callable[[], bool]
) -> tuple[timedelta, str | None]:
    """Return how long to leave the site alone, and what went wrong."""
    problem: str | None = None
    pause = AFTER_TROUBLE
    try:
        adapter = open_adapter(site)
        pause = max(adapter.poll_every, AFTER_TROUBLE)
        calls = PacedCalls(sites.http, sites.sites, platform=site.platform, every=adapter.call_every)
        until = time.monotonic() + TURN_S
        known = partial(sites.sites.known, site.platform)
        for task in adapter.tasks(calls, known):
            if stopping():
                return timedelta(0), problem
            if isinstance(task, str):
                problem = task
            elif not known(task.proof_id):
                problem = _taken(services, site, task, kept=partial(adapter.picture, calls=calls)) or problem
                # Only after a new one: pages full of known tasks must not keep us from those behind them.
                if time.monotonic() > until:
                    return timedelta(0), problem
        pause = adapter.poll_every
    except PramanError as error:
        problem = str(error)
    except Exception as error:
        log.exception("poll.failed", platform=site.platform)
        problem = f"{type(error).__name__}: {error}"
    if problem is not None:
        log.warning("poll.problem", platform=site.platform, problem=problem[:500])
    return pause, problem


def _taken(services: Services, site: Site, task: Task, *, kept: Kept) -> str | None:
    """Take one task in, or return why not."""
    now = datetime.now(UTC)

    def fetch(link: str) -> bytes:
        return kept(link) or services.links.fetch(link, platform=site.platform)

    try:
        pictures = tuple(_picture(task, link, fetch=fetch, now=now) for link in task.links) or (None,)
        form = parse_claim(_claim(task))
        submission = submission_of(form, platform=site.platform, pictures=pictures, now=now)
        proof, new = submit(submission, ledger=services.ledger, store=services.store, policy=services.policy)
    except PramanError as error:
        return f"task {task.proof_id}: {error}"
    if new:
        log.info("poll.taken", platform=site.platform, proof=proof.id)
        services.watch.submitted(proof)
        move_on(services, proof.id, proof.step)
    return None


def _claim(task: Task) -> dict[str, object]:
    return {
        "proof_id": task.proof_id,
        "job_id": task.job_id,
        "submitter_id": task.submitter_id,
        "submitted_at": task.submitted_at,
        "images": task.links or (NO_PICTURE,),
        "answer": task.answer,
        "lang": task.lang,
        "deadline": task.deadline,
    }


def _picture(task: Task, link: str, *, fetch: Callable[[str], bytes], now: datetime) -> bytes | None:
    """Return a picture; None where there is no getting at it, and a person must look.

    Raises:
        NoAnswer: It may come at the next poll.
    """
    try:
        return fetch(link)
    except LinkRefused as error:
        log.warning("poll.link_refused", task=task.proof_id, error=str(error)[:500])
        return None
    except NoAnswer:
        if task.submitted_at is not None and now - task.submitted_at < PATIENCE:
            raise
        return None


class Poller:
    """Polls, and listens for events, in two threads of a worker process: a long poll makes nobody deaf."""

    def __init__(self, services: Services, sites: SiteServices, *, every_s: float) -> None:
        self._services, self._sites, self._every_s = services, sites, every_s
        self._stopping = threading.Event()
        works = {"poll": self._poll, "listen": self._listen}
        self._threads = [
            threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
            for name, work in works.items()
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads soon; a poll in hand goes on until its lease lapses or the process ends."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _run(self, work: Callable[[], object]) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                work()
            except Exception:  # the thread must outlive whatever one poll meets
                log.exception("poll.failed")

    def _poll(self) -> None:
        while not self._stopping.is_set() and poll(
            self._services, self._sites, stopping=self._stopping.is_set
        ):
            pass

    def _listen(self) -> None:
        listen(self._sites)
