"""Judges state words: does the screen say that the task is done?

In: a `StateCheck`, the pages of a picture, the names that the job asks for. Out: a `CheckResult`. A state
word counts as a whole label ("Subscribe" never inside "Subscribed"); where done and not-done labels both
stand on the screen, the one beside the asked-for name decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.addresses import host_in
from pipeline.phrases import Finding, find
from pipeline.reasons import ReasonCode
from pipeline.records import Ask, Box, CheckResult, StateCheck, Status, TextCheck
from pipeline.scripts import clusters, languages_of, letters, signs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.labels import Page, Token
    from pipeline.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A state word on the screen.

    Attributes:
        done: Its polarity.
        whole: It is the whole label, but for an icon read as a letter.
        phrase: It stands within a longer label and has several words, or stands at the label's edge where no
            not-done word could be meant.
    """

    finding: Finding
    done: bool
    whole: bool
    phrase: bool

    @property
    def exact(self) -> bool:
        """Read letter for letter."""
        return self.finding.edits == 0


def state_result(check: StateCheck, read: Sequence[Page], ask: Ask, policy: Policy) -> CheckResult:
    """Judge a state, in this order.

    - No done word: STATE_NOT_DONE (fail) where a not-done label surely stands, else STATE_MISSING (fail), as
      doubt where a label begins as a done one.
    - A done label and no not-done label: PASS; so does a done phrase of several words inside a longer line.
    - A sure not-done label beats a done word that was read with slips.
    - Both sure: the one nearer to the asked-for name decides; UNCLEAR where no name tells.
    """
    hits = tuple(hit for page in read for hit in _hits(check, page, policy))
    done = [hit for hit in hits if hit.done and (hit.whole or hit.phrase)]
    not_done = [hit for hit in hits if not hit.done and hit.whole]
    weak = [hit for hit in hits if hit.done and not (hit.whole or hit.phrase)]
    expected = _named(check.done, ask.lang)
    if not done:
        return _not_shown(expected, not_done, weak, policy) or _half_read(expected, check, read, policy)
    if not not_done:
        return _told(expected, done, Status.PASS, None)
    if _sure(not_done, policy) and not any(hit.exact and hit.whole for hit in done):
        return _told(expected, not_done, Status.FAIL, ReasonCode.STATE_NOT_DONE)
    return _nearer(expected, done, not_done, [name.box for name in _names(read, ask, policy)])


def done_findings(check: StateCheck, page: Page, policy: Policy) -> tuple[Finding, ...]:
    """Return where done words stand on one page: as labels, or within longer ones if there is no label."""
    done = [hit for hit in _hits(check, page, policy) if hit.done]
    labels = tuple(hit.finding for hit in done if hit.whole or hit.phrase)
    return labels or tuple(hit.finding for hit in done if hit.exact)


def not_done_findings(check: StateCheck, page: Page, policy: Policy) -> tuple[Finding, ...]:
    """Return where labels that deny the state stand on one page, as far as they were surely read."""
    denying = [hit for hit in _hits(check, page, policy) if not hit.done and hit.whole]
    return tuple(hit.finding for hit in denying if _sure([hit], policy))


def _not_shown(
    expected: str, not_done: Sequence[Hit], weak: Sequence[Hit], policy: Policy
) -> CheckResult | None:
    """Judge a screen without a done label; `weak` are done words inside sentences. None without any word."""
    if not_done:
        status = Status.FAIL if _sure(not_done, policy) and not weak else Status.UNCLEAR
        return _told(expected, not_done, status, ReasonCode.STATE_NOT_DONE)
    if weak:
        return _told(expected, weak, Status.UNCLEAR, ReasonCode.STATE_MISSING)
    return None


def _half_read(expected: str, check: StateCheck, read: Sequence[Page], policy: Policy) -> CheckResult:
    """Judge a screen without any state word: a label that begins as a done one, and no other, is doubt.

    The edge of a button may run into the end of its label, which is then read without it.
    """
    result = CheckResult(check="state", expected=expected, status=Status.FAIL, code=ReasonCode.STATE_MISSING)
    heads = _heads(check.done, check.not_done, policy.exact_below, policy.part_share)
    halves = (
        (label, found)
        for page in read
        for label in page.labels
        for rest, first in zip(label.rests[:2], label.tokens[:2], strict=False)
        if (first is label.tokens[0] or _stray(label.tokens[0], policy))
        and (found := _likest(rest, heads, policy)) is not None
    )
    label, similarity = next(halves, (None, None))
    if label is None or similarity is None:
        return result
    return replace(result, status=Status.UNCLEAR, found=label.text, similarity=similarity, box=label.box)


def _likest(rest: str, heads: Mapping[str, float], policy: Policy) -> float | None:
    """Return the share of a done label that a label's signs are, where they are alike to a head of it."""
    found = process.extractOne(
        rest, heads.keys(), scorer=Levenshtein.normalized_similarity, score_cutoff=policy.similarity
    )
    return heads[found[0]] if found else None


@lru_cache(maxsize=256)
def _heads(done: tuple[str, ...], not_done: tuple[str, ...], least: int, share: float) -> Mapping[str, float]:
    """Return the beginnings of labels that are half of one or more, and begin no other, with their share."""
    found = {}
    others = ["".join(letters(one)) for one in not_done]
    for word in done:
        words, whole = word.split(), len(letters(word))
        for count in range(len(words) - 1, 0, -1):
            head = letters(" ".join(words[:count]))
            enough = len(head) >= max(least, share * whole)
            if enough and not any(one.startswith("".join(head)) for one in others):
                found[signs("".join(head))] = round(len(head) / whole, 3)
    return found


def _sure(hits: Sequence[Hit], policy: Policy) -> bool:
    """Whether a label was surely read letter for letter, or alike by several passes."""
    readers = {hit.finding.reader for hit in hits}
    return len(readers) >= policy.agreeing_passes or any(
        hit.exact and hit.finding.confidence >= policy.noisy for hit in hits
    )


def _named(words: Sequence[str], lang: str) -> str:
    """Return the word that a sentence in `lang` names: the first one in that language's script."""
    bengali = lang == "bn"
    return next((word for word in words if ("ben" in languages_of(word)) is bengali), words[0])


def _hits(check: StateCheck, page: Page, policy: Policy) -> Iterator[Hit]:
    """Yield the state words of one page; a place belongs to the word that it resembles most."""
    found = [
        (finding, done)
        for done, words in ((True, check.done), (False, check.not_done))
        for word in words
        for finding in find(word, page, policy)
        if (finding.edits == 0 or (finding.similarity >= policy.similarity and _long(word, policy)))
        and not any(host_in(token.word.text) for token in finding.tokens)  # "/inbox" is a path, no state
    ]
    for finding, done in found:
        rivals = [other for other, kind in found if kind is not done and _meet(other.box, finding.box)]
        if all(_stronger(finding, other) for other in rivals):
            whole = _whole(finding, policy)
            phrase = finding.edits == 0 and (
                len(finding.tokens) > 1 or (not check.not_done and _edge(finding))
            )
            yield Hit(finding=finding, done=done, whole=whole, phrase=phrase and not whole)


def _stronger(one: Finding, other: Finding) -> bool:
    """Whether `one` explains their common place better: more alike, then longer."""
    return (one.similarity, len(one.letters)) > (other.similarity, len(other.letters))


def _long(word: str, policy: Policy) -> bool:
    return len(letters(word)) >= policy.exact_below


def _whole(finding: Finding, policy: Policy) -> bool:
    """Whether the label says nothing beside the finding; an icon read as a letter or two says nothing."""
    inside = {id(token) for token in finding.tokens}
    rest = [token for token in finding.label.tokens if id(token) not in inside]
    return len(rest) <= policy.stray_tokens and all(_stray(token, policy) for token in rest)


def _edge(finding: Finding) -> bool:
    """Whether the finding begins or ends its label, as "Just now" does behind a name."""
    label = finding.label.tokens
    return finding.tokens[0] is label[0] or finding.tokens[-1] is label[-1]


def _stray(token: Token, policy: Policy) -> bool:
    return len(clusters(token.text)) <= policy.stray_letters or token.word.confidence < policy.unread


def _names(read: Sequence[Page], ask: Ask, policy: Policy) -> Iterator[Finding]:
    """Yield where the names that the job asks for stand."""
    for asked in ask.checks:
        if isinstance(asked, TextCheck):
            for page in read:
                for finding in find(asked.value, page, policy):
                    if finding.similarity >= policy.similarity:
                        yield finding


def _nearer(
    expected: str, done: Sequence[Hit], not_done: Sequence[Hit], anchors: Sequence[Box]
) -> CheckResult:
    if not anchors:
        return _told(expected, done, Status.UNCLEAR, ReasonCode.UNCLEAR)
    near_done = min(_distance(hit.finding.box, anchors) for hit in done)
    near_not = min(_distance(hit.finding.box, anchors) for hit in not_done)
    margin = max(hit.finding.box.h for hit in (*done, *not_done))
    if near_done + margin < near_not:
        return _told(expected, done, Status.PASS, None)
    if near_not + margin < near_done:
        return _told(expected, not_done, Status.FAIL, ReasonCode.STATE_NOT_DONE)
    return _told(expected, not_done, Status.UNCLEAR, ReasonCode.STATE_NOT_DONE)


def _distance(box: Box, anchors: Sequence[Box]) -> float:
    """Return px between rows, to the nearest anchor: a button stands beside or under its name."""
    middle = box.y + box.h / 2
    return min(abs(middle - (anchor.y + anchor.h / 2)) for anchor in anchors)


def _meet(one: Box, other: Box) -> bool:
    wide = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    tall = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return wide > 0 and tall > 0


def _told(expected: str, hits: Sequence[Hit], status: Status, code: ReasonCode | None) -> CheckResult:
    best = max(hits, key=lambda hit: (hit.finding.similarity, hit.whole, hit.finding.confidence)).finding
    return CheckResult(
        check="state",
        expected=expected,
        status=status,
        code=code,
        found=best.text,
        similarity=best.similarity,
        box=best.box,
    )
