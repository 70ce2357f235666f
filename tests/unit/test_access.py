"""Keys are recognised by their digest, remembered for a moment, and each platform has its own rate."""

from __future__ import annotations

import asyncio

from pipeline.api_keys import digest_of, is_key, make_key, make_secret
from pipeline.web.access import REMEMBERED_S, Door


class Ledger:
    """Knows digests and counts how often it is asked."""

    def __init__(self, **platforms: str) -> None:
        self.known = {digest_of(key): name for name, key in platforms.items()}
        self.asked = 0

    def owner(self, digest: str) -> str | None:
        self.asked += 1
        return self.known.get(digest)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_has_a_shape_and_says_nothing_of_its_digest() -> None:
    """Two keys differ, both are keys, and what is kept of one is not the key."""
    first, second = make_key(), make_key()
    assert first != second
    assert is_key(first)
    assert is_key(second)
    assert first not in digest_of(first)
    assert not is_key(make_secret())


def test_a_key_is_looked_up_once_in_a_while_and_a_revoked_one_is_refused_soon() -> None:
    """The ledger is asked again after two seconds, so that a key that ended is noticed."""
    key = make_key()
    ledger, clock = Ledger(shop=key), Clock()
    door = Door(ledger.owner, rate_per_s=1, clock=clock)

    async def ask() -> str | None:
        return await door.platform(key)

    assert [asyncio.run(ask()) for _ in range(3)] == ["shop"] * 3
    assert ledger.asked == 1
    ledger.known.clear()
    clock.now += REMEMBERED_S
    assert asyncio.run(ask()) is None


def test_what_is_no_key_is_not_looked_up() -> None:
    """Noise costs no query."""
    ledger = Ledger()
    door = Door(ledger.owner, rate_per_s=1)
    assert asyncio.run(door.platform("x" * 50)) is None
    assert ledger.asked == 0


def test_a_rate_is_a_bucket_for_each_platform() -> None:
    """A second's worth may come at once, then one at a time; other platforms are untouched."""
    clock = Clock()
    door = Door(Ledger().owner, rate_per_s=4, clock=clock)
    assert [door.wait_s("shop") for _ in range(4)] == [0.0] * 4
    assert door.wait_s("shop") == 0.25
    assert door.wait_s("other") == 0.0
    clock.now += 0.25
    assert door.wait_s("shop") == 0.0
    assert door.wait_s("shop") > 0
    clock.now += 3600
    assert [door.wait_s("shop") == 0.0 for _ in range(5)] == [True] * 4 + [False]


def test_a_rate_below_one_still_lets_one_through() -> None:
    """One request in ten seconds is a rate too."""
    clock = Clock()
    door = Door(Ledger().owner, rate_per_s=0.1, clock=clock)
    assert door.wait_s("shop") == 0.0
    assert door.wait_s("shop") == 10.0
