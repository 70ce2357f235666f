"""Submitters who share captures, for moderators to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.records.values import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingLink:
    """One proof that is a sure copy of another submitter's.

    Attributes:
        proof_id: The copy's; `original_id` the proof that its verdict names as the earliest of the capture.
        original_submitter_id, original_at: None where the original was erased.
        relation: EXACT or ALTERED; never SAME_SCREEN, which two honest people share.
    """

    proof_id: str
    submitter_id: str
    job_id: str
    submitted_at: datetime
    original_id: str
    original_submitter_id: str | None
    original_at: datetime | None
    relation: Relation
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedScreen:
    """A picture size that several members' own captures have: a hint at one device, no proof of it."""

    width_px: int
    height_px: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingRing:
    """Submitters who are linked by copies. To be looked at; never a reason to reject by itself.

    Attributes:
        first_seen: When the earliest original was submitted; the earliest copy where that was erased.
        captures: How many different captures they share.
        public: Held together by one capture that very many sent, as a picture from a tutorial is: it says
            little about any two of them, and joins no other ring.
        screens: Sizes that members' own captures, those that are no copies, have in common.
    """

    platform: str
    members: tuple[str, ...]
    links: tuple[SharingLink, ...]
    captures: int
    public: bool
    first_seen: datetime
    last_seen: datetime
    screens: tuple[SharedScreen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingRings:
    """The rings found, largest first.

    Attributes:
        whole: All copies were looked at; else only the newest so many.
    """

    found: tuple[SharingRing, ...]
    whole: bool
