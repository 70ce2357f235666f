"""What the pages for operators name is there: test files, make targets, commands, settings, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from pipeline.cli import app
from pipeline.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("reliability.md", "threat-model.md", "operating.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_everything_that_a_page_names_is_there(page: Path) -> None:
    """A promise whose proof was renamed is no promise."""
    told = page.read_text(encoding="utf-8")
    tests = re.findall(
        r"`(?:tests/)?((?:unit|contract|integration|end_to_end|architecture|faults|compose)/[\w./]*)", told
    )
    assert [one for one in tests if not (ROOT / "tests" / one).exists()] == []
    named = re.findall(r"`(?:tests/)?((?:\w+/)?test_\w+\.py)::(\w+)", told)
    missing = [
        (file, test) for file, test in named if f"def {test}(" not in (ROOT / "tests" / file).read_text()
    ]
    assert missing == []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", told)) <= targets
    commands = set(get_command(app).commands)
    assert set(re.findall(r"`praman ([a-z]+)", told)) <= commands
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(rf"\b{PREFIX}[A-Z0-9_]+", told)) <= known
    links = [one for one in re.findall(r"\]\(([^)#]+)[^)]*\)", told) if "://" not in one]
    assert [one for one in links if not (page.parent / one).exists()] == []
