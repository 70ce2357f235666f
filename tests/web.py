"""The HTTP door on a real socket, with fakes where pictures would be opened and bells rung.

In: a folder and a database URL. Out: a server on a free loopback port, platforms with keys, and short ways to
ask it things.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from pipeline.api_keys import digest_of, make_key, make_secret
from pipeline.ledger import make_engine, migrate
from pipeline.settings import load_settings
from pipeline.web.app import make_app
from pipeline.web.front import Front
from pipeline.web.server import open_front, server_config
from pipeline.wiring import open_sites
from tests.fakes import FakeBell, FakeChildren, answer_bells, fake_picture
from tests.workers import services_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

SHOWN = "Nodi Tech Bangladesh Subscribed"
JOB = {"checks": [{"text": {"value": "Nodi Tech Bangladesh"}}]}


@dataclass(frozen=True)
class Platform:
    """A platform that talks to the server with its key."""

    name: str
    key: str
    secret: str
    http: httpx.Client

    def claim(self, **changes: Any) -> dict[str, Any]:
        """Return a claim; a field set to None is left out."""
        claim = {"job_id": "job-1", "submitter_id": "w1"} | changes
        return {name: value for name, value in claim.items() if value is not None}

    def post(
        self, *pictures: bytes, key: str | None = None, claim: object = None, **changes: Any
    ) -> httpx.Response:
        """Post a proof as multipart, its claim without a content type."""
        text = json.dumps(self.claim(**changes)) if claim is None else claim
        parts: list[tuple[str, Any]] = [("proof", (None, text))]
        parts += [("images", ("shot", picture)) for picture in pictures]
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.http.post("/v1/proofs", files=parts, headers=headers)

    def get(self, path: str) -> Any:
        """Return the JSON of a page that must be there."""
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def verdict(self, proof_id: str) -> str:
        """Return the current verdict of a proof."""
        return str(self.get(f"/v1/proofs/{proof_id}")["verdict"])


class Door:
    """A running server and the worker behind it, which works when told to."""

    def __init__(
        self, folder: Path, url: str, *, children_factory: type[FakeChildren] = FakeChildren, **settings: Any
    ) -> None:
        migrate(url)
        engine = make_engine(url)
        self.children, self.bell = children_factory(), FakeBell()
        given = load_settings(database_url=url, ring_again_s=0.001, **settings)
        self.services = services_on(
            engine,
            folder,
            settings=given,
            children=self.children,
            bell=self.bell,
            sites=open_sites(given, engine),
        )
        self.front: Front = open_front(self.services, self.children)
        self.app: FastAPI = make_app(self.front)
        self.url = ""

    def platform(self, name: str, *, job: bool = True) -> Platform:
        """Return a new platform, with the job `job-1` unless told otherwise."""
        key, secret = make_key(), make_secret()
        self.front.platforms.add(name, digest=digest_of(key), secret=secret, acknowledged_by=None)
        http = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        platform = Platform(name=name, key=key, secret=secret, http=http)
        if job:
            assert http.put("/v1/jobs/job-1", json=JOB).status_code == 200
        return platform

    def hold(self, shop: Platform, *proof_ids: str, job: str = "held-job") -> None:
        """Have these proofs rejected for a job whose rejects wait before they go out."""
        declared = {"checks": [], "images": {"min": 2, "max": 3}, "decide": {"auto_reject": "hold"}}
        assert shop.http.put(f"/v1/jobs/{job}", json=declared).status_code == 200
        self.services.outbox.open_endpoint(shop.name, "webhook", address="https://receiver.example/")
        for proof_id in proof_ids:
            assert shop.post(picture(proof_id), proof_id=proof_id, job_id=job).status_code == 202
        self.work()

    def work(self) -> None:
        """Decide whatever waits."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            answer_bells(self.services, self.bell)
            if not sum(map(self.services.ledger.waiting, ("fingerprint", "read", "judge", "publish"))):
                return
            time.sleep(0.01)
        raise AssertionError("something waits for ever")

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        from sqlalchemy import text  # noqa: PLC0415

        engine = make_engine(self.services.settings.database)
        with engine.connect() as connection:
            return int(connection.scalar(text(f"select count(*) from {table}")) or 0)

    def replace(self, **changes: Any) -> None:
        """Give the running app other services."""
        self.app.state.front = replace(self.front, services=replace(self.services, **changes))

    @contextmanager
    def running(self) -> Iterator[Door]:
        """Listen on a free loopback port until the block ends."""
        server = uvicorn.Server(server_config(self.app))
        server.config.port = 0
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < until
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join(20)


def picture(text: str = SHOWN) -> bytes:
    """Return a picture that the fake children read as `text`."""
    return fake_picture(text)
