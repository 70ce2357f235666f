"""Toloka on loopback: assignments by pages, attachments behind the key, statuses that are patched."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from tests.local_site import Call, LocalSite

TOKEN, WEBHOOK_SECRET = "toloka-t0ken", "toloka-h00k"
PAGE = 2


@dataclass
class Toloka(LocalSite):
    """The site's own state."""

    assignments: dict[str, dict[str, Any]] = field(default_factory=dict)

    adapter = "toloka"
    prefix = "/api/v1/"

    def allowed(self, call: Call) -> bool:
        return bool(call.headers["Authorization"] == f"OAuth {TOKEN}")

    def config(self, **changes: Any) -> str:
        given = {"token": TOKEN, "webhook_secret": WEBHOOK_SECRET, "pools": ["job-1"]}
        given |= {"base_url": f"{self.url}/api/v1", "poll_every_s": 0.2, "call_every_s": 0.01}
        return json.dumps(given | {"picture_fields": ["proof"]} | changes)

    def assignment(self, number: int, **changes: Any) -> dict[str, Any]:
        """Add a submitted assignment whose screenshot is an attachment."""
        made = {
            "id": f"a{number}",
            "pool_id": "job-1",
            "user_id": f"u{number}",
            "status": "SUBMITTED",
            "submitted": "2026-11-20T08:00:00.123",
            "solutions": [{"output_values": {"proof": f"att-{number}", "name": "Rana"}}],
        } | changes
        self.assignments[str(made["id"])] = made
        return made

    def answer(self, call: Call) -> tuple[int, Any]:
        steps = call.path.split("/")
        if steps[0] == "attachments" and steps[2:] == ["download"]:
            content = self.pictures.get(f"/pictures/{steps[1].removeprefix('att-')}.png")
            return (200, content) if content else (404, {"code": "DOES_NOT_EXIST"})
        if call.path == "assignments":
            return 200, self.page(call.query)
        found = self.assignments.get(steps[1]) if steps[0] == "assignments" else None
        if found is None:
            return 404, {"code": "DOES_NOT_EXIST", "message": "no such assignment"}
        return self.change(found, call.json()) if call.method == "PATCH" else (200, found)

    def page(self, asked: dict[str, str]) -> dict[str, Any]:
        found = [one for one in self.assignments.values() if one["status"] == asked["status"]]
        found = [one for one in found if str(one["id"]) > asked.get("id_gt", "")]
        return {"items": found[:PAGE], "has_more": len(found) > PAGE}

    def change(self, found: dict[str, Any], body: dict[str, Any]) -> tuple[int, Any]:
        overturns = (found["status"], body["status"]) == ("REJECTED", "ACCEPTED")
        if found["status"] != "SUBMITTED" and not overturns:
            return 409, {"code": "INAPPROPRIATE_STATUS", "message": "already decided"}
        if body["status"] == "REJECTED" and not 0 < len(body["public_comment"]) <= 2048:
            return 400, {"code": "VALIDATION_ERROR", "message": "public_comment"}
        found["status"] = body["status"]
        self.ratings.append(body | {"id": found["id"]})
        return 200, found

    def said(self) -> dict[str, str]:
        return {one["id"]: one["status"] for one in self.ratings}


def signed(body: bytes, *, at: int, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    """Return the header with which Toloka signs a webhook."""
    sign = hmac.new(secret.encode(), f"{at}.1.".encode() + body, hashlib.sha256).hexdigest()
    return {"Toloka-Signature": f"v=1, ts={at}, sign={sign}"}
