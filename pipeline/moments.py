"""Judges times: how fresh is the screen, and how far has the player come?

In: a `FreshCheck` or `PositionCheck` and the pages of a picture. Out: a `CheckResult`. Dates and clocks are
read in English and Bengali, in the digits of any script. A clock says nothing of the day, and a screen
nothing of its time zone: both are taken into account and never guessed away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import regex
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.reasons import ReasonCode
from pipeline.records import Box, CheckResult, FreshCheck, PositionCheck, Status
from pipeline.scripts import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.labels import Label, Page
    from pipeline.policy import Policy

_MONTHS = {
    fold(name): month
    for month, names in enumerate(
        (
            "january jan জানুয়ারি জানুয়ারী জানু",
            "february feb ফেব্রুয়ারি ফেব্রুয়ারী ফেব",
            "march mar মার্চ",
            "april apr এপ্রিল",
            "may মে",
            "june jun জুন",
            "july jul জুলাই",
            "august aug আগস্ট আগষ্ট অগাস্ট",
            "september sept sep সেপ্টেম্বর সেপ্ট",
            "october oct অক্টোবর অক্টো",
            "november nov নভেম্বর নভে",
            "december dec ডিসেম্বর ডিসে",
        ),
        start=1,
    )
    for name in names.split()
}
_LONG_MONTHS = [name for name in _MONTHS if len(name) > 4]  # noqa: PLR2004 (shorter names are too alike)
_WORD = r"[\p{L}\p{M}]{2,}"
_TH = r"(?:st|nd|rd|th|ই|শে|লা|রা|ঠা)"
_DAY_MONTH = regex.compile(
    rf"(?<!\d)(\d{{1,2}})(?:{_TH}(?!\p{{M}}))?[\s,.-]*({_WORD})\.?(?:[\s,.-]*(\d{{4}}))?(?!\d)"
)
_MONTH_DAY = regex.compile(rf"({_WORD})\.?\s*(\d{{1,2}}){_TH}?(?!\d)(?:[\s,.]+(\d{{4}})(?!\d))?")
_YEAR_FIRST = regex.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_YEAR_LAST = regex.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)")
_CLOCK = regex.compile(r"(?<![\d:.])(\d{1,2})[:.](\d{2})(?::\d{2})?(?![\d:.%])\s*(am|pm|a\.m|p\.m)?")
_PLAYED = regex.compile(
    r"(?<![\d:])((?:\d{1,2}[:.])?\d{1,2}[:.]\d{2})\s*[/|]\s*((?:\d{1,2}[:.])?\d{1,2}[:.]\d{2})(?![\d:])"
)
_HALF_PLAYED = regex.compile(r"\d\s*[/|][^\w/|]{0,2}\d{1,2}[:.]\d{2}(?![\d:])")
_NOUGHT = regex.compile(r"(?<![\p{L}\p{M}])o(?=[:.]\d)|(?<=\d[:.])o(?=\d)|(?<=\d[:.]\d)o(?!\p{L})")
_NO_TIME = regex.compile(r"[:.][6-9]\d")
_LENGTH = regex.compile(r"(?<![\d:/])((?:\d{1,2}:)?\d{1,2}:\d{2})(?![\d:/])")

# Where the submitters of such jobs live: a clock is compared in these zones and in the submission's own.
_ZONES = tuple(timedelta(minutes=minutes) for minutes in (360, 330, 0))
_WIDEST_ZONE = timedelta(hours=14)  # a date is anywhere within this of the same date in UTC
_TWO_DIGIT_YEARS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A date on the screen and where it stands; several readings where day and month may be exchanged."""

    days: tuple[date, ...]
    text: str
    box: Box


def fresh_result(
    check: FreshCheck, read: Sequence[Page], *, submitted_at: datetime, height_px: int, policy: Policy
) -> CheckResult:
    """Judge freshness, in this order.

    - PASS where a date on the screen lies within the time before submission, in some time zone.
    - STALE as doubt where only the device's own date does, at the picture's edge, and the page has others.
    - STALE (fail) where there are dates and none does.
    - Without a date a clock decides: PASS within the time in a zone where submitters live; STALE as doubt
      otherwise, for the phone may stand in another zone. The device's own clock, at the picture's edge, goes
      before times within the page: those are a message's, a film's, an opening hour.
    - STALE (fail) where neither is found.
    """
    expected = f"{check.within} before {submitted_at.isoformat(timespec='minutes')}"
    labels = [label for page in read for label in page.labels]
    dates = [one for label in labels for one in _dates(label, submitted_at)]
    fresh = [one for one in dates if any(_day_fits(day, check.within, submitted_at) for day in one.days)]
    if fresh and all(_at_edge(one.box, height_px, policy) for one in fresh):
        told = [one for one in dates if not _at_edge(one.box, height_px, policy)]
        if told:
            return _fresh(expected, Status.UNCLEAR, told[0].text, told[0].box)
    if dates:
        chosen, status = (fresh[0], Status.PASS) if fresh else (dates[0], Status.FAIL)
        return _fresh(expected, status, chosen.text, chosen.box)
    found = [one for label in labels for one in _clocks(label)]
    clocks = [one for one in found if _at_edge(one[2], height_px, policy)] or found
    if not clocks:
        return _fresh(expected, Status.FAIL, None, None)
    for text, clock, box in clocks:
        if _clock_fits(clock, check.within, submitted_at):
            return _fresh(expected, Status.PASS, text, box)
    return _fresh(expected, Status.UNCLEAR, clocks[0][0], clocks[0][2])


def position_result(check: PositionCheck, read: Sequence[Page], policy: Policy) -> CheckResult:
    """Judge a player's position: PASS above the asked seconds, else STATE_NOT_DONE; STATE_MISSING if none.

    A time of sixty seconds and more was misread, as was one of which only the end stands before the film's
    length: doubt. Where two times stand that are no position, one may be the clock and the other the film's
    length: doubt.
    """
    expected = f"> {check.above_s} s"
    positions = [one for page in read for one in _positions(page, policy)]
    beyond = [one for one in positions if one[1] > check.above_s]
    played = [one for one in beyond if not _NO_TIME.search(one[0])]
    if not positions:
        return _no_position(expected, [label for page in read for label in page.labels])
    text, _, box = (played or beyond or positions)[0]
    return CheckResult(
        check="position",
        expected=expected,
        status=Status.PASS if played else Status.UNCLEAR if beyond else Status.FAIL,
        code=None if played else ReasonCode.STATE_NOT_DONE,
        found=text,
        similarity=1.0,
        box=box,
    )


def _no_position(expected: str, labels: Sequence[Label]) -> CheckResult:
    halves = ((one, _HALF_PLAYED.search(_figures(one.text))) for one in labels)
    half = next(((found.group(), one.box) for one, found in halves if found), None)
    times = {time for one in labels for time in _LENGTH.findall(_figures(one.text))}
    return CheckResult(
        check="position",
        expected=expected,
        status=Status.UNCLEAR if half or len(times) > 1 else Status.FAIL,
        code=ReasonCode.STATE_MISSING,
        found=half[0] if half else None,
        box=half[1] if half else None,
    )


def _dates(label: Label, near: datetime) -> Iterator[Dated]:
    text = fold(label.text)
    found: list[tuple[str, tuple[date | None, ...]]] = [
        *((one.group(), _named(one[1], one[2], one[3], near)) for one in _DAY_MONTH.finditer(text)),
        *((one.group(), _named(one[2], one[1], one[3], near)) for one in _MONTH_DAY.finditer(text)),
        *((one.group(), (_day(one[1], one[2], one[3]),)) for one in _YEAR_FIRST.finditer(text)),
        *(
            (one.group(), (_day(one[3], one[2], one[1]), _day(one[3], one[1], one[2])))
            for one in _YEAR_LAST.finditer(text)
        ),
    ]
    for written, days in found:
        real = tuple(day for day in days if day is not None)
        if real:
            yield Dated(days=real, text=written.strip(), box=label.box)


def _named(day: str, name: str, year: str | None, near: datetime) -> tuple[date | None, ...]:
    """Return the date; without a year, the one of the submission's year and of the year before."""
    month = _month(name)
    if month is None:
        return ()
    years = (year,) if year else (str(near.year), str(near.year - 1), str(near.year + 1))
    return tuple(_day(one, str(month), day) for one in years)


def _month(name: str) -> int | None:
    if name in _MONTHS:
        return _MONTHS[name]
    slip = process.extractOne(name, _LONG_MONTHS, scorer=Levenshtein.normalized_similarity, score_cutoff=0.8)
    return _MONTHS[slip[0]] if slip else None


def _day(year: str, month: str, day: str) -> date | None:
    whole = int(year) + (_TWO_DIGIT_YEARS if len(year) <= 2 else 0)  # noqa: PLR2004 (two digits)
    try:
        return date(whole, int(month), int(day))
    except ValueError:
        return None


def _day_fits(day: date, within: timedelta, submitted_at: datetime) -> bool:
    begins = datetime.combine(day, time.min, tzinfo=UTC) - _WIDEST_ZONE
    ends = datetime.combine(day, time.min, tzinfo=UTC) + timedelta(days=1) + _WIDEST_ZONE
    return begins <= submitted_at and ends >= submitted_at - within


def _clocks(label: Label) -> Iterator[tuple[str, time, Box]]:
    for match in _CLOCK.finditer(fold(label.text)):
        hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").replace(".", "")
        if half and 1 <= hour <= 12:  # noqa: PLR2004 (a clock of twelve hours)
            hour = hour % 12 + (12 if half == "pm" else 0)
        if hour < 24 and minute < 60:  # noqa: PLR2004 (a clock of twenty-four hours)
            yield match.group().strip(), time(hour, minute), label.box


def _at_edge(box: Box, height_px: int, policy: Policy) -> bool:
    """Whether a clock stands where devices keep their own: a phone's status bar, a desktop's task bar."""
    middle = box.y + box.h / 2
    return min(middle, height_px - middle) <= policy.clock_edge * height_px


def _clock_fits(clock: time, within: timedelta, submitted_at: datetime) -> bool:
    """Whether the clock's last occurrence before submission lies within the time, in a likely zone."""
    zones = (submitted_at.utcoffset() or timedelta(), *_ZONES)
    halves = (clock, clock.replace(hour=(clock.hour + 12) % 24))
    for zone in zones:
        local = submitted_at.astimezone(UTC).replace(tzinfo=None) + zone
        for half in halves if clock.hour <= 12 else (clock,):  # noqa: PLR2004 (twelve hours without am or pm)
            seen = datetime.combine(local.date(), half)
            ago = (local - seen) % timedelta(days=1)
            if ago <= within:
                return True
    return False


def _positions(page: Page, policy: Policy) -> Iterator[tuple[str, int, Box]]:
    """Yield positions: `1:07 / 4:12`, or two times in one label or at the ends of one row."""
    for label in page.labels:
        for match in _PLAYED.finditer(_figures(label.text)):
            at, length = _seconds(match[1]), _seconds(match[2])
            if at <= length:
                yield match.group(), at, label.box
    times = [(label, match[1]) for label in page.labels for match in _LENGTH.finditer(_figures(label.text))]
    for (first, (one, at_text)), (second, (other, length_text)) in permutations(enumerate(times), 2):
        same_row = abs(one.box.y - other.box.y) <= policy.same_row * one.box.h
        in_order = first < second if one is other else one.box.x < other.box.x
        if same_row and in_order and _seconds(at_text) <= _seconds(length_text):
            yield f"{at_text} / {length_text}", _seconds(at_text), one.box


def _figures(text: str) -> str:
    """Return folded text, the letter o in a time as the nought that it is: models confuse small ones."""
    figures: str = _NOUGHT.sub("0", fold(text))
    return figures


def position_labels(page: Page, policy: Policy) -> tuple[Label, ...]:
    """Return the labels of a page where a player's position stands."""
    boxes = {box for _, _, box in _positions(page, policy)}
    return tuple(label for label in page.labels if label.box in boxes)


def _seconds(text: str) -> int:
    total = 0
    for part in regex.split(r"[:.]", text):
        total = total * 60 + int(part)
    return total


def _fresh(expected: str, status: Status, found: str | None, box: Box | None) -> CheckResult:
    return CheckResult(
        check="fresh",
        expected=expected,
        status=status,
        code=None if status is Status.PASS else ReasonCode.STALE,
        found=found,
        similarity=1.0 if status is Status.PASS else 0.0,
        box=box,
    )
