"""One OpenTelemetry trace a proof, across every process that works on it.

In: steps as they begin and end. Out: spans to an OTLP endpoint, sent in batches by a thread of their own. The
proof's ULID is its trace id, so the trace's context is stored with the proof, whatever door it came through
and whoever works on it, and an operator finds the trace by the id that every log line names. It needs the
extra `otel`, and is off where `PRAMAN_OTLP_ENDPOINT` is unset.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from ulid import ULID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from opentelemetry.sdk.trace import SpanProcessor

    from pipeline.records import Step
    from pipeline.watching import Ending

LOW_64_BITS = (1 << 64) - 1
WELL = frozenset({"done", "waits", "lost", "later"})
FLUSH_MS = 3_000


class Traces:
    """Spans of this process."""

    def __init__(self, processor: SpanProcessor, *, worker: str) -> None:
        self._ids = _Ids()
        resource = Resource.create({"service.name": "praman", "service.instance.id": worker})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("praman")

    def begin(self, proof: str, *, submitted_at: datetime) -> None:
        """Make the trace's first span: the proof was taken in."""
        with self._ids.given(trace_of(proof)):
            span = self._tracer.start_span(
                "submit", attributes={"praman.proof": proof}, start_time=_ns(submitted_at)
            )
        span.end()

    @contextmanager
    def step(self, proof: str, step: Step, attempt: int, ending: Ending) -> Iterator[None]:
        """Make a span of one attempt, a child of the first."""
        trace_id, root_id = trace_of(proof)
        first = SpanContext(trace_id, root_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        span = self._tracer.start_span(
            step.value,
            context=set_span_in_context(NonRecordingSpan(first)),
            attributes={"praman.proof": proof, "praman.attempt": attempt},
        )
        try:
            yield
        finally:
            span.set_attribute("praman.result", ending.how)
            if ending.how not in WELL:
                span.set_status(Status(StatusCode.ERROR, ending.how))
            span.end()

    def close(self) -> None:
        """Send what is left."""
        self._provider.force_flush(FLUSH_MS)
        self._provider.shutdown()


def trace_of(proof: str) -> tuple[int, int]:
    """Return the trace id of a proof and the id of its first span."""
    whole = int(ULID.from_str(proof))
    return whole, (whole & LOW_64_BITS) or 1


def open_traces(endpoint: str, *, worker: str) -> Traces:
    """Return traces that go to `endpoint`, a collector's address for OTLP over HTTP."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 (slow to import)
        OTLPSpanExporter,
    )

    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    return Traces(BatchSpanProcessor(exporter), worker=worker)


def _ns(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000_000)


class _Ids(IdGenerator):
    """Random ids, except for the first span of a proof."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()
        self._own = threading.local()

    @contextmanager
    def given(self, ids: tuple[int, int]) -> Iterator[None]:
        """Give these ids to the spans that this thread starts in the block."""
        self._own.ids = ids
        try:
            yield
        finally:
            self._own.ids = None

    def generate_trace_id(self) -> int:
        """Return the trace id of a span without a parent."""
        ids = getattr(self._own, "ids", None)
        return ids[0] if ids else self._random.generate_trace_id()

    def generate_span_id(self) -> int:
        """Return the id of a span."""
        ids = getattr(self._own, "ids", None)
        return ids[1] if ids else self._random.generate_span_id()
