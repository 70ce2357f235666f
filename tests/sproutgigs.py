"""SproutGigs on loopback, as its documentation says: pages of unrated tasks, ratings, refusals."""

from __future__ import annotations

import base64
import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.local_site import Call, LocalSite

USER, SECRET = "7041", "s3cr3t-of-sproutgigs"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
PAGE = 2


@dataclass
class SproutGigs(LocalSite):
    """The site's own state."""

    tasks: list[Any] = field(default_factory=list)

    adapter = "sproutgigs"
    prefix = "/api/"

    def allowed(self, call: Call) -> bool:
        return bool(call.headers["Authorization"] == AUTHORIZATION)

    def answer(self, call: Call) -> tuple[int, Any]:
        if (call.method, call.path) == ("GET", "jobs/get-unrated-tasks.php"):
            return 200, self.unrated(call.query)
        if (call.method, call.path) == ("POST", "jobs/rate-single-task.php"):
            return 200, self.rate(call.json())
        return 404, b""

    def config(self, **changes: Any) -> str:
        given = {"user": USER, "secret": SECRET, "jobs": ["job-1"], "base_url": f"{self.url}/api/"}
        return json.dumps(given | {"poll_every_s": 0.2, "call_every_s": 0.01} | changes)

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


def sproutgigs() -> AbstractContextManager[SproutGigs]:
    """Run the site for the block."""
    return SproutGigs.running()


def config(site: SproutGigs, **changes: Any) -> str:
    """Return a configuration file for the site."""
    return site.config(**changes)
