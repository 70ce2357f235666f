"""A platform's receiver: keeps every webhook that it answered, and tells them at `GET /`.

In: webhooks. Out: `[{"id", "proof_id", "verdict", "sequence"}, ...]`. Every third first attempt is answered
500, so that retries are seen to keep their id.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ARRIVALS: list[dict[str, object]] = []
SEEN: dict[str, int] = {}


class Receiver(BaseHTTPRequestHandler):
    """Answers a POST with 204 or 500, a GET with what came."""

    def do_POST(self) -> None:
        """Keep one webhook."""
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        webhook_id, data = self.headers["webhook-id"], event["data"]
        SEEN[webhook_id] = SEEN.get(webhook_id, 0) + 1
        told = {name: data[name] for name in ("proof_id", "verdict", "sequence")}
        ARRIVALS.append({"id": webhook_id, **told})
        self.send_response(500 if SEEN[webhook_id] == 1 and len(SEEN) % 3 == 0 else 204)
        self.end_headers()

    def do_GET(self) -> None:
        """Tell what came."""
        body = json.dumps(ARRIVALS).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8080), Receiver).serve_forever()
