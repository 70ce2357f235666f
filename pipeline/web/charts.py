"""The plots of the admin's pages: which counts stand in them, and what each piece tells.

In: figures and words. Out: `Plot`s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.ledger.figures import AGES
from pipeline.web.plots import NARROW, Plot, shares, stacked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.records import Depth, Slot
    from pipeline.web.console_words import Words

SERIES = ("accepted", "rejected", "resubmit", "left")
WORD = {"accepted": "accepted", "rejected": "rejected", "resubmit": "asked_again", "left": "left_to_people"}


def moment(begins: datetime, words: Words, *, daily: bool) -> str:
    """Return what a stretch of time is called, in UTC."""
    return words.number(begins.strftime("%d.%m." if daily else "%H:%M"))


def throughput(slots: Sequence[Slot], words: Words, *, daily: bool) -> Plot:
    """Return what the machine came to, by time: what it decided, and what it left to people."""
    columns = []
    for slot in slots:
        at = moment(slot.begins, words, daily=daily)
        pieces = [
            (name, many, f"{at} · {getattr(words, WORD[name])}: {words.number(many)}")
            for name in SERIES
            if (many := getattr(slot, name))
        ]
        columns.append((at, pieces))
    return stacked(columns)


def automation(slots: Sequence[Slot], words: Words, *, daily: bool) -> Plot:
    """Return the share of proofs that needed nobody, by time."""
    columns = []
    for slot in slots:
        at = moment(slot.begins, words, daily=daily)
        share = slot.automatic / slot.decided if slot.decided else None
        told = f"{at} · {words.percent(share)}" if share is not None else at
        columns.append((at, share, told))
    return shares(columns)


def ages(depth: Depth, words: Words) -> Plot:
    """Return how long proofs have waited for people."""
    names = bounds(words)
    return stacked(
        [
            (name, [("left", many, f"{name}: {words.number(many)}")])
            for name, (_, many) in zip(names, depth.ages, strict=True)
        ],
        width=NARROW,
    )


def bounds(words: Words) -> list[str]:
    """Return what the ages are called, the youngest first."""
    names = [f"< {words.span(age.total_seconds())}" for age in AGES]
    return [*names, f"≥ {words.span(AGES[-1].total_seconds())}"]
