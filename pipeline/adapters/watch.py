"""Counts and traces the work of one process, for Prometheus and OpenTelemetry.

In: what `watching.Watch` is told. Out: the text that `/metrics` answers, and one trace a proof where an
exporter is set. Each process counts for itself and answers on its own port: Prometheus adds them up, so any
number of workers is counted right. Labels are steps, codes and kinds: few values, and nobody's name.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from pipeline.watching import Ending

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.adapters.traces import Traces
    from pipeline.records import Proof, Reading, Relation, Step, Verdict

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)


class Watched:
    """Fulfils `watching.Watch` with counters of this process and, where asked for, spans."""

    def __init__(self, traces: Traces | None = None) -> None:
        kept = self._registry = CollectorRegistry()
        self._traces = traces
        self._steps = Histogram(
            "praman_step_seconds",
            "Time of one attempt on a step.",
            ["step", "result"],
            buckets=_SECONDS,
            registry=kept,
        )
        self._verdicts = Counter(
            "praman_verdicts",
            "Verdicts recorded, by their first reason.",
            ["verdict", "reason"],
            registry=kept,
        )
        self._passes = Counter(
            "praman_ocr_passes", "Passes of a text engine over a picture.", ["engine", "name"], registry=kept
        )
        self._ocr_s = Counter(
            "praman_ocr_cpu_seconds", "CPU that those passes took.", ["engine"], registry=kept
        )
        self._pictures = Counter("praman_pictures_read", "Pictures read.", registry=kept)
        self._compared = Counter(
            "praman_duplicate_candidates",
            "Candidates compared, by what they were.",
            ["relation"],
            registry=kept,
        )
        self._gave_up = Counter(
            "praman_attempts_exhausted", "Proofs that used their attempts.", registry=kept
        )
        self._tries = Counter(
            "praman_delivery_attempts", "Attempts to deliver a notice.", ["kind", "state"], registry=kept
        )
        self._delivery_s = Histogram(
            "praman_delivery_seconds", "Time of one delivery.", ["kind"], buckets=_SECONDS, registry=kept
        )
        self._lapsed = Counter("praman_leases_ran_out", "Leases that ran out.", ["step"], registry=kept)
        self._rang = Counter("praman_bells_rung", "Bells rung by the sweep.", registry=kept)

    def submitted(self, proof: Proof) -> None:
        """Begin the proof's trace."""
        if self._traces is not None:
            self._traces.begin(proof.id, submitted_at=proof.received_at)

    @contextmanager
    def step(self, proof: str, step: Step, *, attempt: int) -> Iterator[Ending]:
        """Time one attempt; every log line inside names the proof and the step."""
        ending, began = Ending(), time.perf_counter()
        span = nullcontext() if self._traces is None else self._traces.step(proof, step, attempt, ending)
        with structlog.contextvars.bound_contextvars(proof=proof, step=step.value), span:
            try:
                yield ending
            finally:
                self._steps.labels(step.value, ending.how).observe(time.perf_counter() - began)

    def read(self, readings: Sequence[Reading]) -> None:
        """Count passes and their CPU."""
        self._pictures.inc(len(readings))
        for one in (look for reading in readings for look in reading.passes):
            self._passes.labels(one.engine, one.name).inc()
            self._ocr_s.labels(one.engine).inc(one.cpu_ms / 1000)

    def compared(self, relation: Relation | None) -> None:
        """Count one comparison."""
        self._compared.labels("none" if relation is None else relation.value).inc()

    def judged(self, verdict: Verdict) -> None:
        """Count one verdict by its first reason."""
        reason = verdict.reasons[0].code.value if verdict.reasons else "none"
        self._verdicts.labels(verdict.outcome.value, reason).inc()

    def gave_up(self) -> None:
        """Count one proof."""
        self._gave_up.inc()

    def delivered(self, kind: str, state: str, *, seconds: float) -> None:
        """Count one delivery."""
        self._tries.labels(kind, state).inc()
        self._delivery_s.labels(kind).observe(seconds)

    def lapsed(self, step: Step) -> None:
        """Count one lease."""
        self._lapsed.labels(step.value).inc()

    def rang(self, bells: int) -> None:
        """Count bells."""
        self._rang.inc(bells)

    def text(self) -> bytes:
        """Return what was counted."""
        return generate_latest(self._registry)
