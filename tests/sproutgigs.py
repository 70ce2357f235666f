"""SproutGigs on loopback, as its documentation says: pages of unrated tasks, ratings, refusals, a rate limit.

In: tasks, and what is to go wrong. Out: a server that keeps every rating and when each call came. It serves
the submitters' pictures too.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, SECRET = "7041", "s3cr3t-of-sproutgigs"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
PAGE = 2


class SproutGigs:
    """The site's own state.

    Attributes:
        trouble: What the next calls meet instead of an answer: a status, "lost" (done, but the reply is cut),
            or a body.
    """

    def __init__(self) -> None:
        self.tasks: list[dict[str, Any]] = []
        self.ratings: list[dict[str, Any]] = []
        self.pictures: dict[str, bytes] = {}
        self.trouble: list[int | str | bytes] = []
        self.calls: list[float] = []
        self.url = ""

    def task(self, number: int, **changes: Any) -> dict[str, Any]:
        """Add an unrated task with one linked screenshot."""
        made = {
            "id": f"t{number}",
            "job_id": "job-1",
            "worker_id": f"w{number}",
            "finished_at": "2026-11-20 08:00:00",
            "ip_address": "203.0.113.9",
            "country_code": "US",
            "revision_number": 0,
            "variables": {},
            "proofs": [{"text": "my name there is Rana"}, {"text": f"{self.url}/pictures/{number}.png"}],
        } | changes
        self.tasks.append(made)
        return made

    def unrated(self, asked: dict[str, str]) -> dict[str, Any]:
        found = [one for one in self.tasks if isinstance(one, str) or one.get("job_id") == asked["job_id"]]
        if "task_ids" in asked:
            found = [one for one in found if one["id"] in asked["task_ids"].split(",")]
        page = int(asked["page"])
        pages = max(1, -(-len(found) // PAGE))
        return {"current_page": page, "pages": pages, "tasks": found[(page - 1) * PAGE : page * PAGE]}

    def rate(self, body: dict[str, Any]) -> dict[str, Any]:
        task = next((one for one in self.tasks if one["id"] == body["task_id"]), None)
        if task is None or task["job_id"] != body["job_id"]:
            return {"ok": False, "message": "Task is already rated"}
        if body["task_rating"] in {"not_ok", "revise"} and not body.get("task_comment", "").strip():
            return {"ok": False, "message": "Comment is mandatory"}
        self.tasks.remove(task)
        self.ratings.append(body)
        return {"ok": True, "message": "Task rated"}

    def said(self) -> dict[str, str]:
        return {one["task_id"]: one["task_rating"] for one in self.ratings}


class _Handler(BaseHTTPRequestHandler):
    site: SproutGigs

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/pictures/"):
            content = self.site.pictures.get(parts.path)
            self._answer(200 if content else 404, content or b"")
        elif parts.path == "/api/jobs/get-unrated-tasks.php":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._called(lambda: self.site.unrated(asked))
        else:
            self._answer(404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/jobs/rate-single-task.php":
            self._called(lambda: self.site.rate(json.loads(body)))
        else:
            self._answer(404, b"")

    def _called(self, work: Any) -> None:
        self.site.calls.append(time.monotonic())
        if self.headers["Authorization"] != AUTHORIZATION:
            self._answer(401, b'{"ok": false, "message": "Unauthorized"}')
            return
        trouble = self.site.trouble.pop(0) if self.site.trouble else None
        if isinstance(trouble, int):
            self._answer(trouble, b'{"ok": false, "message": "later"}')
        elif isinstance(trouble, bytes):
            self._answer(200, trouble)
        else:
            done = json.dumps(work()).encode()
            if trouble is None:
                self._answer(200, done)

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def sproutgigs() -> Iterator[SproutGigs]:
    """Run the site for the block."""
    site = SproutGigs()
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def config(site: SproutGigs, **changes: Any) -> str:
    """Return a configuration file for the site."""
    given = {"user": USER, "secret": SECRET, "jobs": ["job-1"], "base_url": f"{site.url}/api/"}
    return json.dumps(given | {"poll_every_s": 0.2, "call_every_s": 0.01} | changes)
