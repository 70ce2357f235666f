"""What a proof costs beside its pictures: `python bench/steps.py [--proofs N] [--processes 1,2,4]`.

Needs the dependency group `test` and, but for the first line, Redis and PostgreSQL on this machine; it starts
its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file: `bench` is not installed
    from bench.load import main

    main()
