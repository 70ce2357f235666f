"""Clickworker on loopback: tasks that wait for feedback by pages, their jobs, sign-offs by a form's words."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from tests.local_site import Call, LocalSite

USER, PASSWORD = "customer", "cl1ckw0rker"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
PAGE = 2
SIGN_OFF = {"accept": {"approval": "yes"}, "reject": {"approval": "no"}, "comment": "feedback"}


@dataclass
class Clickworker(LocalSite):
    """The site's own state.

    Attributes:
        tasks: What the list of tasks holds in place of what follows from the jobs.
    """

    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: list[Any] = field(default_factory=list)

    adapter = "clickworker"
    prefix = "/v2/"

    def allowed(self, call: Call) -> bool:
        return bool(call.headers["Authorization"] == AUTHORIZATION)

    def config(self, **changes: Any) -> str:
        given = {"user": USER, "password": PASSWORD, "job": "job-1", "sign_off": SIGN_OFF}
        given |= {"base_url": f"{self.url}/v2", "poll_every_s": 0.2, "call_every_s": 0.01}
        return json.dumps(given | changes)

    def job(self, number: int, **changes: Any) -> dict[str, Any]:
        """Add a job that waits for feedback, with one linked screenshot."""
        made = {
            "id": f"c{number}",
            "state": "Feedback",
            "worker_id": f"w{number}",
            "finished_at": "2026-11-20T08:00:00Z",
            "output": {"screenshot": f"{self.url}/pictures/{number}.png", "name": "Rana"},
        } | changes
        self.jobs[str(made["id"])] = made
        return made

    def answer(self, call: Call) -> tuple[int, Any]:
        if call.path == "customer/tasks":
            return 200, self.page(call.query)
        job = self.jobs.get(call.path.removeprefix("customer/jobs/"))
        if job is None:
            return 404, {"message": "no such job"}
        return self.sign_off(job, call.json()) if call.method == "PUT" else (200, {"job": job})

    def page(self, asked: dict[str, str]) -> dict[str, Any]:
        waiting = [one for one in self.jobs.values() if one["state"] == asked["state"]]
        linked = [
            {"id": 9, "job": {"id": one["id"], "href": f"{self.url}/v2/customer/jobs/{one['id']}"}}
            for one in waiting
        ]
        found = [*self.tasks, *linked]
        start = (int(asked["page"]) - 1) * PAGE
        return {"tasks_response": {"tasks": found[start : start + PAGE], "total": len(found)}}

    def sign_off(self, job: dict[str, Any], body: dict[str, Any]) -> tuple[int, Any]:
        inputs = body["job"]["input"]
        if job["state"] != "Feedback":
            return 422, {"message": "job is signed off"}
        if inputs["approval"] != "yes" and not inputs.get("feedback", "").strip():
            return 422, {"message": "feedback is mandatory"}
        job["state"] = "Finished"
        self.ratings.append(inputs | {"id": job["id"]})
        return 200, {"job": job}

    def said(self) -> dict[str, str]:
        return {one["id"]: one["approval"] for one in self.ratings}
