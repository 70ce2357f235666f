"""Tells at the end what was measured: for `docs/reliability.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.day import FIGURES, SCALE

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each day that was accounted for."""
    terminalreporter.section(f"days accounted for, at scale {SCALE:g}")
    for line in FIGURES:
        terminalreporter.write_line(line)
