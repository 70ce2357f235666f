"""Which queues a worker takes from, as an operator writes it."""

from __future__ import annotations

from pipeline.errors import UsageError
from pipeline.flow import QUEUES


def parse_queues(text: str | None) -> frozenset[str] | None:
    """Return the queues named in a comma-separated list; None for all.

    Raises:
        UsageError: A name is no queue of ours.
    """
    if text is None:
        return None
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    unknown = sorted(names - set(QUEUES))
    if unknown or not names:
        raise UsageError(f"--queues {text!r}: write names out of {', '.join(QUEUES)}, joined by commas")
    return names
