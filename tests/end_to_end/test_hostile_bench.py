"""`bench/hostile.py` runs as its page says: odd files and changed copies of them each get a verdict."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from bench.hostile import mutated
from tests.screens import channel_page, encoded

ROOT = Path(__file__).parents[2]
LIMIT_S = 200
MOST = 45


def test_every_file_and_changed_copy_gets_a_verdict(tmp_path: Path) -> None:
    """A page, a cut one, text and nothing at all; one changed copy of each; no child dies of any."""
    page = encoded(channel_page(person=1).resize((360, 640)), "JPEG")
    for name, content in (("a", page), ("b", page[:900]), ("c", b"text"), ("d", b"")):
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "bench/hostile.py", tmp_path, "--mutations", "1", "--workers", "1"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "8 verdicts" in ran.stdout
    assert "0 attempts on which a child died or met its limit" in ran.stdout


def test_changed_copies_follow_from_the_seed() -> None:
    """The same seed changes alike, so a finding can be made again; nothing is left as it was for long."""
    content = bytes(range(256)) * 4
    copies = [mutated(content, random.Random(seed)) for seed in range(50)]
    assert copies == [mutated(content, random.Random(seed)) for seed in range(50)]
    assert sum(copy != content for copy in copies) > MOST
