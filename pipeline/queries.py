"""Judges queries: were the asked words typed into one line, as for a search, or repeated by what it found?

In: the `Item`s of a picture. Out: for an item, whether it is surely typed (True), perhaps (False) or not at
all (None). A search box holds name and state in one breath, and a search repeats them in quotes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex
from rapidfuzz.distance import Levenshtein

from pipeline.addresses import host_in
from pipeline.items import Item, end, is_plain, meet
from pipeline.painted import SEVERAL
from pipeline.records import UrlCheck
from pipeline.scripts import letters
from pipeline.styles import alike, far_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.labels import Label
    from pipeline.policy import Policy
    from pipeline.records import Ask, Reading
    from pipeline.styles import Style

_OPENING = regex.compile(r"(?:^|(?<=\s))[\"'\p{Pi}\u201e\u201a]+(?=\S)")
_BEGUN = 5  # letters of a host that no other word begins with by chance
_CUT_OFF = 2  # letters of a query behind the first asked text
_CLOSING = regex.compile(r"[\"'\p{Pf}]+[.,!?\u0964]*(?=\s|$)")


def one_breath(item: Item, other: Item, items: Sequence[Item], policy: Policy) -> bool | None:
    """Two texts that follow each other in one label and style with no letter between: a query, or a sentence.

    Surely a query where both stand between quotes, as a search repeats what it did not find.
    """
    if not follow(item, other) or item.style is None or other.style is None:
        return None
    if not _one_hand(item.style, other.style, policy) or any(one.hosted for one in items):
        return None
    return _quoted(item, other)


def repeats(item: Item, other: Item, policy: Policy) -> bool:
    """Whether two labels say the same and more than one asked text, as far as the shorter one goes.

    Where one is quoted, a letter or two more than the asked text are enough: a field cuts its query off, and
    a model reads a quote as a part of its first letter.
    """
    here, there = (letters(one.finding.label.text) for one in (item, other))
    own = len(item.finding.letters)
    echo = quoted(other.finding.label) or _closed(item.finding.label)
    shared, least = min(len(here), len(there)), own + _CUT_OFF if echo else 2 * own
    if shared < least or meet(item.finding.label.box, other.finding.label.box):
        return False
    alike_there = Levenshtein.normalized_similarity(here[:shared], there[:shared])
    return alike_there >= policy.near_similarity


def one_line(item: Item, other: Item, items: Sequence[Item], reading: Reading, policy: Policy) -> bool | None:
    """One label that says nothing but asked texts, or hardly more than three of them.

    Surely typed in a field that holds just this line, also where two passes read its parts; and in a wide
    field at the top, a search box, whatever else was typed there. Three in one colour are doubt whatever
    their sizes: where lines touch, the marks of the next one count as theirs.
    """
    label = item.finding.label
    one_field = _one_field(item, other, policy)
    if one_field and (other.finding.label is not label or _search_box(item, reading, policy)):
        return True
    if other.finding.label is not label:
        return None
    here = [one for one in items if one.finding.label is label]
    told = {id(token): len(token.text) for one in here for token in one.finding.tokens}
    share = sum(told.values()) / max(1, sum(len(token.text) for token in label.tokens))
    several = len({one.asked for one in here}) >= SEVERAL
    if share < (policy.typed_share if several else 1.0):
        return None
    if item.style is None or other.style is None:
        return False
    same = alike(item.style, other.style, policy)
    one_ink = several and far_apart(item.style.ink, other.style.ink) <= policy.one_run_ink
    if item.style.plate != other.style.plate or not (same or one_ink):
        return None
    return same and item.style.plate.h <= (1 + policy.plate_rows) * label.box.h


def in_field(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a plain picture shows a text in a field at its top: wide, low, the line not in its middle."""
    if item.style is None or reading.scene is None or not is_plain(reading.scene, policy):
        return False
    plate, box = item.style.plate, item.finding.box
    low = plate.h <= (1 + policy.plate_rows) * max(box.h, item.style.size)
    narrow = plate.w < policy.band_share * reading.width_px
    line = item.finding.label.box
    before, after = line.x - plate.x, end(plate) - end(line)
    central = (
        abs(before - after) <= policy.centred * plate.w and min(before, after) > policy.centred * plate.w
    )
    return low and narrow and not central and _search_box(item, reading, policy)


def follow(item: Item, other: Item) -> bool:
    """Whether one text begins in the label where the other one ends."""
    if item.finding.label is not other.finding.label:
        return False
    places = {id(token): at for at, token in enumerate(item.finding.label.tokens)}
    here, there = ([places.get(id(token), -9) for token in one.finding.tokens] for one in (item, other))
    return here[-1] + 1 == there[0] or there[-1] + 1 == here[0]


def beside_host(item: Item, ask: Ask) -> bool:
    """Whether a text shares its label with a host, as a guess of a browser's or a search's result does.

    The host may be cut off behind the title: then its beginning tells.
    """
    if item.hosted or item.state:
        return False
    hosts = ["".join(letters(check.host)) for check in ask.checks if isinstance(check, UrlCheck)]
    own = {id(token.word) for token in item.finding.tokens}
    others = [word.text for word in item.finding.label.words if id(word) not in own]
    begun = ["".join(letters(text)) for text in others]
    return any(host_in(text) for text in others) or any(
        len(text) >= _BEGUN and host.startswith(text) for host in hosts for text in begun
    )


def quoted(label: Label) -> bool:
    """Whether a whole label stands between quotes."""
    return bool(_OPENING.match(label.text)) and _closed(label)


def _closed(label: Label) -> bool:
    return bool(_CLOSING.search(label.text.rstrip()[-3:]))


def _quoted(item: Item, other: Item) -> bool:
    """Whether quotes open before two texts of one label and close behind them."""
    first, last = sorted((item, other), key=lambda one: one.finding.box.x)
    spoken = item.finding.label.text
    opened, closed = _OPENING.search(spoken), _CLOSING.search(spoken)
    begins, ends = first.finding.tokens[0].word, last.finding.tokens[-1].word
    opens = _OPENING.match(begins.text) or (opened and opened.start() < spoken.find(begins.text))
    closes = _CLOSING.search(ends.text) or (closed and closed.start() >= spoken.rfind(ends.text))
    return bool(opens and closes)


def _one_field(item: Item, other: Item, policy: Policy) -> bool:
    """Whether two texts of one style follow each other on a plate that holds just their row."""
    if item.style is None or other.style is None or item.style.plate != other.style.plate:
        return False
    here, there = sorted((item.finding.box, other.finding.box), key=lambda box: box.x)
    tall = max(here.h, there.h)
    shared = min(here.y + here.h, there.y + there.h) - max(here.y, there.y)
    beside = shared > tall / 2 and -tall / 2 <= there.x - end(here) <= policy.label_gap * tall
    follows = beside or follow(item, other)  # boxes of Bengali words may overlap
    low = item.style.plate.h <= (1 + policy.plate_rows) * tall
    return follows and low and _one_hand(item.style, other.style, policy)


def _one_hand(one: Style, other: Style, policy: Policy) -> bool:
    """Whether two texts share size and colour, and weight where they share a script."""
    return far_apart(one.ink, other.ink) <= policy.one_ink and alike(one, other, policy, size_only=True)


def _search_box(item: Item, reading: Reading, policy: Policy) -> bool:
    """Whether a text stands on a wide plate at the top of the picture."""
    plate = item.style.plate if item.style else None
    if plate is None:
        return False
    wide = plate.w >= policy.field_share * reading.width_px
    return wide and plate.y + plate.h <= policy.field_place * reading.height_px
