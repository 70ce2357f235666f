"""Judges codes: does the screen show this code, letter for letter?

In: a `CodeCheck`, the pages of a picture. Out: a `CheckResult`. No fuzziness: a code that differs only in
letters that readers confuse (O and 0) is doubt; any other difference is another code.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import regex
from rapidfuzz.distance import Levenshtein

from pipeline.labels import Label, Page, around
from pipeline.reasons import ReasonCode
from pipeline.records import Box, CheckResult, CodeCheck, Status
from pipeline.scripts import skeleton

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.policy import Policy

_DASHES = regex.compile(r"[\p{Pd}\u2212_]")
_HIDDEN = regex.compile(r"\p{Cf}")
_PIECE = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*")


def code_result(check: CodeCheck, read: Sequence[Page], policy: Policy) -> CheckResult:
    """Judge a code, in this order.

    - PASS where one pass read it letter for letter, not as part of a longer code.
    - UNCLEAR where something differs from it only by letters that readers confuse, by one unsure letter, or
      by letters missing at its edges.
    - CODE_MISMATCH (fail) where another code or none stands there.
    """
    wanted = _plain(check.value)
    nearest: tuple[float, str, float, Box] | None = None
    for page in read:
        for at, label in enumerate(page.labels):
            for text, confidence, box in (*_candidates(label), *_spread(at, page)):
                if text == wanted:
                    return _told(check, (1.0, text, confidence, box), Status.PASS)
                alike = _alike(text, wanted)
                if alike >= policy.similar_code and (nearest is None or alike > nearest[0]):
                    nearest = (alike, text, confidence, box)
    if nearest is None:
        return CheckResult(
            check="code", expected=check.value, status=Status.FAIL, code=ReasonCode.CODE_MISMATCH
        )
    one_unsure = nearest[2] < policy.confident and Levenshtein.distance(nearest[1], wanted) == 1
    # A part of it was read alone, or an icon beside it was read as a letter.
    cut = nearest[1] in wanted or (wanted in nearest[1] and len(nearest[1]) == len(wanted) + 1)
    doubt = one_unsure or cut or skeleton(nearest[1]) == skeleton(wanted)
    return _told(check, nearest, Status.UNCLEAR if doubt else Status.FAIL)


def _candidates(label: Label) -> Iterator[tuple[str, float, Box]]:
    """Yield what may be codes: pieces of the label as read, and with the gaps at dashes closed."""
    least = min(word.confidence for word in label.words)
    for word in label.words:
        for piece in _PIECE.findall(_plain(word.text)):
            if piece == _plain(word.text).strip(".,:;()[]\"'"):
                yield piece, word.confidence, word.box
    closed = regex.sub(r"\s*-\s*", "-", _plain(label.text))
    for piece in _PIECE.findall(closed):
        yield piece, least, label.box
    yield closed, least, label.box


def _spread(at: int, page: Page) -> Iterator[tuple[str, float, Box]]:
    """Yield the label joined with what follows it: a code set in wide letters falls apart at its dash."""
    here = page.labels[at]
    for follower in page.after(at):
        there = page.labels[follower]
        words = (*here.words, *there.words)
        joined = regex.sub(r"\s*-\s*", "-", _plain(f"{here.text} {there.text}"))
        for piece in _PIECE.findall(joined):
            yield piece, min(word.confidence for word in words), around((here.box, there.box))


def _alike(text: str, wanted: str) -> float:
    if skeleton(text) == skeleton(wanted):
        return 0.99
    return Levenshtein.normalized_similarity(text, wanted)


def _plain(text: str) -> str:
    """Return `text` with dashes and digits made one and invisible characters gone; case is kept."""
    shown = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    digits = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in shown)
    return " ".join(_DASHES.sub("-", digits).split())


def _told(check: CodeCheck, nearest: tuple[float, str, float, Box], status: Status) -> CheckResult:
    code = {Status.PASS: None, Status.UNCLEAR: ReasonCode.UNCLEAR, Status.FAIL: ReasonCode.CODE_MISMATCH}
    return CheckResult(
        check="code",
        expected=check.value,
        status=status,
        code=code[status],
        found=nearest[1],
        similarity=nearest[0],
        box=nearest[3],
    )
