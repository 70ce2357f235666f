"""One written check (`text: {value: ...}`) to its record.

In: a node and the fields that collect faults. Out: a `Check`, or None where it is at fault.
`CHECKS` is the table: a new check is one function and one row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.records import (
    AbsentCheck,
    AnswerCheck,
    Check,
    CodeCheck,
    FreshCheck,
    PositionCheck,
    StateCheck,
    TextCheck,
    UrlCheck,
)
from pipeline.specs import wording
from pipeline.specs.fields import Fields, nearest
from pipeline.specs.nodes import Entries, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_CHECKS = 50
LOWEST_SIMILARITY = 0.5
_DAY_S = 86_400


def read_check(fields: Fields, node: Node) -> Check | None:
    """Return the check that one item of `checks` says: a mapping with the check's name as its only key."""
    if not isinstance(node, Entries) or len(node.entries) != 1:
        names = " or ".join(f"`{name}: ...`" for name in ("text", "state"))
        fields.fault(
            node, "is not one check", f"start each item with `- `, one check an item, such as {names}"
        )
        return None
    key, body = node.entries[0]
    read = CHECKS.get(key.text or "")
    if read is None:
        near = nearest(key.text or "", CHECKS)
        remedy = f"did you mean `{near}`?" if near else f"write one of {', '.join(CHECKS)}"
        fields.fault(node, f"is {wording.shown(key.text or '')}, no check we know", remedy)
        return None
    return read(fields, body)


def _text(fields: Fields, node: Node) -> Check | None:
    given = fields.entries(node, required=("value",), optional=("similarity",)) or {}
    value = fields.text(given.get("value"))
    similarity = fields.number(given.get("similarity"), low=LOWEST_SIMILARITY, high=1)
    return None if value is None else TextCheck(value=value, similarity=similarity)


def _state(fields: Fields, node: Node) -> Check | None:
    given = fields.entries(node, required=("done",), optional=("not_done",)) or {}
    done = fields.texts(given.get("done"))
    not_done = fields.texts(given.get("not_done")) if not _is_empty_list(given.get("not_done")) else ()
    folded = {wording.folded(word) for word in not_done or ()}
    for word in done or ():
        if wording.folded(word) in folded:
            fields.fault(
                node, f"has {wording.shown(word)} as done and as not_done", "keep it in one of the two"
            )
    return None if done is None else StateCheck(done=done, not_done=not_done or ())


def _is_empty_list(node: Node | None) -> bool:
    return node is not None and getattr(node, "items", None) == ()


def _url(fields: Fields, node: Node) -> Check | None:
    given = fields.entries(node, required=("host",), optional=("path",)) or {}
    host = fields.host(given.get("host"))
    path = fields.text(given.get("path"))
    if path is not None and not path.startswith("/"):
        remedy = f"write {wording.shown('/' + path.rpartition('://')[2].partition('/')[2])}"
        fields.fault(
            given["path"], "does not start with `/`", remedy if "://" in path else f"write `/{path[:60]}`"
        )
    return None if host is None else UrlCheck(host=host, path=path)


def _absent(fields: Fields, node: Node) -> Check | None:
    given = fields.entries(node, required=("any",)) or {}
    phrases = fields.texts(given.get("any"))
    return None if phrases is None else AbsentCheck(any=phrases)


def _answer(fields: Fields, node: Node) -> Check | None:
    given = fields.entries(node, optional=("appears",)) or {}
    appears = fields.truth(given.get("appears"))
    return AnswerCheck(appears=appears is not False)


def _code(fields: Fields, node: Node) -> Check | None:
    given = fields.entries(node, required=("value",)) or {}
    value = fields.text(given.get("value"))
    return None if value is None else CodeCheck(value=value)


def _fresh(fields: Fields, node: Node) -> Check | None:
    given = fields.entries(node, required=("within",)) or {}
    within = fields.duration(given.get("within"))
    return None if within is None else FreshCheck(within=within)


def _position(fields: Fields, node: Node) -> Check | None:
    given = fields.entries(node, optional=("above_s",)) or {}
    above_s = fields.integer(given.get("above_s"), low=0, high=_DAY_S)
    return PositionCheck(above_s=above_s or 0)


CHECKS: Mapping[str, Callable[[Fields, Node], Check | None]] = {
    "text": _text,
    "state": _state,
    "url": _url,
    "absent": _absent,
    "answer": _answer,
    "code": _code,
    "fresh": _fresh,
    "position": _position,
}
