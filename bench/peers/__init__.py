"""What a user would pick instead of Praman, one peer a file, each as its maker would write it."""

from __future__ import annotations

from typing import Protocol

from bench.corpus import Entry
from bench.figures import Answer


class Peer(Protocol):
    """One way to decide proofs; it sees them in the order of submission and remembers the earlier ones."""

    name: str

    @staticmethod
    def takes(entry: Entry) -> bool:
        """Tell whether it can read the languages of this proof."""
        ...

    def __call__(self, entry: Entry) -> Answer:
        """Decide one proof."""
        ...
