"""What a threshold says of itself.

In: a value with its unit, its reason and how it was measured. Out: a dataclass field that carries them.
Never: holds a value of its own.
"""

from __future__ import annotations

from dataclasses import field
from typing import TypeVar

T = TypeVar("T", int, float, tuple[int, ...], tuple[float, ...])


def threshold(value: T, *, unit: str, why: str, measured: str) -> T:
    """Return a field with `value` as its default, and what `explain` tells of it."""
    return field(default=value, metadata={"unit": unit, "why": why, "measured": measured})
