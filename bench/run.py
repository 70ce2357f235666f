"""Runs Praman and its peers on the same proofs: `python bench/run.py --corpus DIR [--real DIR] [--limit N]`.

Needs the dependency group `bench`; nothing else in Praman does. Writes `bench/results.md` and `bench/plots/`.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed
    try:
        from bench.command import main
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing.name} is not installed; run `uv sync --group bench` and start again.")
    main()
