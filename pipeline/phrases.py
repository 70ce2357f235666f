"""Finds an expected phrase in what was read: every pass gives its best candidate.

In: a phrase and the pages of a reading. Out: findings with similarity in letters (grapheme clusters), the
engine's confidence and the box. Spaces and punctuation do not count, and a phrase may go on in the next line.
It never decides; `match` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq, Levenshtein

from pipeline.labels import Label, Page, Token, around
from pipeline.scripts import clusters, letters, signs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.policy import Policy
    from pipeline.records import Box, Word


_MAX_LINES = 6  # a phrase that wraps more often is no label; bounds the search


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A place where a phrase, or something like it, stands.

    Attributes:
        text: The words there, as read.
        letters: Their folded clusters.
        edits: Letters to change to reach the phrase.
        similarity: 1 - edits / length of the longer one, in 0..1.
        cut: It lacks letters and has no other ones: its beginning or end was not read with it.
        confidence: Lowest engine confidence among the words that differ; among all when none differs.
        reader: The pass that read it.
        tokens: The tokens it is made of.
        label: The label where it begins.
    """

    text: str
    letters: tuple[str, ...]
    edits: int
    similarity: float
    cut: bool
    confidence: float
    reader: int
    box: Box
    tokens: tuple[Token, ...]
    label: Label


def find(phrase: str, page: Page, policy: Policy) -> tuple[Finding, ...]:
    """Return the places on one page that resemble `phrase`, most similar first, no two overlapping."""
    if phrase not in page.found:
        page.found[phrase] = _search(phrase, page, policy)
    return page.found[phrase]


def _search(phrase: str, page: Page, policy: Policy) -> tuple[Finding, ...]:
    aim = _aim(phrase, policy.near_similarity)
    if not aim.letters or not _shared(aim, page):
        return ()
    found = [
        finding
        for at, label in enumerate(page.labels)
        for start in range(len(label.tokens))
        if _may_begin(label.rests[start], aim) and (finding := _best_from(at, start, page, aim)) is not None
    ]
    found.sort(key=lambda one: (-one.similarity, -one.confidence))
    kept: list[Finding] = []
    for one in found:
        if not any(_overlap(one.box, other.box) for other in kept):
            kept.append(one)
    return tuple(kept)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Aim:
    """A phrase to find: its clusters, their signs, the lengths of windows and the least similarity.

    Attributes:
        most_edits: Of the longest window that is similar enough.
    """

    letters: tuple[str, ...]
    signs: str
    longest: int
    shortest: int
    enough: float
    most_edits: int


@lru_cache(maxsize=1024)
def _aim(phrase: str, enough: float) -> _Aim:
    wanted = letters(phrase)
    longest = int(len(wanted) / enough) + 1
    return _Aim(
        letters=wanted,
        signs=signs("".join(wanted)),
        longest=longest,
        shortest=int(len(wanted) * enough),
        enough=enough,
        most_edits=int((1 - enough) * longest),
    )


def _shared(aim: _Aim, page: Page) -> bool:
    """Whether so many letters of the phrase stand on the page that a window can be similar enough."""
    return sum(map(page.alphabet.__contains__, aim.signs)) >= len(aim.signs) - aim.most_edits


@lru_cache(maxsize=16384)
def _may_begin(rest: str, aim: _Aim) -> bool:
    """Whether a window that begins where a label goes on as `rest` can be similar enough.

    A window shares at most as many letters, in order, as the label's rest does, and all letters of what
    follows the label; similar enough is at least `enough` of the phrase's letters. The shortest window is the
    beginning of every other, and may have no more other letters than the longest.
    """
    part = rest[: aim.longest]
    shared = LCSseq.similarity(part, aim.signs) + aim.longest - len(part)
    return bool(shared >= aim.enough * len(aim.signs)) and _may_go_on(rest[: aim.shortest], aim)


@lru_cache(maxsize=16384)
def _may_go_on(seen: str, aim: _Aim) -> bool:
    """Whether a window that begins with `seen` can be similar enough, however it goes on.

    Each of its letters that the phrase does not have, in order, has to be edited.
    """
    return len(seen) <= aim.longest and len(seen) - LCSseq.similarity(seen, aim.signs) <= aim.most_edits


def _best_from(at: int, start: int, page: Page, aim: _Aim) -> Finding | None:
    """Return the best window that begins at one token, or None where nothing comes near."""
    best: tuple[float, tuple[Token, ...]] | None = None
    for run, seen in _windows(at, start, page, aim):
        similarity = Levenshtein.normalized_similarity(aim.signs, seen, score_cutoff=aim.enough)
        if similarity >= aim.enough and (best is None or similarity > best[0]):
            best = (similarity, run)
    return _finding(at, best[1], page, aim.letters) if best else None


def _finding(at: int, run: tuple[Token, ...], page: Page, wanted: tuple[str, ...]) -> Finding:
    read = clusters("".join(token.text for token in run))
    return Finding(
        text=_spoken(run),
        letters=read,
        edits=Levenshtein.distance(wanted, read),
        similarity=Levenshtein.normalized_similarity(wanted, read),
        cut=read != wanted and "".join(read) in "".join(wanted),
        confidence=_confidence(run, wanted, read),
        reader=page.reader,
        box=around(token.word.box for token in run),
        tokens=run,
        label=page.labels[at],
    )


def _windows(at: int, start: int, page: Page, aim: _Aim) -> Iterator[tuple[tuple[Token, ...], str]]:
    """Yield token runs of so many letters from one token on, along rows and into next lines; their signs."""
    stack: list[tuple[tuple[Token, ...], str, int, int, int]] = [((), "", at, start, _MAX_LINES)]
    while stack:
        run, seen, label, token, lines = stack.pop()
        here = page.labels[label]
        while token < len(here.tokens) and _may_go_on(seen, aim):
            run = (*run, here.tokens[token])
            seen += here.tokens[token].signs
            token += 1
            if aim.shortest <= len(seen) <= aim.longest:
                yield run, seen
        if token == len(here.tokens) and lines > 1 and len(seen) < aim.longest and _may_go_on(seen, aim):
            stack.extend((run, seen, follower, 0, lines - 1) for follower in page.after(label))


def _spoken(run: tuple[Token, ...]) -> str:
    words: list[Word] = []
    for token in run:
        if not words or words[-1] is not token.word:
            words.append(token.word)
    return " ".join(word.text for word in words)


def _confidence(run: tuple[Token, ...], wanted: tuple[str, ...], read: tuple[str, ...]) -> float:
    """Return the lowest confidence among words that hold a differing letter, among all where none does."""
    owners = [token.word for token in run for _ in clusters(token.text)]
    if len(owners) != len(read):  # clusters joined across tokens; rare, so be modest
        return min(token.word.confidence for token in run)
    changed = {
        min(place, len(owners) - 1)
        for edit in Levenshtein.opcodes(wanted, read)
        if edit.tag != "equal"
        for place in range(edit.dest_start, max(edit.dest_end, edit.dest_start + 1))
    }
    chosen = [owners[place] for place in changed] or [token.word for token in run]
    return min(word.confidence for word in chosen)


def _overlap(one: Box, other: Box) -> bool:
    wide = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    tall = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return wide > 0 and tall > min(one.h, other.h) / 2
