"""Appen on loopback: units with their judgments by pages, and webhooks signed with SHA-1."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.local_site import Call, LocalSite

TOKEN = "appen-t0ken"
PAGE = 2


@dataclass
class Appen(LocalSite):
    """The site's own state."""

    units: dict[str, Any] = field(default_factory=dict)

    adapter = "appen"
    prefix = "/v1/"

    def allowed(self, call: Call) -> bool:
        return bool(call.headers["Authorization"] == f"Token token={TOKEN}")

    def config(self, **changes: Any) -> str:
        given = {"token": TOKEN, "jobs": ["job-1"], "base_url": f"{self.url}/v1"}
        return json.dumps(given | {"poll_every_s": 0.2, "call_every_s": 0.01} | changes)

    def judgment(self, number: int, **changes: Any) -> dict[str, Any]:
        """Add a unit with one judgment that names a screenshot."""
        made = {
            "id": 1000 + number,
            "worker_id": 7000 + number,
            "created_at": "2026-11-20T08:00:00+00:00",
            "country": "BGD",
            "data": {"screenshot": f"{self.url}/pictures/{number}.png", "name": ["Rana"]},
        } | changes
        self.units[f"u{number}"] = {"results": {"judgments": [made]}}
        return made

    def answer(self, call: Call) -> tuple[int, Any]:
        if (call.method, call.path) != ("GET", "jobs/job-1/judgments.json"):
            return 404, {"error": "not found"}
        start = (int(call.query["page"]) - 1) * PAGE
        return 200, dict(list(self.units.items())[start : start + PAGE])


def form(payload: str, *, token: str = TOKEN) -> bytes:
    """Return the body of a webhook."""
    signature = hashlib.sha1((payload + token).encode()).hexdigest()
    return urlencode({"signal": "unit_complete", "payload": payload, "signature": signature}).encode()
