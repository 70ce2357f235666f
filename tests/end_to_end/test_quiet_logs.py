"""What logs, measures and traces of a working system never say: pictures, words, people, secrets."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.end_to_end.test_serve import added, client, decided, serving
from tests.screens import channel_page, encoded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWER, PERSON, NAMED = "Shalik-canary-answer", "rahim-canary-person", "Nodi Tech"


class Collector(BaseHTTPRequestHandler):
    """Keeps what an OTLP exporter sends."""

    got: list[bytes]

    def do_POST(self) -> None:
        self.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing."""


@contextmanager
def collecting(got: list[bytes]) -> Iterator[int]:
    """Collect spans until the block ends, and yield the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Kept", (Collector,), {"got": got})) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


def spans_by_trace(got: list[bytes]) -> dict[bytes, list[str]]:
    """Return the names of each trace's spans, as a collector reads them."""
    found: defaultdict[bytes, list[str]] = defaultdict(list)
    for one in got:
        for resource in ExportTraceServiceRequest.FromString(one).resource_spans:
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                found[span.trace_id].append(span.name)
    return found


def test_logs_measures_and_traces_tell_no_words_and_no_people(tmp_path: Path) -> None:
    """At the chattiest level: an accept, a reject, a refused body, a webhook that fails; one trace each."""
    got: list[bytes] = []
    with collecting(got) as port:
        environment = {
            "PRAMAN_LOG_LEVEL": "debug",
            "PRAMAN_LOG_FORMAT": "json",
            "PRAMAN_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "PRAMAN_WEBHOOK_ALLOW_PRIVATE": "1",
        }
        shop = added(tmp_path, "--webhook", "http://127.0.0.1:9/hook", **environment)
        with serving(tmp_path, **environment) as (process, url):
            http = client(url, shop["api_key"])
            pages = {"good": channel_page(), "bad": channel_page(button="Subscribe", person=5)}
            for proof_id, page in pages.items():
                claim = {"proof_id": proof_id, "job_id": "job-1", "submitter_id": PERSON, "answer": ANSWER}
                parts = [("proof", (None, json.dumps(claim))), ("images", ("a", encoded(page)))]
                assert http.post("/v1/proofs", files=parts).status_code == 202
            nonsense = [("proof", (None, json.dumps({"answer": ANSWER}))), ("images", ("a", b"x"))]
            assert http.post("/v1/proofs", files=nonsense).status_code == 422
            verdicts = [decided(http, proof_id)["verdict"] for proof_id in pages]
            measures = httpx.get(f"{url}/metrics").text
            process.terminate()
            assert process.wait(30) == 0
    told = (tmp_path / "serve.log").read_text()
    traced = b"".join(got)
    traces = spans_by_trace(got)
    assert verdicts == ["accept", "reject"]
    assert {"judged", "not_delivered"} <= {json.loads(line)["event"] for line in told.splitlines()}
    assert len(traces) == len(pages)
    assert all(
        set(names) == {"submit", "fingerprint", "read", "judge", "deliver"} for names in traces.values()
    )
    assert 'praman_verdicts_total{reason="none",verdict="accept"} 1.0' in measures
    secrets = (shop["api_key"], shop["webhook_secret"], shop["webhook_secret"].removeprefix("whsec_"))
    for word in (ANSWER, PERSON, NAMED, "Subscribe", *secrets):
        assert word not in told, word
        assert word not in measures, word
        assert word.encode() not in traced, word
