"""Judges phrases: is this the name that was asked for, another name, or a slip of the reader?

In: a phrase and the pages of a picture. Out: a `CheckResult` for `text` and `absent`. One letter of
difference is a slip where the reader was unsure or the passes disagree, another name where sure passes agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from pipeline.items import meet
from pipeline.phrases import Finding, find
from pipeline.reasons import ReasonCode
from pipeline.records import AbsentCheck, CheckResult, Status
from pipeline.scripts import LATIN, as_readers_see, clusters, dotted, letters, scripts_in
from pipeline.styles import lightness, style_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.labels import Label, Page
    from pipeline.policy import Policy


_WORD_EDITS = 2  # letters by which a word differs that is no slip of one


def text_result(
    value: str, read: Sequence[Page], policy: Policy, *, similarity: float | None = None
) -> CheckResult:
    """Judge whether `value` stands on the page.

    - PASS where a pass read it letter for letter, but for what readers miss, and not as many passes surely
      read the same other letters.
    - UNCLEAR where an i in it has no dot, or an l has one.
    - UNCLEAR where as many passes read a Latin letter in it as another one, at the same place.
    - TARGET_NEAR_MISS (fail) where several passes surely read the same other letters and none the right ones,
      three of them where two letters differ.
    - PASS where a sentence, in which a letter names nothing else, is alike to `similarity`, unless a word of
      Latin letters in it was surely read as another: then it is UNCLEAR.
    - UNCLEAR where something resembles it, or where half of it stands alone and its rest was not read;
      TARGET_MISSING (fail) where nothing does.

    What is set in low Bengali type, or hardly differs from its ground, is read surely by nobody.

    Args:
        value: What is expected.
        read: The pages of one picture.
        policy: The thresholds in force.
        similarity: The job's own threshold in 0..1, instead of the policy's.
    """
    wanted = letters(value)
    if not wanted:  # signs and emoji only: no engine reads them
        return CheckResult(
            check="text", expected=value, status=Status.UNCLEAR, code=ReasonCode.UNSUPPORTED_SCRIPT
        )
    best = best_findings(value, read, policy)
    if not best:
        return _not_found(value, wanted, read, policy)
    chosen = max(best, key=lambda one: (one.similarity, one.confidence))
    status, code = _judged(chosen, best, wanted, policy, similarity or policy.similarity)
    return CheckResult(
        check="text",
        expected=value,
        status=status,
        code=code,
        found=chosen.text,
        similarity=chosen.similarity,
        box=chosen.box,
    )


def _not_found(value: str, wanted: tuple[str, ...], read: Sequence[Page], policy: Policy) -> CheckResult:
    """Judge a page where nothing resembles the phrase; a label that is just a part of it is doubt.

    So is one whose characters resemble it, half as much where it was unsurely read: in a word of joined
    letters, two slips change half of it; of a short one, a letter may be one. It is the phrase where they are
    slips that all readers make.
    """
    least = max(policy.part_letters, round(policy.part_share * len(wanted)))
    whole = "".join(wanted)
    for label in (one for page in read for one in page.labels):
        part = letters(label.text)
        if len(part) < least:
            continue
        same = _but_for_slips(part, wanted, policy)
        unsure = min(word.confidence for word in label.words) < policy.sure_line
        if (
            same
            or "".join(part) in whole
            or _one_slip(label, wanted, policy)
            or _alike_in_characters(whole, "".join(part), policy, unsure=unsure)
        ):
            return CheckResult(
                check="text",
                expected=value,
                status=Status.PASS if same else Status.UNCLEAR,
                code=None if same else ReasonCode.UNCLEAR,
                found=label.text,
                similarity=round(Levenshtein.normalized_similarity(wanted, part), 3),
                box=label.box,
            )
    return CheckResult(check="text", expected=value, status=Status.FAIL, code=ReasonCode.TARGET_MISSING)


def _one_slip(label: Label, wanted: tuple[str, ...], policy: Policy) -> bool:
    """Whether a short phrase stands in a label, but for one letter that was unsurely read."""
    if not policy.part_letters < len(wanted) < policy.exact_below:
        return False
    runs = (
        label.tokens[first:last]
        for first in range(len(label.tokens))
        for last in range(first + 1, min(first + len(wanted), len(label.tokens)) + 1)
    )
    return any(
        policy.unread <= min(token.word.confidence for token in run) < policy.confident
        and Levenshtein.distance(wanted, clusters("".join(token.text for token in run))) == 1
        for run in runs
    )


def absent_result(check: AbsentCheck, read: Sequence[Page], policy: Policy) -> CheckResult:
    """Judge whether none of the phrases stands on the page: FORBIDDEN_TEXT if one does, doubt if almost."""
    worst: tuple[str, Finding] | None = None
    for phrase in check.any:
        for one in best_findings(phrase, read, policy):
            if worst is None or one.similarity > worst[1].similarity:
                worst = (phrase, one)
    expected = " / ".join(check.any)
    if worst is None or worst[1].similarity < policy.similarity:
        return CheckResult(check="absent", expected=expected, status=Status.PASS)
    phrase, found = worst
    sure = found.edits == 0
    return CheckResult(
        check="absent",
        expected=phrase,
        status=Status.FAIL if sure else Status.UNCLEAR,
        code=ReasonCode.FORBIDDEN_TEXT if sure else ReasonCode.UNCLEAR,
        found=found.text,
        similarity=found.similarity,
        box=found.box,
    )


def best_findings(value: str, read: Sequence[Page], policy: Policy) -> tuple[Finding, ...]:
    """Return each pass's most similar finding, in the order of the passes; a short phrase must be exact."""
    short = len(letters(value)) < policy.exact_below
    best = (next(iter(find(value, page, policy)), None) for page in read)
    return tuple(one for one in best if one is not None and (one.edits == 0 or not short))


def _judged(
    chosen: Finding, best: Sequence[Finding], wanted: tuple[str, ...], policy: Policy, enough: float
) -> tuple[Status, ReasonCode | None]:
    """Weigh the passes against each other; `best` holds each pass's own finding."""
    length = len(wanted)
    exact = [one for one in best if one.edits == 0 or _but_for_slips(one.letters, wanted, policy)]
    sure = [one for one in best if _another(one, wanted, policy)]
    same = max((sum(one.letters == other.letters for other in sure) for one in sure), default=0)
    if exact and any(_misdotted(one) for one in exact):
        return Status.UNCLEAR, ReasonCode.TARGET_NEAR_MISS
    if exact:
        short = length < policy.long_phrase
        contested = short and _contested(exact, best, wanted, policy)
        outvoted = same > len(exact) or (same == len(exact) and short)
        return (Status.UNCLEAR, ReasonCode.UNCLEAR) if contested or outvoted else (Status.PASS, None)
    if same >= policy.agreeing_passes and length < policy.long_phrase:
        return Status.FAIL, ReasonCode.TARGET_NEAR_MISS
    if _steady(best, wanted, policy):
        return Status.FAIL, ReasonCode.TARGET_NEAR_MISS
    alike = chosen.similarity >= enough and length >= policy.long_phrase
    if alike and not _another_word(chosen, wanted, policy):
        return Status.PASS, None
    return Status.UNCLEAR, ReasonCode.UNCLEAR


def _misdotted(one: Finding) -> bool:
    """Whether a word of plain Latin letters has other dots than it was read with: a model reads l as i."""
    words = [(token.word.text, token.word.setting) for token in one.tokens]
    return any(
        setting is not None
        and setting.dots is not None
        and text.isascii()
        and text.isalpha()
        and setting.dots != dotted(text)
        for text, setting in words
    )


def _contested(
    exact: Sequence[Finding], best: Sequence[Finding], wanted: tuple[str, ...], policy: Policy
) -> bool:
    """Whether at the place of the right name as many passes read another Latin letter in it.

    A language model reads the word that it knows ("Kids" for "Klds") at some sizes: it takes a second look.
    """
    other = [
        one
        for one in best
        if one.edits == 1
        and not one.cut
        and one.confidence >= policy.contesting
        and any(meet(one.box, right.box) for right in exact)
        and _only_latin_differs(one.letters, wanted)
    ]
    return len(other) >= len(exact)


def _steady(best: Sequence[Finding], wanted: tuple[str, ...], policy: Policy) -> bool:
    """Whether more passes than two very surely read one other word in the name, and none the right one."""
    sure = [
        one
        for one in best
        if one.edits == _WORD_EDITS
        and not one.cut
        and one.confidence >= policy.sure_other
        and _legible(one, policy)
        and (_only_latin_differs(one.letters, wanted) or len(wanted) < policy.long_phrase)
        and not _in_conjuncts(one.letters, wanted)
        and not _in_another_script(one.letters, wanted)
        and as_readers_see(one.letters) != as_readers_see(wanted)
    ]
    same = max((sum(one.letters == other.letters for other in sure) for one in sure), default=0)
    return same > policy.agreeing_passes


def _only_latin_differs(read: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether all that differs are Latin letters in the place of as many others."""
    edits = [edit for edit in Levenshtein.opcodes(wanted, read) if edit.tag != "equal"]
    return bool(edits) and all(
        edit.tag == "replace"
        and scripts_in(
            "".join((*wanted[edit.src_start : edit.src_end], *read[edit.dest_start : edit.dest_end]))
        )
        == {LATIN}
        for edit in edits
    )


def _another(one: Finding, wanted: tuple[str, ...], policy: Policy) -> bool:
    """Whether a pass surely read a name that differs by a letter or two, not a part of the right one."""
    near = one.edits == 1 or one.similarity >= policy.similarity
    slip = (
        as_readers_see(one.letters) == as_readers_see(wanted)
        or _in_conjuncts(one.letters, wanted)
        or _in_another_script(one.letters, wanted)
    )
    sure = one.confidence >= policy.confident and _legible(one, policy)
    return one.edits > 0 and near and not one.cut and not slip and sure


def _legible(one: Finding, policy: Policy) -> bool:
    """Whether letters are so large, and differ so much from their ground, that they are not misread."""
    style = style_of(one.tokens)
    if style is None:
        return True
    low = style.bengali and style.size < policy.small_bengali_px
    return not low and abs(lightness(style.ink) - lightness(style.ground)) >= policy.faint_levels


def _another_word(one: Finding, wanted: tuple[str, ...], policy: Policy) -> bool:
    """Whether a sentence surely has another word in Latin letters, which readers hardly confuse when sure."""
    parts = [
        "".join((*wanted[edit.src_start : edit.src_end], *one.letters[edit.dest_start : edit.dest_end]))
        for edit in Levenshtein.opcodes(wanted, one.letters)
        if edit.tag == "replace"
    ]
    latin = any(scripts_in(part) == {LATIN} for part in parts)
    return latin and not one.cut and one.confidence >= policy.sure_other


def _but_for_slips(read: tuple[str, ...], wanted: tuple[str, ...], policy: Policy) -> bool:
    """Whether only what readers miss differs in a phrase that is long enough to be itself."""
    return len(wanted) >= policy.exact_below and as_readers_see(read) == as_readers_see(wanted)


def _alike_in_characters(whole: str, part: str, policy: Policy, *, unsure: bool) -> bool:
    """Whether a text, or a stretch of it as long as `whole`, has nearly the characters of `whole`."""
    if len(whole) < policy.exact_below or len(part) < policy.near_similarity * len(whole):
        return False
    enough = policy.near_similarity if unsure else policy.similarity
    return fuzz.partial_ratio(whole, part) >= 100 * enough


def _in_conjuncts(read: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether all that differs are joined consonants, which the models confuse however sure they are."""
    changed = [edit for edit in Levenshtein.opcodes(wanted, read) if edit.tag != "equal"]
    parts = [part for edit in changed for part in wanted[edit.src_start : edit.src_end]]
    return bool(parts) and all("\u09cd" in part for part in parts)


def _in_another_script(read: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether some expected letters were read in another script: no copycat's way, but a wrong model's."""
    return any(
        scripts_in("".join(wanted[edit.src_start : edit.src_end]))
        and scripts_in("".join(wanted[edit.src_start : edit.src_end]))
        != scripts_in("".join(read[edit.dest_start : edit.dest_end]))
        for edit in Levenshtein.opcodes(wanted, read)
        if edit.tag == "replace"
    )
