"""When is a check settled? So that reading stops as soon as nothing is open.

In: the desks of a proof's pictures. Out: the checks that more reading may still settle, and what is known of
them. It asks `match`, and reads nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import match
from pipeline.desk import SPARSE
from pipeline.reasons import ReasonCode
from pipeline.records import AbsentCheck, Status
from pipeline.wanted import Chance, chance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.desk import Desk
    from pipeline.lines import Line
    from pipeline.records import Check, CheckResult

_OUT_OF_PLACE = (ReasonCode.TYPED_NOT_SHOWN, ReasonCode.PASTED_TEXT)


def open_checks(desks: Sequence[Desk]) -> list[Check]:
    """Return the checks that more reading may settle."""
    return [check for check in desks[0].ask.checks if not _settled(check, desks)] if desks else []


def result_of(check: Check, desks: Sequence[Desk]) -> CheckResult:
    """Return what the check found so far over all pictures."""
    return match.check(check, [desk.seen() for desk in desks], desks[0].ask, desks[0].policy)


def _settled(check: Check, desks: Sequence[Desk]) -> bool:
    result = result_of(check, desks)
    if isinstance(check, AbsentCheck) and result.status is Status.PASS:
        return all(_surely_absent(check, desk) for desk in desks)
    stands = result.status is Status.FAIL or result.code in _OUT_OF_PLACE
    if all(desk.lines_read for desk in desks) and stands and result.found is not None:
        return True  # every line was read, and something else stands in its place
    return result.status is Status.PASS or result.code is ReasonCode.UNSUPPORTED_SCRIPT


def unsure_lines(check: Check, desk: Desk) -> list[Line]:
    """Return the lines that may hold a phrase and were neither surely read nor looked at closely."""
    lines = (desk.unsure | desk.unread) - desk.closely_read
    return [line for line in lines if chance(check, desk.ask, line, 0.5, desk.policy) is Chance.GOOD]


def _surely_absent(check: Check, desk: Desk) -> bool:
    """Whether every line that may hold a phrase was looked at well, or the picture as a whole was, too."""
    return not unsure_lines(check, desk) or any(one.page_mode == SPARSE for one in desk.passes)
