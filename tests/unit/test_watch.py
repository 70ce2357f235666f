"""What operators watch: counters of a process, one trace a proof, a port that tells no names."""

from __future__ import annotations

import io
import json
import logging
import urllib.request
from datetime import UTC, datetime
from urllib.error import HTTPError

import pytest
import structlog
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from ulid import ULID

from pipeline.adapters.exposition import answering
from pipeline.adapters.logs import start_logging
from pipeline.adapters.traces import Traces, trace_of
from pipeline.adapters.watch import Watched
from pipeline.errors import UsageError
from pipeline.reasons import ReasonCode
from pipeline.records import Outcome, Reason, Relation, Step, Verdict


def test_steps_verdicts_and_candidates_are_counted() -> None:
    """Each under its step, result, verdict and first reason."""
    watch = Watched()
    with watch.step("p", Step.READ, attempt=1) as ending:
        ending.how = "died"
    watch.judged(Verdict(outcome=Outcome.REJECT, reasons=(Reason(code=ReasonCode.DUPLICATE_EXACT),)))
    watch.judged(Verdict(outcome=Outcome.ACCEPT))
    watch.compared(Relation.ALTERED)
    watch.compared(None)
    watch.delivered("webhook", "delivered", seconds=0.1)
    watch.gave_up()
    told = watch.text().decode()
    for line in (
        'praman_step_seconds_count{result="died",step="read"} 1.0',
        'praman_verdicts_total{reason="duplicate.exact",verdict="reject"} 1.0',
        'praman_verdicts_total{reason="none",verdict="accept"} 1.0',
        'praman_duplicate_candidates_total{relation="altered"} 1.0',
        'praman_duplicate_candidates_total{relation="none"} 1.0',
        'praman_delivery_attempts_total{kind="webhook",state="delivered"} 1.0',
        "praman_attempts_exhausted_total 1.0",
    ):
        assert line in told


def test_one_proof_is_one_trace_in_every_process() -> None:
    """Two processes that share nothing but the proof's id add to one trace, under one first span."""
    proof, exported = str(ULID()), InMemorySpanExporter()
    api = Traces(SimpleSpanProcessor(exported), worker="api")
    worker = Traces(SimpleSpanProcessor(exported), worker="worker")
    api.begin(proof, submitted_at=datetime.now(UTC))
    watch = Watched(worker)
    for step, how in ((Step.FINGERPRINT, "done"), (Step.READ, "timeout")):
        with watch.step(proof, step, attempt=1) as ending:
            ending.how = how
    first, *others = exported.get_finished_spans()
    assert first.context is not None
    assert (first.name, first.context.trace_id, first.context.span_id) == ("submit", *trace_of(proof))
    assert [one.name for one in others] == ["fingerprint", "read"]
    assert {one.context.trace_id for one in others if one.context} == {first.context.trace_id}
    assert {one.parent.span_id for one in others if one.parent} == {first.context.span_id}
    assert [one.status.status_code for one in others] == [StatusCode.UNSET, StatusCode.ERROR]
    api.close()
    worker.close()


def test_every_line_inside_a_step_names_proof_and_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever logs, and whatever it says: the JSON line has both."""
    told = io.StringIO()
    monkeypatch.setattr("sys.stderr", told)
    root = logging.getLogger()
    before = root.handlers[:]
    try:
        start_logging("json", level="info")
        with Watched().step("01ABC", Step.JUDGE, attempt=1):
            structlog.get_logger("pipeline.somewhere").info("looked")
        structlog.get_logger("pipeline.somewhere").info("outside")
    finally:
        root.handlers[:] = before
        structlog.reset_defaults()
    inside, outside = map(json.loads, told.getvalue().splitlines())
    assert (inside["proof"], inside["step"]) == ("01ABC", "judge")
    assert "proof" not in outside


def test_who_lives_and_takes_no_work_is_well_and_not_ready() -> None:
    """/readyz says why, /healthz stays well: no supervisor should restart what would fare no better."""
    silent = {"metrics": bytes, "ill": lambda: None}
    with answering("127.0.0.1", 0, **silent, unready=lambda: "no models") as port:
        url = f"http://127.0.0.1:{port}"
        assert urllib.request.urlopen(f"{url}/healthz").read() == b"ok\n"
        with pytest.raises(HTTPError) as answer:
            urllib.request.urlopen(f"{url}/readyz")
        assert (answer.value.code, answer.value.read()) == (503, b"no models\n")


def test_the_port_answers_and_tells_illness() -> None:
    """/metrics, /healthz well and ill, and nothing else; an unset port opens nothing."""
    told = [None, None, "threads died"]
    with answering("127.0.0.1", 0, metrics=lambda: b"praman_x 1\n", ill=lambda: told.pop(0)) as port:
        url = f"http://127.0.0.1:{port}"
        assert urllib.request.urlopen(f"{url}/metrics").read().startswith(b"praman_x 1\n")
        assert urllib.request.urlopen(f"{url}/healthz").read() == b"ok\n"
        with pytest.raises(HTTPError, match="503"):
            urllib.request.urlopen(f"{url}/healthz")
        with pytest.raises(HTTPError, match="404"):
            urllib.request.urlopen(f"{url}/")
        with (
            pytest.raises(UsageError, match="set another"),
            answering("127.0.0.1", port, metrics=bytes, ill=lambda: None),
        ):
            pass
    with answering("127.0.0.1", None, metrics=bytes, ill=lambda: None) as port:
        assert port is None
