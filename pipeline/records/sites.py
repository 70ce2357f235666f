"""A job platform as we serve it: which adapter, with what configuration, and who polls it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A platform whose proofs an adapter fetches and whose verdicts it rates.

    Attributes:
        config: The adapter's own, as JSON. It holds secrets, so it shows in no representation.
        lease: The right to poll; None where nobody holds it for us.
        problem: What went wrong at the last poll.
    """

    platform: str
    adapter: str
    config: str = field(repr=False)
    lease: str | None = None
    problem: str | None = None
