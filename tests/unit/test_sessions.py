"""Failed sign-ins are counted, passwords are kept as hashes, foreign text is shown as letters."""

from __future__ import annotations

from pipeline.passwords import hashed, is_outdated, make_password, matches
from pipeline.web.console_words import _WORDS, Words
from pipeline.web.pages import visible
from pipeline.web.sessions import TRACKED, TRIES, TRIES_S, Guard


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_too_many_failures_wait_and_are_forgotten() -> None:
    """One fewer than the limit does not wait; the limit waits until the oldest of them is old."""
    clock = Clock()
    guard = Guard(clock)
    for _ in range(TRIES - 1):
        guard.failed("email a", "from x")
    assert guard.wait_s("email a", "from x") == 0
    guard.failed("email a")
    assert guard.wait_s("email a", "from x") == TRIES_S
    assert guard.wait_s("from x") == 0
    guard.forget("email a")
    assert guard.wait_s("email a") == 0
    for _ in range(TRIES):
        guard.failed("email b")
    clock.now_s += TRIES_S
    assert guard.wait_s("email b") == 0


def test_a_flood_of_names_takes_bounded_memory() -> None:
    """Past the limit everything is forgotten rather than kept."""
    guard = Guard(Clock())
    for number in range(TRACKED + 5):
        guard.failed(f"email {number}")
    assert len(guard._failed) <= TRACKED  # noqa: SLF001


def test_a_password_is_known_by_its_hash_only() -> None:
    """The right one matches, another and nobody's do not; every password is its own."""
    password = make_password()
    kept = hashed(password)
    assert password not in kept
    assert kept.startswith("$argon2id$")
    assert matches(kept, password)
    assert not matches(kept, password + "x")
    assert not matches(None, password)
    assert not matches("no hash", password)
    assert not is_outdated(kept)
    assert make_password() != password


def test_direction_overrides_are_written_out() -> None:
    """What would turn the text around is shown as what it is; letters of any script stay."""
    assert visible("a\u202eb\u2066\x00") == "a⟨U+202E⟩b⟨U+2066⟩ "
    assert visible("রান্নাঘর TV") == "রান্নাঘর TV"


def test_every_word_is_said_in_both_languages() -> None:
    """No word is empty, and the Bengali ones are written in Bengali."""
    for name, (english, bengali) in _WORDS.items():
        assert english, name
        assert any("\u0980" <= letter <= "\u09ff" for letter in bengali) or "Enter" in bengali, name
    assert Words("bn").number(120) == "১২০"
    assert Words("xx").lang == "en"
