"""`bench/steps.py` runs as its page says, on the ledger that needs no server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT_S = 120


def test_the_bench_of_steps_measures_what_a_proof_costs() -> None:
    """Ten proofs go through all steps; statements, transactions and messages a proof are counted."""
    command = [sys.executable, "bench/steps.py", "--proofs", "10", "--processes", "", "--wait-ms", "1"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert ran.returncode == 0, ran.stderr
    row = next(line for line in ran.stdout.splitlines() if "SQLite" in line)
    rate, cpu_ms, _, statements, transactions, messages, _ = map(float, re.findall(r"[\d.]+", row)[1:])
    assert min(rate, cpu_ms) > 0
    assert statements > transactions > messages >= 1
