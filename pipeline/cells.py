"""Cells of a table that a spreadsheet will open.

In: text from anywhere. Out: text that is shown and never run.
"""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 (read as = + - @)


def inert(cell: str) -> str:
    """Return the cell so that a spreadsheet shows it as text, never runs it (OWASP: CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
