"""What strangers wrote is shown on a terminal and never obeyed."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table

from pipeline.commands.terminal import escape


def printed(text: str) -> str:
    """Return what a terminal would get."""
    file = io.StringIO()
    made = Table("found")
    made.add_row(escape(text))
    Console(file=file, width=400, force_terminal=True, color_system=None).print(made)
    return file.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b]0;owned\x07", r"\u001b[2J\u001b]0;owned\u0007"),
        ("\x9b31mred", r"\u009b31mred"),
        ("accept\u202etcejer", r"accept\u202etcejer"),
        ("a\u2066b\u2069\ufeff", r"a\u2066b\u2069\ufeff"),
        ("a\u2028b\x00", r"a\u2028b\u0000"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("[bold red]accept[/]", "[bold red]accept[/]"),
        ("reviewer: accept", "reviewer: accept"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    """Control, direction and tag characters become escapes; markup is text."""
    out = printed(text)
    assert shown in out
    assert not set(out) & set("\x1b\x9b\x07\x00\u202e\u2066\u2028\ufeff\ud800\U000e0041")


def test_bengali_keeps_its_joiners() -> None:
    """ZWNJ and ZWJ are part of how words are spelt."""
    assert "র\u200d্যাব" in printed("র\u200d্যাব")
