"""Microworkers on loopback: slots by pages, each slot's own page, ratings of what is unrated."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.local_site import Call, LocalSite

API_KEY = "mw-s3cr3t"
PAGE = 2


@dataclass
class Microworkers(LocalSite):
    """The site's own state."""

    slots: dict[str, dict[str, Any]] = field(default_factory=dict)

    adapter = "microworkers"
    prefix = "/api/v2/"

    def allowed(self, call: Call) -> bool:
        return bool(call.headers["MicroworkersApiKey"] == API_KEY)

    def config(self, **changes: Any) -> str:
        given = {"api_key": API_KEY, "campaigns": ["job-1"], "base_url": f"{self.url}/api/v2"}
        return json.dumps(given | {"poll_every_s": 0.2, "call_every_s": 0.01} | changes)

    def slot(self, number: int, **changes: Any) -> dict[str, Any]:
        """Add a slot that was handed in with one screenshot."""
        made = {
            "id": f"s{number}",
            "status": "NOTRATED",
            "workerId": f"w{number}",
            "ipAddress": "203.0.113.9",
            "country": "US",
            "finishedTime": "2026-11-20T08:00:00Z",
            "fileProofs": [f"{self.url}/pictures/{number}.png"],
            "tasksAnswers": [{"question": "name", "answer": "Rana"}],
        } | changes
        self.slots[str(made["id"])] = made
        return made

    def answer(self, call: Call) -> tuple[int, Any]:
        steps = call.path.split("/")
        if call.path == "basic-campaigns/job-1/slots":
            return 200, self.page(call.query)
        slot = self.slots.get(steps[1]) if steps[0] == "slots" else None
        if slot is None:
            return 404, {"message": "Not found"}
        if call.method == "PUT" and steps[2:] == ["rate"]:
            return self.rate(slot, call.json())
        return 200, slot

    def page(self, asked: dict[str, str]) -> dict[str, Any]:
        found = [one for one in self.slots.values() if one["status"] == asked["status"]]
        start = int(asked.get("nextPageToken", "0"))
        shown = [{"id": one["id"], "status": one["status"]} for one in found[start : start + PAGE]]
        more = start + PAGE < len(found)
        return {"items": shown, "nextPageToken": str(start + PAGE) if more else None}

    def rate(self, slot: dict[str, Any], body: dict[str, Any]) -> tuple[int, Any]:
        if slot["status"] != "NOTRATED":
            return 400, {"message": "Slot is already rated"}
        if body["rating"] != "OK" and not body.get("comment", "").strip():
            return 400, {"message": "Comment is mandatory"}
        slot["status"] = body["rating"]
        self.ratings.append(body | {"id": slot["id"]})
        return 204, b""

    def said(self) -> dict[str, str]:
        return {one["id"]: one["rating"] for one in self.ratings}
