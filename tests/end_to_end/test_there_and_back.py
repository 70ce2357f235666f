"""`bench/there_and_back.py` runs as its page says: each submission over HTTP is told, whatever happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT_S = 400


def test_each_submission_is_accounted_for() -> None:
    """Posted by HTTP, killed twice, answered badly: one verdict each, arrived under one id, none lost."""
    command = [sys.executable, "bench/there_and_back.py", "--submissions", "40", "--platforms", "2"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    figures = dict(line.split("  ", 1) for line in ran.stdout.splitlines())
    assert figures["arrived at least once"].strip() == "40"
    assert figures["under more than one id"].strip() == "0"
    assert figures["killed with SIGKILL"].strip() == "2 times"
    assert "BROKEN" not in ran.stdout
