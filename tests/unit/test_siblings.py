"""Facts about which child gets a task."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import pytest

from pipeline.adapters.siblings import Siblings
from pipeline.records import Ask

if TYPE_CHECKING:
    from pipeline.ports import Children

ASK = Ask(checks=(), submitted_at=datetime(2026, 11, 1, tzinfo=UTC))
SLOW = b"slow picture"


class Child:
    """Notes what it was asked; waits over a slow picture until it may go on."""

    def __init__(self, down: str | None = None) -> None:
        self.done: list[tuple[str, bytes]] = []
        self.down, self.closed = down, False
        self.begun, self.go_on = threading.Event(), threading.Event()

    def fingerprint(self, content: bytes) -> None:
        """Note the picture."""
        self.done.append(("fingerprint", content))
        if content == SLOW:
            self.begun.set()
            self.go_on.wait(10)

    def read(self, contents: dict[int, bytes], _: Ask) -> None:
        """Note the first picture."""
        self.done.append(("read", contents[0]))

    def unready(self) -> str | None:
        """Say why it is down."""
        return self.down

    def probe(self) -> str | None:
        """Say why it is down."""
        return self.down

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


def siblings(*each: Child) -> Siblings:
    """Return the children as one."""
    return Siblings(cast("tuple[Children, ...]", each))


def test_a_picture_is_read_where_it_was_fingerprinted() -> None:
    """It is decoded there."""
    first, second = Child(), Child()
    both = siblings(first, second)
    pictures = [bytes([number]) * 100 for number in range(6)]
    slow = threading.Thread(target=both.fingerprint, args=(SLOW,))
    slow.start()
    assert first.begun.wait(5)
    both.fingerprint(pictures[0])
    first.go_on.set()
    slow.join()
    for content in (pictures[0], SLOW):
        both.read({0: content}, ASK)
    assert second.done == [("fingerprint", pictures[0]), ("read", pictures[0])]
    assert first.done == [("fingerprint", SLOW), ("read", SLOW)]


def test_nobody_waits_for_a_busy_child_while_another_is_idle() -> None:
    """A picture that is read elsewhere is decoded once more, and at once."""
    first, second = Child(), Child()
    both = siblings(first, second)
    both.fingerprint(b"page")
    slow = threading.Thread(target=both.fingerprint, args=(SLOW,))
    slow.start()
    assert first.begun.wait(5)
    both.read({0: b"page"}, ASK)
    first.go_on.set()
    slow.join()
    assert second.done == [("read", b"page")]


@pytest.mark.parametrize(
    ("reasons", "told"), [((None, "no models"), None), (("no memory", "no models"), "no memory")]
)
def test_they_are_unready_only_where_none_can_work(
    reasons: tuple[str | None, str | None], told: str | None
) -> None:
    """One that can is enough."""
    both = siblings(*(Child(reason) for reason in reasons))
    assert (both.unready(), both.probe()) == (told, told)


def test_a_child_that_cannot_start_gets_no_work() -> None:
    """The other one does it all."""
    first, second = Child("no models"), Child()
    both = siblings(first, second)
    for number in range(4):
        both.fingerprint(bytes([number]))
    assert (len(first.done), len(second.done)) == (0, 4)


def test_closing_ends_all() -> None:
    """No child outlives its worker."""
    each = (Child(), Child())
    siblings(*each).close()
    assert [one.closed for one in each] == [True, True]
