"""What a platform is, asks and sees, from its own side of the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.records.proofs import Proof
from pipeline.records.verdicts import RecordedVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlatform:
    """A platform as lists show it: no key and no secret.

    Attributes:
        targets: Where its notices go.
        keys: How many API keys open the door right now; two while one is being replaced.
        policy_acknowledged_by: Who answers for kinds of job that break a service's own terms.
        seen_elsewhere: Whether its pictures are compared with those of other platforms that opted in.
    """

    name: str
    created_at: datetime
    targets: tuple[str, ...]
    keys: int
    policy_acknowledged_by: str | None
    seen_elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A request that may come again, and the answer that it then gets, literally.

    Attributes:
        key: The sender's `Idempotency-Key`.
        digest: Of what the request asks; another digest under the same key is another request.
    """

    key: str
    digest: str
    status: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A proof as its platform sees it.

    Attributes:
        begun: Whether anybody worked on it yet.
        recorded: Its current verdict; None until it is decided.
    """

    proof: Proof
    begun: bool
    recorded: RecordedVerdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """A verdict that somebody asks a person to look at again.

    Attributes:
        against: The id of the verdict appealed.
        new: False where the same appeal stood already.
    """

    proof: Proof
    against: str
    new: bool
