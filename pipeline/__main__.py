"""The way in: `praman`, and `python -m pipeline`.

In: the command line. Out: the exit code of `cli`. It imports nothing itself: each child of a worker imports
the program's entry again, and need not pay for a command line.
"""

from __future__ import annotations


def main() -> None:
    """Run `praman`."""
    from pipeline.cli import main as run  # noqa: PLC0415 (see above)

    run()


if __name__ == "__main__":
    main()
