"""Judges longer names: does the asked name stand only within another one that goes on?

In: a name, the pages of a picture. Out: the place of the longer name, or None. "Nodi Tech Backup" is another
channel than "Nodi Tech"; a name beside a count, an icon or a time is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.items import meet
from pipeline.phrases import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.labels import Page
    from pipeline.phrases import Finding
    from pipeline.policy import Policy
    from pipeline.records import Word


def longer_name(name: str, read: Sequence[Page], policy: Policy) -> Finding | None:
    """Return the first place of a name where every place has a surely read word of its type beside it."""
    places = [one for page in read for one in find(name, page, policy) if one.similarity >= policy.similarity]
    longer = [one for one in places if _goes_on(one, policy)]
    # One pass of several may lose the word beside a name, or read it unsurely.
    clear = [one for one in places if not any(meet(one.box, other.box) for other in longer)]
    return longer[0] if longer and not clear else None


def _goes_on(finding: Finding, policy: Policy) -> bool:
    """Whether a word stands one space before or behind a name, about as tall as its words."""
    own = {id(token.word) for token in finding.tokens}
    words = finding.label.words
    held = [at for at, word in enumerate(words) if id(word) in own]
    if not held:
        return False
    before, behind = words[: held[0]][-1:], words[held[-1] + 1 :][:1]
    return any(_joined(one, words[held[0]], policy) for one in before) or any(
        _joined(words[held[-1]], one, policy, new=one) for one in behind
    )


def _joined(left: Word, right: Word, policy: Policy, *, new: Word | None = None) -> bool:
    """Whether a space parts two words of one line, and the one that is not the name's is surely read."""
    added = new or left
    known = right if added is left else left
    gap = right.box.x - left.box.x - left.box.w
    alike = added.box.h >= policy.longer_tall * known.box.h
    spelt = sum(sign.isalnum() for sign in added.text) > 0 and added.confidence >= policy.noisy
    return spelt and alike and gap <= policy.longer_gap * known.box.h
