"""`make compose-test`: the compose file for real, on a bad day. Every proof gets exactly one verdict.

In: a Docker engine with Compose. Out: what happened, step by step; exit 0 only where every promise held, or
where no engine answers, which it says. It brings up a project of its own with three workers, posts proofs
over HTTP, kills a worker container, wipes Redis with its volume, restarts PostgreSQL, and compares what the
API, the feed and a webhook receiver tell. It takes its containers and volumes away again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from pipeline.client import Praman
from tests.screens import channel_page, encoded
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PROJECT = "praman-compose-test"
JOB = {"kind": "youtube_subscribe", "params": {"channel": "Nodi Tech"}}
HONEST, FAKES, COPIES = 24, 3, 3
UP_S, DECIDED_S, HEALTHY_S = 240.0, 420.0, 90.0
NO_ENGINE = 0


class Stack:
    """The compose project, and what is asked of it."""

    def __init__(self, compose: list[str]) -> None:
        self.api_port, self.receiver_port = free_port(), free_port()
        files = ("-f", "docker-compose.yml", "-f", "tests/compose/override.yml")
        self._compose = [*compose, "-p", PROJECT, *files]
        self._environment = os.environ | {
            "API_PORT": str(self.api_port),
            "RECEIVER_PORT": str(self.receiver_port),
            "PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1",
        }

    def run(self, *arguments: str) -> str:
        """Run one compose command and return what it prints."""
        ran = subprocess.run(
            [*self._compose, *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise AssertionError(f"{' '.join(arguments)}: {ran.stderr[-3000:]}")
        return ran.stdout

    def containers(self, service: str) -> list[str]:
        """Return the ids of a service's running containers."""
        return self.run("ps", "-q", service).split()

    def arrivals(self) -> list[dict[str, Any]]:
        """Return what the receiver was told."""
        return list(httpx.get(f"http://127.0.0.1:{self.receiver_port}/", timeout=10).json())

    def delivered(self) -> int:
        """Return under how many ids the receiver was told something."""
        return len({one["id"] for one in self.arrivals()})


def engine() -> list[str] | None:
    """Return the compose command of an engine that answers; None where there is none."""
    if shutil.which("docker") is None or _fails("docker", "info"):
        return None
    for compose in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(compose[0]) and not _fails(*compose, "version"):
            return compose
    return None


def _fails(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


def say(told: str) -> None:
    """Tell where the test stands."""
    print(f"[{time.monotonic() - BEGAN_S:6.1f} s] {told}", flush=True)  # noqa: T201 (a script's output)


BEGAN_S = time.monotonic()


def until(true: Callable[[], bool], limit_s: float, what: str) -> None:
    """Wait until something is true."""
    ends_s = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > ends_s:
            raise AssertionError(f"after {limit_s:.0f} s still not: {what}")
        time.sleep(1)


def pictures() -> dict[str, tuple[bytes, str]]:
    """Return the proofs to post, in order: each one's picture and the verdict it must get."""
    made = {f"honest-{n}": (encoded(channel_page(person=n)), "accept") for n in range(HONEST)}
    fakes = (channel_page(button="Subscribe", person=100 + n) for n in range(FAKES))
    made |= {f"fake-{n}": (encoded(page), "reject") for n, page in enumerate(fakes)}
    return made | {f"copy-{n}": (made[f"honest-{n}"][0], "reject") for n in range(COPIES)}


def main() -> int:
    """Run the whole day; return the exit code."""
    compose = engine()
    if compose is None:
        say("SKIPPED: no Docker engine with Compose answers here; start one and run this again")
        return NO_ENGINE
    stack = Stack(compose)
    try:
        return _day(stack)
    except AssertionError as error:
        say(f"FAILED: {error}")
        print(stack.run("logs", "--tail", "40"), file=sys.stderr)  # noqa: T201 (a script's output)
        return 1
    finally:
        stack.run("down", "--volumes", "--timeout", "20")
        say("containers and volumes are gone again")


def _day(stack: Stack) -> int:
    say("building and starting, three workers")
    stack.run("build")  # the receiver uses the image that the others build, and would be pulled before it
    stack.run("up", "--detach", "--scale", "worker=3")
    url = f"http://127.0.0.1:{stack.api_port}"
    until(lambda: _ready(url), UP_S, "the API is ready")
    say(f"ready: {httpx.get(f'{url}/readyz').text}")
    key = _platform(stack)
    with Praman(url, key=key) as praman:
        praman.put_job("job-1", JOB)
        todo = list(pictures().items())
        third = len(todo) // 3
        _post(praman, todo[:third])
        worker, *others = stack.containers("worker")
        subprocess.run(["docker", "kill", worker], check=True, capture_output=True)
        say(f"{third} proofs posted; one worker container killed, {len(others)} left")
        _post(praman, todo[third : 2 * third])
        stack.run("rm", "--force", "--stop", "-v", "redis")
        subprocess.run(["docker", "volume", "rm", f"{PROJECT}_redis"], check=True, capture_output=True)
        _post(praman, todo[2 * third : -3])
        say("Redis is gone with its volume; posting goes on without it")
        stack.run("up", "--detach", "--no-deps", "--no-recreate", "redis")
        stack.run("restart", "--timeout", "1", "postgres")
        _post(praman, todo[-3:])
        say("an empty Redis is back, PostgreSQL was restarted, the last proofs are posted")
        until(lambda: len(_feed(praman)) >= len(todo), DECIDED_S, "every proof has a verdict")
        until(lambda: stack.delivered() >= len(todo), DECIDED_S, "every verdict was delivered")
        _judge(dict(todo), praman=praman, stack=stack)
    _healthy(stack)
    return 0


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).is_success
    except httpx.TransportError:
        return False


def _platform(stack: Stack) -> str:
    told = stack.run(
        "exec",
        "-T",
        "api",
        "praman",
        "platform",
        "add",
        "shop",
        "--json",
        "--webhook",
        "http://receiver:8080/",
    )
    return str(json.loads(told)["api_key"])


def _post(praman: Praman, proofs: list[tuple[str, tuple[bytes, str]]]) -> None:
    for proof_id, (picture, _) in proofs:
        praman.submit("job-1", f"w-{proof_id}", [picture], proof_id=proof_id)


def _feed(praman: Praman) -> list[Any]:
    return [one for _, one in praman.verdicts()]


def _judge(wanted: dict[str, tuple[bytes, str]], *, praman: Praman, stack: Stack) -> None:
    """Compare what the feed, the API and the receiver tell with what must be.

    Raises:
        AssertionError: A proof has no verdict, two, or another than it must have.
    """
    feed: dict[str, list[str]] = defaultdict(list)
    for one in _feed(praman):
        feed[one["proof_id"]].append(one["verdict"])
    must = {proof_id: [verdict] for proof_id, (_, verdict) in wanted.items()}
    assert dict(feed) == must, f"the feed tells {dict(feed)}"
    said = {proof_id: praman.proof(proof_id)["verdict"] for proof_id in wanted}
    assert {name: [one] for name, one in said.items()} == must, f"the API tells {said}"
    ids: dict[str, set[str]] = defaultdict(set)
    verdicts: dict[str, set[str]] = defaultdict(set)
    for arrival in stack.arrivals():
        ids[arrival["proof_id"]].add(arrival["id"])
        verdicts[arrival["proof_id"]].add(arrival["verdict"])
    heard_of = {name: sorted(one) for name, one in verdicts.items()}
    assert heard_of == must, f"the receiver heard {heard_of}"
    assert all(len(one) == 1 for one in ids.values()), f"one proof, several ids: {dict(ids)}"
    heard = len(stack.arrivals())
    say(f"{len(wanted)} proofs, each one verdict in feed, API and webhooks ({heard} attempts heard)")


def _healthy(stack: Stack) -> None:
    """Bring the killed worker back, then look that every part is well by its own health check."""
    stack.run("up", "--detach", "--no-recreate", "--scale", "worker=3")
    parts = ("api", "worker", "deliverer", "sweep")
    until(lambda: set(_health(stack, parts).values()) == {"healthy"}, HEALTHY_S, "every part is healthy")
    ask = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:9191/metrics').read().decode())"
    counted = stack.run("exec", "-T", "sweep", "python3", "-c", ask)
    assert "praman_ledger_up 1.0" in counted, counted
    say(f"every part is healthy: {_health(stack, parts)}")


def _health(stack: Stack, parts: tuple[str, ...]) -> dict[str, str]:
    ids = [one for part in parts for one in stack.containers(part)]
    form = "{{.Name}} {{.State.Health.Status}}"
    told = subprocess.run(
        ["docker", "inspect", "--format", form, *ids], capture_output=True, text=True, check=True
    )
    return dict(line.removeprefix(f"/{PROJECT}_").split() for line in told.stdout.splitlines())


if __name__ == "__main__":
    sys.exit(main())
