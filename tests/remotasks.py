"""Scale's requester API on loopback: completed tasks by pages, audits."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from tests.local_site import Call, LocalSite

API_KEY, CALLBACK_SECRET = "live_remotasks", "c4llback"
AUTHORIZATION = "Basic " + base64.b64encode(f"{API_KEY}:".encode()).decode()
PAGE = 2


@dataclass
class Remotasks(LocalSite):
    """The site's own state."""

    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    adapter = "remotasks"
    prefix = "/v1/"

    def allowed(self, call: Call) -> bool:
        return bool(call.headers["Authorization"] == AUTHORIZATION)

    def config(self, **changes: Any) -> str:
        given = {"api_key": API_KEY, "callback_secret": CALLBACK_SECRET, "projects": ["job-1"]}
        given |= {"base_url": f"{self.url}/v1", "poll_every_s": 0.2, "call_every_s": 0.01}
        return json.dumps(given | changes)

    def task(self, number: int, **changes: Any) -> dict[str, Any]:
        """Add a completed task whose response names a screenshot."""
        made = {
            "task_id": f"r{number}",
            "status": "completed",
            "completed_at": "2026-11-20T08:00:00.000Z",
            "response": {
                "annotations": {"screenshot": f"{self.url}/pictures/{number}.png", "name": "Rana"},
                "worker_id": f"w{number}",
            },
        } | changes
        self.tasks[str(made["task_id"])] = made
        return made

    def answer(self, call: Call) -> tuple[int, Any]:
        steps = call.path.split("/")
        if call.path == "tasks":
            return 200, self.page(call.query)
        found = self.tasks.get(steps[1]) if steps[0] == "task" else None
        if found is None:
            return 404, {"message": "Task not found"}
        if call.method == "POST" and steps[2:] == ["audit"]:
            return self.audit(found, call.json())
        return 200, found

    def page(self, asked: dict[str, str]) -> dict[str, Any]:
        found = [one for one in self.tasks.values() if one["status"] == asked["status"]]
        start = int(asked.get("next_token", "0"))
        more = start + PAGE < len(found)
        return {"docs": found[start : start + PAGE], "next_token": str(start + PAGE) if more else None}

    def audit(self, found: dict[str, Any], body: dict[str, Any]) -> tuple[int, Any]:
        if "audit" in found:
            return 400, {"message": "Task is already audited"}
        if not body["accepted"] and not body["comments"].strip():
            return 400, {"message": "comments are mandatory"}
        found["audit"] = body
        self.ratings.append(body | {"id": found["task_id"]})
        return 200, {"status": "ok"}

    def said(self) -> dict[str, bool]:
        return {one["id"]: one["accepted"] for one in self.ratings}
