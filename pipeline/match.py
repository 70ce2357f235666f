"""Expected against read: does a picture show what one check asks for?

In: a check, the readings of a proof, what was asked beside it, the policy. Out: a `CheckResult`; PASS if
any picture shows it, FAIL only where it surely is not so, UNCLEAR for doubt. Pure: `read` asks it when it
may stop reading, `judge` asks it for the verdict.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never, cast

from pipeline.addresses import url_result
from pipeline.codes import code_result
from pipeline.moments import fresh_result, position_result
from pipeline.names import absent_result, text_result
from pipeline.places import trace
from pipeline.reasons import ReasonCode
from pipeline.records import (
    AbsentCheck,
    AnswerCheck,
    Ask,
    Check,
    CheckResult,
    CodeCheck,
    FreshCheck,
    PositionCheck,
    Reading,
    StateCheck,
    Status,
    TextCheck,
    UrlCheck,
)
from pipeline.scripts import letters, readable
from pipeline.states import state_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.items import Trace
    from pipeline.labels import Page, Seen
    from pipeline.policy import Policy

# What soft or low letters may be the reason of.
_UNREAD = (
    ReasonCode.STATE_MISSING,
    ReasonCode.TARGET_MISSING,
    ReasonCode.TARGET_NEAR_MISS,
    ReasonCode.URL_MISMATCH,
    ReasonCode.CODE_MISMATCH,
    ReasonCode.ANSWER_MISSING,
    ReasonCode.STALE,
)
_ORDER = (Status.PASS, Status.UNCLEAR, Status.FAIL)


def check(check: Check, seen: Sequence[Seen], ask: Ask, policy: Policy) -> CheckResult:
    """Return what `check` found over all pictures of a proof.

    - UNSUPPORTED_SCRIPT (unclear) where no model that was used reads the expected text.
    - `absent`: the worst picture decides; any other check: the best one.
    - Nothing found in a picture that could hardly be read, or not be read to the end, is UNCLEAR.

    Args:
        check: One of `ask.checks`.
        seen: One a picture, in order; none at all leaves every check unclear.
        ask: The other checks, the submitter's answer and time.
        policy: The thresholds in force.
    """
    expected = _expected(check, ask)
    unread = _unread_script(expected, [one.reading for one in seen])
    if unread is not None or not seen:
        code = ReasonCode.UNSUPPORTED_SCRIPT if unread is not None else ReasonCode.UNCLEAR
        told = unread if unread is not None else " / ".join(expected)
        return CheckResult(check=check.name, expected=told, status=Status.UNCLEAR, code=code)
    results = [_one(check, one, ask, policy) for one in seen]
    ranked = sorted(results, key=lambda one: (_ORDER.index(one.status), -one.similarity))
    return ranked[-1] if isinstance(check, AbsentCheck) else ranked[0]


def _one(check: Check, seen: Seen, ask: Ask, policy: Policy) -> CheckResult:
    reading, read = seen.reading, seen.pages
    result = replace(_found(check, reading, read, ask, policy), image=reading.image)
    if result.status is Status.FAIL and result.found is None and not _looked(reading, policy):
        return replace(result, status=Status.UNCLEAR, code=ReasonCode.UNCLEAR)
    if result.code in _UNREAD and _illegible(reading, policy):
        return replace(result, status=Status.UNCLEAR)
    if result.code is ReasonCode.STATE_MISSING and _too_low(check, reading, policy):
        return replace(result, status=Status.UNCLEAR)
    return _in_place(check, result, seen, ask, policy)


def _illegible(reading: Reading, policy: Policy) -> bool:
    """Whether the usual letters are too low for how soft their edges are."""
    scene = reading.scene
    if scene is None or scene.steep == 0 or scene.usual_px == 0:
        return False
    return scene.usual_px * scene.steep < (policy.legible_bengali if _bengali(reading) else policy.legible)


def _too_low(check: Check, reading: Reading, policy: Policy) -> bool:
    """Whether a short label may have been missed in low Bengali type."""
    usual = reading.scene.usual_px if reading.scene else 0.0
    return isinstance(check, StateCheck) and _bengali(reading) and 0 < usual < policy.small_bengali_px


def _bengali(reading: Reading) -> bool:
    return any("ben" in past.languages for past in reading.passes)


def _in_place(check: Check, result: CheckResult, seen: Seen, ask: Ask, policy: Policy) -> CheckResult:
    """Take a pass back where the words were typed or painted; a state answers for the names too."""
    kinds = (
        (StateCheck,) if any(isinstance(one, StateCheck) for one in ask.checks) else (TextCheck, CodeCheck)
    )
    if result.status is Status.FAIL or not isinstance(check, kinds):
        return result
    against = _traced(seen, ask, policy)
    if against is None or (result.status is Status.UNCLEAR and not against.sure):
        return result
    status = Status.FAIL if against.sure else Status.UNCLEAR
    return replace(result, status=status, code=against.code, found=against.found, box=against.box)


def _traced(seen: Seen, ask: Ask, policy: Policy) -> Trace | None:
    """Return what speaks against the words of a picture; it is the same for all checks."""
    if ask not in seen.judged:
        seen.judged[ask] = trace(seen.pages, seen.reading, ask, policy)
    return cast("Trace | None", seen.judged[ask])


def _found(  # noqa: PLR0911 (one return a kind of check: a table that mypy proves complete)
    check: Check, reading: Reading, read: tuple[Page, ...], ask: Ask, policy: Policy
) -> CheckResult:
    match check:
        case TextCheck():
            return text_result(check.value, read, policy, similarity=check.similarity)
        case StateCheck():
            return state_result(check, read, ask, policy)
        case UrlCheck():
            return url_result(check, reading, read, policy)
        case AbsentCheck():
            return absent_result(check, read, policy)
        case AnswerCheck():
            return _answer(check, read, ask, policy)
        case CodeCheck():
            return code_result(check, read, policy)
        case FreshCheck():
            sent, tall = ask.submitted_at, reading.height_px
            return fresh_result(check, read, submitted_at=sent, height_px=tall, policy=policy)
        case PositionCheck():
            return position_result(check, read, policy)
        case _ as never:
            assert_never(never)


def _answer(check: AnswerCheck, read: tuple[Page, ...], ask: Ask, policy: Policy) -> CheckResult:
    if not check.appears:
        return CheckResult(check=check.name, expected="", status=Status.PASS)
    if not letters(ask.answer or ""):
        return CheckResult(
            check=check.name,
            expected="",
            status=Status.FAIL,
            code=ReasonCode.ANSWER_MISSING,
            found=ask.answer or "",
        )
    result = replace(text_result(ask.answer or "", read, policy), check=check.name)
    if result.status is Status.PASS:
        return result
    if result.code is ReasonCode.TARGET_MISSING:
        return replace(result, code=ReasonCode.ANSWER_MISSING)
    return replace(result, status=Status.UNCLEAR, code=ReasonCode.UNCLEAR)


def _looked(reading: Reading, policy: Policy) -> bool:
    """Whether so much was read that what is not there can be called missing."""
    if reading.out_of_budget or reading.fault is not None:
        return False
    sure = sum(1 for word in reading.words if word.confidence >= policy.noisy and len(letters(word.text)) > 1)
    return sure >= policy.legible_words


def _expected(check: Check, ask: Ask) -> tuple[str, ...]:
    match check:
        case TextCheck() | CodeCheck():
            return (check.value,)
        case StateCheck():
            return check.done
        case UrlCheck():
            return (check.host,)
        case AbsentCheck():
            return check.any
        case AnswerCheck():
            return (ask.answer or "",)
        case _:
            return ("",)


def _unread_script(expected: tuple[str, ...], readings: Sequence[Reading]) -> str | None:
    """Return the expected text if none of its forms is in a script that was read."""
    languages = frozenset(
        one for reading in readings for past in reading.passes for one in past.languages.split("+")
    )
    if any(readable(text, languages) for text in expected):
        return None
    return " / ".join(expected)
