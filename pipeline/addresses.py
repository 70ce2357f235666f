"""Judges addresses: which host does the address bar show?

In: a `UrlCheck`, the pages of a picture. Out: a `CheckResult`. Browsers hide scheme, `www.` and path, so only
what is shown is compared. A host elsewhere on the page is no address bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex
from rapidfuzz.distance import Levenshtein

from pipeline.reasons import ReasonCode
from pipeline.records import Box, CheckResult, Reading, Status, UrlCheck, Word
from pipeline.scripts import dotted, fold, skeleton

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.labels import Label, Page
    from pipeline.policy import Policy

_HOST = regex.compile(r"(?:[\p{L}\p{M}\p{N}-]+\.)+[\p{L}\p{M}]{2,}(?::\d+)?(?P<path>/[^\s?#]*)?")
_FILES = frozenset(
    ("doc", "docx", "htm", "html", "jpeg", "jpg", "odt", "pdf", "png", "txt", "webp", "xls", "xlsx")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A host as the screen shows it.

    Attributes:
        in_bar: It stands at the place of an address bar.
        dotted: Its ink has as many dots above letters as it was read with.
    """

    host: str
    path: str
    confidence: float
    box: Box
    in_bar: bool
    dotted: bool


def url_result(check: UrlCheck, reading: Reading, read: Sequence[Page], policy: Policy) -> CheckResult:
    """Judge the address, in this order.

    - PASS where the bar shows the host or a subdomain of it, and no other path; UNCLEAR where as many passes
      read a look-alike, unless the dots of its letters speak for the host: a model reads l as i.
    - UNCLEAR where the bar's host differs only by what a reader confuses, unless sure passes agree on it, or
      several at all on a look-alike; or where it lacks the first part of the wanted one.
    - URL_MISMATCH (fail) where the bar shows another host, or no address is shown at all.
    - UNCLEAR where the host stands on the page but not in a bar.
    """
    wanted, path = _plain(check.host), (check.path or "").strip("/").casefold()
    shown = [one for page in read for one in _shown(page, reading, policy)]
    bar = [one for one in shown if one.in_bar]
    fitting = [one for one in bar if _fits(one.host, wanted)]
    rivals = [one for one in bar if one not in fitting and skeleton(one.host) == skeleton(wanted)]
    if fitting and len(rivals) >= len(fitting) and not any(one.dotted for one in fitting):
        return _told(check, rivals[0], Status.UNCLEAR, ReasonCode.UNCLEAR, wanted)
    if fitting:
        pathed = [one for one in fitting if _path_fits(one.path, path, policy)]
        if pathed:
            return _told(check, pathed[0], Status.PASS, None, wanted)
        return _told(check, fitting[0], Status.FAIL, ReasonCode.URL_MISMATCH, wanted)
    if bar:
        return _other(check, bar, wanted, policy)
    elsewhere = [one for one in shown if _fits(one.host, wanted)]
    if elsewhere:
        return _told(check, elsewhere[0], Status.UNCLEAR, ReasonCode.UNCLEAR, wanted)
    return CheckResult(check="url", expected=check.host, status=Status.FAIL, code=ReasonCode.URL_MISMATCH)


def host_in(text: str) -> str | None:
    """Return the host that a word shows, None where it shows none; a mailbox or a file is no host."""
    found = None if "@" in text else _HOST.search(fold(text))
    host = _plain(found.group()) if found else ""
    return host if host and host.rpartition(".")[2] not in _FILES else None


def _other(check: UrlCheck, bar: Sequence[Shown], wanted: str, policy: Policy) -> CheckResult:
    nearest = max(bar, key=lambda one: Levenshtein.normalized_similarity(one.host, wanted))
    slip = skeleton(nearest.host) == skeleton(wanted) or _alike(nearest.host, wanted, policy)
    same = [one for one in bar if one.host == nearest.host]
    sure = [one for one in same if one.confidence >= policy.confident]
    # A digit that was told by its height stands there however unsure the engine is of the word.
    shaped = skeleton(nearest.host) == skeleton(wanted) and len(same) >= policy.agreeing_shapes
    begun_late = wanted.endswith("." + nearest.host)  # its first part was not read with it
    if begun_late or (slip and not shaped and len(sure) < policy.agreeing_passes):
        return _told(check, nearest, Status.UNCLEAR, ReasonCode.UNCLEAR, wanted)
    return _told(check, nearest, Status.FAIL, ReasonCode.URL_MISMATCH, wanted)


def _alike(host: str, wanted: str, policy: Policy) -> bool:
    """Whether slips may have made `host` of `wanted`; the slash behind it may have been read as a letter."""
    begun = host[: len(wanted)]
    return any(
        Levenshtein.normalized_similarity(one, wanted) >= policy.similarity
        for one in ((host,) if begun == wanted else (host, begun))
    )


def _shown(page: Page, reading: Reading, policy: Policy) -> Iterator[Shown]:
    for label in page.labels:
        middle = (label.box.y + label.box.h / 2) / max(1, reading.height_px)
        in_bar = middle <= policy.bar_share or middle >= 1 - policy.bar_share
        for piece in _pieces(label):
            for match in _HOST.finditer(fold(piece.text)):
                yield Shown(
                    host=_plain(match.group().split("/", 1)[0]),
                    path=match.group("path") or "",
                    confidence=piece.confidence,
                    box=piece.box,
                    in_bar=in_bar,
                    dotted=piece.setting is not None and piece.setting.dots == dotted(piece.text),
                )


def _pieces(label: Label) -> list[Word]:
    """Return the texts that may hold a host: each word, or the label without spaces if no word does."""
    words = list(label.words)
    if any(_HOST.search(fold(word.text)) for word in words):
        return words
    glued = "".join(word.text for word in words)
    sure = min(word.confidence for word in words)
    return [Word(text=glued, box=label.box, confidence=sure, line=words[0].line)]


def _plain(host: str) -> str:
    bare: str = regex.sub(r"^[a-z]+://", "", fold(host)).split("/", 1)[0].split(":", 1)[0]
    return bare.removeprefix("www.").strip(".")


def _fits(host: str, wanted: str) -> bool:
    return host == wanted or host.endswith("." + wanted)


def _path_fits(shown: str, wanted: str, policy: Policy) -> bool:
    seen = shown.strip("/.…")
    if not seen or not wanted:
        return True
    length = min(len(seen), len(wanted))
    return Levenshtein.normalized_similarity(seen[:length], wanted[:length]) >= policy.similarity


def _told(check: UrlCheck, one: Shown, status: Status, code: ReasonCode | None, wanted: str) -> CheckResult:
    return CheckResult(
        check="url",
        expected=check.host + (check.path or ""),
        status=status,
        code=code,
        found=one.host + one.path,
        similarity=Levenshtein.normalized_similarity(one.host, wanted),
        box=one.box,
    )
