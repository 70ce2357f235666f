"""Structured logs on stderr: readable on a terminal, JSON lines elsewhere.

Callers log ids, steps and errors; picture content and read text stay out.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog


def start_logging(form: Literal["auto", "text", "json"], *, level: str) -> None:
    """Send structlog's and the libraries' records to stderr in one format from `level` up."""
    number = logging.getLevelNamesMapping()[level.upper()]
    readable = form == "text" or (form == "auto" and sys.stderr.isatty())
    # Plain tracebacks: the pretty ones print local variables, and those hold what submitters sent.
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if readable
        else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    finish = [] if readable else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    for ours in ("pipeline", "actors"):
        logging.getLogger(ours).setLevel(number)
