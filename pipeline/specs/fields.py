"""Checked values out of nodes; every fault is collected, none stops the reading.

In: a node, or None where the key is absent. Out: the value, or None where it is absent or at fault.
"""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from pipeline.records import Fault
from pipeline.specs import wording
from pipeline.specs.nodes import Entries, Listing, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import timedelta

T = TypeVar("T")

MAX_TEXT_CHARS = 2_000
MAX_ID_CHARS = 200
MAX_WORDS = 200
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_INTEGER = re.compile(r"[+-]?\d{1,9}")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` was probably meant to be."""
    by_fold = {one.casefold(): one for one in known}
    wanted = word.strip().casefold().replace("-", "_").replace(" ", "_")
    near = get_close_matches(wanted, by_fold, n=1, cutoff=0.6)
    return by_fold[near[0]] if near else None


class Fields:
    """Reads the nodes of one file; `faults` grows as it goes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def fault(self, node: Node, problem: str, remedy: str) -> None:
        """Note a fault at `node`; the problem is told after the node's path."""
        told = f"`{node.path}` {problem}" if node.path else f"the file {problem}"
        self.faults.append(Fault(file=self.file, line=node.line, problem=told, remedy=remedy))

    def entries(
        self, node: Node | None, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
    ) -> dict[str, Node] | None:
        """Return the values by key; unknown, double and missing keys are faults. Null is no entries."""
        if node is None:
            return None
        if not isinstance(node, Entries) and not (isinstance(node, Scalar) and node.text is None):
            keys = ", ".join(f"{key}: ..." for key in required or optional[:1])
            self.fault(node, f"is {_form(node)}, not a mapping", f"write it as `{{{keys}}}`")
            return None
        found, meant = self._known(node, required + optional)
        for key in required:
            if key not in found and key not in meant:
                self.fault(node, f"has no `{key}`", f"add `{key}: ...`")
        return found

    def _known(self, node: Node, known: tuple[str, ...]) -> tuple[dict[str, Node], set[str]]:
        found: dict[str, Node] = {}
        meant: set[str] = set()
        for key, value in node.entries if isinstance(node, Entries) else ():
            name = key.text or ""
            if name not in known:
                meant.add(self._unknown(node, key, known))
            elif name in found:
                self._double(node, key, found[name].line)
            else:
                found[name] = value
        return found, meant

    def _unknown(self, node: Node, key: Scalar, known: tuple[str, ...]) -> str:
        near = nearest(key.text or "", known)
        allowed = (
            f"remove it; allowed here: {', '.join(known)}" if known else "remove it; nothing is allowed here"
        )
        remedy = f"did you mean `{near}`?" if near else allowed
        problem = f"has the unknown key {wording.shown(key.text or '')}"
        self.fault(_at(node, key.line), problem, remedy)
        return near or ""

    def _double(self, node: Node, key: Scalar, first_line: int) -> None:
        problem = f"has the key {wording.shown(key.text or '')} twice, first on line {first_line}"
        self.fault(_at(node, key.line), problem, "keep one of them")

    def items(self, node: Node | None, *, most: int) -> tuple[Node, ...] | None:
        """Return the items of a list of at most `most`."""
        if node is None:
            return None
        if not isinstance(node, Listing):
            self.fault(
                node, f"is {_form(node)}, not a list", "write a list: `[..., ...]`, or `- ` before each item"
            )
            return None
        if len(node.items) > most:
            self.fault(node, f"holds {len(node.items)} items", f"keep at most {most}")
            return None
        return node.items

    def text(self, node: Node | None, *, most_chars: int = MAX_TEXT_CHARS) -> str | None:
        """Return a cleaned text that an engine could read on a screen."""
        raw = self._raw(node)
        if node is None or raw is None:
            return None
        if len(raw) > most_chars:
            self.fault(node, f"holds {len(raw):,} characters", f"keep it within {most_chars:,}")
            return None
        value = wording.clean(raw)
        if not wording.folded(value):
            problem = "holds only spaces or invisible characters"
            self.fault(node, problem, "write the text as the screen shows it")
            return None
        if not wording.is_readable(value):
            problem = f"is {wording.shown(value)}, without a letter or digit that could be read"
            self.fault(node, problem, "write words that the screen shows")
            return None
        return value

    def texts(self, node: Node | None) -> tuple[str, ...] | None:
        """Return one or more cleaned texts, each once."""
        items = self.items(node, most=MAX_WORDS)
        if node is None or items is None:
            return None
        if not items:
            self.fault(node, "is an empty list", "name at least one, or leave the key out")
            return None
        read = [self.text(item) for item in items]
        by_fold = {wording.folded(value): value for value in reversed(read) if value is not None}
        return tuple(reversed(by_fold.values())) or None

    def identifier(self, node: Node | None) -> str | None:
        """Return an id that is written as it will be compared: no spaces around, nothing invisible."""
        value = self.text(node, most_chars=MAX_ID_CHARS)
        if node is None or value is None:
            return None
        if value != getattr(node, "text", None):
            problem = f"is {wording.shown(self._raw(node) or '')}, with spaces or characters that do not show"
            self.fault(node, problem, f"write {wording.shown(value)}")
            return None
        return value

    def number(self, node: Node | None, *, low: float, high: float) -> float | None:
        """Return a number from `low` to `high`, both included."""
        raw = self._raw(node)
        if node is None or raw is None:
            return None
        try:
            value = float(raw)
        except ValueError:
            value = math.nan
        if low <= value <= high:
            return value
        self.fault(node, f"is {wording.shown(raw)}", f"write a number from {low:g} to {high:g}")
        return None

    def integer(self, node: Node | None, *, low: int, high: int) -> int | None:
        """Return a whole number from `low` to `high`, both included."""
        raw = self._raw(node)
        if node is None or raw is None:
            return None
        if _INTEGER.fullmatch(raw) and low <= int(raw) <= high:
            return int(raw)
        self.fault(node, f"is {wording.shown(raw)}", f"write a whole number from {low} to {high}")
        return None

    def choice(self, node: Node | None, options: Mapping[str, T]) -> T | None:
        """Return what the written word stands for; case does not matter."""
        raw = self._raw(node, boolean=True)
        if node is None or raw is None:
            return None
        if raw.strip().lower() in options:
            return options[raw.strip().lower()]
        near = nearest(raw, options)
        remedy = f"did you mean `{near}`?" if near else f"write one of {', '.join(options)}"
        self.fault(node, f"is {wording.shown(raw)}", remedy)
        return None

    def truth(self, node: Node | None) -> bool | None:
        """Return a truth value, in any of YAML's spellings."""
        return self.choice(node, _TRUTH)

    def duration(self, node: Node | None) -> timedelta | None:
        """Return a length of time such as `24h`."""
        raw = self._raw(node)
        if node is None or raw is None:
            return None
        value = wording.duration(raw)
        if value is None:
            problem = f"is {wording.shown(raw)}, not a length of time up to {wording.LONGEST.days} days"
            self.fault(node, problem, "write a number and its unit, such as 30m, 24h or 7d")
        return value

    def host(self, node: Node | None) -> str | None:
        """Return a host name: no scheme, port or path."""
        raw = self._raw(node)
        if node is None or raw is None:
            return None
        value = wording.host(raw)
        if value is None:
            inside = wording.address(raw)
            remedy = f"write `{inside[0]}`" if inside else "write it as in `example.com`"
            self.fault(node, f"is {wording.shown(raw)}, not a host name alone", remedy)
        return value

    def address(self, node: Node | None) -> str | None:
        """Return a web address, with or without scheme."""
        value = self.text(node)
        if node is None or value is None:
            return None
        if wording.address(value) is None:
            problem = f"is {wording.shown(value)}, not a web address"
            self.fault(node, problem, "write it as in `https://example.com/page`")
            return None
        return value

    def _raw(self, node: Node | None, *, boolean: bool = False) -> str | None:
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.fault(node, f"is {_form(node)}, not one value", "write one value here")
        elif node.text is None:
            self.fault(node, "is empty", "write a value, or leave the key out")
        elif node.boolean and not boolean:
            self.fault(node, f"is the truth value {node.text}, not text", "send it as text, in quotes")
        else:
            return node.text
        return None


def _form(node: Node) -> str:
    if isinstance(node, Listing):
        return "a list"
    if isinstance(node, Entries):
        return "a mapping"
    return "empty" if node.text is None else f"the text {wording.shown(node.text)}"


def _at(node: Node, line: int) -> Scalar:
    return Scalar(text=None, line=line, path=node.path)
