"""A kind's check template and the values of its places to written checks.

In: nodes with places (`{channel}`, `{url.host}`) and values by place. Out: nodes without places.
A place without a value drops its key; a check that lost a key it cannot be without is dropped whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.specs.nodes import Entries, Listing, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLACE = re.compile(r"\{([a-z_]+(?:\.[a-z]+)?)\}")
_OPTIONAL = frozenset({"similarity", "path", "not_done"})


def places(node: Node) -> Iterator[str]:
    """Yield the name of each place in `node`."""
    if isinstance(node, Scalar):
        yield from _PLACE.findall(node.text or "")
    elif isinstance(node, Listing):
        for item in node.items:
            yield from places(item)
    else:
        for _, value in node.entries:
            yield from places(value)


def fill(check: Node, values: Mapping[str, str], *, at: Node) -> Node | None:
    """Return one check with its places filled, told to stand where `at` does; None if it is dropped."""
    if not isinstance(check, Entries) or len(check.entries) != 1:
        return check
    name, body = check.entries[0]
    filled = _entries(body, values, at) if isinstance(body, Entries) else body
    return None if filled is None else Entries(entries=((name, filled),), line=at.line, path=at.path)


def _entries(body: Entries, values: Mapping[str, str], at: Node) -> Entries | None:
    kept = []
    for key, value in body.entries:
        filled = _value(value, values, at)
        if filled is not None:
            kept.append((key, filled))
        elif key.text not in _OPTIONAL:
            return None
    return Entries(entries=tuple(kept), line=at.line, path=at.path)


def _value(node: Node, values: Mapping[str, str], at: Node) -> Node | None:
    if isinstance(node, Scalar):
        if any(place not in values for place in places(node)):
            return None
        text = None if node.text is None else _PLACE.sub(lambda hit: values[hit[1]], node.text)
        return Scalar(text=text, line=at.line, path=at.path)
    if isinstance(node, Listing):
        items = (_value(item, values, at) for item in node.items)
        return Listing(items=tuple(item for item in items if item), line=at.line, path=at.path)
    return _entries(node, values, at)
